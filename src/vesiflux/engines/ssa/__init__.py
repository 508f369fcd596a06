"""Exact stochastic simulation of what is counted in whole numbers."""

from __future__ import annotations

from vesiflux.engines.ssa.engine import Checkpoint, Trajectories, simulate
from vesiflux.engines.ssa.status import Status

__all__ = ["Checkpoint", "Status", "Trajectories", "simulate"]
