"""Density gradient: particles move towards where they neither sink nor float, the larger the faster."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vesiflux.assay.isolation.fields import Field, Settings, Step
from vesiflux.assay.isolation.flow import Draw, Flow
from vesiflux.assay.isolation.spin import SPEED_FIELDS, check_speed, speed
from vesiflux.assay.sample import Population
from vesiflux.physics.pelleting import angular_speed
from vesiflux.physics.stokes_einstein import BOLTZMANN, water_viscosity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["GRADIENT", "in_window"]


def in_window(
    population: Population, settings: Settings, slope_g_per_mL_per_m: float, radius_m: float, omega: float
) -> NDArray[np.float64]:
    """Share of each diameter between the two densities that are kept, shape (bins,).

    In a linear gradient of slope rho' the density at a particle relaxes from that of the layer it is loaded
    in to its own, at the rate omega^2 r d^2 rho' / (18 eta); Brownian motion spreads the band by
    kT / (V rho' omega^2 r) times 1 - exp(-2 t rate). Gradients are about twice as viscous as water (assumed).
    """
    import numpy as np
    from scipy.special import ndtr

    temperature = settings["temperature"]
    viscosity = 2.0 * water_viscosity(temperature) * 1e-3
    slope = slope_g_per_mL_per_m * 1e3
    d = population.diameters * 1e-6
    rate = omega * omega * radius_m * d * d * slope / (18.0 * viscosity)
    left = np.exp(-rate * settings["time"] * 3600.0)
    start = settings["heaviest"] if settings["load"] == "bottom" else settings["lightest"]
    mean = population.kind.density + (start - population.kind.density) * left
    volume = math.pi / 6.0 * d**3
    spread_m2 = BOLTZMANN * temperature / (volume * slope * omega * omega * radius_m) * (1.0 - left * left)
    sd = np.sqrt((population.kind.density_sd * (1.0 - left)) ** 2 + spread_m2 * slope_g_per_mL_per_m**2)
    sd = np.maximum(sd, 1e-6)
    # nothing leaves the tube: what would lie beyond an end lies at that end
    ends = (settings["lightest"], settings["heaviest"])
    low, high = settings["from"], settings["to"]
    share = ndtr((high - mean) / sd) - ndtr((low - mean) / sd)
    if low <= ends[0]:
        share = share + ndtr((low - mean) / sd)
    if high >= ends[1]:
        share = share + ndtr(-(high - mean) / sd)
    return np.asarray(np.clip(share, 0.0, 1.0))


def _check(settings: Settings) -> list[tuple[str, str]]:
    if settings["rotor"] is None:
        return [("rotor", "a gradient needs its 'rotor'")]
    problems = check_speed(settings)
    if settings["lightest"] >= settings["heaviest"]:
        problems.append(("heaviest", "'heaviest' must be denser than 'lightest'"))
    if settings["from"] >= settings["to"]:
        problems.append(("to", "'to' must be denser than 'from'"))
    elif settings["from"] < settings["lightest"] or settings["to"] > settings["heaviest"]:
        inside = f"{settings['lightest']:g} to {settings['heaviest']:g} g/mL"
        problems.append(("from", f"the densities kept lie outside the gradient ({inside})"))
    return problems


def _apply(flow: Flow, settings: Settings, draw: Draw) -> None:
    spun, rpm = speed(settings)
    height_m = (spun.r_max - spun.r_min) * 1e-3
    slope = (settings["heaviest"] - settings["lightest"]) / height_m
    radius_m = 0.5 * (spun.r_max + spun.r_min) * 1e-3
    omega = angular_speed(rpm)
    flow.lose("other fractions", lambda p: 1.0 - in_window(p, settings, slope, radius_m, omega))
    taken = draw("gradient_taken")
    flow.lose("unloading and dialysis", lambda _: 1.0 - taken)
    flow.buffer(settings["collect"])


GRADIENT = Step(
    "gradient",
    "density gradient; keep what lies between two densities",
    {
        **SPEED_FIELDS,
        "time": Field("h", "how long, e.g. 16 h", needed=True, least=0.0, above=True),
        "lightest": Field("g/mL", "density at the top", default=1.03, least=0.9, most=1.5),
        "heaviest": Field("g/mL", "density at the bottom", default=1.25, least=0.9, most=1.5),
        "from": Field("g/mL", "lightest density kept", default=1.07, least=0.9, most=1.5),
        "to": Field("g/mL", "heaviest density kept", default=1.15, least=0.9, most=1.5),
        "load": Field("text", "where the sample is laid", default="bottom", choices=("top", "bottom")),
        "collect": Field("mL", "volume of the fractions kept", default=3.0, least=0.0, above=True),
        "temperature": Field("K", "of the rotor", default=277.15, least=273.0, most=320.0),
    },
    _apply,
    _check,
)
