"""Moves where voxels differ: hindered regions, walls, vessels, the flow around walls."""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue import random
from vesiflux.engines.tissue.individuals import records
from vesiflux.engines.tissue.individuals.records import CLEARED, CLOSED, P_BROWNIAN, PERIODIC
from vesiflux.engines.tissue.random import uniform

__all__ = ["SOURCES", "fold", "image", "move_places", "put", "solid"]

SOURCES = (__file__, records.__file__, random.__file__)
kernel = compiler(*SOURCES)

CROSSING, EXCHANGE = 1, 2  # places in the Brownian sequence
NEVER = np.inf
ZERO = np.float32(0.0)


@kernel
def fold(at, edge):
    """A place reflected back into (0, edge), float32."""
    inside = abs(at)
    return edge - abs(edge - inside)


@kernel.inner
def image(d, edge, mode):
    """The shortest of the images of a difference."""
    if mode == PERIODIC:
        return d - edge * np.rint(d / edge)
    return d


@kernel
def put(new, j, x, y, z, box):
    """Set a new place, carried round periodic borders."""
    p = (x, y, z)
    for k in range(3):
        at = p[k]
        if box.modes[k] == PERIODIC:
            at -= box.size[k] * math.floor(at / box.size[k])
        elif box.modes[k] == CLOSED and (at < 0.0 or at > box.size[k]):
            at = box.size[k] - abs(box.size[k] - abs(at))
        new[k, j] = at


@kernel.inner
def _voxel(x, y, z, places):
    """Voxel of a place."""
    ix = min(max(int(x * places.inverse[0]), 0), places.shape[0] - 1)
    iy = min(max(int(y * places.inverse[1]), 0), places.shape[1] - 1)
    iz = min(max(int(z * places.inverse[2]), 0), places.shape[2] - 1)
    return ix, iy, iz


@kernel
def solid(new, j, places):
    """Whether a place is in a wall."""
    if not places.used:
        return False
    ix, iy, iz = _voxel(new[0, j], new[1, j], new[2, j], places)
    return places.share[ix + places.shape[0] * (iy + places.shape[1] * iz)] == 0.0


@kernel.inner
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


@kernel.inner
def move_places(v, lo, n, step, live, scale, local, new, box, places, seed, tick, hours):
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
        buried = share == 0.0  # set free within a wall by a cell at its side: it moves until it is out
        if buried:
            share = 1.0
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
                p = fold(p, edge)
                step[k, j] = p - new[k, j]
            elif box.modes[k] == PERIODIC:
                p = p + edge if p < ZERO else p
                p = p - edge if p >= edge else p
            new[k, j] = p
        ix, iy, iz = _voxel(new[0, j], new[1, j], new[2, j], places)
        there = places.share[ix + shape[0] * (iy + shape[1] * iz)]
        kept = buried or there > 0.0
        if kept and not buried and there != share:
            ratio = (share / there) ** 1.5 * math.exp(-0.5 * squared * (share / there - 1.0))
            kept = ratio >= 1.0 or uniform(seed, P_BROWNIAN, v.ident[i], tick, CROSSING) < ratio
        if not kept:
            step[0, j] = step[1, j] = step[2, j] = ZERO
            new[0, j], new[1, j], new[2, j] = v.x[i], v.y[i], v.z[i]
