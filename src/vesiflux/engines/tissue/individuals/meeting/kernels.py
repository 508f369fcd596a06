"""Paths near cells: who is taken, who is reflected.

With gaps g0, g1 of both ends from the surface, G the Gaussian of the substep and a = g0 g1 / (D h)

- perfect absorber: an end inside is a hit, and an end outside with probability exp(-a), the Brownian
  bridge. For one sphere r u(r) obeys the equation of a line, so that this is exact for any substep.
- partial absorber of reactivity kappa (um/h): an end inside is reflected such that the density of a
  sphere that takes nothing comes out (`_bounce`; a mirror image would be too near); then it is taken
  with 1 - p_kappa / p_0, p the density of v = r u with boundary condition D v' = (kappa + D / R) v
  (H. S. Carslaw and J. C. Jaeger, Conduction of Heat in Solids, 1959, section 14.2; used likewise by
  S. S. Andrews, Phys. Biol. 6:046015, 2009): (f(k1) - f(k0)) / (exp(a) + 1 - f(k0)), f(k) = 2 sqrt(pi) k
  erfcx(y + k), y = (g0 + g1) / sqrt(4 D h), k0 = sqrt(D h) / R, k1 = k0 + kappa sqrt(h / D).
  Exact for one sphere and a radial density as well, as long as sqrt(2 D h) is at most half the radius.
  Between cells that nearly touch (gaps of a tenth of the radius, 45 % of the volume) a step of a quarter
  of the radius takes 2 to 3 % too little, one of an eighth 1 % (measured against a twentieth).
"""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue import random
from vesiflux.engines.tissue.individuals import records
from vesiflux.engines.tissue.individuals.places import kernels as places_kernels
from vesiflux.engines.tissue.individuals.places.kernels import image, put, solid
from vesiflux.engines.tissue.individuals.records import BOUND, FREE, OPEN, P_ABSORPTION, PERIODIC
from vesiflux.engines.tissue.random import uniform

__all__ = ["SOURCES", "bin_of", "expel", "meet"]

SOURCES = (__file__, records.__file__, random.__file__, *places_kernels.SOURCES)
kernel = compiler(*SOURCES)

NEVER = np.inf
FAR = 18.0  # exp(-FAR) is taken for nothing
REACH = 3.0  # sqrt(FAR / 2)
SWEEPS = 4  # reflections from cell to cell before a path is given up
ZERO = np.float32(0.0)
SQRT_PI = math.sqrt(math.pi)


@kernel.inner
def _erfcx(z):
    """exp(z^2) erfc(z), z >= 0."""
    if z < 5.0:
        return math.exp(z * z) * math.erfc(z)
    q = 0.5 / (z * z)
    return (1.0 - q * (1.0 - 3.0 * q * (1.0 - 5.0 * q * (1.0 - 7.0 * q)))) / (SQRT_PI * z)


@kernel
def bin_of(x, y, z, near):
    """Bin of a place; places outside belong to the nearest."""
    ix = min(max(np.int32(x * near.inverse[0]), 0), near.bins[0] - 1)
    iy = min(max(np.int32(y * near.inverse[1]), 0), near.bins[1] - 1)
    iz = min(max(np.int32(z * near.inverse[2]), 0), near.bins[2] - 1)
    return ix + near.bins[0] * (iy + near.bins[1] * iz)


@kernel.inner
def _bounce(gap, depth, radius, scale):
    """Gap to which an end at this depth in a sphere is reflected: equal shares beyond, by Newton's method.

    What ends deeper, H(y_d), must be what a reflecting sphere has further out, H(y_g) + g E(y_g); H(y) =
    (R + g0) erfc(y) / 2 - w exp(-y^2) / sqrt(4 pi), E(y) = exp(-y^2) erfcx(y + k0), y_x = (g0 + x) / w.
    """
    width = math.sqrt(2.0) * scale  # sqrt(4 D h)
    k0 = 0.5 * width / radius
    y = (gap + depth) / width
    deeper = 0.5 * (radius + gap) * _erfcx(y) - 0.5 * width / SQRT_PI
    first = y
    g = depth * (1.0 + SQRT_PI * width / radius * _erfcx(y))
    for _ in range(2):
        y = (gap + g) / width
        e = _erfcx(y + k0)
        beyond = 0.5 * (radius + gap) * _erfcx(y) - 0.5 * width / SQRT_PI + g * e
        slope = (radius + g) * (e / radius - 1.0 / (width * SQRT_PI))
        g = max(0.0, g - (beyond - deeper * math.exp(y * y - first * first)) / slope)
    return g


@kernel.inner
def _taken(inside, kappa, radius, gap, new_gap, scale, seed, ident, place, tick, hours):
    """Whether a path with these gaps is taken; ``inside``: it ended there."""
    spread = scale * scale  # 2 D h
    a = 2.0 * gap * new_gap / spread
    if a > FAR:
        return False
    u = uniform(seed, P_ABSORPTION, ident, tick, place)
    if kappa < 0.0:
        return inside or u < math.exp(-a)
    if kappa == 0.0:
        return False
    y = (gap + new_gap) / math.sqrt(2.0 * spread)
    k0 = math.sqrt(0.5 * spread) / radius
    k1 = k0 + kappa * hours / math.sqrt(0.5 * spread)
    f0 = 2.0 * SQRT_PI * k0 * _erfcx(y + k0)
    f1 = 2.0 * SQRT_PI * k1 * _erfcx(y + k1)
    return u * (math.exp(a) + 1.0 - f0) < f1 - f0


@kernel.inner
def _outside(new, j, box):
    """Whether a place is beyond a closed border even after reflection."""
    found = False
    for k in range(3):
        found |= box.modes[k] != OPEN and (new[k, j] < 0.0 or new[k, j] > box.size[k])
    return found


