"""Cargo per vesicle: what chance alone loads, what sorting must beat, and what a spread of copies means."""

from vesiflux.assay.loading.crossing import Occupancy, crossing, vesicles_needed
from vesiflux.assay.loading.null import Passive, Sorting, passive, sorting

__all__ = ["Occupancy", "Passive", "Sorting", "crossing", "passive", "sorting", "vesicles_needed"]
