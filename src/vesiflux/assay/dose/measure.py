"""Units of dose: what is counted, and per what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.language.words import meant

__all__ = ["Kind", "Measure", "Per", "read_measure"]

Kind = Literal["particles", "protein", "cells", "injected", "cargo"]
Per = Literal["", "mL", "cell", "g"]

_EXAMPLES = (
    "particles", "EV", "ug", "mg", "EV/cell", "particles/mL", "ug/mL", "ug/kg", "cell equivalents", "%ID",
    "%ID/g", "pmol", "copies", "copies/cell",
)  # fmt: skip
_VESICLE = re.compile(
    r"(?:small |large )?(?:extracellular )?(?:s|l)?(?:EVs?|vesicles?|particles?|nanoparticles?|exosomes?|"
    r"microvesicles?|ectosomes?)",
    re.IGNORECASE,
)
_CELLS = re.compile(r"(?:donor[- ]?)?cells?[- ]?(?:equivalents?|eq\.?)|CE", re.IGNORECASE)
_INJECTED = re.compile(r"(?:%|percent)\s*(?:ID|injected dose)", re.IGNORECASE)
_OF_VESICLES = re.compile(
    r"(?:of )?(?:total |EV |vesicle |vesicular |exosom\w+ )?(?:protein|proteins|EVs?|vesicles?|exosomes?)|",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Measure:
    """A unit of dose.

    Attributes
    ----------
    kind
        What is counted: particles, ug of protein, donor cells, share of the injected dose, copies of cargo.
    per
        Nothing, or mL of medium, recipient cell, g of body or tissue.
    factor
        One such unit in vesicles, ug, cells, shares or copies (per mL, cell, g).
    text
        The unit as it is shown.
    cargo, species
        Named inside the unit, as in ``copies of miR-21`` or ``ug/mouse``; else empty.
    """

    kind: Kind
    per: Per
    factor: float
    text: str
    cargo: str = ""
    species: str = ""


def read_measure(text: str, species: frozenset[str] = frozenset()) -> Measure:
    """Read ``ug/mL``, ``EV per cell``, ``donor-cell equivalents``, ``%ID/g``, ``pmol miR-21``, ...

    Parameters
    ----------
    species
        Names that may stand behind the slash (``particles/mouse``).

    Raises
    ------
    InputError
        No such unit; the nearest are named.
    """
    clean = re.sub(r"\s+per\s+", "/", " ".join(text.replace("µ", "u").replace("μ", "u").split()))
    above, *below = (part.strip() for part in clean.split("/"))
    kind, per, factor, shown, cargo = _above(above, text)
    named = ""
    for part in below:
        if part.lower() in species:
            named = part.lower()
        elif part.lower() not in ("dose", "injection", "well", "dish", "animal"):
            if per:
                raise _unknown(text)
            per, divisor = _below(part, text)
            factor /= divisor
    return Measure(kind, per, factor, "/".join([shown, *below]), cargo, named)


def _above(part: str, whole: str) -> tuple[Kind, Per, float, str, str]:
    """Kind, per what, factor, shown text and cargo of what stands above the slash."""
    if _INJECTED.fullmatch(part):
        return "injected", "", 0.01, "%ID", ""
    if _CELLS.fullmatch(part):
        return "cells", "", 1.0, "cell equivalents", ""
    if _VESICLE.fullmatch(part):
        return "particles", "", 1.0, part, ""
    unit, _, rest = part.partition(" ")
    try:
        dimension = {(name, int(power)) for name, power in units.dimension(unit).items()}
    except units.UnitError:
        raise _unknown(whole) from None
    rest = rest.removeprefix("of ").strip()
    if dimension == {("mass", 1)} and _OF_VESICLES.fullmatch(rest):
        return "protein", "", units.convert(1.0, unit, "ug"), unit, ""
    if dimension == {("copy", 1)}:
        return "cargo", "", units.convert(1.0, unit, "copy"), unit, rest
    if dimension == {("copy", 1), ("length", -3)}:
        kind: Kind = "particles" if _VESICLE.fullmatch(rest) else "cargo"  # vesicles are given in pM, too
        return kind, "mL", units.convert(1.0, unit, "copy/mL"), part, "" if kind == "particles" else rest
    if dimension == {("cell", 1)} and not rest:
        return "cells", "", 1.0, "cell equivalents", ""
    raise _unknown(whole)


def _below(part: str, whole: str) -> tuple[Per, float]:
    """What one unit of dose is per, and how many mL, cells or g that is."""
    if re.fullmatch(r"(?:recipient )?cells?", part, re.IGNORECASE):
        return "cell", 1.0
    try:
        if units.same_dimension(part, "mL"):
            return "mL", units.convert(1.0, part, "mL")
        if units.same_dimension(part, "g"):
            return "g", units.convert(1.0, part, "g")
    except units.UnitError:
        pass
    raise _unknown(whole)


def _unknown(text: str) -> InputError:
    return InputError(
        f"no unit of dose is called {text.strip()!r}; {meant(text.strip(), _EXAMPLES, 'units')}"
    )
