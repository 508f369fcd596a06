"""All kinds of steps by name."""

from __future__ import annotations

from vesiflux.assay.isolation.affinity import AFFINITY
from vesiflux.assay.isolation.fields import Step
from vesiflux.assay.isolation.gradient import GRADIENT
from vesiflux.assay.isolation.keeping import DILUTE, LOAD, STORE
from vesiflux.assay.isolation.membranes import FILTER, TFF, ULTRAFILTER
from vesiflux.assay.isolation.precipitate import PRECIPITATE
from vesiflux.assay.isolation.sec import SEC
from vesiflux.assay.isolation.spin import SPIN

__all__ = ["STEPS"]

STEPS: dict[str, Step] = {
    step.name: step
    for step in (SPIN, GRADIENT, SEC, AFFINITY, PRECIPITATE, TFF, ULTRAFILTER, FILTER, STORE, DILUTE, LOAD)
}
