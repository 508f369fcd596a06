"""The operator of a group on coarser and coarser voxels, as flat arrays for the kernels.

A coarse voxel is a block of two fine ones along each axis that is coarsened; what is left over of an odd
number is a block of its own. Its faces take the sum of the fine faces they consist of, times the ratio of
the distances between centres, which is what the same medium has on coarse voxels. Axes along which
voxels hardly hang together are left for later levels (semi-coarsening). Flow is summed; where it outruns
diffusion on the coarse voxels, diffusion is raised as in `transport`.

Only the first level decides what the solution is; the others decide how fast it is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines._simd import WIDTH
from vesiflux.engines.tissue.fields.transport import Transport

__all__ = ["Levels", "levels"]

Floats = npt.NDArray[np.float64]

_HELD = 0.5  # of what holds a voxel: faces that take less need no coarser level
_WEAK = 0.3  # of the strongest coupling between voxels: axes below wait


@dataclass(frozen=True)
class Levels:
    """``table``: (n_levels, columns), as the kernels name them. ``coefficients``: of all faces, flat.
    ``leave``: per voxel of all levels what its faces take, mL/h. ``most``: the largest of each level, over
    the number of first voxels in one of its voxels.
    """

    table: npt.NDArray[np.int64]
    coefficients: Floats
    leave: Floats
    most: Floats

    def needed(self, sink: float) -> int:
        """How many levels help where ``sink`` (mL/h) or more holds every voxel: below, the diagonal does."""
        held = np.flatnonzero(self.most <= _HELD * sink)
        return int(held[0]) + 1 if held.size else len(self.most)


@dataclass(frozen=True)
class _Level:
    """``low``, ``high``: faces per axis x, y, z; ``widths``: of voxels along each axis, in fine ones."""

    shape: tuple[int, int, int]  # nz, ny, nx
    low: tuple[Floats, Floats, Floats]
    high: tuple[Floats, Floats, Floats]
    widths: tuple[Floats, Floats, Floats]
    periodic: tuple[bool, bool, bool]


def levels(operator: Transport) -> Levels:
    """All levels of ``operator``, down to one voxel."""
    level = _finest(operator)
    tables: list[list[int]] = []
    parts: list[Floats] = []
    leave: list[Floats] = []
    most: list[float] = []
    start = used = 0
    while True:
        halved = _halved(level)
        row, faces, used = _pack(level, halved, start, used)
        out = _leave(level)
        start += len(out)
        tables.append(row)
        parts += faces
        leave.append(out)
        most.append(float(out.max()) * np.prod(level.shape) / operator.grid.n_voxels)
        if not any(halved):
            table = np.array(tables, dtype=np.int64)
            return Levels(table, np.concatenate(parts), np.concatenate(leave), np.array(most))
        level = _coarser(level, halved)


def _finest(operator: Transport) -> _Level:
    shape = operator.grid.array_shape
    low, high = [], []
    for axis in operator.axes:
        alone = axis.periodic and shape[axis.dimension] == 1  # it borders on itself
        low.append(np.zeros_like(axis.low) if alone else axis.low)
        high.append(low[-1] if alone or axis.symmetric else axis.high)
    x, y, z = (np.ones(shape[2 - number]) for number in range(3))
    a, b, c = (axis.periodic for axis in operator.axes)
    return _Level(shape, (low[0], low[1], low[2]), (high[0], high[1], high[2]), (x, y, z), (a, b, c))


def _halved(level: _Level) -> tuple[bool, bool, bool]:
    """Which axes are coarsened next."""
    found = [0.0, 0.0, 0.0]
    for number in range(3):
        count = level.shape[2 - number]
        if count > 1:
            inner = _along(number, slice(1, count))
            found[number] = float(0.5 * (level.low[number][inner] + level.high[number][inner]).max())
    most = max(found)
    x, y, z = (value > 0.0 and value >= _WEAK * most for value in found)
    return x, y, z


def _along(number: int, where: Any) -> tuple[Any, ...]:
    at: list[Any] = [slice(None)] * 3
    at[2 - number] = where
    return tuple(at)


def _coarser(level: _Level, halved: tuple[bool, bool, bool]) -> _Level:
    nz, ny, nx = level.shape
    starts = [np.arange(0, n, 2 if half else 1) for n, half in zip((nx, ny, nz), halved, strict=True)]
    widths = [np.add.reduceat(w, s) for w, s in zip(level.widths, starts, strict=True)]
    shape = (len(starts[2]), len(starts[1]), len(starts[0]))
    low, high = [], []
    for number in range(3):
        count = level.shape[2 - number]
        faces = np.append(starts[number], count)
        ring = level.periodic[number]
        ratio = _distances(level.widths[number], ring)[faces] / _distances(widths[number], ring)
        size = [1, 1, 1]
        size[2 - number] = len(faces)
        ratio = ratio.reshape(size)

        def summed(values: Floats, number: int = number, faces: Any = faces) -> Floats:
            found = values[_along(number, faces)]
            full = list(level.shape)
            full[2 - number] = len(faces)
            found = np.broadcast_to(found, full)
            for other in range(3):
                if other != number:
                    found = np.add.reduceat(found, starts[other], axis=2 - other)
            return np.ascontiguousarray(found)

        one, two = level.low[number], level.high[number]
        if ring and len(starts[number]) == 1:
            low.append(0.0 * summed(one))
            high.append(low[-1])
        elif one is two:
            low.append(ratio * summed(one))
            high.append(low[-1])
        else:
            a, b = summed(one), summed(two)
            flow = a - b
            wide = np.maximum(0.5 * ratio * (a + b), 0.5 * np.abs(flow))
            low.append(wide + 0.5 * flow)
            high.append(wide - 0.5 * flow)
    return _Level(
        shape,
        (low[0], low[1], low[2]),
        (high[0], high[1], high[2]),
        (widths[0], widths[1], widths[2]),
        level.periodic,
    )


def _distances(widths: Floats, periodic: bool) -> Floats:
    """Between the centres on either side of every face; to the face itself at borders. In half voxels."""
    beyond_low, beyond_high = (widths[-1], widths[0]) if periodic else (0.0, 0.0)
    found: Floats = np.append(beyond_low, widths) + np.append(widths, beyond_high)
    return found


def _long(nx: int) -> int:
    return nx + -nx % WIDTH


def _leave(level: _Level) -> Floats:
    """What leaves each voxel per concentration through its faces, padded; a whole number of vectors."""
    nz, ny, nx = level.shape
    inside = np.zeros(level.shape)
    for number in range(3):
        inside += level.low[number][_along(number, slice(1, None))]
        inside += level.high[number][_along(number, slice(0, -1))]
    pitch = _long(nx) + 2
    count = (nz + 2) * (ny + 2) * pitch
    found = np.zeros(count + WIDTH + -count % WIDTH)
    found[:count].reshape(nz + 2, ny + 2, pitch)[1:-1, 1:-1, 1 : nx + 1] = inside
    return found


def _pack(
    level: _Level, halved: tuple[bool, bool, bool], start: int, used: int
) -> tuple[list[int], list[Floats], int]:
    """(row of the table, coefficients, coefficients in use so far)."""
    nz, ny, nx = level.shape
    long = _long(nx)
    parts: list[Floats] = []

    def put(faces: Floats, rows: int) -> int:
        nonlocal used
        kept = np.zeros((rows, long))
        kept[:, :nx] = faces.reshape(rows, -1)
        parts.append(kept.reshape(-1))
        used += kept.size
        return used - kept.size

    row = [nz, ny, nx, long, long + 2, (ny + 2) * (long + 2), start]
    x_low, x_high = level.low[0], level.high[0]
    rows = x_low.shape[0] * x_low.shape[1]
    same = rows == 1
    if not same:  # alike along one of two axes: written out
        x_low, x_high = (np.broadcast_to(v, (nz, ny, nx + 1)) for v in (x_low, x_high))
        rows = nz * ny
    row += [put(x_low[..., :-1], rows), put(x_high[..., 1:], rows), *((0, 0) if same else (ny, 1))]
    for number, n, between in ((1, ny, 1), (2, nz, ny)):
        low, high = level.low[number], level.high[number]
        same = low.size == n + 1
        full = (nz, ny + 1, nx) if number == 1 else (nz + 1, ny, nx)
        if same:
            rows, up = n + 1, 1
        else:
            rows, up = full[0] * full[1], between
            low, high = (np.broadcast_to(v, full) for v in (low, high))
        below = put(low, rows)
        above = below if level.low[number] is level.high[number] else put(high, rows)
        of_planes, of_rows = (0 if number == 1 else 1, 2 - number) if same else (full[1], 1)
        row += [below, above + up * long, of_planes, of_rows]
    wrap = [ring and n > 1 for ring, n in zip(level.periodic, (nx, ny, nz), strict=True)]
    return [*row, *(int(w) for w in wrap), *(int(h) for h in halved)], parts, used
