"""What a listed pair does: push and pull as in PhysiCell, pressure, contact.

Velocity of one cell of a pair at distance d, along the line between them: repulsion (1 - d/R)^2 where d < R,
the sum of the radii, less adhesion (1 - d/S)^2 where d < S, the sum of the radii times their reaches; the
other gets the opposite. Ghaffarizadeh et al., PLoS Comput Biol 14, e1005991 (2018), where
the scale of pressure comes from too.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vesiflux.engines._numba import compiler

__all__ = ["add_contacts", "add_far_forces", "add_forces", "add_pressure", "far_lists", "touching"]

kernel = compiler(__file__)

Small = npt.NDArray[np.int32]

MOST_PAIRS = 256  # worked on at a time: they stay in the nearest cache
CLOSEST = 1e-5  # um; centres nearer than this count as this far apart
#: PhysiCell's, 12 (1 - sqrt(pi / (2 sqrt 3)))^2: twelve neighbours as near as in a confluent layer are 1.
PRESSURE_SCALE = 0.027288820670331


@kernel.inner
def _apart(p, q, periodic, size):
    """From q to p, the nearest image."""
    dx, dy, dz = p[0] - q[0], p[1] - q[1], p[2] - q[2]
    if periodic[0]:
        dx -= size[0] * np.rint(dx / size[0])
    if periodic[1]:
        dy -= size[1] * np.rint(dy / size[1])
    if periodic[2]:
        dz -= size[2] * np.rint(dz / size[2])
    return dx, dy, dz


@kernel.inner
def _law(n, dx, dy, dz, touch, pull, repulsion, adhesion, speed, slope):
    """Speed over distance (1/h) and its largest slope (1/h) of n pairs; a plain loop, so that it is SIMD."""
    for q in range(n):
        d = math.sqrt(dx[q] * dx[q] + dy[q] * dy[q] + dz[q] * dz[q])
        d = d if d > CLOSEST else CLOSEST
        every = 1.0 / (d * touch[q] * pull[q])  # one division for three
        pushed = 1.0 - d * (every * d * pull[q])
        pushed = pushed if pushed > 0.0 else 0.0
        drawn = 1.0 - d * (every * d * touch[q])
        drawn = drawn if drawn > 0.0 else 0.0
        push, draw = repulsion[q] * pushed, adhesion[q] * drawn
        speed[q] = (push * pushed - draw * drawn) * (every * touch[q] * pull[q])
        slope[q] = 2.0 * (push * (every * d * pull[q]) + draw * (every * d * touch[q]))


@kernel
def add_forces(
    begin, end, bodies, kind, first, other, reach, repulsion, adhesion, periodic, size, out
) -> None:
    """Add velocities (columns 0 to 2, um/h) and stiffness (column 3, 1/h) of the pairs of some cells.

    ``reach`` by kind; ``repulsion``, ``adhesion``: by kind of both, um/h. ``out`` (n, 4) gets both sides.
    Some cells at a time: their pairs are gathered, the law is applied to all of them, the results are added.
    """
    wraps = periodic[0] or periodic[1] or periodic[2]
    room = MOST_PAIRS
    for i in range(end - begin):
        room = max(room, first[i + 1] - first[i])
    pairs = np.empty((9, room))
    dx, dy, dz, touch, pull = pairs[0], pairs[1], pairs[2], pairs[3], pairs[4]
    pushes, draws, speed, slope = pairs[5], pairs[6], pairs[7], pairs[8]
    low = begin
    while low < end:
        p0 = first[low - begin]
        high = low + 1
        while high < end and first[high + 1 - begin] - p0 <= room:
            high += 1
        for i in range(low, high):
            x, y, z, r = bodies[i, 0], bodies[i, 1], bodies[i, 2], bodies[i, 3]
            k = kind[i]
            own = reach[k] * r
            for p in range(first[i - begin], first[i + 1 - begin]):
                j, q = other[p], p - p0
                if wraps:
                    dx[q], dy[q], dz[q] = _apart(bodies[i], bodies[j], periodic, size)
                else:
                    dx[q], dy[q], dz[q] = x - bodies[j, 0], y - bodies[j, 1], z - bodies[j, 2]
                touch[q] = max(r + bodies[j, 3], CLOSEST)
                pull[q] = max(own + reach[kind[j]] * bodies[j, 3], CLOSEST)
                pushes[q], draws[q] = repulsion[k, kind[j]], adhesion[k, kind[j]]
        _law(first[high - begin] - p0, dx, dy, dz, touch, pull, pushes, draws, speed, slope)
        for i in range(low, high):
            fx, fy, fz, stiff = 0.0, 0.0, 0.0, 0.0
            for p in range(first[i - begin], first[i + 1 - begin]):
                j, q = other[p], p - p0
                vx, vy, vz = speed[q] * dx[q], speed[q] * dy[q], speed[q] * dz[q]
                fx += vx
                fy += vy
                fz += vz
                stiff += slope[q]
                out[j, 0] -= vx
                out[j, 1] -= vy
                out[j, 2] -= vz
                out[j, 3] += slope[q]
            out[i, 0] += fx
            out[i, 1] += fy
            out[i, 2] += fz
            out[i, 3] += stiff
        low = high


@kernel
def add_far_forces(bodies, kind, first, other, who, reach, repulsion, adhesion, periodic, size, out) -> None:
    """As `add_forces`, for the pairs of cells ``who``."""
    for c in range(len(who)):
        part = first[c : c + 2]
        i = np.int64(who[c])  # as others call it: compiled once
        add_forces(i, i + 1, bodies, kind, part, other, reach, repulsion, adhesion, periodic, size, out)


@kernel
def far_lists(far) -> tuple[Small, Small]:
    """(first (k + 1), who) of far pairs (m, 2), which come by cell: those of ``who[c]`` begin at first[c]."""
    count = 0
    for p in range(len(far)):
        if p == 0 or far[p, 0] != far[p - 1, 0]:
            count += 1
    first = np.empty(count + 1, dtype=np.int32)
    who = np.empty(count, dtype=np.int32)
    count = 0
    for p in range(len(far)):
        if p == 0 or far[p, 0] != far[p - 1, 0]:
            first[count] = p
            who[count] = far[p, 0]
            count += 1
    first[count] = len(far)
    return first, who


@kernel
def add_pressure(begin, end, bodies, first, other, periodic, size, out) -> None:
    """Add PhysiCell's simple pressure (no unit) of the pairs of some cells; ``out`` (n,) gets both sides."""
    for i in range(begin, end):
        for p in range(first[i - begin], first[i - begin + 1]):
            j = other[p]
            dx, dy, dz = _apart(bodies[i], bodies[j], periodic, size)
            d = math.sqrt(dx * dx + dy * dy + dz * dz)
            overlap = 1.0 - d / (bodies[i, 3] + bodies[j, 3])
            if overlap > 0.0:
                out[i] += overlap * overlap / PRESSURE_SCALE
                out[j] += overlap * overlap / PRESSURE_SCALE


@kernel
def touching(begin, end, bodies, first, other, periodic, size, margin, order, out) -> int:
    """Write rows of the pairs that touch, smaller first; how many. ``order``: rows of the sorted cells."""
    count = 0
    for i in range(begin, end):
        for p in range(first[i - begin], first[i - begin + 1]):
            j = other[p]
            dx, dy, dz = _apart(bodies[i], bodies[j], periodic, size)
            limit = margin * (bodies[i, 3] + bodies[j, 3])
            if dx * dx + dy * dy + dz * dz <= limit * limit:
                out[count, 0] = min(order[i], order[j])
                out[count, 1] = max(order[i], order[j])
                count += 1
    return count


@kernel
def add_contacts(pairs, kind, out) -> None:
    """Count for each cell those it touches, by kind; kinds below 0 are not counted."""
    for p in range(len(pairs)):
        a, b = pairs[p, 0], pairs[p, 1]
        if kind[b] >= 0:
            out[a, kind[b]] += 1
        if kind[a] >= 0:
            out[b, kind[a]] += 1
