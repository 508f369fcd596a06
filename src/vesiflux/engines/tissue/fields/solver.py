"""(shift - A) u = right for one group: multigrid at steady state, conjugate gradients in a time step.

What a steady solve leaves over is smooth and small. Inside a time step multigrid's remainder has both signs
next to a point source, which the repair of negatives answers at first order; the diagonal's has not, and a
few of its steps do, because the step makes the matrix dominant.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines._simd import WIDTH
from vesiflux.engines.tissue.fields.conjugate import kernels
from vesiflux.engines.tissue.fields.elliptic.solve import Elliptic
from vesiflux.engines.tissue.fields.transport import Transport, outflow
from vesiflux.errors import RunError

__all__ = ["Solver", "norm"]

Floats = npt.NDArray[np.float64]


conjugate: Any = kernels  # numba knows their types

_MOST = 20_000  # steps of the solver
_LOOSE = 1e-6  # residual that is still an answer
_ENDLESS = (
    "a field at quasi-steady state has none: nothing removes it (no decay, no uptake, no held border); give "
    "it a decay, or treatment: field"
)


def norm(u: Floats) -> float:
    """2-norm, summed in one order: that of a library may depend on its threads."""
    return math.sqrt(conjugate.square(np.ascontiguousarray(u).reshape(-1)))


class Solver:
    """Solves with the operator of one group; the matrix is made at the first use."""

    def __init__(self, operator: Transport, threads: int = 1):
        self.operator = operator
        self._sparse: Any = None
        self._diagonals: tuple[Floats, npt.NDArray[np.int64], Floats] | None = None
        self._elliptic = Elliptic(operator)
        ones = np.ones(operator.grid.array_shape)
        self._removes = operator.decay > 0.0 or operator.exchange is not None or outflow(operator, ones) > 0.0

    @cached_property
    def borders(self) -> Floats:
        """What enters through held borders, amount/h per voxel."""
        return replace(self.operator, supply=None).constant().reshape(-1)

    def apply(self, u: Floats) -> Floats:
        """A u, amount/h per voxel, for ``u`` (n_voxels,): the linear part of `Transport.rate`."""
        return self.operator.rate(u.reshape(self.operator.grid.array_shape), held=False).reshape(-1)

    def outflow(self, u: Floats) -> float:
        """Amount/h that leaves through held borders at ``u``."""
        return outflow(self.operator, u)

    def solve(self, shift: Floats, right: Floats, guess: Floats, rtol: float) -> Floats:
        """u with (shift - A) u = right. ``shift``: mL/h per voxel, not negative.

        Raises `RunError` where there is no answer: nothing removes what is supplied.
        """
        if not (self._removes or shift.any()):
            raise RunError(_ENDLESS)
        if self.operator.symmetric:
            found, code = self._conjugate(shift, right, guess, rtol)
        else:
            found, code = self._stabilised(shift, right, guess, rtol)
        if code < 0 or not np.isfinite(found).all():
            raise RunError(_ENDLESS)
        return found

    def settle(self, shift: Floats, right: Floats, guess: Floats, rtol: float) -> Floats:
        """As `solve`, by multigrid: for steady states, whose values need not be above 0 to the last digit.

        Raises `RunError` where there is no answer.
        """
        if not (self._removes or shift.any()):
            raise RunError(_ENDLESS)
        found, _, residual = self._elliptic.solve(shift, right, guess, rtol)
        if not residual <= max(rtol, _LOOSE):
            raise RunError(_ENDLESS)
        return found

    def _conjugate(self, shift: Floats, right: Floats, guess: Floats, rtol: float) -> tuple[Floats, int]:
        """Without flow."""
        n = len(shift)
        if self._diagonals is None:
            self._diagonals = _by_rows((-self.operator.matrix()).todia())  # no second matrix is kept
        diagonals, offsets, main = self._diagonals
        whole = np.ones(len(main))
        whole[:n] = main[:n] + shift
        whole[whole <= 0.0] = 1.0  # walls without decay: nothing is there
        given, start, found = np.zeros(len(main)), np.zeros(len(main)), np.empty(len(main))
        given[:n], start[:n] = right, guess
        code: int = conjugate.solve(diagonals, offsets, whole, given, start, rtol, _MOST, found)
        return found[:n], code

    def _stabilised(self, shift: Floats, right: Floats, guess: Floats, rtol: float) -> tuple[Floats, int]:
        """With flow, which makes the matrix lopsided."""
        from scipy.sparse import diags_array
        from scipy.sparse.linalg import LinearOperator, bicgstab

        whole = self._matrix() + diags_array(shift)
        diagonal = whole.diagonal()
        diagonal[diagonal <= 0.0] = 1.0
        inverse = 1.0 / diagonal
        precondition = LinearOperator(whole.shape, matvec=lambda v: inverse * v)
        found, code = bicgstab(whole, right, x0=guess, rtol=rtol, maxiter=_MOST, M=precondition)
        return np.asarray(found), -1 if code else 0

    def _matrix(self) -> Any:
        """-A, sparse."""
        if self._sparse is None:
            self._sparse = (-self.operator.matrix()).tocsr()
        return self._sparse


def _by_rows(dia: Any) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    """Diagonals as the kernel takes them: by row (SciPy has them by column), padded to whole vectors."""
    n = dia.shape[0]
    long = n + -n % WIDTH
    rows = [(int(k), d) for k, d in zip(dia.offsets, dia.data, strict=True) if k != 0]
    kept = np.zeros((len(rows), long))
    for at, (k, d) in zip(kept, rows, strict=True):
        low, high = max(0, -k), min(n, n - k)
        at[low:high] = d[low + k : high + k]
    main = np.ones(long)
    main[:n] = dia.diagonal()
    return kept.reshape(-1), np.array([k for k, _ in rows], dtype=np.int64), main
