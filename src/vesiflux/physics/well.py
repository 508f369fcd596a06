"""Cells at the bottom of still medium that take only part of what touches them."""

from __future__ import annotations

import math

__all__ = ["layer_uptake_fraction", "uptake_velocity"]


def uptake_velocity(clearance: float, area_per_cell: float) -> float:
    """Speed at which a layer of cells empties the liquid at its surface, um/h.

    ``clearance`` mL/cell/h over ``area_per_cell`` um^2.
    """
    return clearance * 1e12 / area_per_cell


def layer_uptake_fraction(diffusion: float, depth: float, time: float, velocity: float) -> float:
    """Share of the vesicles taken up by the bottom of a still layer, 0 to 1.

    Diffusion in a layer of uniform start, with a reflecting top and the flux ``velocity`` times the local
    concentration through the bottom (Crank 1975, sections 3.3.1 and 4.3.6): the half-space while
    D t / L^2 < 0.03, where the top is not felt, by modes later; both to round-off. A velocity without bound
    gives `vesiflux.physics.supply.monolayer_fraction`, a small one the well-mixed 1 - exp(-v t / L).

    Parameters
    ----------
    diffusion
        um^2/h.
    depth
        Height L of the medium, um.
    time
        h.
    velocity
        Of uptake at the surface, um/h; may be infinite.
    """
    tau = diffusion * time / (depth * depth)
    ratio = velocity * depth / diffusion
    if tau <= 0.0 or ratio <= 0.0:
        return 0.0
    if tau < 0.03:
        x = ratio * math.sqrt(tau)
        if x < 1.0:  # by the series of erfcx(x) - 1 + 2 x / sqrt(pi), which cancels
            total = 0.0
            for n in range(2, 40):
                total += (-x) ** n / math.gamma(0.5 * n + 1.0)
            return total / ratio
        if x < 25.0:
            scaled = math.exp(x * x) * math.erfc(x)
        else:
            scaled = (1.0 - 0.5 / (x * x) + 0.75 / (x * x * x * x)) / (x * math.sqrt(math.pi))
        return (scaled - 1.0) / ratio + 2.0 * math.sqrt(tau / math.pi)
    left = 0.0
    for n in range(14):
        start = n * math.pi
        y = min(math.sqrt(ratio), 0.5 * math.pi) if n == 0 else math.atan(ratio / (start + 0.75))
        for _ in range(12):  # Newton for beta tan(beta) = ratio, beta = n pi + y
            beta = start + y
            slope = 1.0 + 1.0 / (beta * beta / ratio + ratio)
            y = min(max(y - (y - math.atan(ratio / beta)) / slope, 1e-300), 0.5 * math.pi)
        beta = start + y
        square = beta * beta
        left += 2.0 / (square * (square / ratio / ratio + 1.0 + 1.0 / ratio)) * math.exp(-square * tau)
    return 1.0 - left
