"""Conjugate gradients, preconditioned by the diagonal, for matrices of a few diagonals.

Sums run in one order, eight at a time, so that the bits depend on nothing but the numbers.
"""

from __future__ import annotations

import numpy as np

from vesiflux.engines import _numba, _simd
from vesiflux.engines._simd import fma, load, splat, store

jit = _numba.compiler(__file__, str(_simd.__file__))

BLOCK = 2048  # rows whose sums stay in the first cache while the diagonals pass


@jit
def multiply(diagonals, offsets, main, x, y):
    """y = M x. ``diagonals`` (m, n): entry [k, i] stands in row i, column i + ``offsets[k]``."""
    n = main.shape[0]
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        for i in range(low, high):
            y[i] = main[i] * x[i]
        for k in range(offsets.shape[0]):
            shift = offsets[k]
            begin = max(low, -shift)
            end = min(high, n - shift)
            row = diagonals[k]
            for i in range(begin, end):
                y[i] += row[i] * x[i + shift]


@jit
def dot(a, b):
    """Sum of products."""
    n = a.shape[0]
    whole = n - n % _simd.WIDTH
    total = splat(0.0)
    for i in range(0, whole, _simd.WIDTH):
        total = fma(load(a, i), load(b, i), total)
    parts = np.empty(_simd.WIDTH)
    store(parts, 0, total)
    found = 0.0
    for i in range(_simd.WIDTH):
        found += parts[i]
    for i in range(whole, n):
        found += a[i] * b[i]
    return found


@jit
def solve(diagonals, offsets, main, right, x, rtol, most):
    """x with M x = ``right``, from the guess in x; steps taken, or -1 when ``most`` did not do.

    Ends when the residual is ``rtol`` of the right side in the 2-norm.
    """
    n = main.shape[0]
    r = np.empty(n)
    p = np.empty(n)
    q = np.empty(n)
    multiply(diagonals, offsets, main, x, r)
    for i in range(n):
        r[i] = right[i] - r[i]
        p[i] = r[i] / main[i]
    limit = rtol * rtol * dot(right, right)
    if dot(r, r) <= limit:
        return 0
    rho = dot(r, p)
    for step in range(1, most + 1):
        multiply(diagonals, offsets, main, p, q)
        alpha = rho / dot(p, q)
        for i in range(n):
            x[i] += alpha * p[i]
            r[i] -= alpha * q[i]
        if dot(r, r) <= limit:
            return step
        for i in range(n):
            q[i] = r[i] / main[i]
        new = dot(r, q)
        beta = new / rho
        rho = new
        for i in range(n):
            p[i] = q[i] + beta * p[i]
    return -1
