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
#: Draws that classes are found with; experiments run side by side.
MOST_DRAWS = 32
_TOGETHER = 64

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
    total, done = len(reached), 0

    def at(factor: float, wanted: Sequence[Experiment]) -> dict[str, tuple[Seen, ...]]:
        there = few.with_switches({dose.index: factor})
        results: dict[str, tuple[Seen, ...]] = {}
        for start in range(0, len(wanted), _TOGETHER):
            batch = wanted[start : start + _TOGETHER]
            for e, shown in zip(batch, see(bench, [(e, there) for e in batch]), strict=True):
                results[e.claim] = shown
        return results

    seen = at(1.0, reached)
    # what holds: does it need the vesicles? of no change, would more of them change something?
    holding = [e for e in reached if e.claim in held]
    still = [e for e in holding if all(c.expect == "0" for c in e.conditions)]
    for factor, wanted in ((FACTORS[2], still), (0.0, [e for e in holding if e not in still])):
        for claim, shown in at(factor, wanted).items():
            if not _alike(seen[claim], shown):
                found[claim] = DoseClass("physiological")
    done += len(holding)
    told(done, total)
    failing = [e for e in reached if e.claim not in held]
    so_far = {e.claim: _right(seen[e.claim]) for e in failing}
    changed: set[str] = set()
    for i, factor in enumerate(FACTORS, start=1):
        waiting = [e for e in failing if found[e.claim].name == "none"]
        for claim, shown in at(factor, waiting).items():
            if not _alike(seen[claim], shown):
                changed.add(claim)
            so_far[claim] = so_far[claim] | _right(shown)
            if claim in changed and float(np.mean(so_far[claim])) >= ENOUGH:
                found[claim] = DoseClass("above", factor)
        told(done + len(failing) * i // len(FACTORS), total)
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
        scale = 1.0 if a.folds else np.maximum(np.abs(a.size), np.abs(b.size))[sound]
        if np.any(np.abs(a.size - b.size)[sound] > SAME * scale):
            return False
    return True
