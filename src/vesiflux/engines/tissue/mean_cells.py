"""One more cell of each type that senses and takes the mean of all: what a well-mixed model would follow.

Where a program is linear its states are the mean of the cells'; elsewhere f(E[x]) is not E[f(x)], and the
difference is the price of a dish. It steers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.programs import KindProgram
from vesiflux.ir.tissue import CellKind

__all__ = ["MeanCells"]

Floats = npt.NDArray[np.float64]


class MeanCells:
    """``states``: by kind, (1, n_states)."""

    def __init__(
        self, kinds: Sequence[CellKind], programs: Sequence[KindProgram], at_start: Sequence[Floats]
    ) -> None:
        self._kinds, self._programs = kinds, programs
        self.states = [start[None, :].copy() for start in at_start]

    def advance(self, inputs: Sequence[Floats], dt: float) -> None:
        """Go on by ``dt`` h under the mean of the cells' inputs."""
        for kind, program, states, sensed in zip(
            self._kinds, self._programs, self.states, inputs, strict=True
        ):
            if len(sensed):
                program.advance(states, sensed.mean(axis=0)[None, :], dt)
                for at in (*kind.outbox.values(), *kind.released.values()):
                    states[:, at] = 0.0

    def take(self, k: int, at: int, shares: Floats) -> None:
        """The mean of what cells of kind ``k`` took joins state ``at``."""
        if len(shares):
            self.states[k][:, at] += float(shares.mean())

    def divide(self, cells: Cells, daughters: npt.NDArray[np.int64]) -> None:
        """Amounts are shared out over the cells that were born."""
        if not len(daughters):
            return
        born = cells.kind[cells.rows_of(daughters)]
        for k, kind in enumerate(self._kinds):
            new, now = int((born == k).sum()), len(cells.programs[k])
            if new:
                self.states[k][:, kind.halved] *= (now - new) / now

    def gap(
        self, states: Sequence[Floats], inputs: Sequence[Floats]
    ) -> dict[str, dict[str, tuple[float, float]]]:
        """Kind -> shown name -> (mean of the cells, the mean cell)."""
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for k, (kind, program) in enumerate(zip(self._kinds, self._programs, strict=True)):
            if not len(states[k]):
                continue
            every = program.view(states[k], inputs[k]).mean(axis=0)
            alone = program.view(self.states[k], inputs[k].mean(axis=0)[None, :])[0]
            found[kind.name] = {n: (float(every[at]), float(alone[at])) for n, at in kind.shown.items()}
        return found
