"""What is counted in whole numbers: reaction networks, exactly; single cells with carriers one by one."""

from __future__ import annotations

from vesiflux.engines.ssa.cells import CellSolution, solve_cells
from vesiflux.engines.ssa.engine import Checkpoint, Trajectories, simulate
from vesiflux.engines.ssa.status import Status

__all__ = ["CellSolution", "Checkpoint", "Status", "Trajectories", "simulate", "solve_cells"]
