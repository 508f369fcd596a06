"""The step of a block of vesicles: move all (vector code), then look at the few that may meet something.

A vesicle depends on no other, so a block makes all substeps of an advance while it is in the cache, and the
bits depend neither on the size of blocks nor on who computes them. Every number is keyed by the vesicle's
id and the substep (``tick``). Lengths um, times h; ``scale`` is sqrt(2 D h) of one substep.

Cells: with gaps g0, g1 of both ends from the surface, G the Gaussian of the substep and a = g0 g1 / (D h)

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
from typing import Any, NamedTuple

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue.individuals.normal import kernels as normal
from vesiflux.engines.tissue.individuals.normal.kernels import normal_triples
from vesiflux.engines.tissue.random import uniform, uniforms4

__all__ = [
    "BOUND",
    "CLEARED",
    "DECAYED",
    "FREE",
    "LEFT",
    "Box",
    "Columns",
    "Near",
    "Places",
    "advance",
    "expel",
]

SOURCES = (__file__, *normal.SOURCES)
kernel = compiler(*SOURCES)

# Fate of a vesicle: the row of the cell that took it (>= 0), or
FREE, BOUND, DECAYED, LEFT, CLEARED = -1, -2, -3, -4, -5
CLOSED, PERIODIC, OPEN = 0, 1, 2
P_BROWNIAN, P_ABSORPTION, P_DECAY, P_NECROSIS = 13, 14, 15, 16
CROSSING, EXCHANGE, LEAVING = 1, 2, 0xFFFFFF  # places in sequences
NEVER = np.inf
FAR = 18.0  # exp(-FAR) is taken for nothing
SWEEPS = 4  # reflections from cell to cell before a path is given up
REACH = 3.0  # sqrt(FAR / 2)
ZERO, HALF, TWO = np.float32(0.0), np.float32(0.5), np.float32(2.0)
SQRT_PI = math.sqrt(math.pi)


class Columns(NamedTuple):
    """The vesicles: (n,) each. ``due``: when it decays, binds or comes loose next, h."""

    x: Any  # float32, um
    y: Any
    z: Any
    diameter: Any  # float32, um; 0 where the class has none
    ident: Any  # int64
    due: Any  # float64, h
    fate: Any  # int32


class Box(NamedTuple):
    """What is the same for all. ``sides``: 1 where the border is open: x low, x high, ... (6,)."""

    size: Any  # float64 (3,)
    modes: Any  # int64 (3,)
    sides: Any  # int64 (6,)
    drift: Any  # float32 (3,): displacement per substep
    scale: float  # sqrt(2 D h) for a diameter of 1, or without diameters
    decay: float
    on: float
    off: float


class Near(NamedTuple):
    """Cells: ``cells`` (n, 4) x, y, z, radius; ``kappa`` (n,) um/h, negative: perfect; ids; lists per bin."""

    cells: Any
    kappa: Any
    ident: Any
    bins: Any  # int64 (3,)
    inverse: Any  # float32 (3,): bins per um
    some: Any  # uint8: whether a bin lists any cell
    start: Any
    items: Any


class Places(NamedTuple):
    """What differs between voxels; ``used`` False: nothing. ``share``: of D that remains, 0 in walls."""

    used: bool
    shape: Any  # int64 (3,)
    inverse: Any  # float64 (3,): voxels per um
    share: Any  # float64 (voxels,)
    sink: Any  # float64 (voxels,), 1/h
    flowing: bool
    speed_x: Any  # um/h at faces, (nz, ny, nx + 1), (nz, ny + 1, nx), (nz + 1, ny, nx)
    speed_y: Any
    speed_z: Any


@kernel
def _erfcx(z):
    """exp(z^2) erfc(z), z >= 0."""
    if z < 5.0:
        return math.exp(z * z) * math.erfc(z)
    q = 0.5 / (z * z)
    return (1.0 - q * (1.0 - 3.0 * q * (1.0 - 5.0 * q * (1.0 - 7.0 * q)))) / (SQRT_PI * z)


@kernel
def _fold(at, edge):
    """A place reflected back into (0, edge), float32."""
    inside = abs(at)
    return edge - abs(edge - inside)


@kernel
def _move_axis(at, step, scale, live, drift, edge, mode, new):
    """New places along one axis; ``step`` holds normals and then displacements."""
    if mode == CLOSED:
        for i in range(at.size):
            p = _fold(at[i] + (scale[i] * step[i] + drift) * live[i], edge)
            step[i] = p - at[i]
            new[i] = p
    elif mode == PERIODIC:
        for i in range(at.size):
            d = (scale[i] * step[i] + drift) * live[i]
            step[i] = d
            p = at[i] + d
            p = p + edge if p < ZERO else p
            new[i] = p - edge if p >= edge else p
    else:
        for i in range(at.size):
            d = (scale[i] * step[i] + drift) * live[i]
            step[i] = d
            new[i] = at[i] + d


@kernel
def _bin(x, y, z, near):
    """Bin of a place; places outside belong to the nearest."""
    ix = min(max(np.int32(x * near.inverse[0]), 0), near.bins[0] - 1)
    iy = min(max(np.int32(y * near.inverse[1]), 0), near.bins[1] - 1)
    iz = min(max(np.int32(z * near.inverse[2]), 0), near.bins[2] - 1)
    return ix + near.bins[0] * (iy + near.bins[1] * iz)


@kernel
def _image(d, edge, mode):
    """The shortest of the images of a difference."""
    if mode == PERIODIC:
        return d - edge * np.rint(d / edge)
    return d


@kernel
def _events(v, lo, live, until, seed, tick, box):
    """Decay, binding to the matrix and coming loose that are due before ``until``."""
    for j in range(live.size):
        i = lo + j
        count = 0
        while v.due[i] < until:
            a, b, _, _ = uniforms4(seed, P_DECAY, v.ident[i], tick, count)
            count += 1
            if v.fate[i] == BOUND:
                v.fate[i] = FREE
                v.due[i] -= math.log(a) / (box.decay + box.on)
            elif b * (box.decay + box.on) < box.decay:
                v.fate[i] = DECAYED
                v.due[i] = NEVER
            else:
                v.fate[i] = BOUND
                v.due[i] = v.due[i] - math.log(a) / box.off if box.off > 0.0 else NEVER
            live[j] = np.float32(v.fate[i] == FREE)


@kernel
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


@kernel
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


@kernel
def _meet(v, lo, listed, count, new, step, mid, local, live, near, box, places, seed, tick, hours):
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
        _put(new, j, new[0, j], new[1, j], new[2, j], box)
        if _outside(new, j, box) or _within(new, j, near, box) or _solid(new, j, places):
            new[0, j], new[1, j], new[2, j] = v.x[lo + j], v.y[lo + j], v.z[lo + j]


@kernel
def _put(new, j, x, y, z, box):
    """Set a new place, carried round periodic borders."""
    p = (x, y, z)
    for k in range(3):
        at = p[k]
        if box.modes[k] == PERIODIC:
            at -= box.size[k] * math.floor(at / box.size[k])
        elif box.modes[k] == CLOSED and (at < 0.0 or at > box.size[k]):
            at = box.size[k] - abs(box.size[k] - abs(at))
        new[k, j] = at


@kernel
def _outside(new, j, box):
    """Whether a place is beyond a closed border even after reflection."""
    found = False
    for k in range(3):
        found |= box.modes[k] != OPEN and (new[k, j] < 0.0 or new[k, j] > box.size[k])
    return found


@kernel
def _within(new, j, near, box):
    """Whether a place lies in a cell."""
    here = _bin(new[0, j], new[1, j], new[2, j], near)
    for n in range(near.start[here], near.start[here + 1]):
        c = near.items[n]
        dx = _image(new[0, j] - near.cells[c, 0], box.size[0], box.modes[0])
        dy = _image(new[1, j] - near.cells[c, 1], box.size[1], box.modes[1])
        dz = _image(new[2, j] - near.cells[c, 2], box.size[2], box.modes[2])
        if dx * dx + dy * dy + dz * dz < (near.cells[c, 3] * (1.0 - 1e-4)) ** 2:
            return True
    return False


@kernel
def _voxel(x, y, z, places):
    """Voxel of a place."""
    ix = min(max(int(x * places.inverse[0]), 0), places.shape[0] - 1)
    iy = min(max(int(y * places.inverse[1]), 0), places.shape[1] - 1)
    iz = min(max(int(z * places.inverse[2]), 0), places.shape[2] - 1)
    return ix, iy, iz


@kernel
def _solid(new, j, places):
    """Whether a place is in a wall."""
    if not places.used:
        return False
    ix, iy, iz = _voxel(new[0, j], new[1, j], new[2, j], places)
    return places.share[ix + places.shape[0] * (iy + places.shape[1] * iz)] == 0.0


@kernel
def _leave(v, lo, new, local, live, box, seed, tick):
    """Open borders: gone where the path ended outside or, by the Brownian bridge, had been there."""
    for k in range(3):
        if box.modes[k] != OPEN:
            continue
        column = v.x if k == 0 else v.y if k == 1 else v.z
        for high in range(2):
            for j in range(live.size):
                old, end = np.float64(column[lo + j]), np.float64(new[k, j])
                gap = box.size[k] - old if high else old
                new_gap = box.size[k] - end if high else end
                rim = 4.0 * local[j]
                if (gap > rim and new_gap > 0.0) or live[j] == ZERO:
                    continue
                if not box.sides[2 * k + high]:  # the closed one of two borders
                    if new_gap < 0.0:
                        new[k, j] = 2.0 * box.size[k] - end if high else -end
                    continue
                a = 2.0 * max(gap, 0.0) * new_gap / (local[j] * local[j])
                if new_gap > 0.0:
                    u = uniform(seed, P_ABSORPTION, v.ident[lo + j], tick, LEAVING - 2 * k - high)
                    if a > FAR or u >= math.exp(-a):
                        continue
                v.fate[lo + j] = LEFT
                v.due[lo + j] = NEVER
                live[j] = ZERO


@kernel
def _drift(x, y, z, places, hours):
    """Displacement by the flow, its faces interpolated linearly within a voxel."""
    ix, iy, iz = _voxel(x, y, z, places)
    fx = x * places.inverse[0] - ix
    fy = y * places.inverse[1] - iy
    fz = z * places.inverse[2] - iz
    a, b, c = places.speed_x, places.speed_y, places.speed_z
    return (
        hours * ((1.0 - fx) * a[iz, iy, ix] + fx * a[iz, iy, ix + 1]),
        hours * ((1.0 - fy) * b[iz, iy, ix] + fy * b[iz, iy + 1, ix]),
        hours * ((1.0 - fz) * c[iz, iy, ix] + fz * c[iz + 1, iy, ix]),
    )


@kernel
def _move_places(v, lo, n, step, live, scale, local, new, box, places, seed, tick, hours):
    """The move where voxels differ: own share of D, walls, vessels, the flow around walls.

    The normals are scaled by the share at the start. A move to a voxel of another share is accepted with
    min(1, reverse / forward) of the densities of its random part, which keeps an even distribution even
    (Metropolis; the limit of small steps is diffusion with flux -D(x) grad c, that of the fields); a move
    into a wall is not made.
    """
    shape = places.shape
    for j in range(n):
        i = lo + j
        local[j] = scale[j]
        new[0, j], new[1, j], new[2, j] = v.x[i], v.y[i], v.z[i]
        if live[j] == ZERO:
            step[0, j] = step[1, j] = step[2, j] = ZERO
            continue
        ix, iy, iz = _voxel(v.x[i], v.y[i], v.z[i], places)
        here = ix + shape[0] * (iy + shape[1] * iz)
        share = places.share[here]
        if places.sink[here] > 0.0:
            u = uniform(seed, P_BROWNIAN, v.ident[i], tick, EXCHANGE)
            if u < -math.expm1(-places.sink[here] * hours):
                v.fate[i] = CLEARED
                v.due[i] = NEVER
                live[j] = ZERO
                step[0, j] = step[1, j] = step[2, j] = ZERO
                continue
        if share == 0.0:  # set free within a wall: nothing moves there
            step[0, j] = step[1, j] = step[2, j] = ZERO
            continue
        sigma = scale[j] * math.sqrt(share)
        local[j] = sigma
        dx, dy, dz = np.float64(box.drift[0]), np.float64(box.drift[1]), np.float64(box.drift[2])
        if places.flowing:
            dx, dy, dz = _drift(v.x[i], v.y[i], v.z[i], places, hours)
        squared = step[0, j] ** 2 + step[1, j] ** 2 + step[2, j] ** 2
        step[0, j] = sigma * step[0, j] + dx
        step[1, j] = sigma * step[1, j] + dy
        step[2, j] = sigma * step[2, j] + dz
        for k in range(3):
            edge = np.float32(box.size[k])
            p = new[k, j] + step[k, j]
            if box.modes[k] == CLOSED:
                p = _fold(p, edge)
                step[k, j] = p - new[k, j]
            elif box.modes[k] == PERIODIC:
                p = p + edge if p < ZERO else p
                p = p - edge if p >= edge else p
            new[k, j] = p
        ix, iy, iz = _voxel(new[0, j], new[1, j], new[2, j], places)
        there = places.share[ix + shape[0] * (iy + shape[1] * iz)]
        kept = there > 0.0
        if kept and there != share:
            ratio = (share / there) ** 1.5 * math.exp(-0.5 * squared * (share / there - 1.0))
            kept = ratio >= 1.0 or uniform(seed, P_BROWNIAN, v.ident[i], tick, CROSSING) < ratio
        if not kept:
            step[0, j] = step[1, j] = step[2, j] = ZERO
            new[0, j], new[1, j], new[2, j] = v.x[i], v.y[i], v.z[i]


@kernel
def advance(v, low, high, block, box, near, places, seed, tick, steps, time, hours):
    """All substeps of the vesicles ``low`` to ``high``, ``block`` at a time.

    ``tick``: number of the first substep; ``hours``: its length; ``time``: where it begins. Changes places,
    ``due`` and ``fate``; vesicles that are gone stay in their row.
    """
    words = np.empty((4, block), dtype=np.uint32)
    step = np.empty((3, block), dtype=np.float32)
    new = np.empty((3, block), dtype=np.float32)
    scale = np.empty(block, dtype=np.float32)
    local = np.empty(block, dtype=np.float32)
    live = np.empty(block, dtype=np.float32)
    mid = np.empty(block, dtype=np.int32)
    listed = np.empty(block + 1, dtype=np.int32)
    unit = np.float32(box.scale)
    any_open = box.modes[0] == OPEN or box.modes[1] == OPEN or box.modes[2] == OPEN
    any_events = box.decay + box.on > 0.0
    some_cells = near.cells.shape[0] > 0
    ex, ey, ez = np.float32(box.size[0]), np.float32(box.size[1]), np.float32(box.size[2])
    for lo in range(low, high, block):
        n = min(block, high - lo)
        x, y, z, ident = v.x[lo : lo + n], v.y[lo : lo + n], v.z[lo : lo + n], v.ident[lo : lo + n]
        for j in range(n):
            d = v.diameter[lo + j]
            scale[j] = np.float32(unit / math.sqrt(d)) if d > ZERO else unit
            local[j] = scale[j]
            live[j] = np.float32(v.fate[lo + j] == FREE)
        for s in range(steps):
            if any_events:
                _events(v, lo, live[:n], time + (s + 0.5) * hours, seed, tick + s, box)
            normal_triples(seed, P_BROWNIAN, ident, tick + s, words, step)
            if places.used:
                _move_places(v, lo, n, step, live, scale, local, new, box, places, seed, tick + s, hours)
            else:
                _move_axis(x, step[0, :n], scale, live, box.drift[0], ex, box.modes[0], new[0, :n])
                _move_axis(y, step[1, :n], scale, live, box.drift[1], ey, box.modes[1], new[1, :n])
                _move_axis(z, step[2, :n], scale, live, box.drift[2], ez, box.modes[2], new[2, :n])
            if any_open:
                _leave(v, lo, new, local, live[:n], box, seed, tick + s)
            if some_cells:
                for j in range(n):
                    mx, my, mz = x[j] + HALF * step[0, j], y[j] + HALF * step[1, j], z[j] + HALF * step[2, j]
                    mid[j] = _bin(mx, my, mz, near)
                count = 0
                for j in range(n):
                    listed[count] = j
                    count += near.some[mid[j]]
                _meet(
                    v,
                    lo,
                    listed,
                    count,
                    new,
                    step,
                    mid,
                    local,
                    live,
                    near,
                    box,
                    places,
                    seed,
                    tick + s,
                    hours,
                )
            x[:] = new[0, :n]
            y[:] = new[1, :n]
            z[:] = new[2, :n]


@kernel
def expel(v, low, high, near, box):
    """Put vesicles that lie within a cell (it moved, grew, or set them free) on its surface."""
    place = np.empty((3, 1), dtype=np.float32)
    for i in range(low, high):
        if v.fate[i] != FREE and v.fate[i] != BOUND:
            continue
        for _ in range(8):  # the surface of one cell may lie within the next
            b = _bin(v.x[i], v.y[i], v.z[i], near)
            found = False
            for n in range(near.start[b], near.start[b + 1]):
                c = near.items[n]
                radius = near.cells[c, 3]
                dx = _image(v.x[i] - near.cells[c, 0], box.size[0], box.modes[0])
                dy = _image(v.y[i] - near.cells[c, 1], box.size[1], box.modes[1])
                dz = _image(v.z[i] - near.cells[c, 2], box.size[2], box.modes[2])
                r = math.sqrt(dx * dx + dy * dy + dz * dz)
                if r >= radius * (1.0 - 1e-6):
                    continue
                if r == 0.0:
                    dx, r = 1.0, 1.0
                grow = radius / r
                _put(
                    place, 0, near.cells[c, 0] + grow * dx, near.cells[c, 1] + grow * dy,
                    near.cells[c, 2] + grow * dz, box,
                )  # fmt: skip
                v.x[i], v.y[i], v.z[i] = place[0, 0], place[1, 0], place[2, 0]
                found = True
            if not found:
                break
