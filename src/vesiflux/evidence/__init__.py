"""What papers claim about vesicles: claims, edges, numbers, parameters, and questions to them."""

from vesiflux.evidence.base import Evidence, Shown
from vesiflux.evidence.conflicts import Conflict
from vesiflux.evidence.priors import Prior
from vesiflux.evidence.rows import Claim, Dropped, Edge, ParameterRow, Quantity
from vesiflux.evidence.sources import Source

__all__ = [
    "Claim",
    "Conflict",
    "Dropped",
    "Edge",
    "Evidence",
    "ParameterRow",
    "Prior",
    "Quantity",
    "Shown",
    "Source",
]
