"""One substep of one field where faces differ from place to place: hindrance, walls, flow around walls.

The same scheme and the same two passes as in `fields.kernels`; coefficients are read from the faces (flat
[z, y, x], mL/h, one more along their axis) and lines are factored as they are solved.
"""

from __future__ import annotations

from vesiflux.engines import _simd
from vesiflux.engines._numba import compiler
from vesiflux.engines._simd import fma, load, splat, store
from vesiflux.engines.tissue.fields import kernels as even
from vesiflux.engines.tissue.fields import vectors
from vesiflux.engines.tissue.fields.kernels import finish
from vesiflux.engines.tissue.fields.vectors import load_some, turn

jit = compiler(__file__, even.__file__, vectors.__file__, _simd.__file__)


@jit.inner
def residual(z, size, u, source, loss, depot, faces, numbers, row, ghost, plane):
    """The right side of one plane into ``plane`` (rows padded)."""
    nx, ny, nz, wide = size
    per_volume, decay, on, off, first = numbers
    ahead, nothing = splat(per_volume), splat(0.0)
    kept, back = splat(1.0 if first else -decay - on), splat(off)
    bound = depot.size > 0
    for y in range(ny):
        here = (z * ny + y) * nx
        if first:  # borders alone: neighbours count in the factors
            for i in range(nx + 16):
                row[i] = 0.0
        else:
            for i in range(nx):
                row[8 + i] = u[here + i]
        row[7] = faces.held[0]
        row[8 + nx] = faces.held[1]
        if faces.ring[0]:
            row[7] = 0.0 if first else u[here + nx - 1]
            row[8 + nx] = 0.0 if first else u[here]
        # neighbours: in the field, or a row of the border's value (or of zeros)
        south, south_at = u, here - nx
        if y == 0:
            south_at = here + (ny - 1) * nx
        north, north_at = u, here + nx
        if y == ny - 1:
            north_at = here - (ny - 1) * nx
        down, down_at = u, here - ny * nx
        if z == 0:
            down_at = here + (nz - 1) * ny * nx
        up, up_at = u, here + ny * nx
        if z == nz - 1:
            up_at = here - (nz - 1) * ny * nx
        if (first and (y > 0 or faces.ring[1])) or (y == 0 and not faces.ring[1]):
            south, south_at = ghost, wide * (4 if y > 0 or faces.ring[1] else 0)
        if (first and (y < ny - 1 or faces.ring[1])) or (y == ny - 1 and not faces.ring[1]):
            north, north_at = ghost, wide * (4 if y < ny - 1 or faces.ring[1] else 1)
        if (first and (z > 0 or faces.ring[2])) or (z == 0 and not faces.ring[2]):
            down, down_at = ghost, wide * (4 if z > 0 or faces.ring[2] else 2)
        if (first and (z < nz - 1 or faces.ring[2])) or (z == nz - 1 and not faces.ring[2]):
            up, up_at = ghost, wide * (4 if z < nz - 1 or faces.ring[2] else 3)
        at_x = (z * ny + y) * (nx + 1)
        at_y = (z * (ny + 1) + y) * nx
        for i in range(0, nx, 8):
            k = min(8, nx - i)
            middle = load_some(u, here + i, k)
            off_low, off_high = load_some(faces.x_high, at_x + i, k), load_some(faces.x_low, at_x + i + 1, k)
            found = load_some(faces.x_low, at_x + i, k) * load(row, 7 + i)
            found = fma(load_some(faces.x_high, at_x + i + 1, k), load(row, 9 + i), found)
            found = fma(load_some(faces.y_low, at_y + i, k), load_some(south, south_at + i, k), found)
            found = fma(load_some(faces.y_high, at_y + nx + i, k), load_some(north, north_at + i, k), found)
            found = fma(load_some(faces.z_low, here + i, k), load_some(down, down_at + i, k), found)
            found = fma(load_some(faces.z_high, here + ny * nx + i, k), load_some(up, up_at + i, k), found)
            if not first:
                out = off_low + off_high + load_some(faces.y_high, at_y + i, k)
                out = out + load_some(faces.y_low, at_y + nx + i, k) + load_some(faces.z_high, here + i, k)
                out = out + load_some(faces.z_low, here + ny * nx + i, k) + load_some(loss, here + i, k)
                found = fma(nothing - out, middle, found)
            if source.size > 0:
                found = found + load_some(source, here + i, k)
            found = fma(ahead, found, kept * middle)
            if bound and not first:
                found = fma(back, load_some(depot, here + i, k), found)
            store(plane, y * wide + i, found)


