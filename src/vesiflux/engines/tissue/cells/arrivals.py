"""Where a new cell lies and in which state it is: beside its mother, at a vessel, at a border."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells import kernels
from vesiflux.engines.tissue.cells.container import Cells, sphere_radius
from vesiflux.engines.tissue.cells.layout import walls
from vesiflux.engines.tissue.cells.packing import kernels as packing
from vesiflux.engines.tissue.random import Purpose
from vesiflux.ir.tissue import CellKind, TissueSpace

__all__ = ["beside", "doorsteps", "shares", "start_states"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AXES = 8  # axes tried for a division before the daughters stay nearly in one place
DOORS = 16  # places tried for a cell that comes in
PLACES = 1 << 20  # numbers for places are kept apart from those for counts


def shares(kind: CellKind) -> Floats:
    """Share of a kind's cells in each state at the start; all in the first when nothing is said."""
    if not kind.start:
        return np.ones(1)
    start = np.array(kind.start, dtype=np.float64)
    share: Floats = start / start.sum()
    return share


def start_states(
    kinds: Sequence[CellKind], kind: npt.NDArray[np.integer], ids: Ints, seed: int, step: int
) -> npt.NDArray[np.int32]:
    """A state for each new cell, drawn by its kind's shares; keyed by id and step."""
    u = kernels.draws(seed, int(Purpose.START), ids, step, 1)
    states = np.zeros(len(ids), dtype=np.int32)
    for k in np.unique(kind):
        mine = kind == k
        reached = np.cumsum(shares(kinds[k]))[:-1]
        states[mine] = np.searchsorted(reached, u[mine], side="right")
    return states


def beside(
    cells: Cells, rows: Ints, space: TissueSpace, periodic: tuple[bool, bool, bool], seed: int
) -> tuple[Floats, Floats]:
    """Places of mothers and daughters, um: they touch, their middle is where the mother was.

    The axis is keyed by (mother's id, number of the division); where it would lead out of the box or into
    a wall the next one is tried, and after `AXES` of them both stay within a twentieth of the radius.
    Volumes are those after the division. In a slab the axis lies in its plane.
    """
    centre = np.column_stack([cells.x[rows], cells.y[rows], cells.z[rows]])
    radius = sphere_radius(cells.volume[rows])
    mine, other = centre.copy(), centre.copy()
    waiting = np.arange(len(rows))
    for attempt in range(AXES + 1):
        axis = _axes(cells.id[rows[waiting]], cells.divisions[rows[waiting]], space.flat, seed, attempt)
        reach = radius[waiting] * (1.0 if attempt < AXES else 0.05)
        a = _wrap(centre[waiting] - reach[:, None] * axis, space, periodic)
        b = _wrap(centre[waiting] + reach[:, None] * axis, space, periodic)
        fine = _free(a, space) & _free(b, space)
        mine[waiting[fine]], other[waiting[fine]] = a[fine], b[fine]
        waiting = waiting[~fine]
        if not len(waiting):
            break
    return mine, other


def doorsteps(
    kind: CellKind, ids: Ints, space: TissueSpace, periodic: tuple[bool, bool, bool], seed: int
) -> Floats:
    """Where cells come in, um, shape (m, 3): outside the wall of a vessel, or at a border of the box.

    Vessels are chosen by their surface. Without vessels cells lie one radius within a side that is not
    periodic, chosen by its area (all sides when every one is periodic).
    """
    places = np.tile(np.array(space.size) / 2.0, (len(ids), 1))
    waiting = np.arange(len(ids))
    for attempt in range(DOORS):
        u = kernels.draws4(seed, int(Purpose.RECRUITMENT), ids[waiting], 0, PLACES + 2 * attempt)
        v = kernels.draws4(seed, int(Purpose.RECRUITMENT), ids[waiting], 0, PLACES + 2 * attempt + 1)
        found = _at_vessels(u, kind, space) if space.vessels else _at_borders(u, v, kind, space, periodic)
        found = _wrap(found, space, periodic)
        fine = _free(found, space)
        places[waiting[fine]] = found[fine]
        waiting = waiting[~fine]
        if not len(waiting):
            break
    return places


