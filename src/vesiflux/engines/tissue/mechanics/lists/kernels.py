"""Cells sorted into bins, and from them lists of the pairs that are near.

Cells are numbered in the order of their bins (x fastest), so that neighbours lie close in memory and the bins
along x that a cell looks into are one stretch. A pair is listed once, with the one that comes first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines._numba import compiler

__all__ = ["bin_of", "gather", "in_order", "list_pairs", "longest_reach", "sort_bins"]

kernel = compiler(__file__)

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@kernel
def bin_of(x, y, z, low, edge, bins) -> Small:
    """Bin of each cell. ``low``: corner of the bins; ``edge``: their edges; ``bins``: their numbers."""
    found = np.empty(len(x), dtype=np.int32)
    for i in range(len(x)):
        a = min(max(int((x[i] - low[0]) / edge[0]), 0), bins[0] - 1)
        b = min(max(int((y[i] - low[1]) / edge[1]), 0), bins[1] - 1)
        c = min(max(int((z[i] - low[2]) / edge[2]), 0), bins[2] - 1)
        found[i] = a + bins[0] * (b + bins[1] * c)
    return found


@kernel
def sort_bins(bin_, n_bins) -> tuple[Small, Small]:
    """(start of each bin, (n_bins + 1,); rows in the order of bins, rising within each): a counting sort."""
    start = np.zeros(n_bins + 1, dtype=np.int32)
    for b in bin_:
        start[b + 1] += 1
    for b in range(n_bins):
        start[b + 1] += start[b]
    place = start[:-1].copy()
    order = np.empty(len(bin_), dtype=np.int32)
    for i in range(len(bin_)):
        order[place[bin_[i]]] = i
        place[bin_[i]] += 1
    return start, order


@kernel
def gather(order, x, y, z, radius) -> Floats:
    """(n, 4): x, y, z, radius in the order of ``order``."""
    found = np.empty((len(order), 4))
    for s in range(len(order)):
        i = order[s]
        found[s, 0], found[s, 1], found[s, 2], found[s, 3] = x[i], y[i], z[i], radius[i]
    return found


@kernel
def longest_reach(start, bins) -> int:
    """How far ahead in the order a neighbour can be, unless it is one across a periodic side."""
    ahead = 2
    if bins[1] > 1:
        ahead += bins[0]
    if bins[2] > 1:
        ahead += bins[0] * bins[1]
    n_bins = len(start) - 1
    longest = 1
    for b in range(n_bins):
        longest = max(longest, start[min(b + ahead, n_bins)] - start[b])
    return longest


@kernel.inner
def _around(at, count, periodic):
    """First, last and number of bins along an axis next to bin ``at``; those past a side are meant modulo."""
    if periodic and count < 3:
        return 0, count
    if periodic:
        return at - 1, 3
    first = max(at - 1, 0)
    return first, min(at + 1, count - 1) - first + 1


@kernel
def list_pairs(
    begin, end, bodies, reach, bin_, start, bins, periodic, size, far_from, first, other, far
) -> tuple[int, int]:
    """Pairs of cells ``begin`` to ``end`` with later ones whose distance is below the sum of their reaches.

    ``bodies`` (n, 4) and ``bin_`` in the order of bins; ``reach`` (n,): own share of the largest distance,
    half the skin included. ``first`` (end - begin + 1): where the pairs of each begin in ``other``; a pair
    further apart in the order than ``far_from`` goes to ``far`` (m, 2). Returns how many of both there are;
    those beyond the room given are counted only.
    """
    n_near, n_far = 0, 0
    for i in range(begin, end):
        first[i - begin] = n_near
        x, y, z, mine = bodies[i, 0], bodies[i, 1], bodies[i, 2], reach[i]
        bx = bin_[i] % bins[0]
        by = (bin_[i] // bins[0]) % bins[1]
        bz = bin_[i] // (bins[0] * bins[1])
        x0, nx = _around(bx, bins[0], periodic[0])
        y0, ny = _around(by, bins[1], periodic[1])
        z0, nz = _around(bz, bins[2], periodic[2])
        for kz in range(z0, z0 + nz):
            for ky in range(y0, y0 + ny):
                row = bins[0] * (ky % bins[1] + bins[1] * (kz % bins[2]))
                for part in range(3):  # the stretch inside, and what comes round at either side
                    if part == 0:
                        a, b = max(x0, 0), min(x0 + nx, bins[0])
                    elif part == 1:
                        if x0 >= 0:
                            continue
                        a, b = bins[0] + x0, bins[0]
                    else:
                        if x0 + nx <= bins[0]:
                            continue
                        a, b = 0, x0 + nx - bins[0]
                    for j in range(max(start[row + a], i + 1), start[row + b]):
                        dx, dy, dz = bodies[j, 0] - x, bodies[j, 1] - y, bodies[j, 2] - z
                        if periodic[0]:
                            dx -= size[0] * np.rint(dx / size[0])
                        if periodic[1]:
                            dy -= size[1] * np.rint(dy / size[1])
                        if periodic[2]:
                            dz -= size[2] * np.rint(dz / size[2])
                        both = mine + reach[j]
                        if dx * dx + dy * dy + dz * dz >= both * both:
                            continue
                        if j - i <= far_from:
                            if n_near < len(other):
                                other[n_near] = j
                            n_near += 1
                        else:
                            if n_far < len(far):
                                far[n_far, 0], far[n_far, 1] = i, j
                            n_far += 1
    first[end - begin] = n_near
    return n_near, n_far


@kernel
def in_order(pairs: Ints, n: int) -> Ints:
    """Pairs (m, 2) of rows below ``n`` by the first, then by the second."""
    start = np.zeros(n + 1, dtype=np.int64)
    for p in range(len(pairs)):
        start[pairs[p, 0] + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    found: Ints = np.empty_like(pairs)
    filled = start[:-1].copy()
    for p in range(len(pairs)):
        i, j = pairs[p, 0], pairs[p, 1]
        at = filled[i]
        while at > start[i] and found[at - 1, 1] > j:  # few have more than a dozen: each goes to its place
            found[at, 1] = found[at - 1, 1]
            at -= 1
        found[at, 1] = j
        found[filled[i], 0] = i
        filled[i] += 1
    return found
