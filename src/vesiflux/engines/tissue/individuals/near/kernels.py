"""Lists of cells per bin: all whose surface lies within ``margin`` of the bin.

A path is looked up by its middle. A bin at the border also stands for the places just outside it (the
middle of a path that is about to be reflected or carried round), hence it reaches ``margin`` further out.
"""

from __future__ import annotations

import numpy as np

from vesiflux.engines._numba import compiler

__all__ = ["count_near", "list_near"]

kernel = compiler(__file__)


@kernel.inner
def _gap(at, low, high):
    """Distance of a place from an interval."""
    return max(0.0, low - at, at - high)


@kernel.inner
def _reached(at, reach, edge, bins, periodic):
    """First and last bin along an axis that a cell reaches; last < first where there is none."""
    first = int(np.floor((at - reach) / edge))
    last = int(np.floor((at + reach) / edge))
    if periodic:
        return max(first, 0), min(last, bins - 1)
    return min(max(first, 0), bins - 1), max(min(last, bins - 1), 0)


@kernel.inner
def _visit(cells, margin, size, bins, periodic, start, last_in, items, counting):
    """Count or list the (bin, cell) pairs; ``start`` holds counts, or where the next item of a bin goes."""
    ex, ey, ez = size[0] / bins[0], size[1] / bins[1], size[2] / bins[2]
    for c in range(cells.shape[0]):
        radius = cells[c, 3] + margin
        for kx in range(-periodic[0], periodic[0] + 1):
            x = cells[c, 0] + kx * size[0]
            x0, x1 = _reached(x, radius + margin * periodic[0], ex, bins[0], periodic[0])
            for ky in range(-periodic[1], periodic[1] + 1):
                y = cells[c, 1] + ky * size[1]
                y0, y1 = _reached(y, radius + margin * periodic[1], ey, bins[1], periodic[1])
                for kz in range(-periodic[2], periodic[2] + 1):
                    z = cells[c, 2] + kz * size[2]
                    z0, z1 = _reached(z, radius + margin * periodic[2], ez, bins[2], periodic[2])
                    for iz in range(z0, z1 + 1):
                        up, down = margin * (iz == 0), margin * (iz == bins[2] - 1)
                        dz = _gap(z, iz * ez - up, (iz + 1) * ez + down)
                        for iy in range(y0, y1 + 1):
                            up, down = margin * (iy == 0), margin * (iy == bins[1] - 1)
                            dy = _gap(y, iy * ey - up, (iy + 1) * ey + down)
                            for ix in range(x0, x1 + 1):
                                up, down = margin * (ix == 0), margin * (ix == bins[0] - 1)
                                dx = _gap(x, ix * ex - up, (ix + 1) * ex + down)
                                if dx * dx + dy * dy + dz * dz > radius * radius:
                                    continue
                                b = ix + bins[0] * (iy + bins[1] * iz)
                                if last_in[b] == c:  # an image of a cell that is listed already
                                    continue
                                last_in[b] = c
                                if not counting:
                                    items[start[b]] = c
                                start[b] += 1


@kernel
def count_near(cells, margin, size, bins, periodic):
    """Number of cells near each bin. ``cells`` (n, 4): x, y, z, radius, um; ``periodic`` 0 or 1 per axis."""
    n = bins[0] * bins[1] * bins[2]
    found = np.zeros(n, dtype=np.int32)
    _visit(cells, margin, size, bins, periodic, found, np.full(n, -1, dtype=np.int32), found, True)
    return found


@kernel
def list_near(cells, margin, size, bins, periodic, start):
    """The cells near bin b, in order: ``items[start[b] : start[b + 1]]``."""
    n = bins[0] * bins[1] * bins[2]
    items = np.empty(start[n], dtype=np.int32)
    _visit(
        cells, margin, size, bins, periodic, start[:n].copy(), np.full(n, -1, dtype=np.int32), items, False
    )
    return items
