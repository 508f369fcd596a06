"""A walk that turns at random times: exact in time, whatever the step.

Between turns a cell goes straight; turns come at rate 1 / persistence. A new direction is
bias g + (1 - bias) u made a unit vector: g where it is drawn to, u random (PhysiCell's, Ghaffarizadeh et al.,
PLoS Comput Biol 14, e1005991, 2018).
"""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue import random
from vesiflux.engines.tissue.random import uniforms4

__all__ = ["walk"]

kernel = compiler(__file__, random.__file__)

MOST_TURNS = 256  # in one step; a walk that turns more often turns this often


@kernel.inner
def _turned(u, v, bias, gx, gy, gz, flat):
    """A new direction."""
    angle = 2.0 * math.pi * u
    up = 0.0 if flat else 2.0 * v - 1.0
    across = math.sqrt(1.0 - up * up)
    x = bias * gx + (1.0 - bias) * across * math.cos(angle)
    y = bias * gy + (1.0 - bias) * across * math.sin(angle)
    z = bias * gz + (1.0 - bias) * up
    length = math.sqrt(x * x + y * y + z * z)
    if length < 1e-12:
        return 0.0, 0.0, 0.0
    return x / length, y / length, z / length


@kernel
def walk(
    begin, end, ids, dx, dy, dz, speed, bias, persistence, toward, dt, step, seed, purpose, flat, own
) -> None:
    """Directions over a step (in place), and mean velocities over it, um/h, into ``own`` (n, 3).

    A cell without a direction (0, 0, 0) gets one first. ``toward`` (n, 3): any length; 0 is nowhere.
    """
    for i in range(begin, end):
        own[i, 0], own[i, 1], own[i, 2] = 0.0, 0.0, 0.0
        if not speed[i] > 0.0:
            continue
        gx, gy, gz = toward[i, 0], toward[i, 1], toward[i, 2]
        if flat:
            gz = 0.0
        length = math.sqrt(gx * gx + gy * gy + gz * gz)
        # drawn nowhere, the way is random: the bias then bends to nothing
        b = bias[i] if length > 0.0 else 0.0
        if length > 0.0:
            gx, gy, gz = gx / length, gy / length, gz / length
        mean = max(persistence[i], dt / MOST_TURNS)
        x, y, z = dx[i], dy[i], dz[i]
        left, place = dt, np.int64(0)  # not the literal 0, for which Philox would be compiled anew
        fresh = x * x + y * y + z * z == 0.0
        while True:
            wait, u, v, _ = uniforms4(seed, purpose, ids[i], step, place)
            place += 1
            if fresh:
                x, y, z = _turned(u, v, b, gx, gy, gz, flat)
                fresh = False
                continue
            lasts = -mean * math.log(wait)
            part = min(lasts, left) * speed[i] / dt
            own[i, 0] += part * x
            own[i, 1] += part * y
            own[i, 2] += part * z
            left -= lasts
            if left <= 0.0:
                break
            x, y, z = _turned(u, v, b, gx, gy, gz, flat)
        dx[i], dy[i], dz[i] = x, y, z
