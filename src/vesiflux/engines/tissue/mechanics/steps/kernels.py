"""Positions in time, and the walls that keep cells in.

A wall pushes as the mirror image of the cell behind it would; no centre ever passes it.
"""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines._numba import compiler

__all__ = ["advance", "keep_in", "largest", "largest_difference", "push_from_walls", "scatter"]

kernel = compiler(__file__)


@kernel.inner
def _nearest(x, y, z, w, low, high, centre, radius, ball, size, flat):
    """(distance from wall ``w``, negative inside it; direction away from it)."""
    if ball[w]:
        dx, dy, dz = x - centre[w, 0], y - centre[w, 1], z - centre[w, 2]
        if flat:
            dz = 0.0
        d = math.sqrt(dx * dx + dy * dy + dz * dz)
        if d == 0.0:
            return -radius[w], 1.0, 0.0, 0.0
        return d - radius[w], dx / d, dy / d, dz / d
    p = (x, y, z)
    away = np.zeros(3)
    squared, inside, best = 0.0, True, np.inf
    axis_out, sign_out = 0, 1.0
    for axis in range(2 if flat else 3):
        gap = max(low[w, axis] - p[axis], p[axis] - high[w, axis])
        sign = 1.0 if p[axis] - high[w, axis] > low[w, axis] - p[axis] else -1.0
        if gap > 0.0:
            inside = False
            squared += gap * gap
            away[axis] = sign * gap
            continue
        for side in range(2):  # the way out has to end in the box
            face = high[w, axis] if side else low[w, axis]
            if 0.0 < face < size[axis] and abs(p[axis] - face) < best:
                best = abs(p[axis] - face)
                axis_out, sign_out = axis, 1.0 if side else -1.0
    if inside:
        away[:] = 0.0
        away[axis_out] = sign_out
        return -best, away[0], away[1], away[2]
    d = math.sqrt(squared)
    return d, away[0] / d, away[1] / d, away[2] / d


@kernel
def push_from_walls(begin, end, bodies, kind, repulsion, periodic, size, flat, walls, out) -> None:
    """Add what sides of the box and regions with walls do to velocities and stiffness; see `add_forces`."""
    low, high, centre, radius, ball = walls
    for i in range(begin, end):
        r = bodies[i, 3]
        strength = repulsion[kind[i], kind[i]]
        for axis in range(2 if flat else 3):
            if periodic[axis]:
                continue
            below, above = bodies[i, axis], size[axis] - bodies[i, axis]
            if below < r:
                overlap = 1.0 - max(below, 0.0) / r
                out[i, axis] += strength * overlap * overlap
                out[i, 3] += strength * overlap / r
            if above < r:
                overlap = 1.0 - max(above, 0.0) / r
                out[i, axis] -= strength * overlap * overlap
                out[i, 3] += strength * overlap / r
        for w in range(len(radius)):
            d, nx, ny, nz = _nearest(
                bodies[i, 0], bodies[i, 1], bodies[i, 2], w, low, high, centre, radius, ball, size, flat
            )
            if d < r:
                overlap = 1.0 - max(d, 0.0) / r
                speed = strength * overlap * overlap
                out[i, 0] += speed * nx
                out[i, 1] += speed * ny
                out[i, 2] += speed * nz
                out[i, 3] += strength * overlap / r


@kernel.inner
def _keep_between(bodies, i, periodic, size, flat):
    """One cell back between the sides of the box."""
    for axis in range(2 if flat else 3):
        length = size[axis]
        if periodic[axis]:
            bodies[i, axis] -= length * np.floor(bodies[i, axis] / length)
            if bodies[i, axis] >= length:  # a tiny negative number becomes the length itself
                bodies[i, axis] = 0.0
        else:
            bodies[i, axis] = min(max(bodies[i, axis], 0.0), length)


@kernel
def keep_in(begin, end, bodies, periodic, size, flat, walls) -> None:
    """Centres past a closed side or in a wall go to its surface; past a periodic side, to the other."""
    low, high, centre, radius, ball = walls
    for i in range(begin, end):
        _keep_between(bodies, i, periodic, size, flat)
        for _ in range(4 if len(radius) else 0):  # out of one wall may be into the next, or out of the box
            free = True
            for w in range(len(radius)):
                d, nx, ny, nz = _nearest(
                    bodies[i, 0], bodies[i, 1], bodies[i, 2], w, low, high, centre, radius, ball, size, flat
                )
                if d < 0.0:
                    free = False
                    bodies[i, 0] -= d * nx
                    bodies[i, 1] -= d * ny
                    bodies[i, 2] -= d * nz
            _keep_between(bodies, i, periodic, size, flat)
            if free:
                break


@kernel
def largest(begin, end, forces, own, free, flat, velocity) -> tuple[float, float]:
    """Velocity of each cell from forces and its own wish (if any); (largest speed, largest stiffness)."""
    speed, stiff, crawling = 0.0, 0.0, len(own) > 0
    for i in range(begin, end):
        stiff = max(stiff, forces[i, 3])
        total = 0.0
        for axis in range(3):
            v = forces[i, axis]
            if crawling:
                v += own[i, axis]
            v *= free[i]
            if flat and axis == 2:
                v = 0.0
            velocity[i, axis] = v
            total += v * v
        speed = max(speed, total)
    return math.sqrt(speed), stiff


@kernel
def largest_difference(begin, end, a, b) -> float:
    """Largest distance between rows of two (n, 3)."""
    longest = 0.0
    for i in range(begin, end):
        dx, dy, dz = a[i, 0] - b[i, 0], a[i, 1] - b[i, 1], a[i, 2] - b[i, 2]
        longest = max(longest, dx * dx + dy * dy + dz * dz)
    return math.sqrt(longest)


@kernel
def advance(begin, end, bodies, new, velocity, other, a, b) -> float:
    """``new`` = ``bodies`` + a ``velocity`` + b ``other``; largest displacement."""
    longest = 0.0
    for i in range(begin, end):
        total = 0.0
        for axis in range(3):
            by = a * velocity[i, axis] + b * other[i, axis]
            new[i, axis] = bodies[i, axis] + by
            total += by * by
        new[i, 3] = bodies[i, 3]
        longest = max(longest, total)
    return math.sqrt(longest)


@kernel
def scatter(order, bodies, x, y, z) -> None:
    """Positions back to the rows they belong to."""
    for s in range(len(order)):
        i = order[s]
        x[i], y[i], z[i] = bodies[s, 0], bodies[s, 1], bodies[s, 2]
