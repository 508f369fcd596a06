"""Places for balls in a box: out of walls, without overlap, pushed apart where chance finds none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue import random
from vesiflux.engines.tissue.random import uniforms4

INSIDE = 1.0 - 1e-12  # a place at the far side belongs to the box just before it

Array = Any  # numpy arrays; kernels are typed by numba

kernel = compiler(__file__, random.__file__)


@kernel.inner
def walled(x, y, z, flat, ball, low, high, radius):
    """Whether a place lies in one of the walls; in a slab only x and y count."""
    for m in range(len(ball)):
        if ball[m]:
            d2 = (x - low[m, 0]) ** 2 + (y - low[m, 1]) ** 2
            if not flat:
                d2 += (z - low[m, 2]) ** 2
            if d2 < radius[m] * radius[m]:
                return True
        elif (
            low[m, 0] <= x < high[m, 0]
            and low[m, 1] <= y < high[m, 1]
            and (flat or low[m, 2] <= z < high[m, 2])
        ):
            return True
    return False


@kernel
def walled_many(points: Array, flat: bool, ball: Array, low: Array, high: Array, radius: Array) -> Array:
    """`walled` for points of shape (n, 3)."""
    out = np.empty(len(points), dtype=np.bool_)
    for i in range(len(points)):
        out[i] = walled(points[i, 0], points[i, 1], points[i, 2], flat, ball, low, high, radius)
    return out


@kernel
def bin_of(place, edge, count):
    """Bin along one axis."""
    return min(max(int(place / edge), 0), count - 1)


@kernel.inner
def gap_at(x, y, z, r, own, head, following, xyz, radii, fixed, edges, counts, size, periodic):
    """Smallest distance between the surface of a ball and those binned; below 0: overlap; and the way out.

    The way out is the sum of half of each overlap (all of it where the other is one of the first ``fixed``)
    along the line from the other; ``own``: number of the ball itself, or -1.
    """
    px, py, pz = 0.0, 0.0, 0.0
    bx, by, bz = (
        bin_of(x, edges[0], counts[0]),
        bin_of(y, edges[1], counts[1]),
        bin_of(z, edges[2], counts[2]),
    )
    smallest = np.inf
    for oz in range(-1, 2):
        cz = bz + oz
        if cz < 0 or cz >= counts[2]:
            if not periodic[2] or counts[2] < 3:
                continue
            cz = (cz + counts[2]) % counts[2]
        for oy in range(-1, 2):
            cy = by + oy
            if cy < 0 or cy >= counts[1]:
                if not periodic[1] or counts[1] < 3:
                    continue
                cy = (cy + counts[1]) % counts[1]
            for ox in range(-1, 2):
                cx = bx + ox
                if cx < 0 or cx >= counts[0]:
                    if not periodic[0] or counts[0] < 3:
                        continue
                    cx = (cx + counts[0]) % counts[0]
                j = head[cx + counts[0] * (cy + counts[1] * cz)]
                while j >= 0:
                    dx, dy, dz = x - xyz[j, 0], y - xyz[j, 1], z - xyz[j, 2]
                    if periodic[0]:
                        dx -= size[0] * np.rint(dx / size[0])
                    if periodic[1]:
                        dy -= size[1] * np.rint(dy / size[1])
                    if periodic[2]:
                        dz -= size[2] * np.rint(dz / size[2])
                    distance = math.sqrt(dx * dx + dy * dy + dz * dz)
                    gap = distance - r - radii[j]
                    if j != own:
                        smallest = min(smallest, gap)
                        if gap < 0.0 and distance > 0.0:
                            push = -gap / distance * (1.0 if j < fixed else 0.5)
                            px, py, pz = px + push * dx, py + push * dy, pz + push * dz
                    j = following[j]
    return smallest, px, py, pz


@kernel
def put(j, head, following, xyz, edges, counts):
    """Enter ball ``j`` into its bin."""
    b = bin_of(xyz[j, 0], edges[0], counts[0]) + counts[0] * (
        bin_of(xyz[j, 1], edges[1], counts[1]) + counts[1] * bin_of(xyz[j, 2], edges[2], counts[2])
    )
    following[j] = head[b]
    head[b] = j


@kernel
def gaps(
    points: Array,
    r: float,
    xyz: Array,
    radii: Array,
    edges: Array,
    counts: Array,
    size: Array,
    periodic: Array,
) -> Array:
    """`gap_at` of each point to balls that are there already."""
    head = np.full(counts[0] * counts[1] * counts[2], -1)
    following = np.full(len(xyz), -1)
    for j in range(len(xyz)):
        put(j, head, following, xyz, edges, counts)
    out = np.empty(len(points))
    for i in range(len(points)):
        out[i], _, _, _ = gap_at(
            points[i, 0], points[i, 1], points[i, 2], r, -1,
            head, following, xyz, radii, 0, edges, counts, size, periodic,
        )  # fmt: skip
    return out


@kernel
def allowed(
    x, y, z, low, high, centre, inner, outer, round_, flat, ball, wall_low, wall_high, wall_radius, size
):
    """Whether a place lies in the box, in the layout and in no wall."""
    if x < 0.0 or y < 0.0 or z < 0.0 or x >= size[0] or y >= size[1] or z >= size[2]:
        return False
    if round_:
        d2 = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2
        if d2 < inner * inner or d2 > outer * outer:
            return False
    elif x < low[0] or y < low[1] or z < low[2] or x > high[0] or y > high[1] or z > high[2]:
        return False
    return not walled(x, y, z, flat, ball, wall_low, wall_high, wall_radius)


@kernel
def spread(
    sweeps: int, low: Array, high: Array, centre: Array, inner: float, outer: float, round_: bool, flat: bool,
    ball: Array, wall_low: Array, wall_high: Array, wall_radius: Array,
    xyz: Array, radii: Array, taken: int, edges: Array, counts: Array, size: Array, periodic: Array,
) -> float:  # fmt: skip
    """Push balls after the first ``taken`` apart until none overlaps; the smallest gap that is left.

    All move at once in a sweep; one stays where its way out would lead out of the layout or into a wall.
    """
    moved = xyz.copy()
    smallest = -np.inf
    for _ in range(sweeps):
        head = np.full(counts[0] * counts[1] * counts[2], -1)
        following = np.full(len(xyz), -1)
        for j in range(len(xyz)):
            put(j, head, following, xyz, edges, counts)
        smallest = np.inf
        for first in head:  # bin by bin: those that are near are near in the cache
            j = first
            while j >= taken:  # later ones come first
                x, y, z = xyz[j, 0], xyz[j, 1], xyz[j, 2]
                # aimed a thousandth of a radius too far, so that the end is reached and not only approached
                r = radii[j] * 1.001
                gap, px, py, pz = gap_at(
                    x, y, z, r, j, head, following, xyz, radii, taken, edges, counts, size, periodic
                )
                smallest = min(smallest, gap + r - radii[j])
                x, y, z = x + px, y + py, z + pz
                if not round_:  # along the side of the box, not stuck before it
                    x, y, z = (
                        min(max(x, low[0]), min(high[0], size[0] * INSIDE)),
                        min(max(y, low[1]), min(high[1], size[1] * INSIDE)),
                        min(max(z, low[2]), min(high[2], size[2] * INSIDE)),
                    )
                if allowed(
                    x, y, z, low, high, centre, inner, outer, round_, flat,
                    ball, wall_low, wall_high, wall_radius, size,
                ):  # fmt: skip
                    moved[j, 0], moved[j, 1], moved[j, 2] = x, y, z
                j = following[j]
        if smallest >= 0.0:
            break
        for j in range(taken, len(xyz)):
            for axis in range(3):
                xyz[j, axis] = moved[j, axis]
    return smallest


@kernel
def scatter(
    n: int, r: float, seed: int, purpose: int, number: int, tries: int, low: Array, high: Array,
    centre: Array, inner: float, outer: float, round_: bool, flat: bool,
    ball: Array, wall_low: Array, wall_high: Array, wall_radius: Array,
    xyz: Array, radii: Array, taken: int, edges: Array, counts: Array, size: Array, periodic: Array,
) -> int:  # fmt: skip
    """Random places one after the other, each the first of ``tries`` that overlaps nobody, else the best.

    ``xyz`` and ``radii`` hold ``taken`` balls first and get the new ones. ``round_``: in the shell from
    ``inner`` to ``outer`` about ``centre``, else in the box. Returns how many found a place at all.
    """
    head = np.full(counts[0] * counts[1] * counts[2], -1)
    following = np.full(len(xyz), -1)
    for j in range(taken):
        put(j, head, following, xyz, edges, counts)
    for i in range(n):
        best = -np.inf
        bx, by, bz = 0.0, 0.0, 0.0
        for t in range(tries):
            u, v, w, _ = uniforms4(seed, purpose, i, number, t)
            if round_:
                angle = 2.0 * math.pi * u
                if flat:
                    d = math.sqrt(inner * inner + v * (outer * outer - inner * inner))
                    x, y, z = centre[0] + d * math.cos(angle), centre[1] + d * math.sin(angle), low[2]
                else:
                    d = (inner**3 + v * (outer**3 - inner**3)) ** (1.0 / 3.0)
                    up = 2.0 * w - 1.0
                    flatly = math.sqrt(1.0 - up * up)
                    x = centre[0] + d * flatly * math.cos(angle)
                    y = centre[1] + d * flatly * math.sin(angle)
                    z = centre[2] + d * up
            else:
                x = low[0] + u * (high[0] - low[0])
                y = low[1] + v * (high[1] - low[1])
                z = low[2] if flat else low[2] + w * (high[2] - low[2])
            if not allowed(
                x, y, z, low, high, centre, inner, outer, round_, flat,
                ball, wall_low, wall_high, wall_radius, size,
            ):  # fmt: skip
                continue
            gap, _, _, _ = gap_at(
                x, y, z, r, -1, head, following, xyz, radii, taken, edges, counts, size, periodic
            )
            if gap > best:
                best, bx, by, bz = gap, x, y, z
                if gap >= 0.0:
                    break
        if best == -np.inf:
            return i
        j = taken + i
        xyz[j, 0], xyz[j, 1], xyz[j, 2] = bx, by, bz
        radii[j] = r
        put(j, head, following, xyz, edges, counts)
    return n
