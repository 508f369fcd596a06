"""Interstitial flow through the faces of the grid: the given velocity, led around walls.

Without walls a constant velocity has no divergence. Walls block faces; what they block would pile up
before them, so the flow is corrected by a potential (Darcy's law in an even medium): through every face
that is not blocked passes v A - k (p[i] - p[i-1]), with p such that every voxel gives away what it gets.
The correction is zero outside the box: far away the flow is the given one. An axis the fluid does not
move along lets none through its borders.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.ir.tissue import TissueSpace

__all__ = ["face_flows"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def face_flows(
    space: TissueSpace, wall: Mask | None, periodic: tuple[bool, bool, bool]
) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Fluid through the faces across x, y, z, mL/h, towards higher indices; None along an axis without.

    Shapes as `Axis.low`. Group borders do not matter but for ``periodic``: a border that is closed to a
    field while the fluid passes is a filter.
    """
    grid = Grid(space.shape, space.voxel)
    if not any(space.flow):
        return None, None, None
    given = []
    for number in range(3):
        count = [1, 1, 1]
        count[2 - number] = space.shape[number] + 1
        area = grid.voxel_volume / space.voxel[number]  # um^2 / 1e12
        given.append(np.full(count, space.flow[number] * area))
    if wall is None:
        x, y, z = (g if v else None for g, v in zip(given, space.flow, strict=True))
        return x, y, z
    return _around(grid, given, space.flow, wall, periodic)


def _around(
    grid: Grid,
    given: list[Floats],
    velocity: tuple[float, float, float],
    wall: Mask,
    periodic: tuple[bool, bool, bool],
) -> tuple[Floats, Floats, Floats]:
    """The given flow plus the gradient of the potential that makes it free of divergence."""
    from scipy.sparse import coo_array, diags_array
    from scipy.sparse.linalg import cg

    shape = grid.array_shape
    n = grid.n_voxels
    index = np.arange(n).reshape(shape)
    flows, gradients = [], []
    divergence = np.zeros(shape)
    rows: list[Any] = []
    columns: list[Any] = []
    values: list[Any] = []
    for number in range(3):
        dimension = 2 - number
        free, below, above = _open_faces(wall, index, dimension, periodic[number], bool(velocity[number]))
        weight = free * (grid.voxel_volume / grid.voxel[number] ** 2)
        flow = free * given[number]
        divergence += np.diff(flow, axis=dimension)
        flows.append(flow)
        gradients.append((weight, below, above))
        count = shape[dimension]
        for cell, other, faces in ((below, above, slice(1, None)), (above, below, slice(0, -1))):
            cut: list[slice] = [slice(None)] * 3
            cut[dimension] = faces
            c, o, w = (a[tuple(cut)].ravel() for a in (cell, other, weight))
            rows.append(c)
            columns.append(c)
            values.append(w)
            inner = o >= 0
            if count > 1 or not periodic[number]:
                rows.append(c[inner])
                columns.append(o[inner])
                values.append(-w[inner])
    matrix = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n)
    ).tocsr()
    diagonal = matrix.diagonal()
    inverse = np.divide(1.0, diagonal, out=np.zeros(n), where=diagonal > 0.0)

    potential, _ = cg(
        matrix, -divergence.ravel(), rtol=1e-13, maxiter=20 * sum(grid.shape) + 1000, M=diags_array(inverse)
    )
    padded = np.append(potential, 0.0)  # index -1: outside, where the potential is zero
    for number, (weight, below, above) in enumerate(gradients):
        flows[number] = flows[number] - weight * (padded[above] - padded[below])
    return flows[0], flows[1], flows[2]


def _open_faces(
    wall: Mask, index: npt.NDArray[np.int64], dimension: int, periodic: bool, crossed: bool
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(1 where a face lets fluid through else 0, voxel below, voxel above); voxel -1 is outside."""
    first, last = np.take(index, [0], dimension), np.take(index, [-1], dimension)
    outside = np.full_like(first, -1)
    below = np.concatenate([last if periodic else outside, index], axis=dimension)
    above = np.concatenate([index, first if periodic else outside], axis=dimension)
    solid = np.append(wall.ravel(), not crossed)  # outside is solid where the fluid does not cross the border
    return (~(solid[below] | solid[above])).astype(np.float64), below, above
