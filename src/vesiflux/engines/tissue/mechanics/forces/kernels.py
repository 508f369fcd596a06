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

Ints = npt.NDArray[np.int64]

CLOSEST = 1e-5  # um; centres nearer than this count as this far apart
#: PhysiCell's, 12 (1 - sqrt(pi / (2 sqrt 3)))^2: twelve neighbours as near as in a confluent layer are 1.
PRESSURE_SCALE = 0.027288820670331


@kernel
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


@kernel
def add_forces(
    begin, end, bodies, kind, first, other, reach, repulsion, adhesion, periodic, size, out
) -> None:
    """Add velocities (columns 0 to 2, um/h) and stiffness (column 3, 1/h) of the pairs of some cells.

    ``reach`` by kind; ``repulsion``, ``adhesion``: by kind of both, um/h. ``out`` (n, 4) gets both sides.
    """
    wraps = periodic[0] or periodic[1] or periodic[2]
    for i in range(begin, end):
        x, y, z, r = bodies[i, 0], bodies[i, 1], bodies[i, 2], bodies[i, 3]
        k = kind[i]
        own = reach[k] * r
        fx, fy, fz, stiff = 0.0, 0.0, 0.0, 0.0
        for p in range(first[i - begin], first[i - begin + 1]):
            j = other[p]
            if wraps:
                dx, dy, dz = _apart(bodies[i], bodies[j], periodic, size)
            else:
                dx, dy, dz = x - bodies[j, 0], y - bodies[j, 1], z - bodies[j, 2]
            squared = dx * dx + dy * dy + dz * dz
            touch = r + bodies[j, 3]
            pull = own + reach[kind[j]] * bodies[j, 3]
            # no branch but one: which pairs overlap is as good as random, and a wrong guess costs more
            if squared >= max(pull, touch) ** 2:
                continue
            d = max(math.sqrt(squared), CLOSEST)
            every = 1.0 / (d * touch * pull)
            pushed = max(1.0 - d * (every * d * pull), 0.0)
            pulled = max(1.0 - d * (every * d * touch), 0.0)
            push = repulsion[k, kind[j]] * pushed
            draw = adhesion[k, kind[j]] * pulled
            slope = 2.0 * (push * (every * d * pull) + draw * (every * d * touch))
            speed = (push * pushed - draw * pulled) * (every * touch * pull)
            fx += speed * dx
            fy += speed * dy
            fz += speed * dz
            stiff += slope
            out[j, 0] -= speed * dx
            out[j, 1] -= speed * dy
            out[j, 2] -= speed * dz
            out[j, 3] += slope
        out[i, 0] += fx
        out[i, 1] += fy
        out[i, 2] += fz
        out[i, 3] += stiff


@kernel
def add_far_forces(bodies, kind, first, other, who, reach, repulsion, adhesion, periodic, size, out) -> None:
    """As `add_forces`, for the pairs of cells ``who``."""
    for c in range(len(who)):
        part = first[c : c + 2]
        i = who[c]
        add_forces(i, i + 1, bodies, kind, part, other, reach, repulsion, adhesion, periodic, size, out)


@kernel
def far_lists(far) -> tuple[Ints, Ints]:
    """(first (k + 1), who) of far pairs (m, 2), which come by cell: those of ``who[c]`` begin at first[c]."""
    count = 0
    for p in range(len(far)):
        if p == 0 or far[p, 0] != far[p - 1, 0]:
            count += 1
    first = np.empty(count + 1, dtype=np.int64)
    who = np.empty(count, dtype=np.int64)
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
