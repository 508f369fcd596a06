"""The passive null: a vesicle is a random sample of its cell. What is sorted must differ from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from vesiflux.assay import tables
from vesiflux.assay.dose.estimate import Interval
from vesiflux.assay.stated import Stated, stated
from vesiflux.errors import InputError
from vesiflux.physics import loading, lognormal
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vesiflux.evidence import Prior

__all__ = ["Passive", "Place", "Sorting", "passive", "sorting"]

Place = Literal["lumen", "surface"]


@dataclass(frozen=True)
class Passive:
    """Mean copies per vesicle by chance alone.

    Attributes
    ----------
    copies
        Median and 95 % interval over what is uncertain about cell and vesicles.
    draws
        Shape (draws,).
    """

    copies: Interval
    draws: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True)
class Sorting:
    """A measured loading against the null.

    Attributes
    ----------
    null
        Copies per vesicle by chance.
    ratio
        Measured over null: the sorting factor.
    enriched
        Probability that the ratio is above 1.
    verdict
        ``sorted in`` or ``kept out`` where the 95 % interval of the ratio lies above or below 1, else
        ``explained by chance``.
    """

    null: Interval
    ratio: Interval
    enriched: float
    verdict: str


def passive(
    copies_per_cell: Stated,
    place: Place = "lumen",
    *,
    diameter: Stated | None = None,
    sigma: Stated | None = None,
    cytosol: Stated | None = None,
    cell_area: Stated | None = None,
    draws: int = 4000,
    seed: int = 1,
) -> Passive:
    """Mean copies per vesicle when the vesicle is a random sample of the cell.

    Parameters
    ----------
    copies_per_cell
        Of the donor cell: in its cytosol, or on its surface.
    place
        lumen: copies x lumen / cytosol. surface: copies x area of vesicle / area of cell.
    diameter, sigma
        Median (nm) of the vesicles' log-normal class and its sigma; 0 is not allowed, a tiny one is a point.
    cytosol, cell_area
        um^3 (fL) and um^2 of the donor cell. All four: see the table for what holds where nothing is given.
    """
    import numpy as np

    if place not in get_args(Place):
        raise InputError(f"cargo is in the lumen or on the surface, not {place!r}")

    def drawn(name: str, prior: Prior) -> NDArray[np.float64]:
        return prior.quantile(uniforms(seed, f"loading {name}", 0, draws))

    def own(name: str, given: Stated | None, unit: str) -> NDArray[np.float64]:
        known = tables.priors("loading/parameters.tsv")[name]
        return drawn(name, known if given is None else stated(given, unit, name, "60,80,100"))

    copies = drawn("copies", stated(copies_per_cell, "copy/cell", "copies per cell", "1e3,1e4,1e5"))
    median = own("median_diameter", diameter, "nm") * 1e-3
    spread = own("sigma", sigma, "1")
    if place == "lumen":
        walls = own("membrane", None, "nm") * 1e-3
        sizes = zip(median, spread, walls, strict=True)
        volume = np.array([lognormal.mean_lumen_volume_um3(m, s, w) for m, s, w in sizes])
        rows = zip(copies, volume, own("cytosol", cytosol, "um^3"), strict=True)
        mean = np.array([loading.passive_lumen(*row) for row in rows])
    else:
        area = np.pi * np.array([lognormal.moment(m, s, 2.0) for m, s in zip(median, spread, strict=True)])
        rows = zip(copies, area, own("cell_area", cell_area, "um^2"), strict=True)
        mean = np.array([loading.passive_surface(*row) for row in rows])
    return Passive(Interval.of(mean), mean)


def sorting(
    measured: Stated,
    copies_per_cell: Stated,
    place: Place = "lumen",
    *,
    diameter: Stated | None = None,
    sigma: Stated | None = None,
    cytosol: Stated | None = None,
    cell_area: Stated | None = None,
    draws: int = 4000,
    seed: int = 1,
) -> Sorting:
    """Test a claim of sorting: copies per vesicle measured, over what chance would load.

    Parameters
    ----------
    measured
        Copies per vesicle (not per counted particle, where others are among them).
    copies_per_cell, place, diameter, sigma, cytosol, cell_area
        As in `passive`.
    """
    null = passive(
        copies_per_cell,
        place,
        diameter=diameter,
        sigma=sigma,
        cytosol=cytosol,
        cell_area=cell_area,
        draws=draws,
        seed=seed,
    )
    prior = stated(measured, "copy/vesicle", "copies per vesicle")
    ratio = prior.quantile(uniforms(seed, "loading measured", 0, draws)) / null.draws
    interval = Interval.of(ratio)
    verdict = "explained by chance"
    if interval.low > 1.0:
        verdict = "sorted in"
    elif interval.high < 1.0:
        verdict = "kept out"
    return Sorting(null.copies, interval, float((ratio > 1.0).mean()), verdict)
