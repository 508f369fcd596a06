"""Compartments engine: well-mixed places, many parameter sets at once."""

from __future__ import annotations

from vesiflux.engines.compartments.engine import DOPRI5, RODAS4, Settings, Solution, solve
from vesiflux.engines.compartments.status import Status
from vesiflux.engines.compartments.warm import is_warm, warm_up

__all__ = ["DOPRI5", "RODAS4", "Settings", "Solution", "Status", "is_warm", "solve", "warm_up"]
