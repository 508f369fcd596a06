"""What the kernels need to know of the place: box, differing voxels, cells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.flow import face_flows
from vesiflux.engines.tissue.fields.grid import UM3_PER_ML, Grid
from vesiflux.engines.tissue.fields.places import hindrance, vessel_area, walls
from vesiflux.engines.tissue.individuals.near import kernels as near_kernels
from vesiflux.engines.tissue.individuals.records import CLOSED, OPEN, PERIODIC, Box, Near, Places
from vesiflux.engines.tissue.individuals.storage import LARGEST
from vesiflux.errors import InputError
from vesiflux.ir.tissue import Group, TissueSpace

__all__ = ["box", "lists", "places", "reactivity"]

Floats = npt.NDArray[np.float64]
listing: Any = near_kernels  # numba knows their types
_MOST_BINS = 1 << 17


def box(space: TissueSpace, group: Group) -> Box:
    """The box without substep: ``scale`` is sqrt(2 D) for a diameter of 1 um, or without diameters.

    D of a vesicle goes as 1 / diameter (Stokes-Einstein) and averages to ``group.diffusion`` over the
    lognormal, of which the mean of 1 / diameter is exp(sigma^2 / 2) / median.
    """
    size = np.array(space.size)
    if size.max() > LARGEST:
        raise InputError(
            f"individual vesicles need a box of at most {LARGEST:g} um; {size.max():g} um is larger"
        )
    modes, sides = [], []
    for axis in range(3):
        pair = group.borders[2 * axis : 2 * axis + 2]
        for border in pair:
            if border.kind == "held" and border.value != 0.0:
                raise InputError(
                    f"{group.name}: individual vesicles leave by an open border but cannot come in; "
                    f"its border must be 0, or its treatment field"
                )
        kinds = [border.kind for border in pair]
        if "periodic" in kinds:
            modes.append(PERIODIC)
        else:
            modes.append(OPEN if "held" in kinds else CLOSED)
        sides += [int(kind == "held") for kind in kinds]
    unit = group.diffusion
    if group.median > 0.0:
        unit *= group.median * math.exp(-0.5 * group.sigma**2)
    return Box(
        size,
        np.array(modes),
        np.array(sides),
        np.zeros(3, dtype=np.float32),
        math.sqrt(2.0 * unit),
        group.decay,
        group.binding[0],
        group.binding[1],
    )


def places(space: TissueSpace, group: Group) -> Places:
    """Walls, hindered regions, vessels and the flow around walls, per voxel as the fields see them."""
    grid = Grid(space.shape, space.voxel)
    share, wall = hindrance(space), walls(space)
    sink = np.zeros(grid.array_shape)
    for vessel in space.vessels:
        permeability, inside = vessel.exchange.get(group.name, (0.0, 0.0))
        if inside > 0.0:
            raise InputError(
                f"{group.name}: individual vesicles do not come in from blood vessel {vessel.name}; "
                f"its concentration inside must be 0, or the treatment field"
            )
        sink += permeability * vessel_area(space, vessel) / math.prod(space.voxel)
    used = share is not None or wall is not None or bool(sink.any())
    full = np.ones(grid.array_shape) if share is None else share.copy()
    if wall is not None:
        full[wall] = 0.0
    flowing = wall is not None and any(space.flow)
    faces: list[Floats] = [np.zeros((1, 1, 1))] * 3
    if flowing:
        periodic = [group.borders[2 * axis].kind == "periodic" for axis in range(3)]
        flows = face_flows(space, wall, (periodic[0], periodic[1], periodic[2]))
        for axis, flow in enumerate(flows):
            count = list(grid.array_shape)
            count[2 - axis] += 1
            area = grid.voxel_volume / space.voxel[axis]
            faces[axis] = np.array(np.broadcast_to(0.0 if flow is None else flow / area, count))
    return Places(
        used,
        np.array(space.shape),
        1.0 / np.array(space.voxel),
        full.ravel(),
        sink.ravel(),
        flowing,
        *faces,
    )


def reactivity(space: TissueSpace, at: Floats, radius: Floats, clearance: Floats, periodic_z: bool) -> Floats:
    """um/h per cell from its intrinsic clearance (mL/h, inf: perfect, told as -1).

    By the surface within the box: of a sphere that sticks out of a slab 2 pi R times the height within.
    """
    height = 2.0 * radius
    if not periodic_z:
        height = np.minimum(at[:, 2] + radius, space.size[2]) - np.maximum(at[:, 2] - radius, 0.0)
    area = 2.0 * math.pi * radius * height
    finite = np.isfinite(clearance)
    return np.where(finite, np.where(finite, clearance, 0.0) * UM3_PER_ML / area, -1.0)


def lists(setting: Box, cells: Floats, kappa: Floats, ident: npt.NDArray[np.int64], margin: float) -> Near:
    """The cells, and which of them are near each bin. Bins are small, up to a number."""
    size = setting.size
    reach = margin + (float(np.median(cells[:, 3])) if len(cells) else float(size.max()))
    edge = max(0.4 * reach, (float(np.prod(size)) / _MOST_BINS) ** (1.0 / 3.0))
    bins = np.maximum(1, np.ceil(size / edge)).astype(np.int64)
    periodic = (setting.modes == PERIODIC).astype(np.int64)
    count = listing.count_near(cells, margin, size, bins, periodic)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    items = listing.list_near(cells, margin, size, bins, periodic, start)
    inverse = (bins / size).astype(np.float32)
    return Near(cells, kappa, ident, bins, inverse, (count > 0).astype(np.uint8), start, items)
