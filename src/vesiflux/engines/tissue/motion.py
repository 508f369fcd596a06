"""Cells move: by themselves where they want to go, and by the forces between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.engines.tissue.mechanics import move, turn
from vesiflux.engines.tissue.wishes import Wishes, fields_of, wishes_of
from vesiflux.ir.tissue import TissuePlan

__all__ = ["Motion"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


class Motion:
    """Own movement and forces of all cells of a plan."""

    def __init__(self, plan: TissuePlan, periodic: tuple[bool, bool, bool], seed: int, threads: int) -> None:
        self.plan, self.seed, self.threads = plan, seed, threads
        self._periodic = periodic
        self._persistence = np.array([kind.motility.persistence for kind in plan.cells])
        self._still = plan.mechanics_step == 0.0
        self._fields: dict[str, list[int]] = {}

    def wishes(self, cells: Cells, outputs: Sequence[Floats], rows: Sequence[Rows]) -> Wishes:
        """Where cells want to go, by their programs."""
        return wishes_of(cells, self.plan.cells, outputs, rows)

    def gradient(self, fields: Fields, name: str, voxels: Rows) -> Floats:
        """Gradient of a field, or of the sum of those that ``name`` stands for, at voxels: (n, 3)."""
        if name not in self._fields:
            self._fields[name] = fields_of(name, self.plan.fields)
        total = np.zeros((3, len(voxels)))
        for f in self._fields[name]:
            total += fields.gradient_at(f, voxels)
        return total.T

    def aim(self, cells: Cells, fields: Fields, wishes: Wishes) -> Floats:
        """Direction that each cell prefers: the weighted sum of unit gradients, (n, 3); 0 where none."""
        aim = np.zeros((cells.n, 3))
        for name, weight in wishes.weights.items():
            rows = np.flatnonzero(weight)
            if not len(rows):
                continue
            voxels = fields.grid.index(cells.x[rows], cells.y[rows], cells.z[rows])
            slope = self.gradient(fields, name, voxels)
            size = np.linalg.norm(slope, axis=1)
            unit = slope / np.where(size > 0.0, size, 1.0)[:, None]
            aim[rows] += weight[rows, None] * unit
        return aim

    def move(self, cells: Cells, fields: Fields, wishes: Wishes, dt: float, step: int) -> None:
        """Carry out one step of movement: turns, own ways, forces."""
        own = None
        if wishes.any:
            own = turn(
                cells.id,
                (cells.dx, cells.dy, cells.dz),
                wishes.speed,
                wishes.bias,
                self._persistence[cells.kind],
                self.aim(cells, fields, wishes),
                dt,
                step,
                self.seed,
                self.plan.space.flat,
                self.threads,
            )
        if own is None and self._still:
            return
        before = np.column_stack([cells.vx, cells.vy, cells.vz])
        move(
            self.plan.space,
            self._periodic,
            self.plan.cells,
            (cells.x, cells.y, cells.z),
            cells.radius,
            cells.kind,
            own,
            dt,
            self.plan.mechanics_step,
            before,
            self.threads,
        )
        cells.vx[:], cells.vy[:], cells.vz[:] = before.T
