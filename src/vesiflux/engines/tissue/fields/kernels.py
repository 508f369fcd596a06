"""One substep of one field where all lines of an axis are alike (no hindrance, no walls).

Douglas in delta form (J. Douglas, Numer. Math. 4, 41, 1962), uptake and decay as the last factor:

    (1 - h Ax)(1 - h Ay)(1 - h Az)(1 + h L) d = k (A u - L u + S),   k the substep, h = k/2,  u += d.

Pass one (`planes`) works plane by plane: the right side, the sweep along x (eight lines at a time, turned in
registers), the sweep along y. Pass two (`rows`) works on the z-x sheet of one y: the sweep along z, the local
factor, the new field. Planes and sheets are independent, so blocks of them may run on any thread.

``first`` selects the positive first-order step instead: (1 - k Ax)(1 - k Ay)(1 - k Az)(1 + k L) u' = u + k S.

`Line` holds an axis's coefficients for the substep (see `lines`). Fields are flat [z, y, x]; ``work`` is
flat with rows padded to eights; after pass two it holds the field as it was before.
"""

from __future__ import annotations

from vesiflux.engines import _simd
from vesiflux.engines._numba import compiler
from vesiflux.engines._simd import fma, load, minimum, splat, store
from vesiflux.engines.tissue.fields import vectors
from vesiflux.engines.tissue.fields.vectors import load_some, store_some, turn

jit = compiler(__file__, vectors.__file__, _simd.__file__)


@jit.inner
def residual(z, size, u, source, loss, depot, lines, numbers, row, plane):
    """The right side of one plane into ``plane`` (rows padded). Rows are of eight voxels or more."""
    nx, ny, nz, wide = size
    x, y_line, z_line = lines
    per_volume, decay, on, off, first = numbers
    ahead = splat(per_volume)
    bound = depot.size > 0
    z_low = z - 1 if z > 0 else nz - 1
    z_high = z + 1 if z < nz - 1 else 0
    for y in range(ny):
        here = (z * ny + y) * nx
        if first:
            inert = splat(1.0)
            fixed = splat(y_line.constant[y] + z_line.constant[z])
            for i in range(0, nx, 8):
                k = min(8, nx - i)
                found = fma(inert, load_some(u, here + i, k), fixed + load(x.constant, i))
                if source.size > 0:
                    found = fma(ahead, load_some(source, here + i, k), found)
                store(plane, y * wide + i, found)
            continue
        for i in range(nx):
            row[8 + i] = u[here + i]
        row[7] = u[here + nx - 1]
        row[8 + nx] = u[here]
        y_low = (z * ny + (y - 1 if y > 0 else ny - 1)) * nx
        y_high = (z * ny + (y + 1 if y < ny - 1 else 0)) * nx
        below = (z_low * ny + y) * nx
        above = (z_high * ny + y) * nx
        to_y_low, to_y_high = splat(y_line.below[y]), splat(y_line.above[y])
        to_z_low, to_z_high = splat(z_line.below[z]), splat(z_line.above[z])
        kept = splat(y_line.here[y] + z_line.here[z] - decay - on)
        fixed = splat(y_line.constant[y] + z_line.constant[z])
        back = splat(off)
        nothing = splat(0.0)
        for block in range(0, nx, 8):
            i = min(block, nx - 8)  # the last eight overlap those before: nothing is read beyond the row
            middle = load(row, 8 + i)
            found = fma(load(x.below, i), load(row, 7 + i), fixed + load(x.constant, i))
            found = fma(load(x.above, i), load(row, 9 + i), found)
            found = fma(to_y_low, load(u, y_low + i), found)
            found = fma(to_y_high, load(u, y_high + i), found)
            found = fma(to_z_low, load(u, below + i), found)
            found = fma(to_z_high, load(u, above + i), found)
            lost = fma(nothing - ahead, load(loss, here + i), kept + load(x.here, i))
            found = fma(lost, middle, found)
            if source.size > 0:
                found = fma(ahead, load(source, here + i), found)
            if bound:
                found = fma(back, load(depot, here + i), found)
            store(plane, y * wide + i, found)


