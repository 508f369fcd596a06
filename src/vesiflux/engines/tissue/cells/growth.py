"""What goes on without chance: volumes grow back, dead cells shrink, clocks run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vesiflux.engines.tissue.cells.container import ALIVE, Cells
from vesiflux.ir.tissue import CellKind

__all__ = ["SHRINKING", "grow"]

SHRINKING = 3.0  # dead cells lose volume at this over their time to be gone; 5 % are left then (assumed)


def grow(cells: Cells, kinds: Sequence[CellKind], dt: float) -> None:
    """Over ``dt`` h: living volumes relax to full ones, dead ones shrink, ages and death clocks advance."""
    if cells.n == 0:
        return
    alive = cells.dead == ALIVE
    growth = np.array([kind.growth for kind in kinds])[cells.kind]
    dying = np.array([kind.dying for kind in kinds])[cells.kind]
    gained = (cells.full_volume - cells.volume) * -np.expm1(-growth * dt)
    shrunk = cells.volume * np.exp(-SHRINKING * dt / np.maximum(dying, dt))
    cells.volume[:] = np.where(alive, cells.volume + gained, shrunk)
    cells.age[alive] += dt
    cells.clock[~alive] += dt
