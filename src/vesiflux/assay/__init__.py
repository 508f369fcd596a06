"""What is done with vesicles outside the body: doses, isolation, measurement, loading, controls.

The room can be called: ``vesiflux.assay("uc-sec")`` carries out a protocol, a file or one of the library,
and returns an `Assayed` with ``steps``, ``product``, ``readings`` and ``scale_up(dose)``. Its other names
are loaded when they are first used: `invert` (data of an instrument to what was in the tube), `passive`,
`sorting`, `crossing`, `vesicles_needed` and `Occupancy` (loading), `control_arms` (of a model), `checklist`
(what a model or a protocol reports, and what its gaps cost).
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesiflux.assay.arms import control_arms as control_arms
    from vesiflux.assay.carried_out import Assayed as Assayed
    from vesiflux.assay.carried_out import assay as assay
    from vesiflux.assay.loading import Occupancy as Occupancy
    from vesiflux.assay.loading import passive as passive
    from vesiflux.assay.loading import sorting as sorting
    from vesiflux.assay.loading import vesicles_needed as vesicles_needed
    from vesiflux.assay.loading.crossing import crossing as crossing
    from vesiflux.assay.measurement.backward import invert as invert
    from vesiflux.assay.reporting import Checklist as Checklist
    from vesiflux.assay.reporting import checklist as checklist

__all__ = [
    "Assayed",
    "Checklist",
    "Occupancy",
    "assay",
    "checklist",
    "control_arms",
    "crossing",
    "invert",
    "passive",
    "sorting",
    "vesicles_needed",
]

_HOME = {
    "Assayed": "carried_out",
    "Checklist": "reporting",
    "Occupancy": "loading",
    "assay": "carried_out",
    "checklist": "reporting",
    "control_arms": "arms",
    "crossing": "loading",
    "invert": "measurement.backward",
    "passive": "loading",
    "sorting": "loading",
    "vesicles_needed": "loading",
}


def __getattr__(name: str) -> object:
    """Load a name of the room on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"vesiflux.assay has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"vesiflux.assay.{_HOME[name]}"), name)


class _Room(ModuleType):
    """A module that can be called."""

    def __call__(self, protocol: str, draws: int = 200, seed: int = 1) -> Assayed:
        """`vesiflux.assay.carried_out.assay`."""
        from vesiflux.assay.carried_out import assay

        return assay(protocol, draws, seed)


sys.modules[__name__].__class__ = _Room