@jit.inner
def sweep_x(ny, wide, x, plane, turned, ends):
    """Solve along x in ``plane``; eight lines at a time."""
    zero = splat(0.0)
    for y in range(0, ny, 8):
        a, b = y * wide, (y + 1) * wide
        c, d = (y + 2) * wide, (y + 3) * wide
        e, f = (y + 4) * wide, (y + 5) * wide
        g, h = (y + 6) * wide, (y + 7) * wide
        v = zero
        for i in range(0, wide, 8):
            t = turn(
                (
                    load(plane, a + i),
                    load(plane, b + i),
                    load(plane, c + i),
                    load(plane, d + i),
                    load(plane, e + i),
                    load(plane, f + i),
                    load(plane, g + i),
                    load(plane, h + i),
                )
            )
            v = fma(splat(x.carry[i]), v, splat(x.scale[i]) * t[0])
            store(turned, 8 * i, v)
            v = fma(splat(x.carry[i + 1]), v, splat(x.scale[i + 1]) * t[1])
            store(turned, 8 * i + 8, v)
            v = fma(splat(x.carry[i + 2]), v, splat(x.scale[i + 2]) * t[2])
            store(turned, 8 * i + 16, v)
            v = fma(splat(x.carry[i + 3]), v, splat(x.scale[i + 3]) * t[3])
            store(turned, 8 * i + 24, v)
            v = fma(splat(x.carry[i + 4]), v, splat(x.scale[i + 4]) * t[4])
            store(turned, 8 * i + 32, v)
            v = fma(splat(x.carry[i + 5]), v, splat(x.scale[i + 5]) * t[5])
            store(turned, 8 * i + 40, v)
            v = fma(splat(x.carry[i + 6]), v, splat(x.scale[i + 6]) * t[6])
            store(turned, 8 * i + 48, v)
            v = fma(splat(x.carry[i + 7]), v, splat(x.scale[i + 7]) * t[7])
            store(turned, 8 * i + 56, v)
        v = zero
        for i in range(wide - 8, -1, -8):
            p7 = fma(splat(x.back[i + 7]), v, load(turned, 8 * i + 56))
            p6 = fma(splat(x.back[i + 6]), p7, load(turned, 8 * i + 48))
            p5 = fma(splat(x.back[i + 5]), p6, load(turned, 8 * i + 40))
            p4 = fma(splat(x.back[i + 4]), p5, load(turned, 8 * i + 32))
            p3 = fma(splat(x.back[i + 3]), p4, load(turned, 8 * i + 24))
            p2 = fma(splat(x.back[i + 2]), p3, load(turned, 8 * i + 16))
            p1 = fma(splat(x.back[i + 1]), p2, load(turned, 8 * i + 8))
            v = fma(splat(x.back[i]), p1, load(turned, 8 * i))
            t = turn((v, p1, p2, p3, p4, p5, p6, p7))
            store(plane, a + i, t[0])
            store(plane, b + i, t[1])
            store(plane, c + i, t[2])
            store(plane, d + i, t[3])
            store(plane, e + i, t[4])
            store(plane, f + i, t[5])
            store(plane, g + i, t[6])
            store(plane, h + i, t[7])
    if x.ring[2] != 0.0:
        last = int(x.ring[3])
        for y in range(ny):
            at = y * wide
            share = splat(-x.ring[1] * (plane[at] + x.ring[0] * plane[at + last]))
            for i in range(0, wide, 8):
                store(plane, at + i, fma(share, load(x.loop, i), load(plane, at + i)))
    if x.out[0] != 0.0 or x.out[1] != 0.0:
        last = int(x.ring[3])
        for y in range(ny):
            ends[0] += x.out[0] * plane[y * wide]
            ends[1] += x.out[1] * plane[y * wide + last]


@jit.inner
def sweep_y(ny, nx, wide, y_line, plane, work, to, ends):
    """Solve along y in ``plane``, a row of x at a time; the answer also into ``work`` from ``to`` on."""
    scale = splat(y_line.scale[0])
    for i in range(0, wide, 8):
        store(plane, i, scale * load(plane, i))
    for y in range(1, ny):
        scale, carry = splat(y_line.scale[y]), splat(y_line.carry[y])
        at = y * wide
        for i in range(at, at + wide, 8):
            store(plane, i, fma(carry, load(plane, i - wide), scale * load(plane, i)))
    last = (ny - 1) * wide
    for i in range(last, last + wide, 8):
        store(work, to + i, load(plane, i))
    for y in range(ny - 2, -1, -1):
        back = splat(y_line.back[y])
        at = y * wide
        for i in range(at, at + wide, 8):
            found = fma(back, load(plane, i + wide), load(plane, i))
            store(plane, i, found)
            store(work, to + i, found)
    if y_line.ring[2] != 0.0:
        factor, weight = splat(-y_line.ring[1]), splat(y_line.ring[0])
        for i in range(0, wide, 8):
            share = factor * fma(weight, load(plane, (ny - 1) * wide + i), load(plane, i))
            for y in range(ny):
                at = y * wide + i
                found = fma(share, splat(y_line.loop[y]), load(plane, at))
                store(plane, at, found)
                store(work, to + at, found)
    if y_line.out[0] != 0.0 or y_line.out[1] != 0.0:
        for i in range(nx):
            ends[2] += y_line.out[0] * plane[i]
            ends[3] += y_line.out[1] * plane[(ny - 1) * wide + i]


@jit
def planes(start, stop, size, u, work, source, loss, depot, lines, numbers, row, plane, turned, ends):
    """Pass one for planes ``start`` to ``stop``. ``ends`` (nz, 4): what left through x and y borders."""
    nx, ny, _, wide = size
    x, y_line, _ = lines
    for z in range(start, stop):
        residual(z, size, u, source, loss, depot, lines, numbers, row, plane)
        if x.moves[0] != 0.0:
            sweep_x(ny, wide, x, plane, turned, ends[z])
        sweep_y(ny, nx, wide, y_line, plane, work, z * ny * wide, ends[z])


