"""A tape over all lanes at once: one operation after another, each on a row."""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines import _numba
from vesiflux.engines._simd import (
    absolute,
    choose,
    exp,
    fma,
    fnma,
    hill,
    hill_dx,
    less,
    less_equal,
    load,
    log,
    maximum,
    minimum,
    power,
    root,
    splat,
    store,
)
from vesiflux.engines.compartments.kernels import arrays
from vesiflux.engines.compartments.kernels.arrays import CHUNK, HILL_ANDNOT, HILL_OR, LANES

SOURCES = (__file__, *arrays.SOURCES)

jit = _numba.compiler(*SOURCES)


@jit
def run_tape(code, R):
    """Run a tape over all lanes. ``code``: (n, 8), operation and row offsets; ``R``: flat registers."""
    for i in range(code.shape[0]):
        op = code[i, 0]
        d = np.int64(code[i, 1])
        a = np.int64(code[i, 2])
        b = np.int64(code[i, 3])
        c = np.int64(code[i, 4])
        e = np.int64(code[i, 5])
        if op == 13:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, hill(load(R, a + lo), load(R, b + lo), load(R, c + lo), load(R, e + lo)))
        elif op == 0:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo) + load(R, b + lo))
        elif op == 1:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo) - load(R, b + lo))
        elif op == 2:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo) * load(R, b + lo))
        elif op == 3:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo) / load(R, b + lo))
        elif op == 4:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, splat(-0.0) - load(R, a + lo))
        elif op == 5:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, power(load(R, a + lo), load(R, b + lo)))
        elif op == 6:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, exp(load(R, a + lo)))
        elif op == 7:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, log(load(R, a + lo)))
        elif op == 8:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, root(load(R, a + lo)))
        elif op == 9:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, minimum(load(R, a + lo), load(R, b + lo)))
        elif op == 10:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, maximum(load(R, a + lo), load(R, b + lo)))
        elif op == 11:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, absolute(load(R, a + lo)))
        elif op == 12:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, fma(load(R, a + lo), load(R, b + lo), load(R, c + lo)))
        elif op == HILL_OR:
            f = np.int64(code[i, 6])
            for lo in range(0, LANES, CHUNK):
                p = load(R, f + lo)
                q = hill(load(R, a + lo), load(R, b + lo), load(R, c + lo), load(R, e + lo))
                store(R, d + lo, fnma(p, q, p + q))
        elif op == HILL_ANDNOT:
            f = np.int64(code[i, 6])
            for lo in range(0, LANES, CHUNK):
                p = load(R, f + lo)
                q = hill(load(R, a + lo), load(R, b + lo), load(R, c + lo), load(R, e + lo))
                store(R, d + lo, fnma(p, q, p))
        elif op == 14:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, hill_dx(load(R, a + lo), load(R, b + lo), load(R, c + lo), load(R, e + lo)))
        elif op == 15:
            for lo in range(0, LANES, CHUNK):
                p = load(R, a + lo)
                q = load(R, b + lo)
                store(R, d + lo, fnma(p, q, p + q))
        elif op == 16:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, fnma(load(R, a + lo), load(R, b + lo), load(R, a + lo)))
        elif op == 17:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, (load(R, a + lo) * load(R, b + lo) - load(R, c + lo)) * load(R, e + lo))
        elif op == 18:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, less(load(R, a + lo), load(R, b + lo)))
        elif op == 19:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, less_equal(load(R, a + lo), load(R, b + lo)))
        elif op == 20:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, choose(load(R, a + lo), load(R, b + lo), load(R, c + lo)))
        elif op == 21:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo))
        elif op == 22:
            for lo in range(LANES):
                R[d + lo] = math.sin(R[a + lo])
        elif op == 23:
            for lo in range(LANES):
                R[d + lo] = math.cos(R[a + lo])
