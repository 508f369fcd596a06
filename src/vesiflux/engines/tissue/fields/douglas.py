"""One substep of one field: picks the kernel, runs it in fixed blocks, and says what went where.

The ledger of a substep is exact. With w1, w2, w3 what the three sweeps give, the scheme is

    d = k (A u - L u + S) + h Ax w1 + h Ay w2 + h Az w3 - h L d,

so cells and decay get k L (u + d / 2) and a border, besides k times its flux at u, h times that of w.
Faces inside the box take from one voxel what they give to the other. Nothing is left over but rounding.
"""

from __future__ import annotations

import math
import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.lines import Line, line, padded
from vesiflux.engines.tissue.fields.transport import Transport, outflow
from vesiflux.engines.tissue.fields.varied.faces import faces as varied_faces
from vesiflux.engines.tissue.pool import pool
from vesiflux.errors import RunError

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


class _Scratch(NamedTuple):
    """Of one worker: a row, a plane, a sheet; and for faces that differ, turned lines and factors."""

    row: Floats
    plane: Floats
    turned: Floats
    sheet: Floats
    pair: tuple[Floats, Floats]
    lines: tuple[Floats, Floats, Floats, Floats, Floats]


def needs_faces(operator: Transport) -> bool:
    """Whether the kernels for lines that are alike cannot be used: they read eight voxels at once."""
    return not operator.uniform or operator.grid.shape[0] < 8


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
        self._faces = varied_faces(operator) if needs_faces(operator) else None
        self._scratch: queue.SimpleQueue[_Scratch] = queue.SimpleQueue()
        for _ in range(max(1, threads)):
            self._scratch.put(self._new_scratch())
        self._many = threads > 1 and operator.grid.n_voxels >= SERIAL

    @staticmethod
    def work(operator: Transport) -> Floats:
        """Scratch for `Stepper`: one field with padded rows."""
        nx, ny, nz = operator.grid.shape
        return np.zeros(padded(nx) * ny * nz)

    def before(self) -> Floats:
        """The field before the last substep, (n_voxels,), a copy."""
        rows = self._work.reshape(-1, self._wide)
        return rows[:, : self._size[0]].flatten()

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
        operator, size, faces, work = self.operator, self._size, self._faces, self._work
        left = 0.0 if first else span * outflow(operator, u)
        ends, far = np.zeros((size[2], 4)), np.zeros((size[1], 2))
        sums = np.zeros(16 * size[1])
        on, off = self.binding if depot.size else (0.0, 0.0)
        volume = operator.grid.voxel_volume
        numbers = (span / volume, span * operator.decay, span * on, span * off, first)
        local = (span, add)
        given = (size, u, work, source, loss, depot)
        lines = self._coefficients(span, first) if faces is None else None
        even, varied = self._kernels()

        def one(start: int, stop: int) -> None:
            with self._bench() as s:
                if faces is None:
                    even.planes(start, stop, *given, lines, numbers, s.row, s.plane, s.turned, ends)
                else:
                    varied.planes(
                        start,
                        stop,
                        *given,
                        faces,
                        numbers,
                        s.row,
                        faces.ghost,
                        s.plane,
                        s.pair,
                        s.lines,
                        ends,
                    )

        def two(start: int, stop: int) -> None:
            field = (size, u, work, loss, depot, taken)
            with self._bench() as s:
                if faces is None:
                    even.rows(start, stop, *field, lines, numbers, local, s.sheet, sums, far)
                else:
                    varied.rows(start, stop, *field, faces, numbers, local, s.sheet, s.pair, sums, far)

        self._blocks(one, size[2])
        self._blocks(two, size[1])
        parts = sums.reshape(size[1], 2, 8)
        # the kernels for faces that differ count in concentrations of one voxel
        through = float(ends.sum() + far.sum()) * (1.0 if faces is None else volume)
        least = float(parts[:, 1].min())
        if math.isnan(least):
            raise RunError("a field is no longer a number: sources, clearances and fields must be finite")
        return Passed(float(parts[:, 0].sum()), left + through, least)

    def _blocks(self, work: Callable[[int, int], None], count: int) -> None:
        if not self._many:
            work(0, count)
            return
        starts = range(0, count, BLOCK)
        list(pool(self.threads).map(work, starts, [min(count, start + BLOCK) for start in starts]))

    @staticmethod
    def _kernels() -> tuple[Any, Any]:
        """Kernels where lines are alike, and where they differ."""
        from vesiflux.engines.tissue.fields import kernels
        from vesiflux.engines.tissue.fields.varied import kernels as varied

        return kernels, varied

    @contextmanager
    def _bench(self) -> Iterator[_Scratch]:
        """Scratch that no other worker uses meanwhile."""
        scratch = self._scratch.get()
        try:
            yield scratch
        finally:
            self._scratch.put(scratch)

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