@jit.inner
def turn_rows(values, at, stride, rows, count, into, to):
    """Eight values from each of ``rows`` (at most eight) rows, turned, into ``into``; zeros for the rest."""
    k = max(0, min(8, count))
    t = turn(
        (
            load_some(values, at, k),
            load_some(values, at + stride, k if rows > 1 else 0),
            load_some(values, at + 2 * stride, k if rows > 2 else 0),
            load_some(values, at + 3 * stride, k if rows > 3 else 0),
            load_some(values, at + 4 * stride, k if rows > 4 else 0),
            load_some(values, at + 5 * stride, k if rows > 5 else 0),
            load_some(values, at + 6 * stride, k if rows > 6 else 0),
            load_some(values, at + 7 * stride, k if rows > 7 else 0),
        )
    )
    store(into, to, t[0])
    store(into, to + 8, t[1])
    store(into, to + 16, t[2])
    store(into, to + 24, t[3])
    store(into, to + 32, t[4])
    store(into, to + 40, t[5])
    store(into, to + 48, t[6])
    store(into, to + 56, t[7])


@jit.inner
def sweep_x(z, size, faces, step, plane, lines, ends):
    """Solve along x; eight lines at a time. ``lines``: five scratch arrays of turned lines."""
    nx, ny, _, wide = size
    right, low, high, back, loop = lines
    ring = faces.ring[0]
    one, h, zero = splat(1.0), splat(step), splat(0.0)
    for y in range(0, ny, 8):
        rows = min(8, ny - y)
        at = (z * ny + y) * (nx + 1)
        for i in range(0, wide, 8):
            turn_rows(plane, y * wide + i, wide, 8, 8, right, 8 * i)
        for i in range(0, wide + 8, 8):
            turn_rows(faces.x_low, at + i, nx + 1, rows, nx + 1 - i, low, 8 * i)
            turn_rows(faces.x_high, at + i, nx + 1, rows, nx + 1 - i, high, 8 * i)
        start, end = h * load(low, 0), h * load(high, 8 * nx)
        last, last_back, last_loop = zero, zero, zero
        pivot = zero - one
        for i in range(nx):
            a, c = h * load(low, 8 * i), h * load(high, 8 * i + 8)
            b = fma(h, load(high, 8 * i) + load(low, 8 * i + 8), one)
            edge = zero
            if i == 0:
                a = zero
                if ring:
                    pivot = zero - b
                    edge = edge + pivot
                    b = b - pivot
            if i == nx - 1:
                c = zero
                if ring:
                    edge = edge - end
                    b = b - start * end / pivot
            scale = one / (b - a * last_back)
            last = fma(a, last, load(right, 8 * i)) * scale
            last_back = c * scale
            store(right, 8 * i, last)
            store(back, 8 * i, last_back)
            if ring:
                last_loop = fma(a, last_loop, edge) * scale
                store(loop, 8 * i, last_loop)
        for i in range(nx - 2, -1, -1):
            last = fma(load(back, 8 * i), last, load(right, 8 * i))
            store(right, 8 * i, last)
            if ring:
                last_loop = fma(load(back, 8 * i), last_loop, load(loop, 8 * i))
                store(loop, 8 * i, last_loop)
        if ring:
            weight = zero - start / pivot
            bottom = fma(weight, load(loop, 8 * nx - 8), one + load(loop, 0))
            share = zero - fma(weight, load(right, 8 * nx - 8), load(right, 0)) / bottom
            for i in range(nx):
                store(right, 8 * i, fma(share, load(loop, 8 * i), load(right, 8 * i)))
        for i in range(0, wide, 8):
            turn_rows(right, 8 * i, 8, 8, 8, back, 0)
            for r in range(8):
                store(plane, (y + r) * wide + i, load(back, 8 * r))
        if not ring:
            for r in range(rows):
                ends[0] += step * faces.x_high[at + r * (nx + 1)] * plane[(y + r) * wide]
                ends[1] += step * faces.x_low[at + r * (nx + 1) + nx] * plane[(y + r) * wide + nx - 1]


