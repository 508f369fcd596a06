"""(shift - A) u = right for the operator A of one group, in a number of cycles that hardly grows with voxels.

Without flow: conjugate gradients; with flow: BiCGStab. Before either, one multigrid V-cycle with red-black
Gauss-Seidel on the levels of `levels.py` (A. Brandt, Math. Comput. 31, 333, 1977; cell-centred: P. Wesseling,
An Introduction to Multigrid Methods, 1992, chapter 5).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.elliptic import kernels
from vesiflux.engines.tissue.fields.elliptic.levels import Levels, levels
from vesiflux.engines.tissue.fields.transport import Transport

__all__ = ["Elliptic", "Shifted", "Solution"]

Floats = npt.NDArray[np.float64]

_kernels: Any = kernels  # numba knows their types


class Solution(NamedTuple):
    """``values``: (n_voxels,). ``cycles``: how many it took. ``residual``: what ``values`` leave of the right
    side, in the 2-norm, both over the diagonal (concentrations, then); more than was asked for where rounding
    allows no better, and without bound (or not a number) where there is no solution: look at it.
    """

    values: Floats
    cycles: int
    residual: float


class Elliptic:
    """The operator of one group on all its levels, made at the first use."""

    def __init__(self, operator: Transport):
        self.operator = operator

    @cached_property
    def levels(self) -> Levels:
        """Levels of the operator."""
        return levels(self.operator)

    @cached_property
    def parts(self) -> npt.NDArray[np.int32] | None:
        """Which part of the box a voxel lies in, where walls may cut it into several; None without walls."""
        if self.operator.wall is None:
            return None
        from scipy.sparse.csgraph import connected_components

        faces = self.operator.matrix()
        faces.eliminate_zeros()  # walls are faces that let nothing through
        _, labels = connected_components(faces, directed=False)
        found: npt.NDArray[np.int32] = labels
        return found

    def shifted(self, shift: Floats) -> Shifted:
        """The operator with ``shift`` (n_voxels,), mL/h, not negative, for any right sides."""
        return Shifted(self, shift)

    def solve(self, shift: Floats, right: Floats, guess: Floats, rtol: float) -> Solution:
        """u with (shift - A) u = ``right``, amount/h per voxel; see `Shifted.solve`."""
        return self.shifted(shift).solve(right, guess, rtol)


class Shifted:
    """shift - A, ready for right sides."""

    def __init__(self, elliptic: Elliptic, shift: Floats):
        operator = elliptic.operator
        self._levels = elliptic.levels
        self._parts = elliptic.parts
        sink = shift + operator.decay * operator.grid.voxel_volume
        if operator.exchange is not None:
            sink = sink + operator.exchange.reshape(-1)
        self._symmetric = operator.symmetric
        self._main = np.zeros_like(self._levels.leave)
        self._inverse = np.empty_like(self._main)
        row = np.zeros(int(self._levels.table[0, kernels.LONG]) + 1)
        self._table = self._levels.table[: self._levels.needed(float(sink.min()))]
        _kernels.diagonals(self._table, self._levels.leave, sink, self._main, self._inverse, row)

    def solve(self, right: Floats, guess: Floats, rtol: float, most: int = 1000) -> Solution:
        """u with (shift - A) u = ``right``, from ``guess``, until the residual is ``rtol``: see `Solution`.

        At most ``most`` cycles (with flow, where they come in pairs, one more). Walls that nothing holds, and
        parts of the box that walls cut off and that get nothing, are 0 and not merely close to it.
        """
        found = np.empty(len(right))
        method = _kernels.conjugate if self._symmetric else _kernels.stabilised
        cycles, residual = method(
            self._table,
            self._levels.coefficients,
            kernels.MASKS,
            self._main,
            self._inverse,
            np.ascontiguousarray(right),
            np.ascontiguousarray(guess),
            rtol,
            most,
            found,
        )
        if self._parts is not None:
            given = np.bincount(self._parts, weights=np.abs(right))
            found[given[self._parts] == 0.0] = 0.0
        return Solution(found, int(cycles), float(residual))
