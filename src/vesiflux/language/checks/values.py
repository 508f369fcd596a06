"""Quantities: readable, of the right dimension, in their range, low <= typical <= high, known symbols."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vesiflux import units
from vesiflux.errors import VesifluxError
from vesiflux.language.checks.context import Context, evidence
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import QUANTITIES, Quantity, own_unit, range_of, values
from vesiflux.language.schema import Choice, ModelSpec, Value

__all__ = ["check_quantities", "check_value"]

_RANGES = {"not negative": "0 or more", "positive": "above 0", "share": "between 0 and 1"}


def check_quantities(context: Context) -> Iterator[Finding]:
    """All quantities whose unit follows from their place; the others have checks of their own."""
    for path, owner, field, value in values(context.spec, ()):
        if path[0] == "modules":
            continue  # by the checks of modules
        quantity = QUANTITIES.get((owner, field))
        if owner is ModelSpec and field == "parameters":
            yield from check_value(path, value, Quantity(None))
        elif quantity is not None and quantity.unit is not None:
            yield from check_value(path, value, quantity)
        elif owner is Choice:
            full = _scoped(context.spec.choices[str(path[1])], str(path[-1]))
            found = context.find_parameter(full)
            unit = context.parameters[found[0]] if len(found) == 1 else None
            yield from check_value(path, value, Quantity(unit))


def _scoped(choice: Choice, name: str) -> str:
    return f"{choice.scope}.{name}" if choice.scope else name


def check_value(path: Path, value: Value, quantity: Quantity) -> Iterator[Finding]:
    """One quantity at ``path``. Without a unit to compare with, only its form is checked."""
    if value.evidence is not None:
        yield from _check_symbol(path, value.evidence, quantity)
        if value.typical is None:
            return
    elif value.typical is None and (value.low is None) != (value.high is None):
        yield Finding(path, "a range needs both low and high")
        return
    elif value.typical is None and value.low is None:
        example = units.describe(quantity.unit)[1] if quantity.unit else "0.5"
        yield Finding(path, f"a value is missing: write e.g. {example}, or typical, or low and high")
        return
    unit = quantity.unit
    try:
        if unit is None:
            unit = own_unit(value)
        found = range_of(value, unit)
    except units.UnitError as error:
        yield _unit_finding(path, value, unit, error)
        return
    yield from _check_order(path, found)
    allowed = _RANGES.get(quantity.range)
    for key, number in found.items():
        outside = number < 0 if quantity.range != "positive" else number <= 0
        if allowed and (outside or (quantity.range == "share" and number > 1)):
            at = (*path, key) if len(value.model_fields_set) > 1 else path
            yield Finding(at, f"'{_name(path)}' must be {allowed}, not {_short(getattr(value, key))}")
            break
    if value.distribution in ("lognormal", "loguniform") and min(found.values(), default=1.0) <= 0:
        yield Finding((*path, "distribution"), f"a {value.distribution} quantity lies above 0 throughout")


def _check_order(path: Path, found: dict[str, float]) -> Iterator[Finding]:
    for lower, upper in (("low", "typical"), ("typical", "high"), ("low", "high")):
        if lower in found and upper in found and found[lower] > found[upper]:
            message = (
                f"{lower} lies above {upper} ({found[lower]:g} > {found[upper]:g}); they are a 5-95 % range"
            )
            yield Finding((*path, lower), message)
            return


def _unit_finding(path: Path, value: Value, unit: str | None, error: units.UnitError) -> Finding:
    """Where in the quantity the trouble lies."""
    text = str(error)
    for written in (value.low, value.typical, value.high):
        if isinstance(written, str) and (comma := re.match(r"\s*([+-]?\d+),(\d+)", written)):
            text = f"numbers have a decimal point: {comma[1]}.{comma[2]}, not {comma[1]},{comma[2]}"
    for key in ("unit", "low", "typical", "high"):
        written = getattr(value, key)
        if written is not None and key in value.model_fields_set and len(value.model_fields_set) > 1:
            try:
                if key == "unit":
                    if unit is not None and not units.same_dimension(value.unit or "1", unit):
                        return Finding((*path, key), f"'{_name(path)}': {text}")
                elif isinstance(written, str):
                    units.parse(written, unit or "1")
            except units.UnitError:
                return Finding((*path, key), f"'{_name(path)}': {text}")
    return Finding(path, f"'{_name(path)}': {text}")


def _check_symbol(path: Path, symbol: str, quantity: Quantity) -> Iterator[Finding]:
    """A row of the parameter table."""
    at = (*path, "evidence")
    try:
        prior = evidence().prior(symbol)
    except VesifluxError as error:
        yield Finding(at, str(error))
        return
    try:
        fits = quantity.unit is None or units.same_dimension(prior.unit, quantity.unit)
    except units.UnitError as error:
        yield Finding(at, f"the row {symbol} of the parameter table: {error}")
        return
    if prior.kind in ("lookup", "switch"):
        yield Finding(at, f"the row {symbol} of the parameter table is a {prior.kind} and holds no range")
    elif not fits:
        what, example = units.describe(quantity.unit or "1")
        yield Finding(at, f"{symbol} is in {prior.unit}; '{_name(path)}' is {what}, e.g. '{example}'")


def _short(written: object) -> str:
    return f"{written:g}" if isinstance(written, float) else str(written)


def _name(path: Path) -> str:
    """The key a quantity stands at; of one in a list the list's."""
    return next(step for step in reversed(path) if isinstance(step, str))
