"""Colours of arms and markers: six that colour-blind readers tell apart, then greys."""

from __future__ import annotations

from vesiflux.report.style import MUTED, SPARE_COLOURS

__all__ = ["MOST", "colour"]

#: Lines in one panel that can be told apart.
MOST = len(SPARE_COLOURS)


def colour(position: int) -> str:
    """Colour of the line at a position, from 0."""
    return SPARE_COLOURS[position] if position < MOST else MUTED
