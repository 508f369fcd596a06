"""Colours of a tissue: types that colour-blind readers tell apart, and maps whose lightness is in order."""

from __future__ import annotations

__all__ = [
    "DEAD",
    "FIELD_STOPS",
    "PAPER",
    "TYPE_COLOURS",
    "UNKNOWN",
    "VALUE_STOPS",
    "darker",
    "lighter",
    "type_colour",
]

# Okabe and Ito's palette (Color Universal Design, 2008), the rose first: a tumour looks stained; then others.
TYPE_COLOURS = (
    "#CC79A7", "#E69F00", "#0072B2", "#009E73", "#D55E00", "#56B4E9", "#8C8C00", "#6A4C93", "#9C6B4A",
    "#F0E442", "#4D4D4D", "#A3D977",
)  # fmt: skip
# of a dead cell: fill, core, outline
DEAD = ("#b9bdc1", "#8a8f94", "#55595e")
UNKNOWN = "#ece8e1"  # of cells that do not have what the colours show
PAPER = "#fbf8f4"

# One hue, paper to night, for what lies under the cells: no type's colour is lost on it.
FIELD_STOPS = ("#fbf9f5", "#dfe7ec", "#b7cad8", "#86a7c0", "#557fa3", "#2f587f", "#15345a", "#081a36")
# Viridis (Smith and van der Walt, 2015) at equal steps, for values in cells.
VALUE_STOPS = (
    "#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b",
    "#fde725",
)  # fmt: skip


def type_colour(position: int) -> str:
    """Colour of the type at a place among the types; more than there are colours take them again."""
    return TYPE_COLOURS[position % len(TYPE_COLOURS)]


def darker(colour: str, share: float = 0.45) -> str:
    """The colour with `share` of black in it."""
    return _mixed(colour, 0, share)


def lighter(colour: str, share: float = 0.45) -> str:
    """The colour with `share` of white in it."""
    return _mixed(colour, 255, share)


def _mixed(colour: str, other: int, share: float) -> str:
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(p + share * (other - p)):02x}" for p in parts)
