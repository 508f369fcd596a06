"""What a centrifuge brings to the pellet: rotors, k-factors, shares by sedimentation coefficient.

The shares are those of Livshits et al. 2015 (10.1038/srep17319): in a swinging bucket the tube lies along
the radius, in a fixed angle particles only cross the tube and slide down its outer wall.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vesiflux.physics.sedimentation import STANDARD_GRAVITY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "SVEDBERG",
    "angular_speed",
    "k_factor",
    "pelleted_fixed_angle",
    "pelleted_swinging",
    "sedimentation_coefficient",
    "turns_for_force",
]

SVEDBERG = 1e-13
"""s."""


def angular_speed(turns_per_minute: float) -> float:
    """Angular speed, rad/s."""
    return 2.0 * math.pi * turns_per_minute / 60.0


def turns_for_force(radius_mm: float, force: float) -> float:
    """Turns per minute that give ``force`` multiples of standard gravity at ``radius_mm``."""
    return math.sqrt(force * STANDARD_GRAVITY / (radius_mm * 1e-3)) * 60.0 / (2.0 * math.pi)


def sedimentation_coefficient(
    diameters: NDArray[np.float64], density: float, medium_density: float, viscosity_mPa_s: float
) -> NDArray[np.float64]:
    """Coefficients d^2 (rho - rho_medium) / (18 eta), s; negative for what floats. ``diameters`` in um."""
    excess = (density - medium_density) * 1e3
    return diameters * diameters * 1e-12 * (excess / (18.0 * viscosity_mPa_s * 1e-3))


def k_factor(r_min_mm: float, r_max_mm: float, turns_per_minute: float) -> float:
    """Clearing factor k: hours to clear the tube = k / S, S in svedbergs.

    ln(r_max / r_min) / omega^2 in units of 1e-13 s per hour, which is 2.53e5 ln(r_max/r_min) / (rpm/1000)^2.
    """
    omega = angular_speed(turns_per_minute)
    return math.log(r_max_mm / r_min_mm) / (omega * omega) / (SVEDBERG * 3600.0)


def pelleted_swinging(
    coefficients: NDArray[np.float64],
    hours: float,
    turns_per_minute: float,
    r_min_mm: float,
    r_max_mm: float,
) -> NDArray[np.float64]:
    """Share that reaches the bottom of a tube along the radius; 0 for what floats.

    A particle that starts at r ends at r exp(omega^2 s t); tubes are cylinders and walls take nothing.
    """
    import numpy as np

    moved = _moved(coefficients, hours, turns_per_minute)
    share = r_max_mm * -np.expm1(-np.maximum(moved, 0.0)) / (r_max_mm - r_min_mm)
    return np.asarray(np.minimum(share, 1.0))


def pelleted_fixed_angle(
    coefficients: NDArray[np.float64],
    hours: float,
    turns_per_minute: float,
    r_min_mm: float,
    r_max_mm: float,
    tube_mm: float,
    angle_deg: float,
) -> NDArray[np.float64]:
    """Share that reaches the outer wall of an inclined round tube; 0 for what floats.

    Horizontally the tube is an ellipse with the axis D / cos(angle) along the radius. What is left after a
    shift by delta is the overlap of the ellipse with itself, (2/pi) (acos x - x sqrt(1 - x^2)) for
    x = delta / axis; the shift is that at the mean radius.
    """
    import numpy as np

    axis = tube_mm / math.cos(math.radians(angle_deg))
    middle = 0.5 * (r_min_mm + r_max_mm)
    moved = np.clip(_moved(coefficients, hours, turns_per_minute), 0.0, 50.0)
    x = np.minimum(middle * np.expm1(moved) / axis, 1.0)
    return np.asarray(1.0 - (2.0 / math.pi) * (np.arccos(x) - x * np.sqrt(1.0 - x * x)))


def _moved(coefficients: NDArray[np.float64], hours: float, turns: float) -> NDArray[np.float64]:
    """Logarithm of the radius reached over the radius started from."""
    omega = angular_speed(turns)
    return coefficients * (omega * omega * hours * 3600.0)
