"""Steps that are not split, where diffusion crosses many voxels in a step, and steady states."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.douglas import Passed
from vesiflux.engines.tissue.fields.transport import Transport

__all__ = ["Unsplit"]

Floats = npt.NDArray[np.float64]


class Unsplit:
    """Elliptic solves of one group."""

    def __init__(self, operator: Transport, binding: tuple[float, float], tolerance: float, threads: int = 1):
        self.operator = operator
        self.binding = binding

    @property
    def available(self) -> bool:
        return False

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
    ) -> Passed:
        raise NotImplementedError

    def steady(self, u: Floats, source: Floats, cells: Floats) -> float:
        raise NotImplementedError("fields at quasi-steady state need the elliptic solver")
