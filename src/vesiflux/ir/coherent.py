"""A coherent set of units for arithmetic: products of um, h, ng, K, A and counts, nothing else.

Inside units are chosen for people (a volume is an mL); expressions of modules multiply freely, so
they are evaluated in coherent units and converted where a value leaves them.
"""

from __future__ import annotations

from functools import cache

from vesiflux import units

__all__ = ["coherent", "si_parts", "to_coherent"]

_BASE = {"length": "um", "time": "h", "mass": "ng", "temperature": "K", "current": "A"}
#: SBML base unit and its size in SI, by dimension; counted things are items.
_SI = {
    "length": ("metre", "m"),
    "time": ("second", "s"),
    "mass": ("kilogram", "kg"),
    "temperature": ("kelvin", "K"),
    "current": ("ampere", "A"),
}


@cache
def coherent(unit: str) -> str:
    """The coherent unit of the dimension of ``unit``."""
    powers = units.dimension(unit)
    return "*".join(f"{_BASE.get(k, k)}^{p}" for k, p in powers.items()) or "1"


@cache
def to_coherent(unit: str) -> float:
    """What to multiply values in ``unit`` by."""
    return units.factor(unit, coherent(unit))


@cache
def si_parts(unit: str) -> tuple[float, tuple[tuple[str, float], ...]]:
    """Size of ``unit`` in SI base units (counts in items) and its SBML parts (kind, exponent)."""
    powers = units.dimension(unit)
    if not powers:
        return 1.0, ()
    parts: dict[str, float] = {}
    names = []
    for key, power in powers.items():
        kind, symbol = _SI.get(key, ("item", key))
        parts[kind] = parts.get(kind, 0.0) + float(power)
        names.append(f"{symbol}^{power}")
    return units.factor(unit, "*".join(names)), tuple((k, p) for k, p in parts.items() if p)
