"""Rotors by name, from ``rotors.tsv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vesiflux.assay.tables import rows
from vesiflux.errors import InputError
from vesiflux.language.words import meant
from vesiflux.physics.pelleting import k_factor, pelleted_fixed_angle, pelleted_swinging, turns_for_force
from vesiflux.physics.sedimentation import relative_centrifugal_force

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Rotor", "rotor", "rotors"]


@dataclass(frozen=True)
class Rotor:
    """A rotor: radii and tube width in mm, angle in degrees, top speed in rpm, volume of all tubes in mL."""

    name: str
    kind: str
    r_min: float
    r_max: float
    max_rpm: float
    published_k: float
    tube: float
    tubes: int
    angle: float
    width: float
    mark: str
    source: str

    def rpm(self, force: float) -> float:
        """Turns per minute for ``force`` x g at the bottom (r_max)."""
        return turns_for_force(self.r_max, force)

    def force(self, rpm: float) -> float:
        """Multiples of gravity at the bottom."""
        return relative_centrifugal_force(self.r_max, rpm)

    def k(self, rpm: float) -> float:
        """Clearing factor at ``rpm``."""
        return k_factor(self.r_min, self.r_max, rpm)

    def pelleted(self, coefficients: NDArray[np.float64], hours: float, rpm: float) -> NDArray[np.float64]:
        """Share pelleted, by sedimentation coefficient (s)."""
        if self.kind == "swinging":
            return pelleted_swinging(coefficients, hours, rpm, self.r_min, self.r_max)
        return pelleted_fixed_angle(coefficients, hours, rpm, self.r_min, self.r_max, self.width, self.angle)


@cache
def rotors() -> dict[str, Rotor]:
    """All rotors by name."""
    return {
        row["rotor"]: Rotor(
            row["rotor"],
            row["kind"],
            float(row["r_min_mm"]),
            float(row["r_max_mm"]),
            float(row["max_rpm"]),
            float(row["k_factor"]),
            float(row["tube_mL"]),
            int(row["tubes"]),
            float(row["angle_deg"] or 0.0),
            float(row["tube_mm"] or 0.0),
            row["mark"],
            row["source"],
        )
        for row in rows("rotors.tsv")
    }


def rotor(name: str) -> Rotor:
    """A rotor by its name, whatever its spaces and case; `InputError` names the nearest."""
    known = rotors()
    plain = {_plain(n): n for n in known}
    found = plain.get(_plain(name))
    if found is None:
        raise InputError(f"no rotor is called {name!r}; {meant(name, known, 'rotors')}")
    return known[found]


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("-", "").replace("type", "")
