"""Between cells and voxels: what a cell senses where it is, what it gives there, its share of what is taken.

Amounts are added up in the order of cells, so that sums have the same bits whatever runs in parallel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["gather", "scatter", "share_out"]

Floats = npt.NDArray[np.float64]
Voxels = npt.NDArray[np.int64]


def gather(values: Floats, voxels: Voxels) -> Floats:
    """Values of the voxels that cells are in."""
    found: Floats = values.reshape(-1)[voxels]
    return found


def scatter(total: Floats, voxels: Voxels, amounts: Floats) -> None:
    """Add ``amounts`` of cells to ``total`` of their voxels, in the cells' order."""
    # bincount adds one after the other; add.at does as well but several times slower
    total += np.bincount(voxels, weights=amounts, minlength=len(total))


def share_out(taken: Floats, clearance: Floats, voxels: Voxels, own: Floats) -> Floats:
    """Amount per cell: each gets the share of its voxel's ``taken`` that its ``own`` clearance is of all."""
    whole = clearance[voxels]
    found: Floats = np.where(whole > 0.0, own / np.where(whole > 0.0, whole, 1.0), 0.0) * taken[voxels]
    return found
