"""What touches and presses on each cell; looked up only where somebody asks for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.mechanics import Neighbours
from vesiflux.ir.tissue import CellKind, TissuePlan

__all__ = ["Surroundings"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


class Surroundings:
    """Contacts by type, pressure and touching pairs of the cells as they lie."""

    def __init__(self, plan: TissuePlan, periodic: tuple[bool, bool, bool], threads: int) -> None:
        self._plan, self._periodic, self._threads = plan, periodic, threads
        self._numbers = {kind.name: k for k, kind in enumerate(plan.cells)}
        self._contacts = any(kind.contact for kind in plan.cells)
        self._pressure = any(kind.pressure >= 0 for kind in plan.cells)
        self._cells: Cells | None = None
        self._found: Neighbours | None = None
        self._touched = np.zeros((0, len(plan.cells)), dtype=np.int64)
        self._pressed = np.zeros(0)

    def look(self, cells: Cells) -> None:
        """Take the cells as they lie now; they must not move before the next look."""
        self._cells, self._found = cells, None
        if self._contacts:
            living = np.where(cells.living, cells.kind, -1)
            self._touched = self._neighbours().contacts(living, len(self._plan.cells))
        if self._pressure:
            self._pressed = self._neighbours().pressure()

    def tell(self, kind: CellKind, rows: Rows, inputs: Floats) -> None:
        """Write contacts and pressure into the inputs of the programs of one type."""
        for other, at in kind.contact.items():
            inputs[:, at] = self._touched[rows, self._numbers[other]]
        if kind.pressure >= 0:
            inputs[:, kind.pressure] = self._pressed[rows]

    def pairs(self) -> npt.NDArray[np.int64]:
        """Rows that touch, each pair once, (m, 2)."""
        return self._neighbours().pairs()

    def _neighbours(self) -> Neighbours:
        if self._found is None:
            cells = self._cells
            assert cells is not None, "look first"
            self._found = Neighbours(
                self._plan.space, self._periodic, cells.x, cells.y, cells.z, cells.radius, self._threads
            )
        return self._found