@jit.inner
def finish(count, here, at, sheet_at, nx, wide, u, work, loss, depot, taken, numbers, local, sheet, sums, y):
    """The local factor and what follows for ``count`` rows: field, depot, losses, sums (see `rows`)."""
    per_volume, decay, on, off, first = numbers
    span, add = local
    half = splat(1.0 if first else 0.5)
    one = splat(1.0)
    lose, fade = half * splat(per_volume), one + half * splat(decay)
    time = splat(span)
    bound = depot.size > 0
    to, back = splat(on), splat(off)
    damp = one + half * back
    whole = 0 if bound or first or add else nx - nx % 8
    for r in range(y, y + count):
        total, least = load(sums, 16 * r), load(sums, 16 * r + 8)
        for i in range(0, whole, 8):  # the loop below without its cases and masks
            before, gone = load(u, here + i), load(loss, here + i)
            after = before + load(sheet, sheet_at + i) / fma(lose, gone, fade)
            mean = half * (before + after)
            store(work, at + i, before)
            store(u, here + i, after)
            store(taken, here + i, time * gone * mean)
            total = total + mean
            least = minimum(least, after)
        for i in range(whole, nx, 8):
            k = min(8, nx - i)
            before = load_some(u, here + i, k)
            gone = load_some(loss, here + i, k)
            found = load(sheet, sheet_at + i)
            divisor = fma(lose, gone, fade)
            store(work, at + i, before)
            if bound:
                held = load_some(depot, here + i, k)
                divisor = divisor + half * to / damp
                if first:
                    after = fma(back / damp, held, found) / divisor
                    kept = fma(to, after, held) / damp
                else:
                    moved = to * before - back * held
                    change = fma(half * back / damp, moved, found) / divisor
                    after = before + change
                    kept = held + fma(half * to, change, moved) / damp
                store_some(depot, here + i, kept, k)
                least = minimum(least, kept)
            elif first:
                after = found / divisor
            else:
                after = before + found / divisor
            mean = after if first else half * (before + after)
            store_some(u, here + i, after, k)
            used = time * gone * mean
            if add:
                used = used + load_some(taken, here + i, k)
            store_some(taken, here + i, used, k)
            total = total + mean
            least = minimum(least, after)
        store(sums, 16 * r, total)
        store(sums, 16 * r + 8, least)
        here += nx
        at += wide
        sheet_at += wide


@jit
def rows(start, stop, size, u, work, loss, depot, taken, lines, numbers, local, sheet, sums, ends):
    """Pass two for y from ``start`` to ``stop``.

    ``sums`` (ny, 16): eight partial sums of the mean field, eight least new values; ``ends`` (ny, 2): what
    left through z borders. ``taken`` is set to, or with ``local[1]`` raised by, loss x mean x substep.
    """
    nx, ny, nz, wide = size
    line = lines[2]
    ring = line.ring[2] != 0.0
    many = sheet.size // (nz * wide)  # rows of y at a time: longer pieces of contiguous memory
    for y in range(start, stop, many):
        count = min(many, stop - y)
        long = count * wide
        for z in range(nz):
            scale, carry = splat(line.scale[z]), splat(line.carry[z])
            at, to = (z * ny + y) * wide, z * long
            if z == 0:
                for i in range(0, long, 8):
                    store(sheet, i, scale * load(work, at + i))
            else:
                for i in range(0, long, 8):
                    store(sheet, to + i, fma(carry, load(sheet, to - long + i), scale * load(work, at + i)))
        for z in range(nz - 1, -1, -1):
            to = z * long
            if z < nz - 1:
                back = splat(line.back[z])
                for i in range(to, to + long, 8):
                    store(sheet, i, fma(back, load(sheet, i + long), load(sheet, i)))
            if not ring:
                row = z * ny + y
                finish(
                    count, row * nx, row * wide, to, nx, wide, u, work, loss, depot, taken,
                    numbers, local, sheet, sums, y,
                )  # fmt: skip
        if ring:
            factor, weight = splat(-line.ring[1]), splat(line.ring[0])
            for i in range(0, long, 8):
                share = factor * fma(weight, load(sheet, (nz - 1) * long + i), load(sheet, i))
                for z in range(nz):
                    store(sheet, z * long + i, fma(share, splat(line.loop[z]), load(sheet, z * long + i)))
            for z in range(nz):
                row = z * ny + y
                finish(
                    count, row * nx, row * wide, z * long, nx, wide, u, work, loss, depot, taken,
                    numbers, local, sheet, sums, y,
                )  # fmt: skip
        if line.out[0] != 0.0 or line.out[1] != 0.0:
            for r in range(count):
                for i in range(nx):
                    ends[y + r, 0] += line.out[0] * sheet[r * wide + i]
                    ends[y + r, 1] += line.out[1] * sheet[(nz - 1) * long + r * wide + i]
