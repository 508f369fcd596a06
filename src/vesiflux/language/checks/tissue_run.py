"""A run of a tissue: steps and pictures that make sense, and nothing that only a dish has."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vesiflux.language.checks.bases import LIFE
from vesiflux.language.checks.context import Context, typical
from vesiflux.language.checks.places import Box
from vesiflux.language.positions import Finding, Path
from vesiflux.language.schema import Decay, Tissue, Value

__all__ = ["check_only_dish", "check_step", "check_times"]


def check_only_dish(context: Context) -> Iterator[Finding]:
    """A tissue has no medium to change."""
    if not isinstance(context.spec.space, Tissue):
        return
    for i, item in enumerate(context.spec.schedule):
        if item.change_medium is not None:
            message = "a tissue has no medium to change; what leaves it goes over open borders or vessels"
            yield Finding(("schedule", i, "change_medium"), message, key=True)


def check_times(context: Context) -> Iterator[Finding]:
    """Steps are within records, pictures within the run; the tolerance is one."""
    if not isinstance(context.spec.space, Tissue):
        return
    run = context.spec.run
    length, record = typical(run.duration, "h"), typical(run.record, "h")
    step, frames = typical(run.step, "h"), typical(run.frames, "h")
    if step is not None and record is not None and 0 < record < step * (1 - 1e-9):
        yield Finding(
            ("run", "step"), f"a step of {step:g} h is longer than the {record:g} h between records"
        )
    if frames is not None and length is not None and 0 < length < frames:
        message = f"a picture every {frames:g} h is less than one in the run of {length:g} h"
        yield Finding(("run", "frames"), message)
    if isinstance(run.mechanics, Value):
        movement = typical(run.mechanics, "h")
        if movement is not None and step is not None and movement > step * (1 + 1e-9) > 0:
            message = f"movement in steps of {movement:g} h is coarser than the step of {step:g} h"
            yield Finding(("run", "mechanics"), message)
    if not 0 < run.tolerance <= 0.1:
        yield Finding(
            ("run", "tolerance"), f"'tolerance' lies above 0 and at most 0.1, not at {run.tolerance:g}"
        )


def check_step(context: Context) -> Iterator[Finding]:
    """In one step of the run nothing decays, is taken up, divides or dies more than once over."""
    space = context.spec.space
    step = typical(context.spec.run.step, "h")
    if not isinstance(space, Tissue) or step is None or step <= 0:
        return
    for name, factor in context.spec.factors.items():
        if factor.treatment == "field":  # auto takes what is quick at steady state
            cure = ", or treatment: steady"
            yield from _slow_enough(context, ("factors", name), name, factor.decay, step, cure)
    for name, vesicle in context.spec.vesicles.items():
        yield from _slow_enough(context, ("vesicles", name), name, vesicle.decay, step, "")
    for name, cell in context.spec.cells.items():
        for kind in LIFE:
            rate = typical(getattr(cell.life, kind), "1/h")
            if rate is not None and rate * step > 1:
                message = f"{kind} of {rate:g} /h is more than one event in a step; {_shorter(1 / rate)}"
                yield Finding(("cells", name, "life", kind), message)


def _slow_enough(
    context: Context, path: Path, name: str, decay: Decay | None, step: float, cure: str
) -> Iterator[Finding]:
    lost, taken = _decay(decay), _taken_up(context, name)
    for rate, where, what in ((lost, (*path, "decay"), "decay"), (taken, path, "uptake by the cells")):
        if rate * step > 1:
            message = f"{what} of {name} at {rate:.3g} /h is quicker than the step; {_shorter(1 / rate)}"
            yield Finding(where, message + cure, key=True)


def _shorter(longest: float) -> str:
    seconds = longest * 3600
    shown = f"{longest:.2g} h" if seconds >= 3600 else f"{seconds / 60:.2g} min" if seconds >= 60 else ""
    return f"take run.step: {shown or f'{seconds:.2g} s'} or less"


def _decay(decay: Decay | None) -> float:
    """Rate of loss, 1/h; 0 where it is not known."""
    if decay is None:
        return 0.0
    half_life = typical(decay.half_life, "h")
    if half_life is not None and half_life > 0:
        return math.log(2) / half_life
    return max(typical(decay.rate, "1/h") or 0.0, 0.0)


def _taken_up(context: Context, name: str) -> float:
    """Rate at which all cells at the start clear the box as a whole, 1/h."""
    box = Box.of(context.spec.space)
    if box is None or (box.flat and box.thickness is None):
        return 0.0
    depth = box.thickness if box.flat else 1.0
    volume = math.prod(box.edges) * (depth or 0.0) * 1e-12  # mL
    total = 0.0
    for cell in context.spec.cells.values():
        count = typical(cell.count, "cell") or 0.0
        for taking in (cell.takes_up.get(name), cell.consumes.get(name)):
            total += count * (typical(taking.clearance, "mL/cell/h") or 0.0) if taking is not None else 0.0
    return total / volume if volume > 0 else 0.0
