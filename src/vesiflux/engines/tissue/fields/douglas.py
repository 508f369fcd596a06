"""One substep of one field: picks the kernel, runs it in fixed blocks, and says what went where.

The ledger of a substep is exact. With w1, w2, w3 what the three sweeps give, the scheme is

    d = k (A u - L u + S) + h Ax w1 + h Ay w2 + h Az w3 - h L d,

so cells and decay get k L (u + d / 2) and a border, besides k times its flux at u, h times that of w.
Faces inside the box take from one voxel what they give to the other. Nothing is left over but rounding.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.lines import Line, line, padded
from vesiflux.engines.tissue.fields.transport import Transport

__all__ = ["BLOCK", "Passed", "Stepper"]

Floats = npt.NDArray[np.float64]

BLOCK = 8  # planes, or sheets, of one task
SHEET = 50_000  # numbers of scratch for sheets worked on together: they fit the second cache
SERIAL = 40_000  # voxels below which threads cost more than they bring
_KEPT = 12  # lengths of substep whose coefficients are kept


@dataclass(frozen=True)
class Passed:
    """What one substep did.

    ``mean``: sum over voxels of the concentration that losses are counted at (that times loss and span is
    what was taken); ``left``: amount that went out through borders; ``least``: least new concentration, free
    or bound; ``middle``: the concentrations summed, where they are not the mean of before and after.
    """

    mean: float
    left: float
    least: float
    middle: Floats | None = None

    def taken(self, before: Floats, after: Floats, loss: Floats, span: float) -> Floats:
        """What the substep took, per voxel."""
        middle = 0.5 * (before + after) if self.middle is None else self.middle
        return loss * (span * middle)


class Faces(NamedTuple):
    """Faces for the kernels, flat; ``held``: at the six borders; ``ring``: periodic axes; ``ghost``: rows of
    the borders' values at low and high y and z, and a row of zeros."""

    x_low: Floats
    x_high: Floats
    y_low: Floats
    y_high: Floats
    z_low: Floats
    z_high: Floats
    held: Floats
    ring: npt.NDArray[np.bool_]
    ghost: Floats


class _Scratch(NamedTuple):
    """Of one worker: a row, a plane, a sheet; and for faces that differ, turned lines and factors."""

    row: Floats
    plane: Floats
    turned: Floats
    sheet: Floats
    pair: tuple[Floats, Floats]
    lines: tuple[Floats, Floats, Floats, Floats, Floats]


