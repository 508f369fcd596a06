"""Where the doses of a body are: per cent by organ and time, and how long they stay in the blood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = ["TIMES", "distribution"]

Floats = npt.NDArray[np.float64]
#: When studies look: title and hours.
TIMES = {"5 min": 5.0 / 60.0, "1 h": 1.0, "24 h": 24.0}
_ORGANS, _LABEL = "organs.", ".label"


def distribution(run: Run, arm: str) -> dict[str, Any]:
    """Medians over the draws of one arm; empty for a run without doses into a body.

    ``organs``: organ -> ``percent_injected_dose``: time -> per cent of all that is dosed by the end of the
    run, as its tracer shows it where it has one (doses without a tracer are then left out); the blood is all
    of it, that in organs as well. Times after the end are left out. ``half_life_min``: until half of the
    highest level in blood is left, `None` if it never is within the run. ``dose_over_endogenous_pool``: all
    that is dosed over what the body's own cells had in the blood at the start; left out where no cell sends
    anything into the blood.
    """
    doses: dict[str, list[str]] = {}
    names = run.outputs(True)
    for name in names:
        if name.startswith(_ORGANS) and not name.endswith(_LABEL):
            doses.setdefault(name.split(".")[1], []).append(name)
    if not doses:
        return {}
    shown = [name for name in names if name.startswith(_ORGANS) and name.endswith(_LABEL)]
    if shown:  # what has no tracer is given beside: a decoy, what sates uptake beforehand
        doses = {organ: [n for n in own if f"{n}{_LABEL}" in shown] for organ, own in doses.items()}
    preparations = [name.split(".", 2)[2] for name in doses["blood"]]
    ledgers = [
        n for n in run.outputs() if n.startswith("ledger.dosed.") and n.rsplit(".", 1)[-1] in preparations
    ]
    dosed = sum(np.asarray(run.final(n, arm), dtype=np.float64) for n in ledgers)
    times = np.asarray(run.times, dtype=np.float64)

    def share(organ: str, shown: bool) -> Floats:
        """(draw, time): share of the dose in an organ."""
        wanted = [f"{n}{_LABEL}" if shown and f"{n}{_LABEL}" in names else n for n in doses[organ]]
        there = sum(np.asarray(run.series(n, arm), dtype=np.float64) for n in wanted)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(there / np.asarray(dosed)[:, None])

    seen = {title: int(np.argmin(np.abs(times - t))) for title, t in TIMES.items() if t <= times[-1] + 1e-9}
    organs = {
        organ: {
            "percent_injected_dose": {t: 100.0 * _median(share(organ, True)[:, i]) for t, i in seen.items()}
        }
        for organ in doses
    }
    found = {"organs": organs, "half_life_min": _half_life(times, share("blood", False))}
    if pools := [name for name in names if name.startswith("pool.")]:
        own = sum(np.asarray(run.series(n, arm), dtype=np.float64)[:, 0] for n in pools)
        found["dose_over_endogenous_pool"] = _median(np.asarray(dosed / own))
    return found


def _median(values: Floats) -> float:
    sound = values[np.isfinite(values)]
    return float(np.median(sound)) if len(sound) else float("nan")


def _half_life(times: Floats, share: Floats) -> float | None:
    """Median over the draws of the time from the highest level to half of it, minutes; `None`: never."""
    found = []
    for row in share[np.isfinite(share).all(axis=1)]:
        top = int(np.argmax(row))
        below = np.flatnonzero(row[top:] <= 0.5 * row[top])
        if not len(below):
            found.append(np.inf)
            continue
        i = top + int(below[0])
        # between two records the level falls exponentially
        step = np.log(row[i - 1] / (0.5 * row[top])) / np.log(row[i - 1] / row[i]) if row[i] > 0 else 1.0
        found.append((times[i - 1] + step * (times[i] - times[i - 1]) - times[top]) * 60.0)
    middle = float(np.median(found)) if found else np.inf
    return middle if np.isfinite(middle) else None
