"""What a tissue shows of one moment: a frame, a row of a time course, a field by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.frame import Frame
from vesiflux.engines.tissue.wishes import fields_of
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.engines.tissue.simulation import Simulation

__all__ = ["field_named", "frame_of", "row_of"]

Floats = npt.NDArray[np.float64]


def frame_of(simulation: Simulation) -> Frame:
    """The present moment."""
    fields = {slot.name: simulation.fields.values[f].copy() for f, slot in enumerate(simulation.plan.fields)}
    tables = [followed.table() for followed in simulation.followed.values()]
    shared = [n for n in tables[0] if all(n in t for t in tables)] if tables else []
    vesicles = {n: np.concatenate([t[n] for t in tables]) for n in shared}
    return Frame(simulation.time, fields, _columns(simulation), vesicles or None)


def row_of(simulation: Simulation) -> dict[str, float]:
    """Numbers of now for a time course: cells by type and state, amounts by field."""
    cells, plan, row = simulation.cells, simulation.plan, {}
    living = cells.living
    for k, kind in enumerate(plan.cells):
        mine = (cells.kind == k) & living
        row[f"{kind.name}.count"] = float(mine.sum())
        for s, state in enumerate(kind.states):
            row[f"{kind.name}.{state}.count"] = float((mine & (cells.state == s)).sum())
    row["dead"] = float((~living).sum())
    volume = simulation.grid.voxel_volume * simulation.grid.n_voxels
    for f, slot in enumerate(plan.fields):
        row[f"field.{slot.name}"] = float(simulation.books.known[f]) / volume
        row[f"secreted.{slot.name}"] = float(simulation.secreted[f])
        row[f"received.{slot.name}"] = float(simulation.received[:, f].sum())
    return row


def field_named(simulation: Simulation, name: str) -> Floats:
    """A field's values, or the sum of those that ``name`` stands for. Raises `InputError` for no field."""
    names = [slot.name for slot in simulation.plan.fields]
    if name in names:
        own: Floats = simulation.fields.values[names.index(name)]
        return own
    chosen = fields_of(name, simulation.plan.fields)
    if not chosen:
        raise InputError(f"no field is called {name!r}; there are {', '.join(names)}")
    total: Floats = simulation.fields.values[chosen].sum(axis=0)
    return total


def _columns(simulation: Simulation) -> dict[str, npt.NDArray[Any]]:
    """The cells as columns, with what their programs show."""
    cells = simulation.cells
    found: dict[str, npt.NDArray[Any]] = {
        name: getattr(cells, name).copy() for name in ("id", "parent", "kind", "state", "x", "y", "z")
    }
    found["dead"] = ~cells.living
    found["radius"] = cells.radius
    simulation.surroundings.look(cells)
    voxels = simulation.grid.index(cells.x, cells.y, cells.z)
    for k, program in enumerate(simulation.programs):
        rows = cells.of_kind(k)
        sensed = simulation.senses.of(k, cells, rows, voxels[rows], ahead=False)
        shown = program.view(cells.programs[k], sensed)
        for name, at in simulation.plan.cells[k].shown.items():
            column = found.setdefault(name, np.full(cells.n, np.nan))
            column[rows] = shown[:, at]
    return found
