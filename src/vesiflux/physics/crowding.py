"""What fits into a volume or onto a membrane: bounds that no dose, load or number of cells can pass."""

from __future__ import annotations

import math

from vesiflux.physics.geometry import MEMBRANE
from vesiflux.physics.lognormal import mean_lumen_volume_um3, moment

__all__ = ["UM3_PER_ML", "most_in_lumen", "most_on_surface", "vesicle_volume_um3"]

UM3_PER_ML = 1e12
"""um^3 in one mL."""


def vesicle_volume_um3(median: float, sigma: float) -> float:
    """Mean volume of the vesicles of a lognormal class, um^3; median diameter in um. 100 nm: 5.2e-4."""
    return math.pi / 6.0 * moment(median, sigma, 3.0)


def most_in_lumen(median: float, sigma: float, molecule_nm3: float) -> float:
    """Mean molecules of this volume that fill the lumens of a class without a gap."""
    return mean_lumen_volume_um3(median, sigma, MEMBRANE) * 1e9 / molecule_nm3


def most_on_surface(median: float, sigma: float, molecule_nm2: float) -> float:
    """Mean molecules of this footprint that cover the outer surface of a class side by side."""
    return math.pi * moment(median, sigma, 2.0) * 1e6 / molecule_nm2
