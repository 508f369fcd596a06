"""Cells of a tissue: where they start, how they live and die, and what a restart needs of them."""

from vesiflux.engines.tissue.cells.container import ALIVE, APOPTOTIC, NECROTIC, Cells
from vesiflux.engines.tissue.cells.events import live
from vesiflux.engines.tissue.cells.growth import grow
from vesiflux.engines.tissue.cells.layout import place
from vesiflux.engines.tissue.cells.outcome import Callbacks, Gone, Outcome
from vesiflux.engines.tissue.cells.rates import Rates, rates_of
from vesiflux.engines.tissue.cells.start import settle

__all__ = [
    "ALIVE",
    "APOPTOTIC",
    "NECROTIC",
    "Callbacks",
    "Cells",
    "Gone",
    "Outcome",
    "Rates",
    "grow",
    "live",
    "place",
    "rates_of",
    "settle",
]
