"""Coefficients of one axis for one length of substep, where all its lines are alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.transport import Axis

__all__ = ["Line", "line", "padded"]

Floats = npt.NDArray[np.float64]


class Line(NamedTuple):
    """Right side and factored left side of (1 - h A) along one axis, per voxel of a line, padded to eights.

    ``below``, ``here``, ``above``, ``constant``: of k A (k the substep), with held borders in ``constant``.
    ``scale``, ``carry``, ``back``: Thomas's algorithm, forwards d[i] = scale r[i] + carry d[i-1], backwards
    w[i] = d[i] + back w[i+1]. Periodic lines (Sherman-Morrison): w -= loop * ring[1] (w[0] + ring[0] w[-1]);
    ``ring[2]`` says whether, ``ring[3]`` is the last voxel. ``out``: h times what passes out of the low and
    high border per concentration, mL. ``moves``: whether there is anything to solve.
    """

    below: Floats
    here: Floats
    above: Floats
    constant: Floats
    scale: Floats
    carry: Floats
    back: Floats
    loop: Floats
    ring: Floats
    out: Floats
    moves: Floats


def padded(count: int) -> int:
    """Length of a row in the scratch arrays."""
    return 8 * ((count + 7) // 8)


def line(axis: Axis, volume: float, span: float, implicit: float) -> Line:
    """``volume`` of a voxel, mL; ``span`` of the substep, h; ``implicit``: h of the left side (span / 2)."""
    low, high = axis.low.reshape(-1), axis.high.reshape(-1)
    n = low.size - 1
    k, h = span / volume, implicit / volume

    def full(values: Floats) -> Floats:
        return np.concatenate([values, np.zeros(padded(n) - n)])

    below, above, here = k * low[:-1], k * high[1:], -k * (high[:-1] + low[1:])
    constant = np.zeros(n)
    out = np.zeros(2)
    a, b, c = h * low[:-1], 1.0 + h * (high[:-1] + low[1:]), h * high[1:]
    loop = np.zeros(n)
    ring = np.array([0.0, 0.0, 0.0, n - 1.0])
    start, end = a[0], c[-1]
    if not axis.periodic:
        constant[0] += below[0] * axis.held[0]
        constant[-1] += above[-1] * axis.held[1]
        out[:] = implicit * high[0], implicit * low[-1]
        below[0] = above[-1] = 0.0
    a[0] = c[-1] = 0.0
    ringed = axis.periodic and (start > 0.0 or end > 0.0)
    if ringed:
        pivot = -b[0]
        b[0] -= pivot
        b[-1] -= start * end / pivot
    scale, back = np.empty(n), np.empty(n)
    last = 0.0
    for i in range(n):
        scale[i] = 1.0 / (b[i] - a[i] * last)
        back[i] = last = c[i] * scale[i]
    carry = a * scale
    if ringed:
        loop[0] += pivot
        loop[-1] -= end
        loop *= scale
        for i in range(1, n):
            loop[i] += carry[i] * loop[i - 1]
        for i in range(n - 2, -1, -1):
            loop[i] += back[i] * loop[i + 1]
        weight = -start / pivot
        ring[:3] = weight, 1.0 / (1.0 + loop[0] + weight * loop[-1]), 1.0
    moves = np.array([0.0 if axis.still else 1.0])
    right = (full(below), full(here), full(above), full(constant))
    return Line(*right, full(scale), full(carry), full(back), full(loop), ring, out, moves)
