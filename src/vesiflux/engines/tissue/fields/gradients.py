"""Gradients of a field at voxels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.transport import Transport

__all__ = ["gradient_at"]

Floats = npt.NDArray[np.float64]


def gradient_at(operator: Transport, u: Floats, voxels: npt.NDArray[np.int64]) -> Floats:
    """Central differences of ``u`` (nz, ny, nx) in ``voxels`` (n,): (3, n), per mL and um; x, y, z.

    Beyond a closed border or a wall the field is mirrored; a held border stands half a voxel away.
    """
    grid = operator.grid
    nx, ny, _ = grid.shape
    place = (voxels % nx, voxels // nx % ny, voxels // (nx * ny))
    strides = (1, nx, nx * ny)
    flat = u.reshape(-1)
    wall = None if operator.wall is None else operator.wall.reshape(-1)
    here = flat[voxels]
    found = np.zeros((3, voxels.size))
    for axis in operator.axes:
        count, at, stride = grid.shape[axis.number], place[axis.number], strides[axis.number]
        sides = []
        for step, edge, held in ((-1, 0, axis.held[0]), (1, count - 1, axis.held[1])):
            outside = at == edge
            other = np.where(outside, voxels - step * stride * (count - 1), voxels + step * stride)
            value = flat[other]
            if not axis.periodic:
                open_face = bool(
                    axis.part(axis.high, slice(0, 1)).any()
                    if step < 0
                    else axis.part(axis.low, slice(-1, None)).any()
                )
                value = np.where(outside, 2.0 * held - here if open_face else here, value)
            if wall is not None:
                blocked = wall[other] & ~outside if not axis.periodic else wall[other]
                value = np.where(blocked, here, value)
            sides.append(value)
        found[axis.number] = (sides[1] - sides[0]) / (2.0 * grid.voxel[axis.number])
    return found
