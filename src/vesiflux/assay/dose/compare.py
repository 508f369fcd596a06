"""A dose beside what is already there, and beside what others gave."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vesiflux.assay.dose import tables
from vesiflux.assay.dose.estimate import Comparison, Interval
from vesiflux.evidence import Prior
from vesiflux.physics.lognormal import moment
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["VESICLE_VOLUME_ML", "compare", "pool", "warnings_of"]

VESICLE_VOLUME_ML = math.pi / 6.0 * moment(0.069, 0.25, 3.0) * 1e-12
"""Mean volume of a small vesicle, mL: parameter d_sEV_trps, median 69 nm (read), sigma 0.25."""

_OUT_OF_THE_ORDINARY = 100.0
"""A dose of this many pools is warned of (assumed); lesser ones are only compared."""
_CROWDED = 0.01
"""Share of the liquid that vesicles fill from which on it is warned of (assumed)."""


def pool(species: str, draws: int, seed: int) -> tuple[NDArray[np.float64], Prior, Prior]:
    """Draws of the vesicles in an animal's plasma, with the priors of concentration and volume (mL).

    The concentration is that of healthy humans (parameter C_pl); for other species it is assumed the same.
    """
    concentration = tables.evidence_prior("C_pl").to("vesicle/mL")
    volume = tables.row_prior(tables.named("species", species, "species"), "mL")
    per_mL = concentration.quantile(uniforms(seed, "dose C_pl", 0, draws))
    return per_mL * volume.quantile(uniforms(seed, "dose plasma", 0, draws)), concentration, volume


def compare(
    particles: NDArray[np.float64],
    protein: NDArray[np.float64],
    species: str,
    draws: int,
    seed: int,
) -> tuple[Comparison, ...]:
    """Ratios to the plasma's pool and to published doses; of one species, or to all where none is named.

    Parameters
    ----------
    particles, protein
        Draws of the dose in particles and in ug.
    """
    found = []
    name = tables.named("species", species, "species")["species"] if species else ""
    if name:
        there, concentration, _ = pool(name, draws, seed)
        ratio = Interval.of(particles / there)
        place = "below" if ratio.high < 1.0 else ("above" if ratio.low > 1.0 else "within")
        what = f"vesicles in the plasma of a {name}"
        found.append(Comparison(what, ratio, place, concentration.mark, concentration.source))
    for row in tables.rows("published"):
        if name and row["species"] != name:
            continue
        published = _published(row)
        given = protein if row["unit"] == "ug" else particles
        ratio = Interval.of(given / (published.typical or math.nan))
        place = _place(given, published)
        what = f"{row['name']}: {row['species']}, {row['route']}"
        found.append(Comparison(what, ratio, place, published.mark, published.source))
    return tuple(found)


def warnings_of(
    particles: NDArray[np.float64],
    species: str,
    compared: tuple[Comparison, ...],
    medium: float | None,
) -> tuple[str, ...]:
    """What is out of the ordinary about a dose: many times the pool, or vesicles that fill the liquid."""
    filled = Interval.of(particles).median * VESICLE_VOLUME_ML
    found = []
    if species:
        row = tables.named("species", species, "species")
        name, plasma = row["species"], float(row["typical"])
        ratio = compared[0].ratio
        if ratio.median > _OUT_OF_THE_ORDINARY:
            found.append(
                f"{ratio.median:.2g} times the vesicles in the plasma of a {name} "
                f"(95 %: {ratio.low:.2g} to {ratio.high:.2g})"
            )
        if filled > _CROWDED * plasma:
            found.append(
                f"the vesicles alone take {filled:.2g} mL; a {name} has about {plasma:g} mL of plasma"
            )
    elif medium is not None and filled > _CROWDED * medium:
        found.append(f"the vesicles alone take {filled:.2g} mL of {medium:g} mL of medium")
    return tuple(found)


def _published(row: Mapping[str, str]) -> Prior:
    if row["symbol"]:
        prior = tables.evidence_prior(row["symbol"])
        return prior.to("ug") if row["unit"] == "ug" else prior.to("vesicle")
    return tables.row_prior(row, "ug" if row["unit"] == "ug" else "vesicle")


def _place(given: NDArray[np.float64], published: Prior) -> str:
    median = Interval.of(given).median
    if median < (published.low or math.nan) * (1.0 - 1e-9):
        return "below"
    return "above" if median > (published.high or math.nan) * (1.0 + 1e-9) else "within"
