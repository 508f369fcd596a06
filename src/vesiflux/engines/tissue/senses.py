"""What the programs of cells are told at the start of a step: fields, interventions, states, neighbours."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.exchange import gather
from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.engines.tissue.motion import Motion
from vesiflux.engines.tissue.outside import on_over
from vesiflux.engines.tissue.programs import KindProgram
from vesiflux.engines.tissue.surroundings import Surroundings
from vesiflux.ir.tissue import TissuePlan

__all__ = ["Senses"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


class Senses:
    """Inputs of programs.

    Attributes
    ----------
    before
        Field that cells sense -> its values a step ago; a field that jumps is written there, too.
    switched
        Intervention -> its mean over the coming step, 1 while on.
    """

    def __init__(
        self,
        plan: TissuePlan,
        programs: Sequence[KindProgram],
        fields: Fields,
        surroundings: Surroundings,
        motion: Motion,
        jumping: Collection[int],
    ) -> None:
        self._plan, self._programs, self._fields = plan, programs, fields
        self._surroundings, self._motion = surroundings, motion
        self._jumping = jumping
        sensed = sorted({f for kind in plan.cells for f in kind.local})
        self.before = {f: fields.values[f].copy() for f in sensed}
        self.switched = {name: 0.0 for kind in plan.cells for name in kind.switches}

    def switch(self, time: float) -> None:
        """Interventions as they are over the step that begins at ``time``."""
        for name in self.switched:
            self.switched[name] = on_over(self._plan.switches, name, time, self._plan.step)

    def remember(self) -> None:
        """Keep the fields of now, to see their slope after the step."""
        for f, values in self.before.items():
            values[...] = self._fields.values[f]

    def of(self, k: int, cells: Cells, rows: Rows, voxels: Rows, ahead: bool = True) -> Floats:
        """Inputs of one type's programs, (cells, n_inputs). ``ahead``: as in the middle of the step."""
        kind = self._plan.cells[k]
        inputs = np.tile(self._programs[k].inputs, (len(rows), 1))
        for f, at in kind.local.items():
            now = gather(self._fields.values[f], voxels)
            # of single vesicles the number in a voxel jumps; to extrapolate it, above 0, would raise its mean
            if ahead and self._plan.fields[f].group not in self._jumping:
                before = gather(self.before[f], voxels)
                now = np.maximum(1.5 * now - 0.5 * before, 0.0)
            inputs[:, at] = now
        for name, at in kind.switches.items():
            inputs[:, at] = self.switched[name]
        for s, state in enumerate(kind.states):
            if state in kind.state_inputs:
                inputs[:, kind.state_inputs[state]] = cells.state[rows] == s
        self._surroundings.tell(kind, rows, inputs)
        for name, at in kind.gradient.items():
            inputs[:, at] = np.linalg.norm(self._motion.gradient(self._fields, name, voxels), axis=1)
        return inputs
