"""Three standard normals per vesicle from one Philox call, in float32, as loops over vesicles.

A call gives four words: two for radii, two for angles (Box-Muller; the fourth normal is dropped).
Logarithm, sine and cosine are the single-precision polynomials of the Cephes library (S. L. Moshier;
errors of a few 1e-8), without branches, so that LLVM turns every loop into vector code: about 2 ns per
triple with 512-bit registers, where `random.normals` in float64 needs about 50. The tail ends at
sqrt(2 ln 2^32) = 6.66 standard deviations, the resolution of a word.
"""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines._numba import compiler
from vesiflux.engines.tissue import random
from vesiflux.engines.tissue.random import philox

__all__ = ["SOURCES", "normal_triples"]

SOURCES = (__file__, random.__file__)
kernel = compiler(*SOURCES)

ZERO, HALF, ONE, TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
LN_2 = np.float32(math.log(2.0))
TWO_31 = np.float32(2.0**-31)
EIGHTH = np.float32(math.pi / 4.0 * 2.0**-31)  # a signed word to an angle within an eighth of a turn
SQRT_HALF = np.int32(0x3F3504F3)  # bits of sqrt(1/2)
MANTISSA = np.int32(23)
UP_30, BIT_0, BIT_1 = np.uint32(0xFFFFFFFC), np.uint32(1), np.uint32(2)
L0, L1, L2 = np.float32(3.3333331174e-1), np.float32(-2.4999993993e-1), np.float32(2.0000714765e-1)
L3, L4, L5 = np.float32(-1.6668057665e-1), np.float32(1.4249322787e-1), np.float32(-1.2420140846e-1)
L6, L7, L8 = np.float32(1.1676998740e-1), np.float32(-1.1514610310e-1), np.float32(7.0376836292e-2)
S0, S1, S2 = np.float32(-1.6666654611e-1), np.float32(8.3321608736e-3), np.float32(-1.9515295891e-4)
C0, C1, C2 = (
    np.float32(4.166664568298827e-2),
    np.float32(-1.388731625493765e-3),
    np.float32(2.443315711809948e-5),
)


@kernel.inner
def _radius(word):
    """sqrt(-2 ln u), u = (word / 2 + 1/2) / 2^31."""
    u = (np.float32(np.int32(word >> BIT_0)) + HALF) * TWO_31
    bits = np.float32(u).view(np.int32)
    exponent = (bits - SQRT_HALF) >> MANTISSA
    m = np.int32(bits - np.int32(exponent << MANTISSA)).view(np.float32) - ONE
    z = m * m
    p = (((((((L8 * m + L7) * m + L6) * m + L5) * m + L4) * m + L3) * m + L2) * m + L1) * m + L0
    log = np.float32(exponent) * LN_2 + (m - HALF * z + m * z * p)
    return np.float32(math.sqrt(max(ZERO, -TWO * log)))


@kernel.inner
def _direction(word):
    """(cos, sin) of an even angle: 30 bits place it within a quarter turn, two bits choose the quarter."""
    x = np.float32(np.int32(word & UP_30)) * EIGHTH
    z = x * x
    s = x + x * z * ((S2 * z + S1) * z + S0)
    c = ONE - HALF * z + z * z * ((C2 * z + C1) * z + C0)
    swap = (word & BIT_0) != np.uint32(0)
    sign = ONE if (word & BIT_1) == np.uint32(0) else -ONE
    a = s if swap else c
    b = c if swap else s
    return sign * a, sign * b


@kernel.inner
def normal_triples(seed, purpose, entity, step, words, out):
    """Fill ``out`` (3, >= n) with normals of n entities at a step; ``words`` (4, >= n) uint32 is scratch."""
    n = entity.size
    for i in range(n):
        a, b, c, d = philox(seed, purpose, entity[i], step, 0)
        words[0, i] = np.uint32(a)
        words[1, i] = np.uint32(b)
        words[2, i] = np.uint32(c)
        words[3, i] = np.uint32(d)
    for i in range(n):
        r = _radius(words[0, i])
        a, b = _direction(words[1, i])
        out[0, i] = r * a
        out[1, i] = r * b
    for i in range(n):
        r = _radius(words[2, i])
        a, b = _direction(words[3, i])
        out[2, i] = r * a