class Stepper:
    """Substeps for one group. ``work`` is scratch of a whole field that steppers of one grid can share."""

    def __init__(self, operator: Transport, binding: tuple[float, float], work: Floats, threads: int = 1):
        self.operator = operator
        self.binding = binding
        self.threads = threads
        nx, ny, nz = operator.grid.shape
        self._wide = padded(nx)
        self._size = (nx, ny, nz, self._wide)
        self._work = work
        self._lines: dict[tuple[float, bool], tuple[Line, Line, Line]] = {}
        self._faces = None if operator.uniform and nx >= 8 else _full(operator)
        self._scratch: queue.SimpleQueue[_Scratch] = queue.SimpleQueue()
        for _ in range(max(1, threads)):
            self._scratch.put(self._new_scratch())
        many = threads > 1 and operator.grid.n_voxels >= SERIAL
        self._pool = ThreadPoolExecutor(threads) if many else None
        self.inflow = _inflow(operator)

    @staticmethod
    def work(operator: Transport) -> Floats:
        """Scratch for `Stepper`: one field with padded rows."""
        nx, ny, nz = operator.grid.shape
        return np.zeros(padded(nx) * ny * nz)

    def before(self) -> Floats:
        """The field before the last substep, (n_voxels,), a copy."""
        from vesiflux.engines.tissue.fields.kernels import unpad

        out = np.empty(self.operator.grid.n_voxels)
        unpad(self._size[0], self._wide, self._work, out)
        return out

    def substep(
        self,
        u: Floats,
        depot: Floats,
        source: Floats,
        loss: Floats,
        taken: Floats,
        span: float,
        *,
        add: bool = False,
        first: bool = False,
    ) -> Passed:
        """Advance ``u`` (n_voxels,) and ``depot`` (n_voxels,) or (0,) by ``span`` h, in place.

        ``source``: amount/h per voxel or empty; ``loss``: mL/h per voxel, cells and vessels; ``taken``: set
        to what it took (``add``: raised by it); ``first``: the positive first-order step.
        """
        nx, ny, nz, _ = self._size
        operator = self.operator
        left = 0.0 if first else span * self.outflow(u)
        ends, far = np.zeros((nz, 4)), np.zeros((ny, 2))
        sums = np.zeros(16 * ny)
        on, off = self.binding if depot.size else (0.0, 0.0)
        numbers = (
            span / operator.grid.voxel_volume,
            span * operator.decay,
            span * on,
            span * off,
            first,
        )
        local = (span, add)
        planes, rows = self._kernels(span, first)
        work = self._work

        def one(start: int, stop: int) -> None:
            scratch = self._scratch.get()
            planes(start, stop, u, work, source, loss, depot, numbers, scratch, ends)
            self._scratch.put(scratch)

        def two(start: int, stop: int) -> None:
            scratch = self._scratch.get()
            rows(start, stop, u, work, loss, depot, taken, numbers, local, scratch, sums, far)
            self._scratch.put(scratch)

        self._blocks(one, nz)
        self._blocks(two, ny)
        parts = sums.reshape(ny, 2, 8)
        through = float(ends.sum() + far.sum())
        if self._faces is not None:  # its kernels count in concentrations of one voxel
            through *= operator.grid.voxel_volume
        return Passed(float(parts[:, 0].sum()), left + through, float(parts[:, 1].min()))

    def _blocks(self, work: Callable[[int, int], None], count: int) -> None:
        if self._pool is None:
            work(0, count)
            return
        starts = range(0, count, BLOCK)
        list(self._pool.map(work, starts, [min(count, start + BLOCK) for start in starts]))

    def _kernels(self, span: float, first: bool) -> tuple[Callable[..., None], Callable[..., None]]:
        """Pass one and pass two with the coefficients bound."""
        size = self._size
        if self._faces is None:
            from vesiflux.engines.tissue.fields import kernels

            lines = self._coefficients(span, first)

            def planes(start, stop, u, work, source, loss, depot, numbers, s, ends):  # type: ignore[no-untyped-def]
                kernels.planes(
                    start,
                    stop,
                    size,
                    u,
                    work,
                    source,
                    loss,
                    depot,
                    lines,
                    numbers,
                    s.row,
                    s.plane,
                    s.turned,
                    ends,
                )

            def rows(start, stop, u, work, loss, depot, taken, numbers, local, s, sums, ends):  # type: ignore[no-untyped-def]
                kernels.rows(
                    start, stop, size, u, work, loss, depot, taken, lines, numbers, local, s.sheet, sums, ends
                )

            return planes, rows
        from vesiflux.engines.tissue.fields.varied import kernels as varied

        faces = self._faces

        def planes(start, stop, u, work, source, loss, depot, numbers, s, ends):  # type: ignore[no-untyped-def]
            varied.planes(
                start,
                stop,
                size,
                u,
                work,
                source,
                loss,
                depot,
                faces,
                numbers,
                s.row,
                faces.ghost,
                s.plane,
                s.pair,
                s.lines,
                ends,
            )

        def rows(start, stop, u, work, loss, depot, taken, numbers, local, s, sums, ends):  # type: ignore[no-untyped-def]
            varied.rows(
                start,
                stop,
                size,
                u,
                work,
                loss,
                depot,
                taken,
                faces,
                numbers,
                local,
                s.sheet,
                s.pair,
                sums,
                ends,
            )

        return planes, rows

    def _coefficients(self, span: float, first: bool) -> tuple[Line, Line, Line]:
        key = (span, first)
        if key not in self._lines:
            if len(self._lines) >= _KEPT:
                del self._lines[next(iter(self._lines))]
            volume = self.operator.grid.voxel_volume
            implicit = span if first else 0.5 * span
            x, y, z = (line(axis, volume, span, implicit) for axis in self.operator.axes)
            self._lines[key] = (x, y, z)
        return self._lines[key]

    def outflow(self, u: Floats) -> float:
        """Amount/h that leaves through held borders at concentrations ``u``."""
        found = 0.0
        field = u.reshape(self.operator.grid.array_shape)
        for axis in self.operator.axes:
            if not axis.periodic:
                found += float((axis.part(axis.high, slice(0, 1)) * axis.part(field, slice(0, 1))).sum())
                found += float(
                    (axis.part(axis.low, slice(-1, None)) * axis.part(field, slice(-1, None))).sum()
                )
        return found

    def _new_scratch(self) -> _Scratch:
        _, ny, nz, wide = self._size
        even = self._faces is None
        factors = 0 if even else max(padded(ny), nz) * wide
        line = 0 if even else 8 * (wide + 8)
        return _Scratch(
            np.zeros(wide + 24),
            np.zeros(padded(ny) * wide),
            np.zeros(8 * wide),
            np.zeros(max(1, min(BLOCK, SHEET // (nz * wide)) if even else 1) * nz * wide),
            (np.zeros(factors), np.zeros(factors)),
            (np.zeros(line), np.zeros(line), np.zeros(line), np.zeros(line), np.zeros(line)),
        )


def _inflow(operator: Transport) -> float:
    """Amount/h that enters through held borders."""
    found = 0.0
    for axis in operator.axes:
        if not axis.periodic:
            lines = operator.grid.n_voxels // operator.grid.shape[axis.number] if axis.uniform else 1
            low, high = axis.part(axis.low, slice(0, 1)), axis.part(axis.high, slice(-1, None))
            found += lines * (float(low.sum()) * axis.held[0] + float(high.sum()) * axis.held[1])
    return found


def _full(operator: Transport) -> Faces:
    """Faces of every line, as the kernels read them."""
    shape = operator.grid.array_shape
    flat: list[Floats] = []
    for axis in operator.axes:
        length = list(shape)
        length[axis.dimension] += 1
        low = np.ascontiguousarray(np.broadcast_to(axis.low, length)).reshape(-1)
        flat.append(low)
        if axis.symmetric:
            flat.append(low)
        else:
            flat.append(np.ascontiguousarray(np.broadcast_to(axis.high, length)).reshape(-1))
    held = np.array([value for axis in operator.axes for value in axis.held])
    wide = padded(operator.grid.shape[0])
    ghost = np.concatenate([np.repeat(held[2:], wide), np.zeros(wide)])
    ring = np.array([axis.periodic for axis in operator.axes])
    return Faces(*flat, held, ring, ghost)
