"""Membranes: tangential flow, spin filters, sterile filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux.assay.isolation.fields import Field, Settings, Step
from vesiflux.assay.isolation.flow import Draw, Flow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FILTER", "TFF", "ULTRAFILTER", "pore_of_cut_off", "sieving"]

_DALTON_TO_UM = 2 * 0.066e-3
"""Diameter (um) of a compact protein is this times the cube root of its Da (Erickson 2009, recalled)."""


def pore_of_cut_off(cut_off_kDa: float) -> float:
    """Pore diameter (um) of a membrane that lets a tenth of a protein of ``cut_off_kDa`` through.

    Sieving is y (2 - y), y = (1 - d/pore)^2; a tenth passes at d/pore = 0.774.
    """
    return float(_DALTON_TO_UM * (cut_off_kDa * 1000.0) ** (1.0 / 3.0) / 0.7735)


def sieving(diameters: NDArray[np.float64], pore: float) -> NDArray[np.float64]:
    """Concentration behind a membrane over that before it, 0 to 1 (Ferry 1936: steric entry)."""
    import numpy as np

    y = np.maximum(1.0 - diameters / pore, 0.0) ** 2
    return np.asarray(y * (2.0 - y))


def _no_check(settings: Settings) -> list[tuple[str, str]]:
    return []


def _check_volume(settings: Settings) -> list[tuple[str, str]]:
    given, to = settings["volume"], settings["to"]
    if given is not None and to > given * (1.0 + 1e-9):
        return [("to", f"{to:g} mL is more than the {given:.3g} mL there are; a membrane only takes away")]
    return []


def _through(flow: Flow, pore: float, factor: float, diavolumes: float) -> None:
    """Take what a membrane lets through: X^-S exp(-N S) stays after concentrating X-fold and N washes."""
    import numpy as np

    washed = np.log(factor) + diavolumes
    flow.lose("permeate", lambda p: -np.expm1(-washed * sieving(p.diameters, pore)))


def _apply_tff(flow: Flow, settings: Settings, draw: Draw) -> None:
    loss, shear = draw("tff_loss"), draw("tff_shear")
    _through(
        flow, pore_of_cut_off(settings["cut_off"]), flow.sample.volume / settings["to"], settings["washes"]
    )
    flow.lose("membrane", lambda _: loss)
    flow.lose("burst", lambda _: shear, only="vesicle")
    if settings["washes"] >= 3.0:
        flow.buffer(settings["to"])
    else:
        flow.liquid(settings["to"])


def _apply_ultrafilter(flow: Flow, settings: Settings, draw: Draw) -> None:
    loss = draw("ultrafilter_loss")
    _through(flow, pore_of_cut_off(settings["cut_off"]), flow.sample.volume / settings["to"], 0.0)
    flow.lose("membrane", lambda _: loss)
    flow.liquid(settings["to"])


def _apply_filter(flow: Flow, settings: Settings, draw: Draw) -> None:
    held = draw("filter_loss")
    pore = settings["pore"]
    flow.lose("too large for the filter", lambda p: 1.0 - 1.0 / (1.0 + (p.diameters / pore) ** 8))
    flow.lose("filter", lambda p: 0.0 if p.kind.group == "protein" else held)


TFF = Step(
    "tff",
    "tangential flow filtration: concentrate, then wash at constant volume",
    {
        "cut_off": Field("1", "molecular-weight cut-off, kDa, e.g. 500", needed=True, least=1.0, most=5000.0),
        "to": Field("mL", "volume concentrated to", needed=True, least=0.0, above=True),
        "washes": Field("1", "volumes of buffer washed through", default=6.0, least=0.0, most=100.0),
    },
    _apply_tff,
    _check_volume,
)

ULTRAFILTER = Step(
    "ultrafilter",
    "spin filter: concentrate",
    {
        "cut_off": Field("1", "molecular-weight cut-off, kDa, e.g. 100", needed=True, least=1.0, most=5000.0),
        "to": Field("mL", "volume concentrated to", needed=True, least=0.0, above=True),
    },
    _apply_ultrafilter,
    _check_volume,
)

FILTER = Step(
    "filter",
    "dead-end filter: holds what is larger than its pores",
    {"pore": Field("um", "pore diameter, e.g. 0.22 um", needed=True, least=0.01, most=10.0)},
    _apply_filter,
    _no_check,
)
