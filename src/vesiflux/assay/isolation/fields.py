"""What a step of a protocol may say: keys with their units, ranges and defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vesiflux import units
from vesiflux.assay.isolation.flow import Draw, Flow
from vesiflux.errors import InputError
from vesiflux.language.words import listed, meant, shown

__all__ = ["Field", "Settings", "Step", "read_field"]

Settings = Mapping[str, Any]
"""Values of a step's keys: floats in the unit of the field, texts, truth values; None where left out."""


@dataclass(frozen=True)
class Field:
    """One key.

    ``unit``: a unit of `vesiflux.units` (the value's unit afterwards), or "text", "yes" (yes or no).
    ``least``, ``most``: allowed range, ends included (``least`` excluded where ``above``).
    """

    unit: str
    help: str
    default: Any = None
    needed: bool = False
    least: float | None = None
    most: float | None = None
    above: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A kind of step: its keys, a check over all of them, and what it does to a sample.

    ``check`` returns problems as (key, message); it sees the volume (mL) the step is given.
    """

    name: str
    help: str
    fields: Mapping[str, Field]
    apply: Callable[[Flow, Settings, Draw], None]
    check: Callable[[Settings], list[tuple[str, str]]]


def read_field(key: str, spec: Field, value: Any) -> Any:
    """Value of a key, in the field's unit.

    Raises
    ------
    InputError
        Not a quantity of this dimension, out of range, or not one of the choices.
    """
    if spec.unit == "text":
        if not isinstance(value, str):
            raise InputError(f"'{key}' is a word, not {shown(value)}")
        if spec.choices and value not in spec.choices:
            raise InputError(f"'{key}' cannot be {value!r}; {meant(value, spec.choices, 'one of')}")
        return value
    if spec.unit == "yes":
        if isinstance(value, bool):
            return value
        if value in ("yes", "no"):
            return value == "yes"
        raise InputError(f"'{key}' is yes or no, not {shown(value)}")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(
            f"'{key}' is {units.describe(spec.unit)[0]}, e.g. {_example(spec)}; not {shown(value)}"
        )
    number = units.parse(value, spec.unit)
    if spec.least is not None and (number < spec.least or (spec.above and number == spec.least)):
        more = "more than" if spec.above else "at least"
        raise InputError(f"'{key}' is {shown(value)}; it must be {more} {_written(spec.least, spec)}")
    if spec.most is not None and number > spec.most:
        raise InputError(f"'{key}' is {shown(value)}; it must be at most {_written(spec.most, spec)}")
    return number


def _written(value: float, spec: Field) -> str:
    return f"{value:g}" if spec.unit == "1" else f"{value:g} {spec.unit}"


def _example(spec: Field) -> str:
    return f"'{units.describe(spec.unit)[1]}'" if spec.unit != "1" else "3"


def unknown_key(key: str, step: Step) -> str:
    """What to say of a key a step does not have."""
    return f"'{step.name}' has no key {key!r}; {meant(key, step.fields, 'it has')}"


def missing_key(key: str, step: Step) -> str:
    """What to say of a key a step needs."""
    spec = step.fields[key]
    return f"'{step.name}' needs '{key}': {spec.help}" + (
        f" ({listed(spec.choices)})" if spec.choices else ""
    )
