"""Diffusion of a sphere in a liquid (Einstein 1905; Stokes drag)."""

from __future__ import annotations

import math

__all__ = ["BOLTZMANN", "diffusion", "diffusion_in", "water_viscosity"]

BOLTZMANN = 1.380649e-23
"""J/K, exact in the SI of 2019."""


def diffusion(diameter: float, viscosity_mPa_s: float, temperature: float) -> float:
    """Diffusion coefficient kT / (3 pi eta d), um^2/h.

    Parameters
    ----------
    diameter
        Hydrodynamic diameter, um.
    viscosity_mPa_s
        Viscosity of the liquid, mPa*s (water at 37 degC: 0.69).
    temperature
        K.

    Notes
    -----
    100 nm in water at 37 degC: 6.6 um^2/s.
    """
    in_m2_per_s = BOLTZMANN * temperature / (3.0 * math.pi * viscosity_mPa_s * 1e-3 * diameter * 1e-6)
    return in_m2_per_s * 1e12 * 3600.0


def diffusion_in(diffusion_in_water: float, obstruction: float, bound_per_free: float) -> float:
    """Effective diffusion in a matrix that hinders and binds: D * obstruction / (1 + K), um^2/h.

    ``obstruction`` (0 to 1) is what mesh and tortuosity leave, ``bound_per_free`` (K >= 0) how many vesicles
    are bound at equilibrium for each free one.
    """
    return diffusion_in_water * obstruction / (1.0 + bound_per_free)


def water_viscosity(temperature: float) -> float:
    """Viscosity of water, mPa*s, between 273 and 373 K (within about 1 %).

    Vogel equation 0.02939 exp(507.88 / (T - 149.3)), coefficients of Viswanath & Natarajan (1989).
    """
    return 0.02939 * math.exp(507.88 / (temperature - 149.3))
