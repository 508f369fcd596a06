"""What of a dose in a vessel reaches the cells at its bottom, and what they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from vesiflux import units
from vesiflux.assay.dose import tables
from vesiflux.assay.dose.estimate import Interval, WellEstimate
from vesiflux.assay.dose.text import amount
from vesiflux.errors import InputError
from vesiflux.evidence import Prior
from vesiflux.language.vessels import vessel as vessel_named
from vesiflux.physics import geometry, sedimentation, stokes_einstein, supply, well
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EXPOSURE", "Mixing", "in_vessel"]

Mixing = Literal["still", "stirred"]

EXPOSURE = 24.0
"""Hours of exposure where none are given (assumed, and noted)."""

_TEMPERATURE = 310.15
_DENSITY = {"medium": 1.0, "vesicle": 1.10}
"""g/mL: medium (textbook), vesicles (parameter rho_iod, assumed)."""


def in_vessel(
    particles: NDArray[np.float64],
    vessel: str,
    volume: float | None,
    hours: float | None,
    cells: float | None,
    mixing: Mixing = "still",
    clearance: str | float | None = None,
    diameter: str | float | None = None,
    *,
    draws: int,
    seed: int,
    notes: list[str],
) -> WellEstimate:
    """Shares that reach and enter a layer of cells on the bottom.

    Parameters
    ----------
    particles
        Draws of the dose.
    vessel, volume, hours, cells
        Name, mL (by default the vessel's), h of exposure, recipient cells.
    mixing
        still: diffusion and settling through the whole depth. stirred: an even medium above a still layer
        of the parameter unstirred_layer.
    clearance, diameter
        mL/cell/h and nm; by default the parameters k_up and d_sEV_trps.
    notes
        Assumptions are added to it.

    Notes
    -----
    Nothing is lost on the way (plastic, protein, degradation), and the cells do not tire: upper bounds.
    """
    import numpy as np

    if mixing not in get_args(Mixing):
        raise InputError(f"mixing is still or stirred, not {mixing!r}")
    if not vessel:
        raise InputError("which vessel? its area decides the depth; e.g. --vessel 6-well")
    place = vessel_named(vessel)
    area = units.parse(str(place.area.typical), "um^2")
    if volume is None:
        volume = units.parse(str(place.volume.typical), "mL")
    if hours is None:
        hours = EXPOSURE
        notes.append(f"exposure of {hours:g} h assumed; --hours")
    depth = geometry.depth(volume, area)
    um = _given(diameter, "nm", tables.evidence_prior("d_sEV_trps"), draws, seed, "the diameter") * 1e-3
    viscosity = stokes_einstein.water_viscosity(_TEMPERATURE)
    diffusion = np.array([stokes_einstein.diffusion(d, viscosity, _TEMPERATURE) for d in um])
    densities = (_DENSITY["vesicle"], _DENSITY["medium"], viscosity)
    sinking = np.array([max(sedimentation.settling_velocity(d, *densities), 0.0) for d in um])
    settled = np.minimum(sinking * hours / depth, 1.0)
    layer = _draw(tables.own_prior("unstirred_layer"), "unstirred_layer", draws, seed)
    if mixing == "still":
        came = np.array([supply.monolayer_fraction(d, depth, hours) for d in diffusion])
        reach = np.minimum(came + settled, 1.0)
    else:
        reach = -np.expm1(-(diffusion / np.minimum(layer, depth) + sinking) * hours / depth)
    result = {"reach": Interval.of(reach), "settled": Interval.of(settled)}
    if cells is None:
        notes.append("no number of cells (--cells): what they take is not told")
        return WellEstimate(depth / 1000.0, **result)
    per_cell = _given(clearance, "mL/cell/h", tables.evidence_prior("k_up"), draws, seed, "the clearance")
    velocity = per_cell * (1e12 * cells / area)
    if mixing == "still":
        taken = np.array(
            [well.layer_uptake_fraction(d, depth, hours, v) for d, v in zip(diffusion, velocity, strict=True)]
        )
    else:
        through = diffusion / np.minimum(layer, depth)
        taken = -np.expm1(-(velocity * through / (velocity + through)) * hours / depth)
    if Interval.of(settled).median > 0.1 * Interval.of(reach).median:
        notes.append("settling brings more than a tenth of what arrives; it is not part of the share taken")
    return WellEstimate(
        depth / 1000.0,
        **result,
        taken=Interval.of(taken),
        nominal_per_cell=Interval.of(particles / cells),
        reach_per_cell=Interval.of(particles * reach / cells),
        taken_per_cell=Interval.of(particles * taken / cells),
    )


def _given(
    value: str | float | None, unit: str, prior: Prior, draws: int, seed: int, what: str
) -> NDArray[np.float64]:
    import numpy as np

    if value is not None:
        return np.full(draws, amount(value, unit, what))
    return _draw(prior.to(unit), f"{what} prior", draws, seed)


def _draw(prior: Prior, name: str, draws: int, seed: int) -> NDArray[np.float64]:
    return prior.quantile(uniforms(seed, f"dose {name}", 0, draws))
