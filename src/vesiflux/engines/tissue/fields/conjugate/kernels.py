"""Conjugate gradients, preconditioned by the diagonal, for matrices of a few diagonals.

Sums run in one order, eight at a time, so that the bits depend on nothing but the numbers.
"""

from __future__ import annotations

import numpy as np

from vesiflux.engines import _numba, _simd
from vesiflux.engines._simd import fma, load, splat, store

jit = _numba.compiler(__file__, str(_simd.__file__))


@jit.inner
def multiply(diagonals, offsets, main, x, pad, y):
    """y = M x, and the sum of x y. Lengths are whole vectors; ``x`` has ``pad`` places more on either side.

    ``diagonals``: flat (m, n): entry k n + i stands in row i, column i + ``offsets[k]``; 0 outside.
    """
    n = main.shape[0]
    total = splat(0.0)
    for i in range(0, n, _simd.WIDTH):
        own = load(x, pad + i)
        value = load(main, i) * own
        for k in range(offsets.shape[0]):
            value = fma(load(diagonals, k * n + i), load(x, pad + i + offsets[k]), value)
        store(y, i, value)
        total = fma(own, value, total)
    return _sum(total)


@jit.inner
def _sum(vector):
    parts = np.empty(_simd.WIDTH)
    store(parts, 0, vector)
    found = 0.0
    for i in range(_simd.WIDTH):
        found += parts[i]
    return found


@jit
def square(a):
    """Sum of squares."""
    n = a.shape[0]
    whole = n - n % _simd.WIDTH
    total = splat(0.0)
    for i in range(0, whole, _simd.WIDTH):
        total = fma(load(a, i), load(a, i), total)
    found = _sum(total)
    for i in range(whole, n):
        found += a[i] * a[i]
    return found


@jit
def solve(diagonals, offsets, main, right, guess, rtol, most, x):
    """x with M x = ``right``; steps taken, or -1 when ``most`` did not do. Lengths are whole vectors.

    Ends when the residual is ``rtol`` of the right side in the 2-norm.
    """
    n = main.shape[0]
    pad = 0
    for k in range(offsets.shape[0]):
        pad = max(pad, abs(offsets[k]))
    p = np.zeros(n + 2 * pad)
    r = np.empty(n)
    q = np.empty(n)
    p[pad : pad + n] = guess
    x[:] = guess
    multiply(diagonals, offsets, main, p, pad, q)
    total = splat(0.0)
    size = splat(0.0)
    for i in range(0, n, _simd.WIDTH):
        rest = load(right, i) - load(q, i)
        store(r, i, rest)
        z = rest / load(main, i)
        store(p, pad + i, z)
        total = fma(rest, z, total)
        size = fma(rest, rest, size)
    limit = rtol * rtol * square(right)
    if _sum(size) <= limit:
        return 0
    rho = _sum(total)
    for step in range(1, most + 1):
        alpha = splat(rho / multiply(diagonals, offsets, main, p, pad, q))
        total = splat(0.0)
        size = splat(0.0)
        for i in range(0, n, _simd.WIDTH):
            store(x, i, fma(alpha, load(p, pad + i), load(x, i)))
            rest = load(r, i) - alpha * load(q, i)
            store(r, i, rest)
            total = fma(rest, rest / load(main, i), total)
            size = fma(rest, rest, size)
        if _sum(size) <= limit:
            return step
        new = _sum(total)
        beta = splat(new / rho)
        rho = new
        for i in range(0, n, _simd.WIDTH):
            store(p, pad + i, fma(beta, load(p, pad + i), load(r, i) / load(main, i)))
    return -1
