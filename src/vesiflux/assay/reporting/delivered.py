"""Copies delivered to a recipient in a well: the final number that a model's items are held to.

Vesicles given diffuse to the cells at the bottom of still medium, which take part of them
(`vesiflux.physics.well`); what a vesicle carries follows its volume; a share is inside, no label, released.
Numbers that the model gives stand in the middle; where it gives none, those of a 6-well plate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from vesiflux.language.schema import DishSpace
from vesiflux.language.vessels import vessel as vessel_named
from vesiflux.physics import stokes_einstein, well
from vesiflux.units import parse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vesiflux.assay.reporting.cost import Factor, Number
    from vesiflux.language import Model
    from vesiflux.language.schema import Value

__all__ = ["delivered", "shares_taken"]

_TEMPERATURE = 310.15
_PLATE = "6-well"
_ELSE = {"vesicles": 1e9, "cells": 2e5, "hours": 24.0}
"""A usual experiment (assumed), where a model says nothing: it sets the middle, not the width."""
_SHARES = ("serum", "topology", "label")
_GRID = 41


def delivered(model: Model, factors: Mapping[str, Factor]) -> Number:
    """The final number of ``model`` as a function of its items' factors.

    A factor that is a share counts as it is; any other as its ratio to the middle of its prior, times the
    model's own number.
    """
    import numpy as np

    setting = _setting(model)
    middle = {name: float(f.unknown.quantile(0.5)) for name, f in factors.items()}
    centre = {name: float(f.known.quantile(0.5)) for name, f in factors.items()}

    def number(drawn: Mapping[str, NDArray[np.float64]], reported: Mapping[str, bool]) -> NDArray[np.float64]:
        def ratio(name: str) -> NDArray[np.float64]:
            if name not in drawn:
                return np.ones(1)
            return drawn[name] / (centre[name] if reported[name] else middle[name])

        diameter = setting["diameter"] * np.cbrt(ratio("size"))
        per_um = _diffusion_of_a_um()
        cells = setting["cells"] * ratio("recipients")
        area = setting["area"] * ratio("vessel")
        velocity = setting["clearance"] * ratio("uptake") * cells * 1e12 / area
        taken = shares_taken(per_um / diameter, setting["depth"], setting["hours"] * ratio("time"), velocity)
        copies = setting["vesicles"] * ratio("particle number") * taken / cells
        copies = copies * setting["copies"] * ratio("copies") * ratio("size")
        copies = copies * np.minimum(setting["escape"] * ratio("release"), 1.0)
        for share in _SHARES:
            if share in drawn:
                copies = copies * drawn[share]
        return np.asarray(copies)

    return number


def shares_taken(
    diffusion: NDArray[np.float64] | float,
    depth: float,
    hours: NDArray[np.float64] | float,
    velocity: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """`physics.well.layer_uptake_fraction` of many draws, um and h, from a table; right to a per cent."""
    import numpy as np

    tau = np.asarray(diffusion * hours / (depth * depth))
    ratio = np.asarray(velocity * depth / diffusion)
    tau, ratio = np.broadcast_arrays(np.maximum(tau, 1e-12), np.maximum(ratio, 1e-12))
    return _table()(np.log(tau), np.log(ratio))


@cache
def _table() -> Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]:
    """-ln(share left) over ln(D t / L^2) and ln(v L / D), as a surface of cubic splines in logarithms."""
    import numpy as np
    from scipy.interpolate import RectBivariateSpline

    tau, ratio = np.linspace(np.log(1e-5), np.log(1e3), _GRID), np.linspace(np.log(1e-6), np.log(1e6), _GRID)
    shares = [
        [well.layer_uptake_fraction(1.0, 1.0, float(t), float(r)) for r in np.exp(ratio)] for t in np.exp(tau)
    ]
    gone = np.log(-np.log1p(-np.clip(np.array(shares), 1e-300, 1.0 - 1e-12)))
    surface = RectBivariateSpline(tau, ratio, gone)

    def share(t: NDArray[np.float64], r: NDArray[np.float64]) -> NDArray[np.float64]:
        # below the table's ends the share goes with the product of both
        inside_t, inside_r = np.clip(t, tau[0], tau[-1]), np.clip(r, ratio[0], ratio[-1])
        below = np.minimum(t - tau[0], 0.0) + np.minimum(r - ratio[0], 0.0)
        return np.asarray(-np.expm1(-np.exp(surface.ev(inside_t, inside_r) + below)))

    return share


def _diffusion_of_a_um() -> float:
    """um^2/h of a sphere of 1 um in medium; of others in inverse proportion."""
    viscosity = stokes_einstein.water_viscosity(_TEMPERATURE)
    return stokes_einstein.diffusion(1.0, viscosity, _TEMPERATURE)


def _setting(model: Model) -> dict[str, float]:
    """Numbers of the experiment that the model gives: its first recipient, vesicle and cargo."""
    from vesiflux.evidence import Evidence

    spec, table = model.spec, Evidence.load()
    space = spec.space
    place = vessel_named((space.vessel if isinstance(space, DishSpace) else None) or _PLATE)
    area, volume = (parse(str(v.typical), u) for v, u in ((place.area, "um^2"), (place.volume, "mL")))
    if isinstance(space, DishSpace):
        area = _middle(space.area, "um^2", area)
        volume = _middle(space.volume, "mL", volume)
    takers = [cell for cell in spec.cells.values() if cell.takes_up]
    vesicle = next((name for cell in takers for name in cell.takes_up), "")
    uptake = next((u for cell in takers for u in cell.takes_up.values()), None)
    hours = _middle(spec.run.duration, "h", _ELSE["hours"])
    doses = [item.amount for item in spec.schedule if item.dose]
    given = next((n for one in doses for u, times in (("vesicle", 1.0), ("vesicle/mL", volume))
                  if (n := times * _middle(one, u, 0.0)) > 0.0), 0.0)  # fmt: skip
    donors = [(c.count, how.rate) for c in spec.cells.values() for how in c.secretes.values() if how.rate]
    made = sum(_middle(n, "cell", 0.0) * _middle(r, "vesicle/cell/h", 0.0) * hours for n, r in donors)
    cargoes = [c for cell in spec.cells.values() for s in cell.secretes.values() for c in s.cargo.values()]
    cargoes += [c for p in spec.preparations.values() for c in p.cargo.values()]
    diameter = spec.vesicles[vesicle].diameter.median if vesicle in spec.vesicles else None

    def usual(symbol: str, unit: str) -> float:
        return float(table.prior(symbol).to(unit).quantile(0.5))

    return {
        "area": area,
        "depth": volume / area * 1e12,
        "hours": hours,
        "cells": _middle(takers[0].count, "cell", _ELSE["cells"]) if takers else _ELSE["cells"],
        "vesicles": given or made or _ELSE["vesicles"],
        "clearance": _middle(uptake.clearance if uptake else None, "mL/cell/h", usual("k_up", "mL/cell/h")),
        "escape": _middle(uptake.escape if uptake else None, "1", usual("f_esc", "1")),
        "diameter": _middle(diameter, "um", usual("d_sEV", "um")),
        "copies": next((n for c in cargoes if (n := _middle(c.copies, "copy/vesicle", 0.0)) > 0.0),
                       usual("m_miR", "copy/vesicle")),
    }  # fmt: skip


def _middle(value: Value | None, unit: str, otherwise: float) -> float:
    """Middle of what a model says, in ``unit``; ``otherwise`` where it says nothing or another dimension."""
    from vesiflux.errors import InputError
    from vesiflux.ir.lowering.values import prior_of

    if value is None:
        return float(otherwise)
    try:
        found = float(prior_of(value, unit, "checklist").quantile(0.5))
    except InputError:
        return float(otherwise)
    return found if found > 0.0 else float(otherwise)
