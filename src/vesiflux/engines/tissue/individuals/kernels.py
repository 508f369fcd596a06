"""The step of a block of vesicles: move all (vector code), then look at the few that may meet something.

A vesicle depends on no other, so a block makes all substeps of an advance while it is in the cache, and the
bits depend neither on the size of blocks nor on who computes them. Every number is keyed by the vesicle's
id and the substep (``tick``). Lengths um, times h; ``scale`` is sqrt(2 D h) of one substep.
"""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue.individuals import records
from vesiflux.engines.tissue.individuals.meeting import kernels as meeting
from vesiflux.engines.tissue.individuals.meeting.kernels import bin_of, meet
from vesiflux.engines.tissue.individuals.normal import kernels as normal
from vesiflux.engines.tissue.individuals.normal.kernels import normal_triples
from vesiflux.engines.tissue.individuals.places.kernels import fold, move_places
from vesiflux.engines.tissue.individuals.records import (
    BOUND,
    CLOSED,
    DECAYED,
    FREE,
    LEFT,
    OPEN,
    P_ABSORPTION,
    P_BROWNIAN,
    P_DECAY,
    PERIODIC,
)  # fmt: skip
from vesiflux.engines.tissue.random import uniform, uniforms4

__all__ = ["advance"]

SOURCES = (__file__, records.__file__, *meeting.SOURCES, *normal.SOURCES)
kernel = compiler(*SOURCES)

LEAVING = 0xFFFFFF  # place in the absorption sequence that no cell uses
NEVER = np.inf
FAR = 18.0  # exp(-FAR) is taken for nothing
ZERO, HALF = np.float32(0.0), np.float32(0.5)


@kernel.inner
def _move_axis(at, step, scale, live, drift, edge, mode, new):
    """New places along one axis; ``step`` holds normals and then displacements."""
    if mode == CLOSED:
        for i in range(at.size):
            p = fold(at[i] + (scale[i] * step[i] + drift) * live[i], edge)
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


@kernel.inner
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


@kernel.inner
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
                move_places(v, lo, n, step, live, scale, local, new, box, places, seed, tick + s, hours)
            else:
                _move_axis(x, step[0, :n], scale, live, box.drift[0], ex, box.modes[0], new[0, :n])
                _move_axis(y, step[1, :n], scale, live, box.drift[1], ey, box.modes[1], new[1, :n])
                _move_axis(z, step[2, :n], scale, live, box.drift[2], ez, box.modes[2], new[2, :n])
            if any_open:
                _leave(v, lo, new, local, live[:n], box, seed, tick + s)
            if some_cells:
                for j in range(n):
                    mx, my, mz = x[j] + HALF * step[0, j], y[j] + HALF * step[1, j], z[j] + HALF * step[2, j]
                    mid[j] = bin_of(mx, my, mz, near)
                count = 0
                for j in range(n):
                    listed[count] = j
                    count += near.some[mid[j]]
                meet(
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
