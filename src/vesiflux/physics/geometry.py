"""Spheres with a shell: what a vesicle, an MVB or a cell can hold.

Volumes here are um^3 (= fL, 1e-12 mL), areas um^2; a diameter is the outer one.
"""

from __future__ import annotations

import math

__all__ = [
    "AREA_PER_LIPID",
    "ILV_PACKING",
    "MEMBRANE",
    "depth",
    "inner_area",
    "lipids",
    "lumen_volume_um3",
    "packing_limit",
    "sphere_area",
    "sphere_diameter",
    "sphere_volume_um3",
]

MEMBRANE = 0.0045
"""Thickness of a lipid bilayer, um (4-8 nm with proteins and sugars; assumed, textbook)."""

AREA_PER_LIPID = 0.65e-6
"""um^2 in one leaflet (0.65 nm^2; assumed, textbook)."""

ILV_PACKING = 0.6
"""Volume share that spheres fill when poured together: loose 0.56, random close 0.64 (assumed 0.6)."""


def sphere_area(diameter: float) -> float:
    """Area of a sphere, um^2."""
    return math.pi * diameter * diameter


def sphere_volume_um3(diameter: float) -> float:
    """Volume of a sphere, um^3."""
    return math.pi / 6.0 * diameter * diameter * diameter


def sphere_diameter(volume_um3: float) -> float:
    """Diameter of the sphere of this volume, um."""
    return float((6.0 * volume_um3 / math.pi) ** (1.0 / 3.0))


def inner_area(diameter: float, membrane: float = MEMBRANE) -> float:
    """Area of the inner side of the membrane, um^2; 0 when there is no lumen."""
    inner = max(diameter - 2.0 * membrane, 0.0)
    return math.pi * inner * inner


def lumen_volume_um3(diameter: float, membrane: float = MEMBRANE) -> float:
    """Volume inside the membrane, um^3; 0 when there is no lumen. 100 nm: 3.95e-4 um^3 = 0.395 aL."""
    inner = max(diameter - 2.0 * membrane, 0.0)
    return math.pi / 6.0 * inner * inner * inner


def lipids(diameter: float, membrane: float = MEMBRANE, area_per_lipid: float = AREA_PER_LIPID) -> float:
    """Lipids in both leaflets, an upper bound (proteins take area, too). 100 nm: 8.8e4."""
    inner = max(diameter - 2.0 * membrane, 0.0)
    return math.pi * (diameter * diameter + inner * inner) / area_per_lipid


def packing_limit(mvb_diameter: float, ilv_diameter: float, packing: float = ILV_PACKING) -> float:
    """ILVs that fit in one MVB by volume: packing * (D/d)^3.

    65-nm ILVs: 34 in 250 nm, 273 in 500 nm; 80-nm ILVs: 146 in 500 nm. The shell of one ILV diameter at the
    wall packs worse, so small MVBs hold somewhat fewer.
    """
    return packing * (mvb_diameter / ilv_diameter) ** 3


def depth(volume_mL: float, area: float) -> float:
    """Height of the medium over a flat bottom, um. ``area`` in um^2 (1 cm^2 = 1e8 um^2)."""
    return volume_mL * 1e12 / area
