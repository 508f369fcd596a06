"""Where in the grid things are: walls, hindered regions, the surface of vessels."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.ir.tissue import Region, TissueSpace, Vessel

__all__ = ["hindrance", "inside", "vessel_area", "walls"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def inside(space: TissueSpace, region: Region) -> Mask:
    """Voxels whose centre lies in ``region``, (nz, ny, nx). In a slab a region reaches through it."""
    centres = [(np.arange(n) + 0.5) * d for n, d in zip(space.shape, space.voxel, strict=True)]
    x, y, z = (c.reshape(s) for c, s in zip(centres, ((1, 1, -1), (1, -1, 1), (-1, 1, 1)), strict=True))
    axes = (x, y) if space.flat else (x, y, z)
    found = np.ones(Grid(space.shape, space.voxel).array_shape, dtype=np.bool_)
    if region.shape == "ball":
        distance = np.zeros(found.shape)
        for place, centre in zip(axes, region.a, strict=False):
            distance = distance + (place - centre) ** 2
        return found & (distance <= region.radius**2)
    for place, one, other in zip(axes, region.a, region.b, strict=False):
        found &= (place >= min(one, other)) & (place <= max(one, other))
    return found


def walls(space: TissueSpace) -> Mask | None:
    """Voxels that nothing enters, (nz, ny, nx); None where there are none."""
    found: Mask | None = None
    for region in space.regions:
        if region.wall:
            here = inside(space, region)
            found = here if found is None else found | here
    return found if found is not None and found.any() else None


def hindrance(space: TissueSpace) -> Floats | None:
    """Share of diffusion that remains, (nz, ny, nx); None where it is 1 everywhere. Later regions win."""
    found: Floats | None = None
    for region in space.regions:
        if not region.wall and region.hindrance != 1.0:
            if found is None:
                found = np.ones(Grid(space.shape, space.voxel).array_shape)
            found[inside(space, region)] = region.hindrance
    return found


def vessel_area(space: TissueSpace, vessel: Vessel) -> Floats:
    """Surface of a vessel within each voxel, um^2, (nz, ny, nx).

    The surface is cut into patches no longer than a quarter of the shortest edge; each counts to the voxel
    its middle lies in, patches outside the box to none. In a slab the vessel crosses it.
    """
    grid = Grid(space.shape, space.voxel)
    area = np.zeros(grid.array_shape)
    start, end = np.asarray(vessel.a, dtype=float), np.asarray(vessel.b, dtype=float)
    if space.flat and np.array_equal(start[:2], end[:2]):
        start, end = np.append(start[:2], 0.0), np.append(end[:2], space.size[2])
    length = float(np.linalg.norm(end - start))
    if length == 0.0 or vessel.radius <= 0.0:
        return area
    along = (end - start) / length
    helper = np.eye(3)[int(np.argmin(np.abs(along)))]
    across = np.cross(along, helper)
    across /= np.linalg.norm(across)
    third = np.cross(along, across)
    patch = 0.25 * min(space.voxel)
    pieces = max(1, math.ceil(length / patch))
    turns = max(16, math.ceil(2.0 * math.pi * vessel.radius / patch))
    steps = (np.arange(pieces) + 0.5) * (length / pieces)
    angles = (np.arange(turns) + 0.5) * (2.0 * math.pi / turns)
    ring = vessel.radius * (np.cos(angles)[:, None] * across + np.sin(angles)[:, None] * third)
    points = (start + steps[:, None] * along)[:, None, :] + ring[None]
    points = points.reshape(-1, 3)
    kept = np.all((points >= 0.0) & (points <= np.asarray(space.size)), axis=1)
    voxels = grid.index(points[kept, 0], points[kept, 1], points[kept, 2])
    each = 2.0 * math.pi * vessel.radius * length / (pieces * turns)
    np.add.at(area.reshape(-1), voxels, each)
    return area
