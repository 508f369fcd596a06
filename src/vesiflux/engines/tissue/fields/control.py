"""How many substeps a group takes in a step: from its tolerance, by what doubling them changes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.transport import Transport

__all__ = ["Control"]

LARGEST = 256  # substeps of a step
SPLIT_LARGEST = 24  # beyond, steps that are not split are cheaper where they exist
_WAITS = (0, 1, 3, 7)  # steps until the next look, after the first looks; the last goes on
_AIM = 0.5  # of the tolerance


class Control:
    """The number of substeps of one group, and when it is looked at again.

    A look runs the step with n and with 2 n substeps; a third of the difference is the error of the second
    (order 2). The estimate of a step between looks is that of the last look.
    """

    def __init__(self, tolerance: float):
        self.tolerance = tolerance
        self.count = 1
        self.unsplit = False
        self._span = 0.0
        self._wait = 0
        self._looks = 0
        self._last = 0.0
        self._moved = 0.0

    @property
    def due(self) -> bool:
        """Whether this step is to be done twice."""
        return self._wait <= 0

    def begin(self, operator: Transport, dt: float) -> None:
        """Before a step: a new length of step needs a new look, and a first guess."""
        if dt == self._span:
            return
        # how far diffusion reaches in a step, in voxels squared
        reach = float(operator.diagonal().max()) * dt / (2.0 * operator.grid.voxel_volume)
        self.unsplit = reach > 4.0 * SPLIT_LARGEST
        self.count = 1 if self.unsplit else max(1, min(SPLIT_LARGEST, math.ceil(reach / 8.0)))
        self._span, self._wait, self._looks = dt, 0, 0

    def enough(self, count: int, error: float) -> bool:
        """Whether ``count`` substeps with this relative error will do."""
        return max(error, self._moved) <= self.tolerance or count >= LARGEST

    def looked(self, looks: Mapping[int, tuple[int, float]]) -> None:
        """After a look: field -> (substeps, error); the field that needs most decides for the group."""
        wanted = 1.0
        for count, error in looks.values():
            worst = max(error, self._moved, 1e-300)
            wanted = max(wanted, count * math.sqrt(worst / (_AIM * self.tolerance)))
        self.count = min(LARGEST, math.ceil(wanted))
        self._last = max(error * (count / self.count) ** 2 for count, error in looks.values())
        self._wait = _WAITS[min(self._looks, len(_WAITS) - 1)]
        self._looks += 1
        self._moved = 0.0

    def expected(self) -> float:
        """Relative error of a step that is not looked at."""
        return self._last + self._moved

    def passed(self) -> None:
        """A step was taken without a look."""
        self._wait = 0 if self._moved > self.tolerance else self._wait - 1
        self._moved = 0.0

    def repaired(self, moved: float) -> None:
        """A substep had to be mixed with a first-order one, which changed it by ``moved`` (relative)."""
        self._moved = max(self._moved, moved)

    def as_row(self) -> npt.NDArray[np.float64]:
        """The state as numbers."""
        return np.array(
            [self.count, self.unsplit, self._span, self._wait, self._looks, self._last, self._moved],
            dtype=float,
        )

    def set(self, row: npt.NDArray[np.float64]) -> None:
        """Take back what `as_row` gave."""
        count, unsplit, self._span, wait, looks, self._last, self._moved = (float(v) for v in row)
        self.count, self.unsplit, self._wait, self._looks = int(count), bool(unsplit), int(wait), int(looks)
