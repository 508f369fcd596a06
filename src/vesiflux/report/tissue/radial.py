"""How cells and fields are spread about the middle of a mass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.report.tissue.contacts import largest_mass
from vesiflux.report.tissue.source import Floats, Tissue, column

__all__ = ["Profiles", "middle", "profiles"]

_SHELLS = 24
_FEWEST = 4  # places that a shell needs to say something
_POINTS = 60_000  # of the fine grid that measures how much of a shell lies in the box


@dataclass(frozen=True)
class Profiles:
    """Means over shells about ``centre`` at one frame.

    ``edges``: of the shells, um, (shells + 1,); ``density``: living cells of each type per mm^2 of a slab or
    mm^3, (types, shells); ``fields``: name -> mean concentration per mL, (shells,). nan where a shell has
    too little of the box in it.
    """

    time: float
    centre: tuple[float, float, float]
    edges: Floats
    density: Floats
    fields: dict[str, Floats]

    @property
    def middles(self) -> Floats:
        """Middle distance of every shell, um."""
        found: Floats = (self.edges[1:] + self.edges[:-1]) / 2
        return found


def middle(tissue: Tissue, frame: int = -1) -> tuple[tuple[float, float, float], str]:
    """Middle of the mass of cells of one type that stands out, and that type's name.

    Without cells, the middle of the box and "".
    """
    cells = tissue.cells(range(len(tissue.times))[frame])
    alive = column(cells, "dead") == 0
    if not alive.any():
        x, y, z = (v / 2 for v in tissue.size)
        return (x, y, z), ""
    xyz = np.stack([column(cells, n)[alive] for n in "xyz"], axis=1)
    kind, found = largest_mass(xyz, column(cells, "radius")[alive], np.asarray(cells["kind"])[alive])
    x, y, z = (float(v) for v in found)
    return (x, y, z), tissue.kinds[kind].name


def profiles(tissue: Tissue, frame: int = -1, centre: tuple[float, float, float] | None = None) -> Profiles:
    """Profiles of one frame about ``centre`` (um; default: `middle` of that frame)."""
    number = range(len(tissue.times))[frame]
    about = np.asarray(middle(tissue, number)[0] if centre is None else centre, dtype=np.float64)
    size, flat = np.asarray(tissue.size), tissue.shape[2] == 1
    axes = 2 if flat else 3
    reach = float(np.linalg.norm(np.maximum(about, size - about)[:axes]))
    edges = np.linspace(0, reach, _SHELLS + 1)
    share, volume = _shares(size, about, edges, axes)
    measure = np.where(share >= _FEWEST, share * volume, np.nan)

    cells = tissue.cells(number)
    alive = column(cells, "dead") == 0
    xyz = np.stack([column(cells, n)[alive] for n in "xyz"], axis=1)
    shell = _shell(np.linalg.norm((xyz - about)[:, :axes], axis=1), edges)
    kinds = np.asarray(cells["kind"], dtype=np.int64)[alive]
    per_mm = 1e6 if flat else 1e9
    density = np.stack(
        [
            np.bincount(shell[kinds == k], minlength=_SHELLS)[:_SHELLS] / measure * per_mm
            for k in range(len(tissue.kinds))
        ]
    )

    grid = np.meshgrid(
        *((np.arange(n) + 0.5) * edge / n for n, edge in zip(tissue.shape, size, strict=True)),
        indexing="ij", sparse=True,
    )  # fmt: skip
    away = np.sqrt(sum((g - about[k]) ** 2 for k, g in enumerate(grid[:axes])))
    away = np.broadcast_to(away, tissue.shape).transpose(2, 1, 0)
    voxel_shell = _shell(away.ravel(), edges)
    voxels = np.bincount(voxel_shell, minlength=_SHELLS)[:_SHELLS]
    fields = {}
    for facts in tissue.fields:
        values = tissue.field(facts.name, number).ravel()
        known = np.isfinite(values)  # walls have no concentration
        total = np.bincount(voxel_shell[known], values[known], _SHELLS)[:_SHELLS]
        count = np.bincount(voxel_shell[known], minlength=_SHELLS)[:_SHELLS]
        fields[facts.name] = np.divide(
            total, count, out=np.full(_SHELLS, np.nan), where=(count > 0) & (voxels >= 1)
        )
    x, y, z = (float(v) for v in about)
    return Profiles(float(tissue.times[number]), (x, y, z), edges, density, fields)


def _shares(size: Floats, about: Floats, edges: Floats, axes: int) -> tuple[Floats, float]:
    """Places of a fine grid in every shell, and how much of the box one place stands for."""
    per = int(np.ceil(_POINTS ** (1 / axes)))
    lines = [(np.arange(per) + 0.5) * s / per for s in size[:axes]]
    away = np.sqrt(
        sum((g - about[k]) ** 2 for k, g in enumerate(np.meshgrid(*lines, sparse=True, indexing="ij")))
    )
    counts: Floats = np.bincount(_shell(away.ravel(), edges), minlength=len(edges) - 1).astype(np.float64)
    return counts, float(np.prod(size[:axes])) / per**axes


def _shell(away: Floats, edges: Floats) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = (away / edges[-1] * (len(edges) - 1)).astype(np.int64)
    return np.minimum(found, len(edges) - 2)
