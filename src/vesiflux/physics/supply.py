"""How many vesicles can reach a cell at all: the geometry's limit, in series with what the cell takes.

Clearances are mL/cell/h: times a concentration in vesicle/mL they are vesicle/cell/h.
"""

from __future__ import annotations

import math

__all__ = [
    "in_series",
    "monolayer_clearance",
    "monolayer_fraction",
    "settling_clearance",
    "sphere_clearance",
    "sphere_rate",
    "unresolved_resistance",
]


def sphere_clearance(diffusion: float, radius: float) -> float:
    """Clearance of an isolated perfect absorber, 4 pi D R, mL/h (Smoluchowski 1917; steady state).

    ``diffusion`` um^2/h, ``radius`` of cell plus vesicle, um.
    """
    return 4.0 * math.pi * diffusion * radius * 1e-12


def sphere_rate(diffusion: float, radius: float, concentration: float) -> float:
    """Arrivals at an isolated perfect absorber, 4 pi D R c, vesicle/h.

    D 4 um^2/s, R 8 um, 1e9 vesicle/mL: 1,450 vesicles an hour.
    """
    return 4.0 * math.pi * diffusion * radius * concentration * 1e-12


def monolayer_fraction(diffusion: float, depth: float, time: float) -> float:
    """Share of the vesicles that has reached a perfectly absorbing bottom under still medium, 0 to 1.

    Exact solution of diffusion in a layer with a reflecting top and an absorbing bottom, uniform at the start
    (Crank 1975, section 4.3): by images while D t / L^2 < 0.2, by modes later; both to round-off.

    Parameters
    ----------
    diffusion
        um^2/h.
    depth
        Height L of the medium, um.
    time
        h.

    Notes
    -----
    100 nm in water at 37 degC under 3 mm: 28 % in 24 h.
    """
    tau = diffusion * time / (depth * depth)
    if tau <= 0.0:
        return 0.0
    if tau < 0.2:
        root = math.sqrt(tau)
        images = 1.0 / math.sqrt(math.pi)
        sign = -1.0
        for n in range(1, 7):
            x = n / root
            images += 2.0 * sign * (math.exp(-x * x) / math.sqrt(math.pi) - x * math.erfc(x))
            sign = -sign
        return 2.0 * root * images
    left = 0.0
    for n in range(8):
        wave = (2.0 * n + 1.0) * math.pi / 2.0
        left += 2.0 / (wave * wave) * math.exp(-wave * wave * tau)
    return 1.0 - left


def monolayer_clearance(fraction: float, depth: float, area_per_cell: float, time: float) -> float:
    """Mean clearance over ``time`` of one cell of a monolayer that took ``fraction``, mL/cell/h.

    Relative to the concentration at the start: fraction * L * A / t. ``area_per_cell`` is the bottom's area
    divided by the number of cells, um^2.
    """
    return fraction * depth * area_per_cell * 1e-12 / time


def settling_clearance(velocity: float, area_per_cell: float) -> float:
    """Clearance by settling onto a cell of a flat layer, v A, mL/cell/h; 0 for vesicles that float.

    ``velocity`` um/h, ``area_per_cell`` um^2.
    """
    return max(velocity, 0.0) * area_per_cell * 1e-12


def in_series(intrinsic: float, supply: float) -> float:
    """Clearance when supply comes before uptake: k_int k_D / (k_int + k_D), in the unit of both."""
    total = intrinsic + supply
    if total <= 0.0:
        return 0.0
    if math.isinf(supply):
        return intrinsic
    return intrinsic * (supply / total)


#: A sink in one voxel of a grid acts like a sphere of this many voxel edges in 3-D (lattice Green's function
#: at the origin, Watson 1939: 1 / (4 pi 0.25273)) and like a cylinder of this many in 2-D (exp(-gamma) /
#: sqrt(8): the well radius of Peaceman 1978).
GRID_SPHERE = 0.314870
GRID_CYLINDER = 0.198506
#: A small sphere in the middle of a slab acts from afar like a sphere in series with a cylinder of this many
#: thicknesses: the potential of its images in both walls, 2 exp(-gamma).
SLAB_CYLINDER = 1.122919


def unresolved_resistance(radius: float, voxel: tuple[float, float, float], flat: bool) -> float:
    """Resistance between a cell and the voxel it is in, times the diffusion coefficient, 1/um.

    What a grid of voxels does not see of the way to a perfectly absorbing cell: the resistance of the sphere,
    1 / (4 pi R), less the grid's own. Below 0 where the grid's is more than the cell's: narrow voxels. In a
    slab (``flat``) the way is a sphere's and, beyond the thickness, a cylinder's; of a cell that is wider
    than the slab a cylinder's alone. So the grid's share of the limit is counted once.

    Parameters
    ----------
    radius
        Of the cell, um.
    voxel
        Edges along x, y, z, um; in a slab the last one is its thickness.
    """
    if not flat:
        edge = math.cbrt(voxel[0] * voxel[1] * voxel[2])
        return (1.0 / radius - 1.0 / (GRID_SPHERE * edge)) / (4.0 * math.pi)
    edge, thickness = math.sqrt(voxel[0] * voxel[1]), float(voxel[2])
    if radius > 0.5 * thickness:
        return math.log(GRID_CYLINDER * edge / radius) / (2.0 * math.pi * thickness)
    far = math.log(GRID_CYLINDER * edge / (SLAB_CYLINDER * thickness)) / (2.0 * math.pi * thickness)
    return 1.0 / (4.0 * math.pi * radius) + far
