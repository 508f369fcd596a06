"""Where the doses of a body are: per cent by organ and time, and how long they stay in the blood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = ["TIMES", "distribution", "half_lives", "levels", "looks", "shares"]

Floats = npt.NDArray[np.float64]
#: When studies look: title and hours.
TIMES = {"5 min": 5.0 / 60.0, "1 h": 1.0, "24 h": 24.0}
_ORGANS, _LABEL, _BLOOD = "organs.", ".label", "blood."


def distribution(run: Run, arm: str) -> dict[str, Any]:
    """Medians over the draws of one arm; empty for an arm without doses into a body.

    ``organs``: organ -> ``percent_injected_dose``: time -> per cent of all that is dosed by the end of the
    run, as its tracer shows it where it has one (doses without a tracer are then left out); the blood is all
    of it, that in organs as well. Times count from the first dose (`looks`). ``half_life_min``: until half of
    the highest level in blood is left, `None` if it never is within the run. ``dose_over_endogenous_pool``:
    all that is dosed over what the body's own cells had in the blood at the start; left out where no cell
    sends anything into the blood.
    """
    held = shares(run, arm)
    if not held:
        return {}
    times = np.asarray(run.times, dtype=np.float64)
    seen = looks(times, held)
    organs = {
        organ: {"percent_injected_dose": {t: 100.0 * _median(share[:, i]) for t, i in seen.items()}}
        for organ, share in held.items()
    }
    half = half_lives(times, shares(run, arm, shown=False)["blood"])
    middle = float(np.median(half)) if len(half) else np.inf
    found = {"organs": organs, "half_life_min": middle if np.isfinite(middle) else None}
    if (ratio := over_the_pool(run, arm)) is not None:
        found["dose_over_endogenous_pool"] = ratio
    return found


def over_the_pool(run: Run, arm: str) -> float | None:
    """All that is dosed over what the body's own cells had in the blood at the start, median over the draws;
    `None` where no cell sends anything into the blood.
    """
    pools = [name for name in run.outputs(True) if name.startswith("pool.")]
    if not pools:
        return None
    own = sum(np.asarray(run.series(n, arm), dtype=np.float64)[:, 0] for n in pools)
    return _median(np.asarray(_dosed(run, arm) / own))


def levels(run: Run, arm: str) -> dict[str, dict[str, float]]:
    """Class -> sender -> vesicles per mL of blood at the end, median over the draws.

    Of classes that several cell types of a body send; empty for others.
    """
    found: dict[str, dict[str, float]] = {}
    for name, unit in run.outputs(True).items():
        # cells may be called blood as well, and what they show begins like that
        if name.startswith(_BLOOD) and name.count(".") == 2 and unit == "vesicle/mL":
            _, vesicle, sender = name.split(".")
            found.setdefault(vesicle, {})[sender] = _median(
                np.asarray(run.final(name, arm), dtype=np.float64)
            )
    return found


def looks(times: Floats, held: Mapping[str, Floats]) -> dict[str, int]:
    """When studies look -> position among ``times``, counted from when the first dose is seen anywhere.

    Left out are looks after the end, and those that no record is near: within half of the time since the
    dose.
    """
    there = np.nansum([np.nan_to_num(share).max(axis=0) for share in held.values()], axis=0) > 0.0
    start = float(times[int(np.argmax(there))]) if there.any() else 0.0
    found = {}
    for title, after in TIMES.items():
        nearest = int(np.argmin(np.abs(times - start - after)))
        if abs(times[nearest] - start - after) <= 0.5 * after:
            found[title] = nearest
    return found


def shares(run: Run, arm: str, shown: bool = True) -> dict[str, Floats]:
    """Organ -> share of all that is dosed by the end of the run, shape (draw, time); empty for no dose.

    ``shown``: as the tracer shows it, where there is one; else vesicles.
    """
    doses, names = _doses(run), set(run.outputs(True))
    dosed = _dosed(run, arm)
    if not np.any(dosed > 0.0):
        return {}

    def share(own: list[str]) -> Floats:
        wanted = [f"{n}{_LABEL}" if shown and f"{n}{_LABEL}" in names else n for n in own]
        there = sum(np.asarray(run.series(n, arm), dtype=np.float64) for n in wanted)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(there / dosed[:, None])

    return {organ: share(own) for organ, own in doses.items()}


def half_lives(times: Floats, share: Floats) -> Floats:
    """Time from the highest level to half of it by draw, minutes; infinite where it never is."""
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
    return np.asarray(found, dtype=np.float64)


def _doses(run: Run) -> dict[str, list[str]]:
    """Organ -> outputs of the doses there: of those with a tracer, where any has one."""
    names = run.outputs(True)
    doses: dict[str, list[str]] = {}
    for name in names:
        if name.startswith(_ORGANS) and not name.endswith(_LABEL):
            doses.setdefault(name.split(".")[1], []).append(name)
    labelled = {name for name in names if name.startswith(_ORGANS) and name.endswith(_LABEL)}
    if labelled:  # what has no tracer is given beside: a decoy, what sates uptake beforehand
        doses = {organ: [n for n in own if f"{n}{_LABEL}" in labelled] for organ, own in doses.items()}
    return doses


def _dosed(run: Run, arm: str) -> Floats:
    """All that is dosed by the end of the run, by draw."""
    preparations = [name.split(".", 2)[2] for name in _doses(run).get("blood", ())]
    ledgers = [
        n for n in run.outputs() if n.startswith("ledger.dosed.") and n.rsplit(".", 1)[-1] in preparations
    ]
    return np.asarray(sum(np.asarray(run.final(n, arm), dtype=np.float64) for n in ledgers))


def _median(values: Floats) -> float:
    sound = values[np.isfinite(values)]
    return float(np.median(sound)) if len(sound) else float("nan")
