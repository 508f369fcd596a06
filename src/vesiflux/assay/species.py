"""Kinds of particles in a tube, as rows: vesicles and what is taken for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vesiflux.assay.tables import rows
from vesiflux.physics.crowding import UM3_PER_ML, vesicle_volume_um3

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DA_IN_G", "MARKERS", "MOST_IN_A_DOSE", "Species", "grid", "most_per_ml", "species"]

MARKERS = ("CD9", "CD63", "CD81")
"""Markers by which vesicles fall into 2^3 subpopulations; bit i of a pattern's number is marker i."""

DA_IN_G = 1.0 / 6.02214076e23
"""Mass of one dalton, g."""

MOST_IN_A_DOSE = 1.3e19
"""Small vesicles (`physics.crowding`, median 69 nm, sigma 0.25) that fill the 3 L of a human's plasma."""

_BINS = 81
_SIGMAS = 6.0  # the sixth power of a wide class sits some three sigma above its median


@dataclass(frozen=True)
class Species:
    """One kind of particle.

    Attributes
    ----------
    name
        As in ``species.tsv``.
    group
        vesicle, lipoprotein, particle (no lumen, as exomeres) or protein.
    median, sigma
        Log-normal diameter: median in um, standard deviation of ln d.
    density, density_sd
        Buoyant density in an isosmotic medium, g/mL, and its spread between particles.
    index
        Refractive index.
    protein_Da
        Protein of one particle at the median diameter, Da; in others by volume.
    positive
        Share that carries each of `MARKERS`, each independent of the others (assumed).
    mark, source, note
        Where the numbers come from.
    """

    name: str
    group: str
    median: float
    sigma: float
    density: float
    density_sd: float
    index: float
    protein_Da: float
    positive: tuple[float, ...]
    mark: str
    source: str
    note: str = ""

    @property
    def is_vesicle(self) -> bool:
        """Whether it has a lumen and a membrane to burst."""
        return self.group == "vesicle"


@cache
def species() -> dict[str, Species]:
    """All kinds by name, in the order of the table."""
    found = {}
    for row in rows("species.tsv"):
        found[row["species"]] = Species(
            row["species"],
            row["group"],
            float(row["median_nm"]) / 1000.0,
            float(row["sigma"]),
            float(row["density"]),
            float(row["density_sd"]),
            float(row["index"]),
            float(row["protein_kDa"]) * 1000.0,
            tuple(float(row[marker]) for marker in MARKERS),
            row["mark"],
            row["source"],
            row["note"],
        )
    return found


def most_per_ml(kind: Species) -> float:
    """Particles of this kind that fill a mL without a gap: no concentration is higher."""
    return UM3_PER_ML / vesicle_volume_um3(kind.median, kind.sigma)


def grid(kind: Species) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Diameters (um, rising, shape (81,)) of a kind and the share of its particles at each (sum 1).

    Log-spaced over six sigma to each side, weighted by the normal density of ln d: the sums over this grid
    of powers up to d^6 agree with the closed forms within 1e-3.
    """
    import numpy as np

    z = np.linspace(-_SIGMAS, _SIGMAS, _BINS)
    weight = np.exp(-0.5 * z * z)
    return kind.median * np.exp(kind.sigma * z), weight / weight.sum()
