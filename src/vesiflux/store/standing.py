"""Where a reported fold stands: within the machinery, beyond it, on no known node, or a result of the assay.

Computed from a run, never typed. A fold is *within* the machinery when at least a tenth of the draws
reach it while the cell keeps to its limits: when it meets their 80 % interval. Draws whose untreated
cell is already beyond a limit are left out, since the stimulus is not to blame there; limits measured in
untreated cells (`Limit.untreated`) rule nothing out in treated ones and are only told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.store.counted import count_of
from vesiflux.store.numbers import Spread

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = [
    "ASSAY",
    "EXCEEDS",
    "PUSHED",
    "REACH",
    "UNASSIGNED",
    "WITHIN",
    "Predicted",
    "Standing",
    "not_run",
    "standings",
]

WITHIN = "reproduced within the machinery"
EXCEEDS = "exceeds the machinery"
UNASSIGNED = "unassigned (no node known)"
ASSAY = "assay result"

#: Share of draws that must reach a fold: the upper end of an 80 % interval.
REACH = 0.1
#: ``ARM/pushK``: the arm with every factor to the power K (see `vesiflux.study.reach`).
PUSHED = "/push"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Predicted:
    """A fold under one structure, over the window of the assay.

    ``reaches``: share of sound draws at least as far from 1 as the near end of what was reported, within
    all limits; ``beyond``: limit -> share of the draws that get there past that limit; ``tight``: the step
    with the least left to give among those the arm moves, and the share that passes it.
    """

    structure: str
    fold: Spread
    reaches: float
    overshoots: bool
    beyond: Mapping[str, float]
    tight: tuple[str, float] | None


@dataclass(frozen=True)
class Standing:
    """One reported fold of one arm and where it stands.

    ``low``, ``high``: as reported, `None` where a side is open; ``window`` in h, `None` for the whole run;
    ``predicted``: one per structure of the run, the default first; ``within``: the structures that reach
    it; ``limit``: what stops the others; ``pushed``: whether stronger effects than assumed were tried;
    ``power``: the least power of the assumed factors that reaches it, 0 where none does; ``chosen``: the
    factor was chosen to meet this number, so that meeting it shows nothing; ``note``: of the arm, other
    explanations among them; ``counted``: fold of the particles that a count by size would have seen
    (default structure), `None` where the model has no such count.
    """

    arm: str
    title: str
    readout: str
    claim: str
    low: float | None
    high: float | None
    window: float | None
    standing: str
    predicted: tuple[Predicted, ...]
    within: tuple[str, ...]
    limit: str
    pushed: bool
    power: int
    chosen: bool
    node: str
    doubtful: str
    doubt: str
    note: str
    counted: Spread | None = None

    @property
    def remark(self) -> str:
        """What the standing alone does not say: how it is reached, what stops it."""
        said = []
        if self.power > 1:
            said.append(
                f"reached only with a stronger effect than assumed (factors to the power {self.power})"
            )
        if self.chosen and self.power:
            said.append("the effect was chosen to meet it")
        if self.power and self.predicted and self.predicted[0].overshoots:
            said.append("overshot as assumed")
        if self.limit:
            said.append(("stopped by " if not self.power else "other explanations stopped by ") + self.limit)
        return "; ".join(said)

    @property
    def reported(self) -> str:
        """``1.5``, ``8-10``, ``at least 100``, ``at most 0.2``."""
        if self.low is None:
            return f"at most {self.high:g}"
        if self.high is None:
            return f"at least {self.low:g}"
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g}-{self.high:g}"

    def plain(self) -> dict[str, Any]:
        """For JSON: medians and 80 % intervals, shares, words."""
        best = self.predicted[0]
        counted = None if self.counted is None else self.counted.plain()
        return {
            "readout": self.readout,
            "claim": self.claim,
            "reported": [self.low, self.high],
            "window_h": self.window,
            "standing": self.standing,
            "predicted": best.fold.plain(),
            "counted": counted,
            "alternatives": {
                p.structure: {**p.fold.plain(), "reaches": p.reaches} for p in self.predicted if p.structure
            },
            "reached_by": list(self.within),
            "limit": self.limit,
            "power": self.power,
            "chosen_to_meet": self.chosen,
            "node": self.node,
            "doubtful": self.doubtful,
            "doubt": self.doubt,
            "remark": self.remark,
            "note": self.note,
        }


def standings(run: Run, arm: str | None = None) -> tuple[Standing, ...]:
    """Every fold reported as a number for the arms of ``run`` (or one), in the order of the model.

    Arms named ``ARM/pushK`` are not listed; they tell how far ``ARM`` could be pushed.
    """
    names = [a for a in run.arms if PUSHED not in a] if arm is None else [arm]
    return tuple(
        _standing(run, name, report)
        for name in names
        for report in run.arms[name]["reported"]
        if run.arms[name]["against"] is not None
        and (report.get("low") is not None or report.get("high") is not None)
        and _resolved(run, report["readout"]) is not None
    )


def not_run(run: Run) -> tuple[Standing, ...]:
    """Folds of the stimuli that the model lists without running them: no prediction stands beside them."""
    model = run.record["model"]["data"] or {}
    return tuple(
        Standing(
            arm=name, title=info.get("title") or name, readout=report["readout"],
            claim=report.get("claim") or "", low=report.get("low"), high=report.get("high"), window=None,
            standing=ASSAY if report.get("doubtful") == "assay" else UNASSIGNED, predicted=(), within=(),
            limit="", pushed=False, power=0, chosen=False, node=info.get("node", "inferred"),
            doubtful=report.get("doubtful") or "", doubt=report.get("doubt") or "",
            note=info.get("note", ""),
        )
        for name, info in model.get("unassigned", {}).items()
        for report in info.get("reported", ())
        if report.get("low") is not None or report.get("high") is not None
    )  # fmt: skip


def _standing(run: Run, arm: str, report: Mapping[str, Any]) -> Standing:
    info = run.arms[arm]
    low, high = report.get("low"), report.get("high")
    quantity = _resolved(run, report["readout"])
    assert quantity is not None
    window = _hours(report, float(run.times[-1]))
    ask = _Ask(run, quantity, low, high, window)
    found = tuple(ask.predicted(arm, s) for s in info["structures"])
    # an alternative is within reach as it stands, or pushed harder than was assumed
    pushes = [a for a in run.arms if a.startswith(arm + PUSHED)]
    powers = [1, *(int(a.removeprefix(arm + PUSHED)) for a in pushes)]
    reaching, stops, least = [], [], []
    for one in found:
        tried = [one, *(ask.predicted(a, one.structure) for a in pushes)]
        enough = [k for k, p in zip(powers, tried, strict=True) if p.reaches >= REACH]
        if enough:
            reaching.append(one.structure)
            least.append(min(enough))
        else:
            stops.append(ask.stop(arm, one.structure, tried))
    if report.get("doubtful") == "assay":
        standing = ASSAY
    elif not reaching:
        standing = EXCEEDS
    elif info.get("node") == "unknown":
        standing = UNASSIGNED
    else:
        standing = WITHIN
    count = count_of(run, quantity)
    seen = None if count is None else Spread.of(run.fold(count, arm, found[0].structure, window))
    return Standing(
        arm=arm, title=info["title"], readout=report["readout"], claim=report.get("claim") or "",
        low=low, high=high, window=window, standing=standing, predicted=found, within=tuple(reaching),
        limit=_merged(stops), pushed=bool(pushes), power=min(least, default=0),
        chosen=bool(reaching) and all(_chosen(run, arm, s) for s in reaching),
        node=info.get("node", "inferred"), doubtful=report.get("doubtful") or "",
        doubt=report.get("doubt") or "", note=info["note"], counted=seen,
    )  # fmt: skip


class _Ask:
    """One reported fold, asked of arms and structures of a run."""

    def __init__(
        self, run: Run, quantity: str, low: float | None, high: float | None, window: float | None
    ) -> None:
        self.run = run
        self.quantity = quantity
        self.low, self.high = low, high
        self.window = window if quantity in run.record["rates"] else None
        near = low if low is not None else high
        self.rises = near is not None and near >= 1

    def predicted(self, arm: str, structure: str) -> Predicted:
        """Fold, limits and the tightest step of one arm under one structure."""
        run = self.run
        reference = run.arms[arm]["structures"][structure]["reference"]
        fold = run.fold(self.quantity, arm, structure, self.window)
        ours, theirs = run.beyond(arm, structure), run.beyond(str(reference[0]), str(reference[1]))
        hard = [n for n, untreated in run.limit_names().items() if not untreated]
        sound = np.isfinite(fold) & ~_any(theirs, hard, fold)
        there = sound & self._reached(fold)
        inside = there & ~_any(ours, hard, fold)
        count = max(int(sound.sum()), 1)
        return Predicted(
            structure=structure,
            fold=Spread.of(fold),
            reaches=float(inside.sum() / count),
            overshoots=bool(self._past(fold[sound]).mean() > 1 - REACH) if sound.any() else False,
            beyond={n: float(ours[n][there].mean()) for n in ours if there.any() and ours[n][there].any()},
            tight=run.tightest_step(arm, structure),
        )

    def stop(self, arm: str, structure: str, tried: list[Predicted]) -> tuple[str, float | None]:
        """What keeps the arm from the fold under this structure; share of draws that get there past it."""
        titles = {n: t for n, t, *_ in self.run.record["limits"]}
        untreated = self.run.limit_names()
        for one in tried:  # the weakest push that gets there names the limit it passes
            hard = {n: s for n, s in one.beyond.items() if not untreated[n]}
            if hard:
                worst = max(hard, key=lambda n: hard[n])
                return titles[worst], hard[worst]
        ceiling = self._ceiling(arm, structure)
        if ceiling is not None and self.low is not None and self.low > ceiling.high:
            return f"the ceiling 1/f of all fate steps together, {ceiling}", None
        last = tried[-1]
        if last.tight is not None and last.tight[1] > 0.8:
            return f"the step '{last.tight[0]}', which {100 * last.tight[1]:.0f} % pass already", None
        if len(tried) == 1:
            return "an effect too weak as assumed (stronger ones were not tried)", None
        return f"a node that gives {last.fold.median:.2g} however far it is pushed", None

    def _reached(self, fold: Floats) -> npt.NDArray[np.bool_]:
        near = self.low if self.rises else self.high
        if near is None:  # one side open: anything on the right side of 1
            near = self.high if self.rises else self.low
        assert near is not None
        return np.asarray(fold >= near if self.rises else fold <= near)

    def _past(self, fold: Floats) -> npt.NDArray[np.bool_]:
        far = self.high if self.rises else self.low
        if far is None:
            return np.zeros(fold.shape, dtype=np.bool_)
        return np.asarray(fold > far if self.rises else fold < far)

    def _ceiling(self, arm: str, structure: str) -> Spread | None:
        output = _resolved(self.run, "ceiling")
        if output is None:
            return None
        reference = self.run.arms[arm]["structures"][structure]["reference"]
        return Spread.of(self.run.final(output, str(reference[0]), str(reference[1])))


def _chosen(run: Run, arm: str, structure: str) -> bool:
    """Whether an effect of the arm, as it acts under this structure, was chosen to meet a number."""
    model = run.record["model"]["data"]
    info = run.arms[arm]
    if model is None:
        return bool(info["mark"] == "calibrated")
    picked = structure.split(",")
    return any(
        effect["factor"].get("mark") == "calibrated"
        for name in info["interventions"]
        for effect in model["interventions"][name].get("effects", ())
        if not effect.get("alternative") or f"{name}={effect['alternative']}" in picked
    )


def _merged(stops: list[tuple[str, float | None]]) -> str:
    """Each limit once, with the range of shares over the structures."""
    shares: dict[str, list[float]] = {}
    for name, share in stops:
        shares.setdefault(name, []).extend([] if share is None else [100 * share])
    said = []
    for name, found in shares.items():
        text = name
        if found:
            low, high = f"{min(found):.0f}", f"{max(found):.0f}"
            text += f" (passed by {low if low == high else f'{low}-{high}'} % of the draws that get there)"
        said.append(text)
    return "; ".join(said)


def _any(
    beyond: Mapping[str, npt.NDArray[np.bool_]], names: list[str], like: Floats
) -> npt.NDArray[np.bool_]:
    """Which draws are beyond any of some limits, shape (draw,)."""
    found = np.zeros(like.shape, dtype=np.bool_)
    for name in names:
        found |= beyond[name]
    return found


def _resolved(run: Run, readout: str) -> str | None:
    """The rate or output that a readout names by its full name or an ending of it."""
    if readout in run.record["rates"]:
        return readout
    outputs = run.outputs()
    return readout if readout in outputs else next((n for n in outputs if n.endswith("." + readout)), None)


def _hours(report: Mapping[str, Any], longest: float) -> float | None:
    """Length of the assay in h, at most that of the run."""
    from vesiflux.units import parse

    window = report.get("window")
    if not window or window.get("typical") is None:
        return None
    unit = window.get("unit")
    return min(parse(f"{window['typical']} {unit}" if unit else window["typical"], "h"), longest)