@kernel.inner
def _within(new, j, near, box):
    """Whether a place lies in a cell."""
    here = bin_of(new[0, j], new[1, j], new[2, j], near)
    for n in range(near.start[here], near.start[here + 1]):
        c = near.items[n]
        dx = image(new[0, j] - near.cells[c, 0], box.size[0], box.modes[0])
        dy = image(new[1, j] - near.cells[c, 1], box.size[1], box.modes[1])
        dz = image(new[2, j] - near.cells[c, 2], box.size[2], box.modes[2])
        if dx * dx + dy * dy + dz * dz < (near.cells[c, 3] * (1.0 - 1e-4)) ** 2:
            return True
    return False


@kernel.inner
def meet(v, lo, listed, count, new, step, mid, local, live, near, box, places, seed, tick, hours):
    """Cells near the listed paths: absorption (sets the fate) or reflection (moves the new place).

    One call for all of a block: handing over the arrays costs more than a vesicle.
    """
    cells, kappa, start, items = near.cells, near.kappa, near.start, near.items
    wrap_x, wrap_y, wrap_z = box.modes[0] == PERIODIC, box.modes[1] == PERIODIC, box.modes[2] == PERIODIC
    ex, ey, ez = box.size[0], box.size[1], box.size[2]
    bounced = 0
    for m in range(count):
        j = listed[m]
        if live[j] == ZERO:
            continue
        i = lo + j
        scale = np.float64(local[j])
        hx, hy, hz = 0.5 * step[0, j], 0.5 * step[1, j], 0.5 * step[2, j]
        mx, my, mz = v.x[i] + hx, v.y[i] + hy, v.z[i] + hz
        turned = False
        again = True
        for sweep in range(SWEEPS):
            if not again:
                break
            again = False
            for n in range(start[mid[j]], start[mid[j] + 1]):
                c = items[n]
                radius = cells[c, 3]
                dx, dy, dz = mx - cells[c, 0], my - cells[c, 1], mz - cells[c, 2]
                if wrap_x:
                    dx -= ex * np.rint(dx / ex)
                if wrap_y:
                    dy -= ey * np.rint(dy / ey)
                if wrap_z:
                    dz -= ez * np.rint(dz / ez)
                reach = radius + REACH * scale
                if dx * dx + dy * dy + dz * dz > reach * reach:
                    continue
                bx, by, bz = dx + hx, dy + hy, dz + hz
                r1 = math.sqrt(bx * bx + by * by + bz * bz)
                r0 = math.sqrt((dx - hx) ** 2 + (dy - hy) ** 2 + (dz - hz) ** 2)
                gap = max(0.0, r0 - radius)
                new_gap = r1 - radius
                inside = new_gap < 0.0
                if sweep > 0 and not inside:
                    continue
                if inside:
                    new_gap = -new_gap if kappa[c] < 0.0 else _bounce(gap, -new_gap, radius, scale)
                key = (near.ident[c] & 0xFFFFF) | (sweep << 20)
                if _taken(inside, kappa[c], radius, gap, new_gap, scale, seed, v.ident[i], key, tick, hours):
                    v.fate[i] = c
                    v.due[i] = NEVER
                    live[j] = ZERO
                    again = False
                    break
                if inside:
                    turned = again = True
                    if r1 == 0.0:
                        bx, by, bz, r1 = dx - hx, dy - hy, dz - hz, r0
                    grow = (radius + new_gap) / r1 - 1.0
                    bx, by, bz = grow * bx, grow * by, grow * bz
                    hx, hy, hz = hx + 0.5 * bx, hy + 0.5 * by, hz + 0.5 * bz
                    mx, my, mz = mx + 0.5 * bx, my + 0.5 * by, mz + 0.5 * bz
        if turned and v.fate[i] == FREE:
            new[0, j], new[1, j], new[2, j] = mx + hx, my + hy, mz + hz
            listed[bounced] = j
            bounced += 1
    for m in range(bounced):
        j = listed[m]
        put(new, j, new[0, j], new[1, j], new[2, j], box)
        if _outside(new, j, box) or _within(new, j, near, box) or solid(new, j, places):
            new[0, j], new[1, j], new[2, j] = v.x[lo + j], v.y[lo + j], v.z[lo + j]


@kernel
def expel(v, low, high, near, box):
    """Put vesicles that lie within a cell (it moved, grew, or set them free) on its surface."""
    place = np.empty((3, 1), dtype=np.float32)
    for i in range(low, high):
        if v.fate[i] != FREE and v.fate[i] != BOUND:
            continue
        for _ in range(8):  # the surface of one cell may lie within the next
            b = bin_of(v.x[i], v.y[i], v.z[i], near)
            found = False
            for n in range(near.start[b], near.start[b + 1]):
                c = near.items[n]
                radius = near.cells[c, 3]
                dx = image(v.x[i] - near.cells[c, 0], box.size[0], box.modes[0])
                dy = image(v.y[i] - near.cells[c, 1], box.size[1], box.modes[1])
                dz = image(v.z[i] - near.cells[c, 2], box.size[2], box.modes[2])
                r = math.sqrt(dx * dx + dy * dy + dz * dz)
                if r >= radius * (1.0 - 1e-6):
                    continue
                if r == 0.0:
                    dx, r = 1.0, 1.0
                grow = radius / r
                put(
                    place, 0, near.cells[c, 0] + grow * dx, near.cells[c, 1] + grow * dy,
                    near.cells[c, 2] + grow * dz, box,
                )  # fmt: skip
                v.x[i], v.y[i], v.z[i] = place[0, 0], place[1, 0], place[2, 0]
                found = True
            if not found:
                break
