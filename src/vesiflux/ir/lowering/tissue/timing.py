"""When the interventions of a tissue are on: for good, or from one time to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vesiflux.ir.lowering.interventions import switch
from vesiflux.ir.lowering.values import number as typical_number

if TYPE_CHECKING:
    from vesiflux.language.schema import ModelSpec

__all__ = ["Moving", "timing"]

#: Input, start and stop of an intervention that is not on for good, h; a start of -inf is before t = 0.
Moving = tuple[str, float, float | None]


def timing(spec: ModelSpec) -> tuple[dict[str, float], list[Moving]]:
    """Inputs of interventions that are on for good, with their value, and the others."""
    constant, moving = {}, []
    for name, intervention in spec.interventions.items():
        if intervention.start == "before" and intervention.stop is None:
            constant[switch(name)] = 1.0
            continue
        start = -np.inf
        if intervention.start != "before":
            start = typical_number(intervention.start, "h", f"interventions.{name}.start")
        stop = None
        if intervention.stop is not None:
            stop = typical_number(intervention.stop, "h", f"interventions.{name}.stop")
        moving.append((switch(name), start, stop))
    return constant, moving
