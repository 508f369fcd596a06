"""(shift - A) u = right for one group: conjugate gradients on the faces of its transport."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.transport import Transport, outflow
from vesiflux.errors import RunError

__all__ = ["Solver"]

Floats = npt.NDArray[np.float64]


_ENDLESS = (
    "a field at quasi-steady state has none: nothing removes it (no decay, no uptake, no held border); give "
    "it a decay, or treatment: field"
)


class Solver:
    """Solves with the operator of one group; the matrix is made at the first use."""

    def __init__(self, operator: Transport, threads: int = 1):
        self.operator = operator
        self._sparse: Any = None
        ones = np.ones(operator.grid.array_shape)
        self._removes = operator.decay > 0.0 or operator.exchange is not None or outflow(operator, ones) > 0.0
        self.borders: Floats = replace(operator, supply=None).constant().reshape(-1)

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
        from scipy.sparse import diags_array
        from scipy.sparse.linalg import LinearOperator, bicgstab, cg

        if not (self._removes or shift.any()):
            raise RunError(_ENDLESS)
        matrix = self._matrix()
        whole = matrix + diags_array(shift)
        diagonal = whole.diagonal()
        empty = diagonal <= 0.0  # walls without decay: nothing is there
        diagonal[empty] = 1.0
        inverse = 1.0 / diagonal
        precondition = LinearOperator(whole.shape, matvec=lambda v: inverse * v)
        method = cg if self.operator.symmetric else bicgstab
        found, code = method(whole, right, x0=guess, rtol=rtol, maxiter=20_000, M=precondition)
        if code != 0 or not np.isfinite(found).all():
            raise RunError(_ENDLESS)
        return np.asarray(found)

    def _matrix(self) -> Any:
        """-A, sparse."""
        if self._sparse is None:
            self._sparse = (-self.operator.matrix()).tocsr()
        return self._sparse
