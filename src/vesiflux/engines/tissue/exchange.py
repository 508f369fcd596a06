"""Between cells and voxels: what a cell senses where it is, what it gives there, its share of what is taken.

Amounts are added up in the order of cells, so that sums have the same bits whatever runs in parallel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Feed", "Spread", "gather", "scatter", "share_out"]

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


class Spread:
    """Rows over all voxels of what is only where cells are; written out one at a time, to keep none.

    ``where``: voxels, rising; ``rows``: (n_rows, len(where)).
    """

    def __init__(self, where: Voxels, rows: Floats, n_voxels: int) -> None:
        self.where, self.rows, self._n_voxels = where, rows, n_voxels

    def __getitem__(self, row: int) -> Floats:
        found = np.zeros(self._n_voxels)
        found[self.where] = self.rows[row]
        return found


class Feed:
    """What each field is fed over a step, amount/h: what waits and what cells gave, where that is above 0.

    ``waiting``: (n_fields, n_voxels); ``given``: (n_fields, len(where)) in the voxels ``where``.
    """

    def __init__(self, waiting: Floats, where: Voxels, given: Floats, dt: float) -> None:
        self._waiting, self._where, self._given, self._dt = waiting, where, given, dt

    def amount(self, field: int) -> Floats:
        """Of the whole step, (n_voxels,)."""
        found: Floats = self._waiting[field].copy()
        found[self._where] += self._given[field]
        return np.maximum(found, 0.0, out=found)

    def __getitem__(self, field: int) -> Floats:
        found = self.amount(field)
        found /= self._dt
        return found
