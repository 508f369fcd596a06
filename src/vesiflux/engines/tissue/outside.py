"""What comes from outside: interventions over a step, and what people wrote into cells and fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.errors import InputError
from vesiflux.ir.tissue import TissuePlan

__all__ = ["check_cells", "check_field", "fingerprint", "on_over"]

Floats = npt.NDArray[np.float64]
Switch = tuple[float, str, float]

_SOON = 1e-9  # of a step: times nearer than this are the same
_ROUNDING = 1e-9  # of a field's largest value: what is less than this below 0 is rounding


def on_over(switches: Sequence[Switch], name: str, start: float, length: float) -> float:
    """Mean of an intervention's input over a step: 1 while on, 0 while off, between where it changes.

    So a change within a step acts to second order as if it were at its time. ``switches``: (time, name,
    value), in the order of time; off before the first.
    """
    mean = value = 0.0
    for time, other, new in switches:
        if other != name:
            continue
        share = (start + length - time) / length
        share = 1.0 if share > 1.0 - _SOON else share
        if share < _SOON:
            break
        mean += (new - value) * share
        value = new
    return mean


def check_cells(cells: Cells, plan: TissuePlan) -> None:
    """Raise `InputError` for cells that cannot be: out of the box, without size, at odds with their type."""
    for axis, edge in zip("xyz", plan.space.size, strict=True):
        at = getattr(cells, axis)
        # written so that what is not a number is wrong, too
        wrong = np.flatnonzero(~((at >= -1e-6 * edge) & (at <= (1.0 + 1e-6) * edge)))
        if len(wrong):
            i = wrong[0]
            raise InputError(f"cell {cells.id[i]}: {axis} is {at[i]:g} um; the box is from 0 to {edge:g} um")
    for name in ("volume", "full_volume"):
        size = getattr(cells, name)
        wrong = np.flatnonzero(~((size > 0.0) & np.isfinite(size)))
        if len(wrong):
            i = wrong[0]
            raise InputError(f"cell {cells.id[i]}: {name} is {size[i]:g} um^3; a cell needs one above 0")
    for k, kind in enumerate(plan.cells):
        rows = cells.of_kind(k)
        if not np.array_equal(cells.row[rows], np.arange(len(cells.programs[k]))):
            raise InputError(
                f"{len(rows)} cells say they are {kind.name}, {len(cells.programs[k])} have its program: "
                "change types by cells.transform, not by writing to cells.kind"
            )
        broken = np.flatnonzero(~np.isfinite(cells.programs[k]).all(axis=1))
        if len(broken):
            raise InputError(f"cell {cells.id[rows[broken[0]]]} ({kind.name}): a state is not a number")
        states = cells.state[rows]
        wrong = np.flatnonzero((states < 0) | (states >= max(len(kind.states), 1)))
        if len(wrong):
            raise InputError(
                f"cell {cells.id[rows[wrong[0]]]} ({kind.name}): state {states[wrong[0]]} is not "
                f"one of its {len(kind.states)}"
            )


def check_field(name: str, values: Floats) -> None:
    """Raise `InputError` for a field that somebody wrote to and that cannot be."""
    least, most = float(values.min()), float(values.max())
    if not (np.isfinite(least) and np.isfinite(most)):
        raise InputError(f"field {name}: a value is not a finite number")
    if least < -_ROUNDING * most:
        raise InputError(f"field {name}: a concentration is {least:g} per mL; it cannot be below 0")


def fingerprint(plan: TissuePlan) -> str:
    """What has to be the same for a state to fit: grid, step, fields, types and states of their programs."""
    import hashlib

    kinds = [(k.name, k.states, [s.name for s in k.program.states]) for k in plan.cells]
    fields = [(slot.name, slot.group) for slot in plan.fields]
    groups = [(group.name, group.treatment, any(group.binding)) for group in plan.groups]
    told = repr((plan.space.shape, plan.space.voxel, plan.step, fields, groups, kinds))
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
