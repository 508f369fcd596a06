"""Multigrid cycles, conjugate gradients and BiCGStab on levels of seven-point operators.

Vectors of all levels lie in one array, each level padded by one voxel on every side and its rows to whole
vectors of `WIDTH`; `levels.py` says how. What is beside the voxels is zero, except for copies of the
opposite side where a border is periodic. One thread, sums in one order: bits depend on the numbers alone.
"""

from __future__ import annotations

import numpy as np

from vesiflux.engines import _numba, _simd
from vesiflux.engines._simd import WIDTH, fma, load, splat, store

jit = _numba.compiler(__file__, str(_simd.__file__))

# columns of the table, one row a level: voxels, length and places of padded rows and planes, first entry of
# the level; then for x, y, z where the coefficients of the voxel below and above start, and how many rows of
# coefficients to go per plane and per row (0: the same row for all); periodic; halved on the next level
NZ, NY, NX, LONG, PITCH, PLANE, AT = 0, 1, 2, 3, 4, 5, 6
XL, XH, XK, XJ, YL, YH, YK, YJ, ZL, ZH, ZK, ZJ = 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
RX, RY, RZ, FX, FY, FZ = 19, 20, 21, 22, 23, 24
COLUMNS = 25

#: Which of eight voxels in a row are of one colour, and which of the other.
MASKS = np.array([1.0, 0.0] * (WIDTH // 2) + [0.0, 1.0] * (WIDTH // 2))
# no literals, for each of which what takes them would be compiled anew
EVEN, ODD = np.int64(0), np.int64(1)


@jit.inner
def _sum(vector):
    parts = np.empty(WIDTH)
    store(parts, 0, vector)
    found = 0.0
    for i in range(WIDTH):
        found += parts[i]
    return found


@jit.inner
def _wrap(t, x):
    """Copy the opposite sides beside the voxels where borders are periodic."""
    if t[RX] + t[RY] + t[RZ] == 0:
        return
    nz, ny, nx, pitch, plane, at = t[NZ], t[NY], t[NX], t[PITCH], t[PLANE], t[AT]
    if t[RX]:
        for k in range(1, nz + 1):
            for j in range(1, ny + 1):
                c = at + k * plane + j * pitch
                x[c] = x[c + nx]
                x[c + nx + 1] = x[c + 1]
    if t[RY]:
        for k in range(1, nz + 1):
            c = at + k * plane
            for i in range(1, nx + 1):
                x[c + i] = x[c + ny * pitch + i]
                x[c + (ny + 1) * pitch + i] = x[c + pitch + i]
    if t[RZ]:
        for j in range(1, ny + 1):
            c = at + j * pitch
            for i in range(1, nx + 1):
                x[c + i] = x[c + nz * plane + i]
                x[c + (nz + 1) * plane + i] = x[c + plane + i]


@jit.inner
def _beside(coef, x, c, xl, xh, yl, yh, zl, zh, pitch, plane):
    """What comes from the six voxels beside eight voxels from ``c`` on."""
    a = load(coef, xl) * load(x, c - 1)
    b = load(coef, xh) * load(x, c + 1)
    a = fma(load(coef, yl), load(x, c - pitch), a)
    b = fma(load(coef, yh), load(x, c + pitch), b)
    a = fma(load(coef, zl), load(x, c - plane), a)
    b = fma(load(coef, zh), load(x, c + plane), b)
    return a + b


@jit.inner
def _starts(t, k, j):
    """Where a row of voxels and its six rows of coefficients start."""
    c = t[AT] + (k + 1) * t[PLANE] + (j + 1) * t[PITCH] + 1
    x = (k * t[XK] + j * t[XJ]) * t[LONG]
    y = (k * t[YK] + j * t[YJ]) * t[LONG]
    z = (k * t[ZK] + j * t[ZJ]) * t[LONG]
    return c, t[XL] + x, t[XH] + x, t[YL] + y, t[YH] + y, t[ZL] + z, t[ZH] + z


@jit.inner
def multiply(t, coef, main, x, y):
    """y = M x on the voxels of the first level, and the sum of x y."""
    _wrap(t, x)
    total = splat(0.0)
    long, pitch, plane = t[LONG], t[PITCH], t[PLANE]
    for k in range(t[NZ]):
        for j in range(t[NY]):
            c, xl, xh, yl, yh, zl, zh = _starts(t, k, j)
            for i in range(0, long, WIDTH):
                own = load(x, c + i)
                other = _beside(coef, x, c + i, xl + i, xh + i, yl + i, yh + i, zl + i, zh + i, pitch, plane)
                value = load(main, c + i) * own - other
                store(y, c + i, value)
                total = fma(own, value, total)
    return _sum(total)


@jit.inner
def _relax(t, coef, masks, x, b, inverse, colour):
    """Gauss-Seidel on the voxels whose indices add up to an even number (``colour`` 0) or an odd one (1)."""
    _wrap(t, x)
    long, pitch, plane = t[LONG], t[PITCH], t[PLANE]
    for k in range(t[NZ]):
        for j in range(t[NY]):
            c, xl, xh, yl, yh, zl, zh = _starts(t, k, j)
            mask = load(masks, ((k + j + colour) & 1) * WIDTH)
            for i in range(0, long, WIDTH):
                own = load(x, c + i)
                other = _beside(coef, x, c + i, xl + i, xh + i, yl + i, yh + i, zl + i, zh + i, pitch, plane)
                change = fma(load(b, c + i) + other, load(inverse, c + i), splat(0.0) - own)
                store(x, c + i, fma(mask, change, own))


@jit.inner
def _first(t, masks, x, b, inverse):
    """As `_relax` with colour 0 from zero."""
    for k in range(t[NZ]):
        for j in range(t[NY]):
            c = t[AT] + (k + 1) * t[PLANE] + (j + 1) * t[PITCH] + 1
            mask = load(masks, ((k + j) & 1) * WIDTH)
            for i in range(0, t[LONG], WIDTH):
                store(x, c + i, mask * load(b, c + i) * load(inverse, c + i))


@jit.inner
def _restrict(t, coarse, coef, main, x, b, row):
    """Sum what is left of each block of voxels into ``b`` of the next level."""
    _wrap(t, x)
    long, pitch, plane, fx, fy, fz = t[LONG], t[PITCH], t[PLANE], t[FX], t[FY], t[FZ]
    for kc in range(coarse[NZ]):
        for jc in range(coarse[NY]):
            row[:long] = 0.0
            for k in range(kc << fz, min((kc + 1) << fz, t[NZ])):
                for j in range(jc << fy, min((jc + 1) << fy, t[NY])):
                    c, xl, xh, yl, yh, zl, zh = _starts(t, k, j)
                    for i in range(0, long, WIDTH):
                        other = _beside(
                            coef, x, c + i, xl + i, xh + i, yl + i, yh + i, zl + i, zh + i, pitch, plane
                        )
                        rest = load(b, c + i) - load(main, c + i) * load(x, c + i) + other
                        store(row, i, load(row, i) + rest)
            _pairs(coarse, row, b, kc, jc, fx)


@jit.inner
def _pairs(coarse, row, b, kc, jc, fx):
    c = coarse[AT] + (kc + 1) * coarse[PLANE] + (jc + 1) * coarse[PITCH] + 1
    if fx:
        for i in range(coarse[NX]):
            b[c + i] = row[2 * i] + row[2 * i + 1]
    else:
        for i in range(coarse[NX]):
            b[c + i] = row[i]


@jit.inner
def _prolong(t, coarse, x, row):
    """Add to the voxels of each block what the next level found for it."""
    long, nx, fx, fy, fz = t[LONG], t[NX], t[FX], t[FY], t[FZ]
    row[:long] = 0.0
    for kc in range(coarse[NZ]):
        for jc in range(coarse[NY]):
            c = coarse[AT] + (kc + 1) * coarse[PLANE] + (jc + 1) * coarse[PITCH] + 1
            if fx:
                for i in range(nx):
                    row[i] = x[c + (i >> 1)]
            else:
                for i in range(nx):
                    row[i] = x[c + i]
            for k in range(kc << fz, min((kc + 1) << fz, t[NZ])):
                for j in range(jc << fy, min((jc + 1) << fy, t[NY])):
                    at = t[AT] + (k + 1) * t[PLANE] + (j + 1) * t[PITCH] + 1
                    for i in range(0, long, WIDTH):
                        store(x, at + i, load(x, at + i) + load(row, i))


@jit.inner
def cycle(table, coef, masks, main, inverse, x, b, row):
    """x of the first level from its b, by one V-cycle from zero; a symmetric operation where M is."""
    last = table.shape[0] - 1
    for level in range(last):
        t = table[level]
        _first(t, masks, x, b, inverse)
        _relax(t, coef, masks, x, b, inverse, ODD)
        _restrict(t, table[level + 1], coef, main, x, b, row)
    t = table[last]
    for k in range(t[NZ]):
        for j in range(t[NY]):
            c = t[AT] + (k + 1) * t[PLANE] + (j + 1) * t[PITCH] + 1
            for i in range(0, t[LONG], WIDTH):
                store(x, c + i, load(b, c + i) * load(inverse, c + i))
    for level in range(last - 1, -1, -1):
        t = table[level]
        _prolong(t, table[level + 1], x, row)
        _relax(t, coef, masks, x, b, inverse, ODD)
        _relax(t, coef, masks, x, b, inverse, EVEN)


@jit
def diagonals(table, leave, sink, main, inverse, row):
    """Diagonals of all levels and their inverses (0 where nothing holds a voxel).

    ``leave``: what faces take, all levels; ``sink``: what else does, (n,) voxels of the first level.
    """
    pack(table[0], sink, main)
    for level in range(table.shape[0] - 1):
        t, coarse = table[level], table[level + 1]
        long, fx, fy, fz = t[LONG], t[FX], t[FY], t[FZ]
        for kc in range(coarse[NZ]):
            for jc in range(coarse[NY]):
                row[:long] = 0.0
                for k in range(kc << fz, min((kc + 1) << fz, t[NZ])):
                    for j in range(jc << fy, min((jc + 1) << fy, t[NY])):
                        c = t[AT] + (k + 1) * t[PLANE] + (j + 1) * t[PITCH] + 1
                        for i in range(0, long, WIDTH):
                            store(row, i, load(row, i) + load(main, c + i))
                _pairs(coarse, row, main, kc, jc, fx)
    for i in range(main.shape[0]):
        main[i] += leave[i]
        inverse[i] = 1.0 / main[i] if main[i] > 0.0 else 0.0


@jit.inner
def pack(t, values, x):
    """(n,) voxels into the first level."""
    at = 0
    for k in range(t[NZ]):
        for j in range(t[NY]):
            c = (k + 1) * t[PLANE] + (j + 1) * t[PITCH] + 1
            for i in range(t[NX]):
                x[c + i] = values[at]
                at += 1


@jit.inner
def unpack(t, x, values):
    """The first level into (n,) voxels."""
    at = 0
    for k in range(t[NZ]):
        for j in range(t[NY]):
            c = (k + 1) * t[PLANE] + (j + 1) * t[PITCH] + 1
            for i in range(t[NX]):
                values[at] = x[c + i]
                at += 1


@jit.inner
def _dot(a, b, low, high):
    total = splat(0.0)
    for i in range(low, high, WIDTH):
        total = fma(load(a, i), load(b, i), total)
    return _sum(total)


@jit.inner
def _size(r, inverse, low, high):
    """Sum of squares of r, each over its diagonal: a concentration, so that strong rows hide no weak ones."""
    total = splat(0.0)
    for i in range(low, high, WIDTH):
        part = load(r, i) * load(inverse, i)
        total = fma(part, part, total)
    return _sum(total)


@jit.inner
def _rest(t, coef, main, inverse, x, given, r, q):
    """r = ``given`` - M x; its `_size`."""
    multiply(t, coef, main, x, q)
    down = splat(-1.0)
    low, high = t[PLANE], (t[NZ] + 1) * t[PLANE]
    for i in range(low, high, WIDTH):
        store(r, i, fma(down, load(q, i), load(given, i)))
    return _size(r, inverse, low, high)


@jit.inner
def _begin(t, coef, main, inverse, right, guess, x, given, r, q):
    """x = ``guess`` and ``given`` = ``right``, nothing where no voxel is held; r = ``given`` - M x.

    `_size` of ``given`` and of r. Where nothing is given, so is x, and nothing is left.
    """
    pack(t, guess, x)
    pack(t, right, given)
    low, high = t[PLANE], (t[NZ] + 1) * t[PLANE]
    for i in range(low, high):
        if inverse[i] == 0.0:
            x[i] = 0.0
            given[i] = 0.0
    whole = _size(given, inverse, low, high)
    if whole == 0.0:
        x[:] = 0.0
        return 0.0, 0.0
    return whole, _rest(t, coef, main, inverse, x, given, r, q)


@jit.inner
def _end(t, x, whole, left, found):
    """``found`` = x; what is left of what was given, relative."""
    unpack(t, x, found)
    return np.sqrt(left / whole) if whole > 0.0 else 0.0


@jit
def conjugate(table, coef, masks, main, inverse, right, guess, rtol, most, found):
    """``found`` with M found = ``right`` for symmetric M: (cycles taken, relative residual).

    The residual, by `_size` relative to that of ``right``, is that of ``found`` itself, not the one that is
    carried along: where they part, the method starts anew, as long as that helps.
    """
    t = table[0]
    low, high = t[PLANE], (t[NZ] + 1) * t[PLANE]
    fine = high + t[PLANE] + WIDTH
    z, r = np.zeros(main.shape[0]), np.zeros(main.shape[0])
    x, p, q, given = np.zeros(fine), np.zeros(fine), np.zeros(fine), np.zeros(fine)
    row = np.zeros(t[LONG] + WIDTH)
    whole, left = _begin(t, coef, main, inverse, right, guess, x, given, r, q)
    limit = rtol * rtol * whole
    steps = 0
    while left > limit and steps < most:
        before = left
        rho = 0.0
        while left > limit and steps < most:
            steps += 1
            cycle(table, coef, masks, main, inverse, z, r, row)
            new = _dot(r, z, low, high)
            beta = splat(0.0 if rho == 0.0 else new / rho)
            rho = new
            for i in range(low, high, WIDTH):
                store(p, i, fma(beta, load(p, i), load(z, i)))
            step = rho / multiply(t, coef, main, p, q)
            up, down = splat(step), splat(-step)
            for i in range(low, high, WIDTH):
                store(x, i, fma(up, load(p, i), load(x, i)))
                store(r, i, fma(down, load(q, i), load(r, i)))
            left = _size(r, inverse, low, high)
        left = _rest(t, coef, main, inverse, x, given, r, q)
        if not left < 0.25 * before:
            break
    return steps, _end(t, x, whole, left, found)


@jit
def stabilised(table, coef, masks, main, inverse, right, guess, rtol, most, found):
    """As `conjugate` for any M, by BiCGStab (H. A. van der Vorst, SIAM J. Sci. Stat. Comput. 13, 631, 1992).

    Takes two cycles at a time, and new directions when it runs out of them.
    """
    t = table[0]
    low, high = t[PLANE], (t[NZ] + 1) * t[PLANE]
    fine = high + t[PLANE] + WIDTH
    z, b = np.zeros(main.shape[0]), np.zeros(main.shape[0])
    x, r, q, given = np.zeros(fine), np.zeros(fine), np.zeros(fine), np.zeros(fine)
    first, p, v = np.zeros(fine), np.zeros(fine), np.zeros(fine)
    row = np.zeros(t[LONG] + WIDTH)
    whole, left = _begin(t, coef, main, inverse, right, guess, x, given, r, q)
    limit = rtol * rtol * whole
    steps = 0
    while left > limit and steps < most:
        before = left
        rho = alpha = omega = 0.0
        while left > limit and steps < most:
            steps += 2
            new = _dot(first, r, low, high)
            own = _dot(r, r, low, high)
            if omega == 0.0 or new * new < 1e-24 * own * _dot(first, first, low, high):
                first[low:high] = r[low:high]
                p[low:high] = r[low:high]
                new = own
            else:
                beta = (new / rho) * (alpha / omega)
                for i in range(low, high):
                    p[i] = r[i] + beta * (p[i] - omega * v[i])
            rho = new
            b[low:high] = p[low:high]
            cycle(table, coef, masks, main, inverse, z, b, row)
            multiply(t, coef, main, z, v)
            alpha = rho / _dot(first, v, low, high)
            up, down = splat(alpha), splat(-alpha)
            for i in range(low, high, WIDTH):
                store(x, i, fma(up, load(z, i), load(x, i)))
                store(r, i, fma(down, load(v, i), load(r, i)))
            b[low:high] = r[low:high]
            cycle(table, coef, masks, main, inverse, z, b, row)
            multiply(t, coef, main, z, q)
            size = _dot(q, q, low, high)
            omega = 0.0 if size == 0.0 else _dot(q, r, low, high) / size
            up, down = splat(omega), splat(-omega)
            for i in range(low, high, WIDTH):
                store(x, i, fma(up, load(z, i), load(x, i)))
                store(r, i, fma(down, load(q, i), load(r, i)))
            left = _size(r, inverse, low, high)
        left = _rest(t, coef, main, inverse, x, given, r, q)
        if not left < 0.25 * before:
            break
    return steps, _end(t, x, whole, left, found)
