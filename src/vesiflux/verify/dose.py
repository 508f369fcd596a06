"""At which dose of vesicles a claim holds: as the model stands, only above that, never, or whatever it is.

The model as it stands is at physiological dose, and that is where the verdict is made. What fails there is
run again with everything that vesicles bring multiplied, all else the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.verify.basis import outputs_of
from vesiflux.verify.bench import Bench, Lanes
from vesiflux.verify.judge import ENOUGH, Seen, see
from vesiflux.verify.limbs import Experiment

__all__ = ["FACTORS", "DoseClass", "dose_classes"]

#: What the dose is multiplied by where a claim does not hold as the model stands.
FACTORS = (10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
#: Differences below this are none: doublings, or shares of a reading.
SAME = 0.01
#: Draws that classes are found with; experiments and doses run side by side.
MOST_DRAWS = 32
_TOGETHER, _LEVELS = 256, 2

Right = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DoseClass:
    """``name``: physiological, above, never or none; ``least_factor``: of "above", else NaN."""

    name: str
    least_factor: float = math.nan

    def __str__(self) -> str:
        told = {
            "above": f"holds from {self.least_factor:g} times the dose of vesicles",
            "never": f"at no dose of vesicles up to {FACTORS[-1]:g} times this one",
        }
        return told.get(self.name, "")


def dose_classes(
    bench: Bench,
    experiments: Sequence[Experiment],
    held: Collection[str],
    lanes: Lanes,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, DoseClass]:
    """Class of every experiment by its claim; nothing where the model has no switch for the dose.

    What is above its threshold already changes no more, so a lane counts from the first dose at which the
    claim holds in it. The least factor is the one by which enough lanes count.

    Parameters
    ----------
    held
        Claims that hold as the model stands.
    lanes
        One per draw; the first `MOST_DRAWS` are used.
    """
    dose = bench.subject.dose
    if dose is None:
        return {}
    found = {e.claim: DoseClass("none") for e in experiments}
    reached = [e for e in experiments if _reached(e, bench)]
    few = lanes.first(MOST_DRAWS)
    at_factor = {f: few.with_switches({dose.index: f}) for f in (0.0, 1.0, *FACTORS)}

    def at(pairs: Sequence[tuple[Experiment, float]]) -> list[tuple[Seen, ...]]:
        shown: list[tuple[Seen, ...]] = []
        for start in range(0, len(pairs), _TOGETHER):
            batch = pairs[start : start + _TOGETHER]
            shown += see(bench, [(e, at_factor[factor]) for e, factor in batch])
        return shown

    # what holds: does it need the vesicles? of no change, would more of them change something?
    holding = [e for e in reached if e.claim in held]
    failing = [e for e in reached if e.claim not in held]
    other = [FACTORS[2] if all(c.expect == "0" for c in e.conditions) else 0.0 for e in holding]
    there = at([(e, 1.0) for e in reached])
    seen = {e.claim: shown for e, shown in zip(reached, there, strict=True)}
    for e, shown in zip(holding, at(list(zip(holding, other, strict=True))), strict=True):
        if not _alike(seen[e.claim], shown):
            found[e.claim] = DoseClass("physiological")
    told(len(holding), len(reached))
    so_far = {e.claim: _right(seen[e.claim]) for e in failing}
    changed: set[str] = set()
    for i in range(0, len(FACTORS), _LEVELS):
        pairs = [(e, f) for e in failing if found[e.claim].name == "none" for f in FACTORS[i : i + _LEVELS]]
        for (e, factor), shown in zip(pairs, at(pairs), strict=True):
            if found[e.claim].name != "none":
                continue
            if not _alike(seen[e.claim], shown):
                changed.add(e.claim)
            so_far[e.claim] = so_far[e.claim] | _right(shown)
            if e.claim in changed and float(np.mean(so_far[e.claim])) >= ENOUGH:
                found[e.claim] = DoseClass("above", factor)
        told(len(holding) + len(failing) * (i + _LEVELS) // len(FACTORS), len(reached))
    for e in failing:
        if found[e.claim].name == "none" and e.claim in changed:
            found[e.claim] = DoseClass("never")
    return found


def _reached(experiment: Experiment, bench: Bench) -> bool:
    """Whether the dose leads to anything that is read."""
    subject = bench.subject
    outputs = {i for c in experiment.conditions for i in outputs_of(c, subject)}
    return subject.dose is not None and subject.reach.between([subject.dose.index], outputs)


def _right(seen: Sequence[Seen]) -> Right:
    return np.asarray(np.logical_and.reduce([s.right for s in seen]))


def _alike(one: Sequence[Seen], other: Sequence[Seen]) -> bool:
    """Whether nothing differs but for the solver's error."""
    for a, b in zip(one, other, strict=True):
        sound = np.isfinite(a.size) & np.isfinite(b.size)
        if np.any(np.isfinite(a.size) != np.isfinite(b.size)):
            return False
        one_size, other_size = a.size[sound], b.size[sound]
        scale = 1.0 if a.folds else np.maximum(np.abs(one_size), np.abs(other_size))
        if np.any(np.abs(one_size - other_size) > SAME * scale):
            return False
    return True
