"""What touches and presses on each cell; looked up only where somebody asks for it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells.container import Cells
from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.ir.tissue import CellKind, TissuePlan

__all__ = ["Surroundings"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


class Surroundings:
    """Contacts by type, pressure and touching pairs of the cells as they lie."""

    def __init__(self, plan: TissuePlan, grid: Grid, periodic: tuple[bool, bool, bool], threads: int) -> None:
        self._plan, self._grid, self._periodic, self._threads = plan, grid, periodic, threads
        self._numbers = {kind.name: k for k, kind in enumerate(plan.cells)}
        self._contacts = any(kind.contact for kind in plan.cells)
        self._pressure = any(kind.pressure >= 0 for kind in plan.cells)

    def look(self, cells: Cells) -> None:
        """Take the cells as they lie now."""

    def tell(self, kind: CellKind, rows: Rows, inputs: Floats) -> None:
        """Write contacts and pressure into the inputs of the programs of one type."""

    def pairs(self) -> npt.NDArray[np.int64]:
        """Rows that touch, each pair once, (m, 2)."""
        return np.zeros((0, 2), dtype=np.int64)
