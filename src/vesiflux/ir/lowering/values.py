"""Quantities of the language as priors in the unit a program wants."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from vesiflux import units
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.priors import Prior
    from vesiflux.language.schema import Value

__all__ = ["number", "prior_of", "written_unit"]


@cache
def _evidence() -> Evidence:
    from vesiflux.evidence import Evidence

    return Evidence.load()


def number(value: Value, unit: str, where: str) -> float:
    """The typical value in ``unit``."""
    typical = prior_of(value, unit, where).typical
    if typical is None:
        raise InputError(f"{where}: needs a typical value")
    return typical


def written_unit(value: Value, unit: str) -> str:
    """The unit a value is written in; ``unit`` for a bare number, a table row or a temperature."""
    written = value.unit
    if isinstance(value.typical, str):
        written = units.written_unit(value.typical) or written
    # an offset scale (degC) has no factor, so temperatures are kept in kelvin
    return unit if written is None or units.same_dimension(unit, "K") else written


def prior_of(value: Value, unit: str, where: str) -> Prior:
    """The prior a `Value` stands for, converted to ``unit``.

    A typical value alone is fixed; ``low`` and ``high`` are a 5-95 % range. A row of the evidence
    table named by ``evidence`` may be overridden field by field.
    """
    from vesiflux.evidence.priors import Prior

    if value.evidence is not None:
        base = _evidence().prior(value.evidence)
        converted = base.to(unit)
        if value.typical is not None:
            converted = replace(converted, typical=_in_unit(value.typical, value.unit, unit, where))
        return converted
    if value.typical is None and (value.low is None or value.high is None):
        raise InputError(f"{where}: needs a value, e.g. '1 {unit}', or low and high")
    typical, low, high = (
        None if x is None else _in_unit(x, value.unit, unit, where)
        for x in (value.typical, value.low, value.high)
    )
    return Prior.from_range(
        low=low,
        typical=typical,
        high=high,
        unit=unit,
        distribution=value.distribution,
        upper=1.0 if value.distribution == "logitnormal" else None,  # a share
        mark=value.mark or "assumed",
        source=value.source,
        note=value.note,
    )


def _in_unit(x: float | str, own: str | None, unit: str, where: str) -> float:
    try:
        if isinstance(x, str):
            return units.parse(x, unit)
        return units.convert(float(x), own, unit) if own is not None else units.parse(x, unit, bare=True)
    except units.UnitError as error:
        raise InputError(f"{where}: {error}") from None
