"""Steps that are not split, where diffusion crosses many voxels in a step, and steady states.

The step is the stiffly accurate SDIRK of two stages and order two, L-stable (R. Alexander, SIAM J. Numer.
Anal. 14, 1006, 1977), g = 1 - 1 / sqrt(2):

    U1 = u + g k F(U1),   U2 = u + (1 - g) k F(U1) + g k F(U2),   u' = U2.

F is taken from the faces at U1 and U2, not from the solver, so the account closes to rounding whatever is
left of the solver's residual.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.douglas import Passed
from vesiflux.engines.tissue.fields.solver import Solver, norm
from vesiflux.engines.tissue.fields.transport import Transport

__all__ = ["Unsplit"]

Floats = npt.NDArray[np.float64]

GAMMA = 1.0 - 1.0 / math.sqrt(2.0)


class Unsplit:
    """Implicit steps and steady states of one group, by elliptic solves."""

    def __init__(self, operator: Transport, binding: tuple[float, float], tolerance: float, threads: int = 1):
        self.operator = operator
        self.binding = binding
        self._rtol = min(1e-8, 1e-4 * tolerance)
        self._solver = Solver(operator, threads)

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
        """As `Stepper.substep`; ``source`` holds what vessels supply, ``loss`` what they clear."""
        grid = self.operator.grid
        volume = grid.voxel_volume
        own = 0.0 if self.operator.exchange is None else self.operator.exchange.reshape(-1)
        cells = loss - own  # the operator has the vessels already
        given = self._solver.borders + (source if source.size else 0.0)
        on, off = self.binding if depot.size else (0.0, 0.0)
        inner = GAMMA * span
        damp = 1.0 + inner * off
        shift = cells + volume * (1.0 / inner + on / damp)

        def stage(start: Floats, bound: Floats, guess: Floats) -> tuple[Floats, Floats, Floats, Floats]:
            right = given + (volume / inner) * start
            if depot.size:
                right = right + (volume * off / damp) * bound
            found = self._solver.solve(shift, right, guess, self._rtol)
            change = (self._solver.apply(found) - cells * found + given) / volume
            if not depot.size:
                return found, bound, change, bound
            kept = (bound + inner * on * found) / damp
            moved = on * found - off * kept
            return found, kept, change - moved, moved

        one, _, change, moved = stage(u, depot, u)
        second = u + ((1.0 - GAMMA) * span) * change
        bound = depot + ((1.0 - GAMMA) * span) * moved
        two, _, change, moved = stage(second, bound, one)
        u[:] = second + inner * change
        depot[:] = bound + inner * moved
        middle = (1.0 - GAMMA) * one + GAMMA * two
        used = loss * (span * middle)
        taken[:] = taken + used if add else used
        least = min(float(u.min()), float(depot.min(initial=math.inf)))
        return Passed(float(middle.sum()), span * self._solver.outflow(middle), least, middle)

    def steady(self, u: Floats, source: Floats, cells: Floats) -> float:
        """Set ``u`` (n_voxels,) to the steady state; the relative residual that is left.

        ``source`` holds what vessels supply, ``cells`` what cells alone clear.
        Where the solver leaves less than nothing, within its tolerance, there is nothing.
        """
        given = self._solver.borders + (source if source.size else 0.0)
        u[:] = np.maximum(self._solver.settle(cells, given, u, self._rtol), 0.0)
        size = norm(given)
        rest = norm(given + self._solver.apply(u) - cells * u)
        return rest / size if size > 0.0 else 0.0