@jit.inner
def sweep_rows(count, nx, wide, low, high, at, stride, step, ring, rows, back, loop, ends, to):
    """Solve across ``count`` rows of ``rows``, a row of x at a time; face 0 of the lines at ``at``.

    ``ends[to]``, ``ends[to + 1]``: what left through the two borders.
    """
    one, h, zero = splat(1.0), splat(step), splat(0.0)
    final = (count - 1) * wide
    for y in range(count):
        face, row = at + y * stride, y * wide
        for i in range(0, nx, 8):
            k = min(8, nx - i)
            a, c = h * load_some(low, face + i, k), h * load_some(high, face + stride + i, k)
            b = fma(h, load_some(high, face + i, k) + load_some(low, face + stride + i, k), one)
            edge = zero
            if y == 0:
                a = zero
                if ring:
                    edge = edge - b
                    b = b + b
            if y == count - 1:
                if ring:
                    first = load_some(low, at + stride + i, k) + load_some(high, at + i, k)
                    pivot = zero - fma(h, first, one)
                    edge = edge - c
                    b = b - h * load_some(low, at + i, k) * c / pivot
                c = zero
            if y == 0:
                scale = one / b
                store(rows, i, scale * load(rows, i))
                store(back, i, c * scale)
                if ring:
                    store(loop, i, edge * scale)
            else:
                scale = one / (b - a * load(back, row - wide + i))
                store(rows, row + i, fma(a, load(rows, row - wide + i), load(rows, row + i)) * scale)
                store(back, row + i, c * scale)
                if ring:
                    store(loop, row + i, fma(a, load(loop, row - wide + i), edge) * scale)
    for y in range(count - 2, -1, -1):
        row = y * wide
        for i in range(row, row + wide, 8):
            store(rows, i, fma(load(back, i), load(rows, i + wide), load(rows, i)))
        if ring:
            for i in range(row, row + wide, 8):
                store(loop, i, fma(load(back, i), load(loop, i + wide), load(loop, i)))
    if ring:
        for i in range(0, nx, 8):
            k = min(8, nx - i)
            first = load_some(low, at + stride + i, k) + load_some(high, at + i, k)
            weight = h * load_some(low, at + i, k) / fma(h, first, one)
            bottom = fma(weight, load(loop, final + i), one + load(loop, i))
            share = zero - fma(weight, load(rows, final + i), load(rows, i)) / bottom
            for y in range(count):
                store(rows, y * wide + i, fma(share, load(loop, y * wide + i), load(rows, y * wide + i)))
    else:
        for i in range(nx):
            ends[to] += step * high[at + i] * rows[i]
            ends[to + 1] += step * low[at + count * stride + i] * rows[final + i]


@jit
def planes(
    start, stop, size, u, work, source, loss, depot, faces, numbers, row, ghost, plane, pair, lines, ends
):
    """Pass one for planes ``start`` to ``stop``; as in `fields.kernels`."""
    nx, ny, _, wide = size
    step = numbers[0] * (1.0 if numbers[4] else 0.5)
    back, loop = pair
    for z in range(start, stop):
        residual(z, size, u, source, loss, depot, faces, numbers, row, ghost, plane)
        if nx > 1 or not faces.ring[0]:
            sweep_x(z, size, faces, step, plane, lines, ends[z])
        at = z * (ny + 1) * nx
        ring = faces.ring[1] and ny > 1
        sweep_rows(ny, nx, wide, faces.y_low, faces.y_high, at, nx, step, ring, plane, back, loop, ends[z], 2)
        to = z * ny * wide
        for i in range(0, ny * wide, 8):
            store(work, to + i, load(plane, i))


@jit
def rows(start, stop, size, u, work, loss, depot, taken, faces, numbers, local, sheet, pair, sums, ends):
    """Pass two for y from ``start`` to ``stop``; as in `fields.kernels`."""
    nx, ny, nz, wide = size
    step = numbers[0] * (1.0 if numbers[4] else 0.5)
    back, loop = pair
    ring = faces.ring[2] and nz > 1
    for y in range(start, stop):
        for z in range(nz):
            at = (z * ny + y) * wide
            for i in range(0, wide, 8):
                store(sheet, z * wide + i, load(work, at + i))
        sweep_rows(
            nz,
            nx,
            wide,
            faces.z_low,
            faces.z_high,
            y * nx,
            ny * nx,
            step,
            ring,
            sheet,
            back,
            loop,
            ends[y],
            0,
        )
        for z in range(nz):
            here, at = (z * ny + y) * nx, (z * ny + y) * wide
            finish(
                1, here, at, z * wide, nx, wide, u, work, loss, depot, taken, numbers, local, sheet, sums, y
            )
