"""Copies per vesicle: the passive null model, and three ways a mean can be spread over vesicles."""

from __future__ import annotations

import math

__all__ = [
    "chance_of_any",
    "copies_if_occupied_poisson",
    "negative_binomial_variance",
    "occupied_negative_binomial",
    "occupied_poisson",
    "occupied_variance",
    "passive_lumen",
    "passive_surface",
]


def passive_lumen(copies_per_cell: float, lumen_volume_um3: float, cytosol_volume_um3: float) -> float:
    """Mean copies per vesicle when the lumen is a random sample of the cytosol.

    5e4 copies in 2 pL (2,000 um^3) and the lumen of 100 nm: 0.0099. Sorting is what exceeds this.
    """
    return copies_per_cell * lumen_volume_um3 / cytosol_volume_um3


def passive_surface(copies_per_cell: float, membrane_area: float, cell_area: float) -> float:
    """Mean copies per vesicle when its membrane is a random sample of the cell's; areas in um^2.

    1e5 PD-L1 on 2,000 um^2 and 100 nm: 1.3 by the inner side of the membrane, 1.6 by the outer; areas of cell
    and vesicle should be of the same side.
    """
    return copies_per_cell * membrane_area / cell_area


def occupied_poisson(mean: float) -> float:
    """Share of vesicles with at least one copy when copies are Poisson: 1 - exp(-mean)."""
    return -math.expm1(-mean)


def copies_if_occupied_poisson(mean: float) -> float:
    """Mean copies of the vesicles that have any, when copies are Poisson; 1 as the mean goes to 0."""
    if mean <= 0.0:
        return 1.0
    return mean / -math.expm1(-mean)


def occupied_negative_binomial(mean: float, size: float) -> float:
    """Share of vesicles with any copy when copies are negative binomial: 1 - (1 + mean/size)^-size.

    ``size`` without bound is the Poisson; a small one puts the same mean into few vesicles. 0.00825 copies
    and a size of 0.01: 0.6 % of vesicles have any, and those 1.4 copies.
    """
    if math.isinf(size):
        return -math.expm1(-mean)
    return -math.expm1(-size * math.log1p(mean / size))


def negative_binomial_variance(mean: float, size: float) -> float:
    """Variance of copies per vesicle, mean + mean^2 / size."""
    return mean + mean * mean / size


def occupied_variance(occupied: float, copies_if_occupied: float) -> float:
    """Variance of copies per vesicle when a share carries a fixed number and the others none."""
    return occupied * (1.0 - occupied) * copies_if_occupied * copies_if_occupied


def chance_of_any(occupied: float, vesicles: float) -> float:
    """Chance that at least one of ``vesicles`` independent ones is occupied: 1 - (1 - occupied)^vesicles."""
    if occupied >= 1.0:
        return 1.0 if vesicles > 0.0 else 0.0
    return -math.expm1(vesicles * math.log1p(-occupied))
