"""A dose as it is written: a number, a unit, and what stands behind in words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace

from vesiflux import units
from vesiflux.assay.dose.measure import Measure, read_measure
from vesiflux.errors import InputError

__all__ = ["Given", "amount", "read_dose"]

_NUMBER = re.compile(
    r"(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?|[+-]?\.\d+(?:[eE][+-]?\d+)?)"
    r"(?:\s*[x×*]\s*10\s*\^?\s*(?P<times>[+-]?\d+)|\^(?P<power>[+-]?\d+))?"
    r"(?:\s*(?P<word>thousand|million|billion|trillion)\b)?"
)
_WORDS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_CLAUSE = re.compile(r"\s+(in|into|with|on|onto|to|over|for|of|from|by)\s+")
_EXAMPLE = "write it like '50 ug', '1e9 particles/mL in 2 mL' or '1000 EV/cell with 2e5 cells'"

_LEAST, _MOST = 1e-30, 1e30  # particles, ug, copies, cells: beyond any laboratory, well inside the floats


@dataclass(frozen=True)
class Given:
    """A dose and its circumstances as written; None or empty where nothing was said.

    Attributes
    ----------
    value, measure
        The number and its unit.
    volume
        mL.
    cells
        Recipient cells.
    hours
        Of exposure, or of collection where the dose is in cell equivalents.
    tissue
        g.
    species, vessel, cargo, donor, prep
        By name, not yet looked up.
    whole
        The injected dose that a %ID is of.
    """

    value: float
    measure: Measure
    volume: float | None = None
    cells: float | None = None
    hours: float | None = None
    tissue: float | None = None
    species: str = ""
    vessel: str = ""
    cargo: str = ""
    donor: str = ""
    prep: str = ""
    whole: Given | None = field(default=None)


def read_dose(text: str, names: dict[str, frozenset[str]]) -> Given:
    """Read a dose such as ``1e7 cell equivalents over 24 h``.

    Parameters
    ----------
    names
        Known names by what they name: species, vessel, donor, prep; lower case.

    Raises
    ------
    InputError
        No number, no unit, a unit that is none, a number that is not above 0, a clause that means nothing.
    """
    value, rest = _number(re.sub(r"(%|percent) of (the )?injected dose", "%ID", text, flags=re.IGNORECASE))
    first, *more = _CLAUSE.split(rest)
    if not first.strip():
        raise InputError(f"{text!r} has no unit; {_EXAMPLE}")
    measure = read_measure(first, names["species"])
    if not _LEAST < value * measure.factor < _MOST:
        end = f"at most {_MOST:g}" if value * measure.factor >= _MOST else f"more than {_LEAST:g}"
        raise InputError(f"{text!r} is a dose that nobody can give ({end}); {_EXAMPLE}")
    given = Given(value, measure, species=measure.species, cargo=measure.cargo)
    if measure.kind == "injected" and measure.per == "" and value > 100.0:
        raise InputError(f"{text!r} is more than the injected dose; 100 %ID is all of it")
    for word, part in zip(more[::2], more[1::2], strict=True):
        given = _clause(given, word, part.strip(), text, names)
    return given


def amount(text: str | float, unit: str, what: str) -> float:
    """A volume, time or number of cells above 0, written with its unit or bare, in ``unit``."""
    value = units.parse(text, unit, bare=True)
    if not (math.isfinite(value) and value > 0.0):
        raise InputError(f"{what} must be above 0, got {text}")
    return value


def _number(text: str, what: str = "a dose") -> tuple[float, str]:
    clean = re.sub(r"(?<=10)[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+", lambda m: "^" + m.group().translate(_RAISED), text.strip())
    clean = clean.replace("−", "-").replace("·", "*")
    match = _NUMBER.match(clean)
    if match is None:
        raise InputError(f"{text!r} does not begin with a number; {_EXAMPLE}")
    value = float(match["number"].replace(",", ""))
    try:
        if match["power"]:
            value = value ** float(match["power"])
        if match["times"]:
            value *= 10.0 ** float(match["times"])
    except OverflowError:
        value = math.inf
    value *= _WORDS.get(match["word"] or "", 1.0)
    if value <= 0.0:
        raise InputError(
            f"{text!r}: {what} must be above 0, e.g. '{abs(value) or 50:g}{clean[match.end() :]}'"
        )
    if not math.isfinite(value):
        raise InputError(f"{text!r}: {what} must be a finite number; {_EXAMPLE}")
    return value, " " + clean[match.end() :]


def _clause(given: Given, word: str, part: str, text: str, names: dict[str, frozenset[str]]) -> Given:
    """Take in what stands behind one ``in``, ``with``, ``over``, ``of``, ``from`` or ``by``."""
    name = re.sub(r"^(a|an|one|the)\s+", "", part, flags=re.IGNORECASE).lower()
    if word == "of":
        if part[:1].isdigit():
            value, unit = _number(part)
            whole = Given(value, read_measure(unit, names["species"]))
            return replace(given, whole=whole, species=given.species or whole.measure.species)
        return given if given.measure.kind in ("protein", "particles") else replace(given, cargo=part)
    for key in ("species", "vessel", "donor", "prep"):
        found = name if name in names[key] else name.replace(" ", "-")
        if found in names[key]:
            return replace(given, **{key: found})  # type: ignore[arg-type]
    if not part[:1].isdigit():
        known = "a volume, cells, a time, an animal, a vessel, a donor or a preparation"
        raise InputError(f"{text!r}: '{word} {part}' says nothing about a dose; name {known}")
    value, unit = _number(part, f"what stands behind '{word}'")
    unit = re.sub(r"^(recipient )?cells?$", "cell", unit.strip(), flags=re.IGNORECASE)
    for key, base in (("volume", "mL"), ("cells", "cell"), ("hours", "h"), ("tissue", "g")):
        if units.same_dimension(unit, base):
            return replace(given, **{key: units.convert(value, unit, base)})  # type: ignore[arg-type]
    raise InputError(f"{text!r}: '{word} {part}' is no volume, time, mass or number of cells")
