"""Counter-based random numbers: any pair of a stream can be made from its number alone.

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, SC'11, 10.1145/2063384.2063405): the key is the seed,
the counter is (number of the pair, stream). A trajectory owns a stream, so what it draws depends neither
on its batch nor on threads, and a restart needs nothing but the count of pairs it has used.
"""

from __future__ import annotations

import numpy as np

from vesiflux.engines import _numba, _simd
from vesiflux.engines._simd import load, log, splat, store

SOURCES = (__file__, str(_simd.__file__))

PAIRS = 64  # pairs made at once: enough for the loop over them to become vector code

jit = _numba.compiler(*SOURCES)


@jit.inner
def fill(seed, stream, first, bits, exponential, uniform):
    """Pairs ``first`` .. ``first + PAIRS``: an exponential of mean 1 and a uniform in (0, 1).

    ``bits``: uint64 scratch of 4 x PAIRS. A uniform has 53 bits and is never 0 or 1.
    """
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    m0 = np.uint64(0xD2511F53)
    m1 = np.uint64(0xCD9E8D57)
    w0 = np.uint64(0x9E3779B9)
    w1 = np.uint64(0xBB67AE85)
    stream_low = np.uint64(stream) & low
    stream_high = np.uint64(stream) >> half
    for i in range(PAIRS):
        number = np.uint64(first) + np.uint64(i)
        c0 = number & low
        c1 = number >> half
        c2 = stream_low
        c3 = stream_high
        k0 = np.uint64(seed) & low
        k1 = np.uint64(seed) >> half
        for _ in range(10):
            p0 = m0 * c0
            p1 = m1 * c2
            c0 = ((p1 >> half) ^ c1 ^ k0) & low
            c1 = p1 & low
            c2 = ((p0 >> half) ^ c3 ^ k1) & low
            c3 = p0 & low
            k0 = (k0 + w0) & low
            k1 = (k1 + w1) & low
        bits[i] = (c0 << half) | c1
        bits[PAIRS + i] = (c2 << half) | c3
    for i in range(PAIRS):
        exponential[i] = (np.float64(bits[i] >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16
        uniform[i] = (np.float64(bits[PAIRS + i] >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16
    for i in range(0, PAIRS, _simd.WIDTH):
        store(exponential, i, splat(0.0) - log(load(exponential, i)))