def _at_vessels(u: Floats, kind: CellKind, space: TissueSpace) -> Floats:
    """Places one radius off the surface of vessels."""
    a = np.array([vessel.a for vessel in space.vessels], dtype=np.float64)
    b = np.array([vessel.b for vessel in space.vessels], dtype=np.float64)
    width = np.array([vessel.radius for vessel in space.vessels])
    if space.flat:
        a[:, 2] = b[:, 2] = space.size[2] / 2.0
    length = np.linalg.norm(b - a, axis=1)
    surface = width * np.where(length > 0.0, length, space.size[2])
    which = np.searchsorted(np.cumsum(surface / surface.sum())[:-1], u[:, 0], side="right")
    along = a[which] + u[:, 1, None] * (b - a)[which]
    off = (width[which] + kind.radius)[:, None]
    angle = 2.0 * math.pi * u[:, 2]
    line = (b - a)[which] / np.maximum(length[which], 1e-300)[:, None]
    crossing = length[which] == 0.0
    line[crossing] = (0.0, 0.0, 1.0)
    if space.flat:  # in the plane, on either side of a vessel that runs in it, all around one that crosses
        side = np.sign(np.cos(angle))
        across = np.column_stack([-line[:, 1], line[:, 0], np.zeros(len(u))]) * side[:, None]
        around = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(len(u))])
        placed: Floats = along + off * np.where(crossing[:, None], around, across)
        return placed
    least = np.eye(3)[np.argmin(np.abs(line), axis=1)]
    one = np.cross(line, least)
    one /= np.linalg.norm(one, axis=1)[:, None]
    two = np.cross(line, one)
    outside: Floats = along + off * (np.cos(angle)[:, None] * one + np.sin(angle)[:, None] * two)
    return outside


def _at_borders(
    u: Floats, v: Floats, kind: CellKind, space: TissueSpace, periodic: tuple[bool, bool, bool]
) -> Floats:
    """Places one radius within the sides of the box."""
    size = np.array(space.size)
    axes = [axis for axis in range(2 if space.flat else 3) if not periodic[axis]]
    axes = axes or list(range(2 if space.flat else 3))
    area = np.array([size.prod() / size[axis] for axis in axes])
    which = np.array(axes)[np.searchsorted(np.cumsum(area / area.sum())[:-1], u[:, 0], side="right")]
    places: Floats = u[:, 1:4] * size
    if space.flat:
        places[:, 2] = size[2] / 2.0
    inset = np.minimum(kind.radius, size / 2.0)[which]
    places[np.arange(len(u)), which] = np.where(v[:, 0] < 0.5, inset, size[which] - inset)
    return places


def _axes(ids: Ints, division: npt.NDArray[np.integer], flat: bool, seed: int, attempt: int) -> Floats:
    """Unit vectors, evenly in all directions (of the plane)."""
    axes = np.empty((len(ids), 3))
    for count in np.unique(division):
        mine = division == count
        u = kernels.draws4(seed, int(Purpose.AXIS), ids[mine], int(count), attempt)
        angle = 2.0 * math.pi * u[:, 0]
        up = np.zeros(len(u)) if flat else 2.0 * u[:, 1] - 1.0
        side = np.sqrt(1.0 - up * up)
        axes[mine] = np.column_stack([side * np.cos(angle), side * np.sin(angle), up])
    return axes


def _wrap(points: Floats, space: TissueSpace, periodic: tuple[bool, bool, bool]) -> Floats:
    """Points that left through a periodic side come in by the other."""
    size = np.array(space.size)
    wrapped: Floats = np.where(np.array(periodic), points - np.floor(points / size) * size, points)
    return wrapped


def _free(points: Floats, space: TissueSpace) -> npt.NDArray[np.bool_]:
    """Which points lie in the box and in no wall."""
    inside: npt.NDArray[np.bool_]
    inside = np.all((points >= 0.0) & (points <= np.array(space.size)), axis=1)
    if not any(region.wall for region in space.regions):
        return inside
    free: npt.NDArray[np.bool_] = inside & ~packing.walled_many(points, space.flat, *walls(space))
    return free
