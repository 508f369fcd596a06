"""Cells push, pull and crawl: neighbours, forces, motility."""

from vesiflux.engines.tissue.mechanics.motility import turn
from vesiflux.engines.tissue.mechanics.move import move
from vesiflux.engines.tissue.mechanics.neighbours import TOUCH, Neighbours

__all__ = ["TOUCH", "Neighbours", "move", "turn"]
