"""One moment of a tissue, for files and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Frame"]


@dataclass(frozen=True)
class Frame:
    """``time`` h. ``fields``: name -> concentration per mL, shape (nz, ny, nx). ``cells``: columns by name.

    One row per cell: id, parent, kind, state, dead, x, y, z, radius (um), then what the programs show (NaN
    where a type has none of it, or a cell is dead). ``vesicles``: columns of individual vesicles, or None.
    """

    time: float
    fields: Mapping[str, npt.NDArray[np.float64]]
    cells: Mapping[str, npt.NDArray[Any]]
    vesicles: Mapping[str, npt.NDArray[Any]] | None = None
