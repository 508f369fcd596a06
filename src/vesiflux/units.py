"""Units at the border: text and numbers in, inside units out, each converted once.

Inside, a number carries no unit; its name or this table says what it is in:

========================  =========================  ==================================
dimension                 inside unit                note
========================  =========================  ==================================
length, area              um, um^2
volume (length^3)         mL                         also a volume written as um^3
time                      h
vesicles, copies, cells   vesicle, copy, cell        mol becomes copies by Avogadro
MVBs, ILVs, IU            MVB, ILV, IU               counts of their own
concentration             vesicle/mL, copy/mL        clearance mL/cell/h
diffusion                 um^2/h
mass                      ng                         mass per volume: g/mL
temperature               K
pressure, viscosity       Pa, mPa*s
energy, power, force, ... J, W, N, V, A              irradiance W/cm^2, current A/cm^2
anything else             products of the base ones  every length^3 is an mL
========================  =========================  ==================================

The rule is one: **the inside unit follows from the dimension of the unit's text alone**. Inside units are
therefore not coherent: an area times a length is an um^3, and an um^3 is 1e-12 inside. Whoever multiplies
inside values asks :func:`scale_to_inside` for the factor of the product of their units.

Factors are exact fractions, and decimal text is read exactly, so ``90 nm`` and ``0.09 um`` are the same
bits inside. `pint` holds the definitions; it is imported when the first unit is read.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from vesiflux.errors import InputError

__all__ = [
    "UnitError",
    "canonical",
    "convert",
    "describe",
    "dimension",
    "factor",
    "format_quantity",
    "inside",
    "parse",
    "same_dimension",
    "scale_to_inside",
    "written_unit",
]


class UnitError(InputError):
    """A quantity or unit that cannot be read, or has the wrong dimension. One line with an example."""


# Inside units that are not products of the base ones, by dimension; the first that fits is taken.
_NAMED = (
    "Pa", "mPa*s", "g/mL", "J", "W", "N", "V", "W/cm^2", "A/cm^2", "N/m", "A", "K",
)  # fmt: skip
# Base part of any other inside unit, in the order they are written.
_BASE = (
    ("ILV", "ILV"), ("MVB", "MVB"), ("vesicle", "vesicle"), ("copy", "copy"), ("IU", "IU"),
    ("mass", "ng"), ("current", "A"), ("length", "um"), ("cell", "cell"), ("temperature", "K"), ("time", "h"),
)  # fmt: skip
_WORDS = {
    "1": ("a plain number", "0.3"),
    "um": ("a length", "90 nm"),
    "um^2": ("an area", "2000 um^2"),
    "mL": ("a volume", "2 mL"),
    "h": ("a time", "24 h"),
    "1/h": ("a rate", "0.05 /h"),
    "vesicle": ("a number of vesicles", "1e9 vesicle"),
    "copy": ("a number of copies", "500 copy"),
    "cell": ("a number of cells", "1e6 cell"),
    "vesicle/mL": ("a vesicle concentration", "1e9 vesicle/mL"),
    "copy/mL": ("a concentration", "10 nM"),
    "copy/cell": ("copies per cell", "1000 copy/cell"),
    "copy/vesicle": ("copies per vesicle", "0.5 copy/vesicle"),
    "vesicle/cell/h": ("a secretion rate", "60 vesicle/cell/h"),
    "mL/cell/h": ("a clearance", "1e-8 mL/cell/h"),
    "um^2/h": ("a diffusion coefficient", "6.6 um^2/s"),
    "um/h": ("a speed", "0.5 um/min"),
    "mL/h": ("a flow", "2 mL/h"),
    "ng": ("a mass", "5 ug"),
    "g/mL": ("a density or mass concentration", "1.1 g/mL"),
    "K": ("a temperature", "37 degC"),
    "Pa": ("a pressure", "38 mmHg"),
    "mPa*s": ("a viscosity", "0.69 mPa*s"),
}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TOKEN = re.compile(
    r"\s*(?:(?P<name>%ID|%|[A-Za-zμ°_]+)|(?P<power>(?:\^|\*\*)?[+-]?\d+(?:\.\d+)?)|(?P<op>[*/()]))"
)
_LARGEST_EXPONENT = 12


@dataclass(frozen=True)
class _Unit:
    """A unit read: its dimension, the factor to SI-like root units, and the offset (degC only)."""

    dims: Mapping[str, Fraction]
    factor: Fraction | float
    offset: Fraction


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(None, non_int_type=Fraction, case_sensitive=True)
    lines = resources.files("vesiflux").joinpath("units.txt").read_text(encoding="utf-8").splitlines()
    registry.load_definitions([line for line in lines if line and not line.startswith("#")])
    return registry


@lru_cache(maxsize=512)
def _name(name: str) -> _Unit:
    """Read one unit name, prefix included."""
    import pint

    registry = _registry()
    try:
        full = registry.get_name({"%": "percent", "%ID": "percent", "°C": "degC"}.get(name, name))
    except pint.UndefinedUnitError:
        known = sorted({*registry, "mL", "uL", "um", "nm", "mm", "ng", "ug", "mg", "nM", "uM"})
        by_case = [k for k in known if k.lower() == name.lower()]
        close = by_case or difflib.get_close_matches(name, known, n=1, cutoff=0.7)
        hint = (
            f"; did you mean '{close[0]}'?" if close else "; e.g. 'um', 'h', 'mL', 'vesicle/mL', 'copy/cell'"
        )
        raise UnitError(f"unknown unit '{name}'{hint}") from None
    dims = {
        str(key).strip("[]"): Fraction(power)
        for key, power in registry.get_dimensionality(full).items()
        if power
    }
    scale, _ = registry.get_root_units(full, check_nonmult=False)
    offset = Fraction("273.15") if full == "degree_Celsius" else Fraction(0)
    return _Unit(MappingProxyType(dims), Fraction(scale), offset)


def _clean(text: str) -> str:
    """One spelling: superscripts, micro signs, middle dots and minus signs of any kind."""
    text = unicodedata.normalize("NFKC", text).replace("−", "-").replace("·", "*").replace("⋅", "*")
    return text.replace("µ", "μ").strip()


@lru_cache(maxsize=4096)
def _unit(text: str) -> _Unit:
    """Read a unit such as ``mL/cell/h``, ``um2/s``, ``h^-1``, ``1/h`` or ``/h``; left to right."""
    clean = _clean(text)
    if clean in ("", "1", "-", "dimensionless"):
        return _Unit(MappingProxyType({}), Fraction(1), Fraction(0))
    if clean.startswith("/"):
        clean = "1" + clean
    powers, end = _product(clean, 0, text, depth=0)
    if end != len(clean):
        raise _unreadable(text)
    dims: dict[str, Fraction] = {}
    scale: Fraction | float = Fraction(1)
    for name, power in powers.items():
        one = _name(name)
        if one.offset and (len(powers) > 1 or power != 1):
            raise UnitError(f"'{text}': write K, not {name}, inside a compound unit, e.g. '1/K'")
        for key, exponent in one.dims.items():
            dims[key] = dims.get(key, Fraction(0)) + exponent * power
        whole = power.denominator == 1
        scale = scale * (one.factor ** int(power) if whole else float(one.factor) ** float(power))
    offset = _name(next(iter(powers))).offset if len(powers) == 1 else Fraction(0)
    return _Unit(MappingProxyType({k: v for k, v in sorted(dims.items()) if v}), scale, offset)


def _unreadable(text: str) -> UnitError:
    return UnitError(f"'{text}' is not a unit; write it like 'mL/cell/h', 'um^2/h' or '1/h'")


def _product(text: str, at: int, whole: str, depth: int) -> tuple[dict[str, Fraction], int]:
    """Powers of the names in a product starting at ``at``, and where it ends (closing bracket or end)."""
    powers: dict[str, Fraction] = {}
    sign, need = 1, True
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or depth > 5:
            raise _unreadable(whole)
        op, number = match["op"], match["power"]
        if op == ")":
            break
        at = match.end()
        if op in ("*", "/"):
            if need:
                raise _unreadable(whole)
            sign, need = (1 if op == "*" else -1), True
            continue
        if op == "(":
            inner, at = _product(text, at, whole, depth + 1)
            if at >= len(text):
                raise _unreadable(whole)
            at += 1
        elif match["name"]:
            inner = {match["name"]: Fraction(1)}
        elif number == "1" and need:
            inner = {}
        else:
            raise _unreadable(whole)
        exponent = Fraction(1)
        after = _TOKEN.match(text, at)
        # "mL 2" is no square: an exponent touches its unit or follows a ^
        if (
            inner
            and after is not None
            and after["power"]
            and (after.start("power") == at or after["power"][0] in "^*")
        ):
            exponent = Fraction(after["power"].lstrip("^*"))
            at = after.end()
        if abs(exponent) > _LARGEST_EXPONENT:
            raise _unreadable(whole)
        for name, power in inner.items():
            powers[name] = powers.get(name, Fraction(0)) + power * exponent * sign
        sign, need = 1, False
    if need:
        raise _unreadable(whole)
    return {name: power for name, power in powers.items() if power}, at


def _spell(power: Fraction) -> str:
    if power == 1:
        return ""
    return f"^{power.numerator}" if power.denominator == 1 else f"^{float(power):g}"


@lru_cache(maxsize=4096)
def canonical(unit: str) -> str:
    """Inside unit of the dimension of ``unit``, e.g. ``vesicle/cell/h`` for ``EV/cell/min``."""
    dims = _unit(unit).dims
    if not dims:
        return "1"
    for named in _NAMED:
        if _unit(named).dims == dims:
            return named
    over, under = [], []
    for key, base in _BASE:
        power = dims.get(key, Fraction(0))
        if key == "length" and power and power % 3 == 0:
            base, power = "mL", power / 3
        if power > 0:
            over.append(base + _spell(power))
        elif power < 0:
            under.append(base + _spell(-power))
    return "/".join(["*".join(over) or "1", *under])


def dimension(unit: str) -> Mapping[str, Fraction]:
    """Exponents of the base dimensions of ``unit``; empty for plain numbers.

    Names: length, time, mass, temperature, current, vesicle, copy, cell, MVB, ILV, IU.
    """
    return _unit(unit).dims


def same_dimension(a: str, b: str) -> bool:
    """Whether a value in ``a`` can be written in ``b``."""
    return _unit(a).dims == _unit(b).dims


def describe(unit: str) -> tuple[str, str]:
    """What a user would call this dimension, and an example: ``("a volume", "2 mL")``."""
    name = canonical(unit)
    return _WORDS.get(name, (f"a quantity in {name}", f"1 {unit}" if unit.strip() else "1"))


def _exact(value: float) -> Fraction:
    if not math.isfinite(value):
        raise UnitError(f"{value} is not a finite number; write one such as 1.5")
    return Fraction(repr(float(value)))


def _change(value: Fraction, source: _Unit, target: _Unit) -> float:
    scale = source.factor / target.factor
    if isinstance(scale, Fraction):
        result = (value + source.offset) * scale - target.offset
        try:
            return float(result)
        except OverflowError:
            raise UnitError(f"a value of about 1e{int(math.log10(abs(result)))} is too large") from None
    return float(value) * scale


def _check(a: str, b: str, what: str) -> None:
    if not same_dimension(a, b):
        expected, example = describe(b)
        raise UnitError(f"'{what}' is {describe(a)[0]} where {expected} is expected, e.g. '{example}'")


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """``value`` in ``from_unit``, written in ``to_unit``. The float is taken as the decimal it prints as.

    Raises
    ------
    UnitError
        A unit is unknown, the dimensions differ, or the value is not finite.
    """
    _check(from_unit, to_unit, from_unit)
    return _change(_exact(value), _unit(from_unit), _unit(to_unit))


def factor(from_unit: str, to_unit: str) -> float:
    """What to multiply values in ``from_unit`` by (arrays, too) to have them in ``to_unit``; not for degC."""
    _check(from_unit, to_unit, from_unit)
    source, target = _unit(from_unit), _unit(to_unit)
    if source.offset != target.offset:
        raise UnitError(f"'{from_unit}' to '{to_unit}' is not a plain factor; convert single values")
    return float(source.factor / target.factor)


def scale_to_inside(unit: str) -> float:
    """Factor from ``unit`` to its inside unit: 1e-12 for ``(um^2)*(um)``, whose inside unit is mL."""
    return factor(unit, canonical(unit))


@lru_cache(maxsize=8192)
def _split(text: str) -> tuple[Fraction, str | None]:
    """Number and unit text of a quantity; the unit is None when there is none."""
    clean = _clean(text)
    match = _NUMBER.match(clean)
    if match is None:
        raise UnitError(
            f"'{text}' does not start with a number; write a quantity like '2 mL' or '1e9 vesicle/mL'"
        )
    number = Fraction(match[0])
    if not math.isfinite(float(match[0])):
        raise UnitError(f"'{text}' is too large for a number; the largest is about 1.8e308")
    rest = clean[match.end() :].strip()
    if rest:
        _unit(rest)
    return number, rest or None


def _read(value: str | float | int) -> tuple[Fraction, str | None]:
    if isinstance(value, bool):
        raise UnitError(f"{str(value).lower()} is not a quantity; write a number and a unit, e.g. '2 mL'")
    if isinstance(value, str):
        return _split(value)
    return _exact(value), None


def parse(text: str | float | int, unit: str, *, bare: bool = False) -> float:
    """Value of a quantity in ``unit``.

    Parameters
    ----------
    text
        ``"2 mL"``, ``"1e9 EV/mL"``, ``"0.05 /h"``, ``"30 %"``; a number only where ``unit`` is dimensionless.
    unit
        The unit of the result; also fixes the dimension expected.
    bare
        Take a number without a unit to be in ``unit`` (values set on the command line).

    Raises
    ------
    UnitError
        One line with what was read, what was expected and an example.
    """
    number, written = _read(text)
    if written is None:
        if not bare and _unit(unit).dims:
            expected, example = describe(unit)
            raise UnitError(f"'{text}' needs a unit: {expected}, e.g. '{example}'")
        return float(number)
    _check(written, unit, str(text))
    return _change(number, _unit(written), _unit(unit))


def inside(value: str | float | int, unit: str | None = None) -> tuple[float, str]:
    """Value in inside units, and the inside unit's name.

    ``inside("90 nm")`` is ``(0.09, "um")``; ``inside(3, "uL")`` is ``(0.003, "mL")``. With both a unit in the
    text and ``unit``, the text's is used and the dimensions must agree.
    """
    number, written = _read(value)
    if written is not None and unit is not None:
        _check(written, unit, str(value))
    source = written if written is not None else unit
    name = canonical(source or "1")
    return _change(number, _unit(source or "1"), _unit(name)), name


def written_unit(value: str | float | int) -> str | None:
    """The unit a quantity is written in, e.g. ``uL`` for ``"200 uL"``; None for a bare number."""
    return _read(value)[1]


def format_quantity(value: float, unit: str, digits: int = 3) -> str:
    """``value`` (in ``unit``) with ``digits`` significant digits; :func:`parse` reads it back."""
    plain = value == 0 or 1e-3 <= abs(value) < 1e6
    if plain:
        places = digits - 1 - (math.floor(math.log10(abs(value))) if value else 0)
        text = f"{round(value, places):.{max(places, 0)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:.{digits}g}"
    return text if not _unit(unit).dims and _unit(unit).factor == 1 else f"{text} {unit}"
