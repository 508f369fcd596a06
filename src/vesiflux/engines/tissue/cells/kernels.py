"""Loops over cells: keyed numbers, who kills or eats whom."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue import random
from vesiflux.engines.tissue.random import uniform, uniforms4

Array = Any  # numpy arrays; kernels are typed by numba

kernel = compiler(__file__, random.__file__)


@kernel
def draws(seed: int, purpose: int, ids: Array, step: int, place: int) -> Array:
    """One number in (0, 1) for each id."""
    out = np.empty(len(ids))
    for i in range(len(ids)):
        out[i] = uniform(seed, purpose, ids[i], step, place)
    return out


@kernel
def draws4(seed: int, purpose: int, ids: Array, step: int, place: int) -> Array:
    """Four numbers in (0, 1) for each id, shape (n, 4)."""
    out = np.empty((len(ids), 4))
    for i in range(len(ids)):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = uniforms4(seed, purpose, ids[i], step, place)
    return out


@kernel
def poisson(mean: float, seed: int, purpose: int, entity: int, step: int) -> int:
    """A Poisson number by inversion, in parts of at most 8 so that one 32-bit number suffices for each."""
    parts = max(1, math.ceil(mean / 8.0))
    part = mean / parts
    total = 0
    for place in range(parts):
        u = uniform(seed, purpose, entity, step, place)
        term = math.exp(-part)
        reached = term
        k = 0
        while u > reached and k < 100:
            k += 1
            term *= part / k
            reached += term
        total += k
    return total


@kernel
def touched(wanted: Array, pairs: Array) -> tuple[Array, Array]:
    """Neighbours of the ``wanted`` rows from pairs (m, 2): starts (n + 1), and rows, rising for each."""
    n = len(wanted)
    start = np.zeros(n + 1, dtype=np.int64)
    for p in range(len(pairs)):
        start[pairs[p, 0] + 1] += wanted[pairs[p, 0]]
        start[pairs[p, 1] + 1] += wanted[pairs[p, 1]]
    for i in range(n):
        start[i + 1] += start[i]
    fill = start[:-1].copy()
    rows = np.empty(start[n], dtype=np.int64)
    for p in range(len(pairs)):
        a, b = pairs[p, 0], pairs[p, 1]
        if wanted[a]:
            rows[fill[a]] = b
            fill[a] += 1
        if wanted[b]:
            rows[fill[b]] = a
            fill[b] += 1
    for i in range(n):
        for p in range(start[i] + 1, start[i + 1]):  # few have more than a dozen: each goes to its place
            row, at = rows[p], p
            while at > start[i] and rows[at - 1] > row:
                rows[at] = rows[at - 1]
                at -= 1
            rows[at] = row
    return start, rows


@kernel
def strike(
    actors: Array, target: int, start: Array, rows: Array, kind: Array, dead: Array, gone: Array, ids: Array,
    also_dead: bool, seed: int, purpose: int, step: int, victims: Array,
) -> None:  # fmt: skip
    """Each actor whose time has come takes one touched cell of kind ``target``, in the order given.

    ``dead`` and ``gone``: of each row, updated for ``gone``; a victim is taken once, and an actor that was
    itself taken or is dead does nothing. ``victims``: row taken by each actor, or -1.
    """
    for a in range(len(actors)):
        i = actors[a]
        victims[a] = -1
        if gone[i] or dead[i] != 0:
            continue
        count = 0
        for p in range(start[i], start[i + 1]):
            j = rows[p]
            if kind[j] == target and not gone[j] and (also_dead or dead[j] == 0):
                count += 1
        if count == 0:
            continue
        chosen = min(int(uniform(seed, purpose, ids[i], step, 2 * target + 1) * count), count - 1)
        for p in range(start[i], start[i + 1]):
            j = rows[p]
            if kind[j] == target and not gone[j] and (also_dead or dead[j] == 0):
                if chosen == 0:
                    victims[a] = j
                    gone[j] = True
                    break
                chosen -= 1
