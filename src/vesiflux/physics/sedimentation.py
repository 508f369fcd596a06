"""Settling of vesicles (Stokes 1851), under gravity or in a centrifuge."""

from __future__ import annotations

import math

__all__ = ["STANDARD_GRAVITY", "relative_centrifugal_force", "settling_velocity"]

STANDARD_GRAVITY = 9.80665
"""m/s^2."""


def settling_velocity(
    diameter: float,
    density_g_per_mL: float,
    medium_density_g_per_mL: float,
    viscosity_mPa_s: float,
    relative_force: float = 1.0,
) -> float:
    """Stokes velocity (rho - rho_medium) g d^2 / (18 eta), um/h; negative when the vesicle floats.

    Parameters
    ----------
    diameter
        um.
    density_g_per_mL, medium_density_g_per_mL
        Of the vesicle in this medium and of the medium.
    viscosity_mPa_s
        mPa*s.
    relative_force
        Multiples of standard gravity: 1 in a dish, 1e5 in an ultracentrifuge.

    Notes
    -----
    100 nm, 0.1 g/mL heavier than water at 37 degC: 0.07 mm in 24 h.
    """
    excess = (density_g_per_mL - medium_density_g_per_mL) * 1e3
    in_m_per_s = (
        excess * STANDARD_GRAVITY * relative_force * (diameter * 1e-6) ** 2 / (18.0 * viscosity_mPa_s * 1e-3)
    )
    return in_m_per_s * 1e6 * 3600.0


def relative_centrifugal_force(radius_mm: float, turns_per_minute: float) -> float:
    """Force of a rotor at ``radius_mm`` in multiples of standard gravity."""
    omega = 2.0 * math.pi * turns_per_minute / 60.0
    return omega * omega * radius_mm * 1e-3 / STANDARD_GRAVITY
