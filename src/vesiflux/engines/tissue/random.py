"""Random numbers that are a function of what they are for: Philox4x32-10, no state, any order, same bits.

A number is keyed by (seed, purpose) and counted by (entity, step, place in the sequence); Salmon et al.,
"Parallel random numbers: as easy as 1, 2, 3", SC 2011. Kernels that call these name this file among their
sources (see `engines._numba.compiler`).
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np

from vesiflux.engines._numba import compiler

__all__ = ["Purpose", "normals", "philox", "uniform", "uniforms4"]

kernel = compiler(__file__)


class Purpose(IntEnum):
    """What a number is for; never reuse one."""

    LAYOUT = 1
    DIVISION = 2  # whether
    AXIS = 3  # along which axis
    DEATH = 4
    KILLING = 5
    PHAGOCYTOSIS = 6
    TRANSITION = 7
    TRANSFORMATION = 8
    RECRUITMENT = 9
    TURNING = 10  # direction of motility
    EMISSION = 11  # number of vesicles
    CONTENT = 12  # size and cargo of a vesicle
    BROWNIAN = 13
    ABSORPTION = 14
    DECAY = 15
    NECROSIS = 16
    START = 17  # states, ages and radii at the start


M0 = np.uint64(0xD2511F53)
M1 = np.uint64(0xCD9E8D57)
W0 = np.uint64(0x9E3779B9)
W1 = np.uint64(0xBB67AE85)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
TWO_32 = 1.0 / 4294967296.0


@kernel.inner
def philox(seed, purpose, entity, step, place):
    """Four 32-bit words (as uint64) for a seed, a purpose, an entity, a step and a place in the sequence."""
    k0 = np.uint64(seed) & LOW
    k1 = ((np.uint64(seed) >> HALF) ^ (np.uint64(purpose) << np.uint64(24)) ^ (np.uint64(place))) & LOW
    c0 = np.uint64(entity) & LOW
    c1 = (np.uint64(entity) >> HALF) & LOW
    c2 = np.uint64(step) & LOW
    c3 = (np.uint64(step) >> HALF) & LOW
    for _ in range(10):
        p0 = M0 * c0
        p1 = M1 * c2
        n0 = (p1 >> HALF) ^ c1 ^ k0
        n1 = p1 & LOW
        n2 = (p0 >> HALF) ^ c3 ^ k1
        n3 = p0 & LOW
        c0, c1, c2, c3 = n0 & LOW, n1, n2 & LOW, n3
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0, c1, c2, c3


@kernel
def uniforms4(seed, purpose, entity, step, place):
    """Four numbers in (0, 1)."""
    a, b, c, d = philox(seed, purpose, entity, step, place)
    return (
        (np.float64(a) + 0.5) * TWO_32,
        (np.float64(b) + 0.5) * TWO_32,
        (np.float64(c) + 0.5) * TWO_32,
        (np.float64(d) + 0.5) * TWO_32,
    )


@kernel
def uniform(seed, purpose, entity, step, place):
    """One number in (0, 1)."""
    a, _, _, _ = philox(seed, purpose, entity, step, place)
    return (np.float64(a) + 0.5) * TWO_32


@kernel.inner
def normals(seed, purpose, entity, step, place):
    """Four standard normals (Box-Muller)."""
    a, b, c, d = uniforms4(seed, purpose, entity, step, place)
    r, s = math.sqrt(-2.0 * math.log(a)), math.sqrt(-2.0 * math.log(c))
    return (
        r * math.cos(2.0 * math.pi * b),
        r * math.sin(2.0 * math.pi * b),
        s * math.cos(2.0 * math.pi * d),
        s * math.sin(2.0 * math.pi * d),
    )
