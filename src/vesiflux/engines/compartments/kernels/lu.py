"""The sparse linear systems of an implicit step: factors in a fixed pattern (`sparse.analyse`), solutions."""

from __future__ import annotations

import numpy as np

from vesiflux.engines import _numba
from vesiflux.engines._simd import absolute, fma, fnma, load, load_wide, minimum, splat, store
from vesiflux.engines.compartments.kernels import arrays
from vesiflux.engines.compartments.kernels.arrays import CHUNK, LANES, WIDE

SOURCES = (__file__, *arrays.SOURCES)

GAMMA = 0.25  # of RODAS4
ROWS = np.int64(8)  # of a state: six stages, rates at X, new state; no literal, see `arrays`

jit = _numba.compiler(*SOURCES)


@jit
def factorise(m, f, w, inverse_h, smallest):
    """LU of 1/(h gamma) - J in the fixed pattern, without pivoting; diagonals are stored inverted.

    ``smallest`` = least absolute pivot of each lane.
    """
    R, LU = w.R, w.LU
    shift = splat(1.0 / GAMMA)
    for lo in range(0, LANES, CHUNK):
        store(smallest, lo, splat(1e300))
    for k in range(m.n_states):
        diagonal = f.diagonal[k]
        for e in range(f.row_from[k], f.row_from[k + 1]):
            target = np.int64(e) * LANES
            source = f.source[e]
            if source >= 0:
                at = m.jacobian_at[source]
                for lo in range(0, LANES, CHUNK):
                    store(LU, target + lo, splat(-0.0) - load(R, at + lo))
            else:
                for lo in range(0, LANES, CHUNK):
                    store(LU, target + lo, splat(0.0))
            if e == diagonal:
                for lo in range(0, LANES, CHUNK):
                    store(LU, target + lo, fma(shift, load(inverse_h, lo), load(LU, target + lo)))
            first, stop = f.pair_from[e], f.pair_from[e + 1]
            if first < stop or e < diagonal:
                inverse_at = f.diagonal[f.column[e]] * LANES
                for lo in range(0, LANES, WIDE):
                    value = load_wide(LU, target + lo)
                    for p in range(first, stop):
                        value = fnma(
                            load_wide(LU, f.pair[p, 0] * LANES + lo),
                            load_wide(LU, f.pair[p, 1] * LANES + lo),
                            value,
                        )
                    if e < diagonal:
                        value = value * load_wide(LU, inverse_at + lo)
                    store(LU, target + lo, value)
            if e == diagonal:
                for lo in range(0, LANES, CHUNK):
                    pivot = load(LU, target + lo)
                    store(smallest, lo, minimum(load(smallest, lo), absolute(pivot)))
                    store(LU, target + lo, splat(1.0) / pivot)


@jit
def solve(m, f, w, stage):
    """Solve for the stage whose right-hand side is in its own K rows, in place."""
    K, LU, Y = w.K, w.LU, w.Y
    n = m.n_states
    for k in range(n):
        b = (f.order[k] * ROWS + stage) * LANES
        first, stop = f.row_from[k], f.diagonal[k]
        for lo in range(0, LANES, WIDE):
            value = load_wide(K, b + lo)
            for e in range(first, stop):
                value = fnma(load_wide(LU, e * LANES + lo), load_wide(Y, f.column[e] * LANES + lo), value)
            store(Y, k * LANES + lo, value)
    for k in range(n - 1, -1, -1):
        b = (f.order[k] * ROWS + stage) * LANES
        diagonal, stop = f.diagonal[k], f.row_from[k + 1]
        for lo in range(0, LANES, WIDE):
            value = load_wide(Y, k * LANES + lo)
            for e in range(diagonal + 1, stop):
                value = fnma(load_wide(LU, e * LANES + lo), load_wide(Y, f.column[e] * LANES + lo), value)
            value = value * load_wide(LU, diagonal * LANES + lo)
            store(Y, k * LANES + lo, value)
            store(K, b + lo, value)
