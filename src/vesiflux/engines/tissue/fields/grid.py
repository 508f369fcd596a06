"""The grid that fields live on. Arrays are C-ordered [z, y, x]; voxel index = x + nx (y + ny z)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["UM3_PER_ML", "Grid"]

UM3_PER_ML = 1e12


@dataclass(frozen=True)
class Grid:
    """A box of voxels from the origin. ``shape``: along x, y, z; ``voxel``: edges, um, in the same order."""

    shape: tuple[int, int, int]
    voxel: tuple[float, float, float]

    @property
    def array_shape(self) -> tuple[int, int, int]:
        """Shape of an array of voxels: (nz, ny, nx)."""
        nx, ny, nz = self.shape
        return nz, ny, nx

    @property
    def n_voxels(self) -> int:
        """Number of voxels."""
        nx, ny, nz = self.shape
        return nx * ny * nz

    @property
    def voxel_volume(self) -> float:
        """Volume of one voxel, mL."""
        dx, dy, dz = self.voxel
        return dx * dy * dz / UM3_PER_ML

    def index(self, x: npt.ArrayLike, y: npt.ArrayLike, z: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Voxel of each position (um); positions outside count to the nearest voxel."""
        at = []
        for place, edge, count in zip((x, y, z), self.voxel, self.shape, strict=True):
            at.append(np.clip((np.asarray(place) / edge).astype(np.int64), 0, count - 1))
        nx, ny, _ = self.shape
        index: npt.NDArray[np.int64] = at[0] + nx * (at[1] + ny * at[2])
        return index
