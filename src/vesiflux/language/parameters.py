"""Names of a model's parameters as a run knows them: ``producer.mvb.fusion_rate``, ``space.volume``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vesiflux import units
from vesiflux.language.checks.references import UNITS
from vesiflux.language.quantities import QUANTITIES, Quantity, Range, own_unit
from vesiflux.language.responses import refs
from vesiflux.language.schema import (
    Cell,
    DishSpace,
    Effect,
    Factor,
    Life,
    ModelSpec,
    Part,
    ResponseNode,
    ScheduleItem,
    Signal,
    Value,
    VesicleClass,
)

if TYPE_CHECKING:
    from vesiflux.language.checks.context import Context

__all__ = ["amount_name", "parameter_names", "parameter_ranges"]

Fields = set[tuple[type[Part], str]]

#: Quantities that shape a run or a choice of arms: they cannot be drawn, set or chosen.
_NOT_PARAMETERS = {"start", "stop", "at", "over", "repeat", "window", "duration", "record",
                   "frames", "step", "mechanics", "tolerance"}  # fmt: skip
#: What only a tissue has: in a dish it is read and has no effect, so that it is no parameter.
_TISSUE_ONLY: Fields = {(VesicleClass, "matrix"), (Factor, "matrix"), (Factor, "border"), (Cell, "layout"),
                (Cell, "mechanics"), (Cell, "motility"), (Cell, "lysis"), (Life, "growth"),
                (Life, "dying")}  # fmt: skip
#: What only a dish has.
_DISH_ONLY: Fields = {(Factor, "supply"), (ScheduleItem, "change_medium")}


def parameter_names(context: Context) -> dict[str, str | None]:
    """Dotted name -> unit (`None` where it is not known here)."""
    spec = context.spec
    found: dict[str, str | None] = {}
    for name, value in spec.parameters.items():
        found[name] = _unit_known(value)
    found |= {name: quantity.unit for name, quantity in _quantities(spec)}
    if isinstance(spec.space, DishSpace) and spec.space.vessel is not None:
        found |= {"space.area": "um^2", "space.volume": "mL"}
    for name, cell in spec.cells.items():
        for state in cell.start:
            found[f"{name}.start.{state}"] = "1"
        for instance, source in cell.modules.items():
            module = context.modules.get(source)
            if module is not None:
                found |= {f"{name}.{instance}.{p}": v.unit for p, v in module.parameters.items()}
                found |= {f"{name}.{instance}.{n}": "1" for n in module.nodes}
                found |= {f"{name}.{instance}.limit.{n}": c.unit for n, c in module.constraints.items()}
        for node in context.nodes(name):
            _fields(ResponseNode, f"{name}.nodes.{node}", found)
        for i, behaviour in context.behaviours[name].items():
            path = f"{name}.behaviours.{i + 1}"
            found |= {
                f"{path}.base": behaviour.unit or None,
                f"{path}.max": behaviour.unit or None,
                f"{path}.half": None,
            }
        for molecule in context.cargo(name):
            for place in ("surface", "cytosol", "transferred"):
                _fields(Signal, f"{name}.signals.{molecule} @{place}", found)
        for vesicle, secretion in cell.secretes.items():
            path = f"{name}.secretes.{vesicle}.cargo"
            found |= {f"{path}.{m}.half": None for m, how in secretion.cargo.items() if how.raised_by}
        for label, unit in _outside(context, name):
            found |= {f"{name}.signals.{label}.half": unit, f"{name}.signals.{label}.hill": "1"}
    return found


def _outside(context: Context, cell: str) -> Iterator[tuple[str, str]]:
    """Signals that are no cargo, with the units of their halves: ``exosome @held``, ``tumour @contact``."""
    for response in context.responses[cell].values():
        for ref in refs(response.condition):
            if ref.where in ("held", "contact"):
                yield f"{ref.name} @{ref.where}", UNITS[ref.where]


def parameter_ranges(spec: ModelSpec) -> dict[str, Range]:
    """Dotted name -> range it may lie in, of the quantities that the language itself has."""
    return {name: quantity.range for name, quantity in _quantities(spec)}


def amount_name(number: int, item: ScheduleItem) -> str:
    """The parameter that is the amount of the schedule's item ``number``, counted from 1."""
    return item.parameter or f"schedule.{number}.amount"


def _quantities(spec: ModelSpec) -> Iterator[tuple[str, Quantity]]:
    """Quantities of a model's sections by name; defaults are parameters as well."""
    without = _TISSUE_ONLY if isinstance(spec.space, DishSpace) else _DISH_ONLY
    yield from _below(spec.space, "space", without)
    for section in ("vesicles", "counts", "factors", "preparations", "interventions"):
        for name, part in getattr(spec, section).items():
            yield from _below(part, f"{section}.{name}", without)
    for i, item in enumerate(spec.schedule, start=1):
        for name, quantity in _below(item, f"schedule.{i}", without):
            yield amount_name(i, item) if name.endswith(".amount") else name, quantity
    for name, cell in spec.cells.items():
        yield from _below(cell, name, without)


def _below(part: Part, path: str, without: Fields) -> Iterator[tuple[str, Quantity]]:
    """Quantities of a part and of what is below it."""
    for name, field in type(part).model_fields.items():
        inner = getattr(part, name)
        step = f"{path}.{field.alias or name}"
        known = QUANTITIES.get((type(part), name))
        if (type(part), name) in without:
            continue
        if isinstance(inner, Value) and known is not None and name not in _NOT_PARAMETERS:
            yield step, known
        elif isinstance(inner, Part) and not isinstance(inner, Value):
            yield from _below(inner, step, without)
        elif isinstance(inner, dict) and known is not None and name not in _NOT_PARAMETERS:
            yield from ((f"{step}.{key}", known) for key in inner)
        elif isinstance(inner, dict) and known is None:
            for key, one in inner.items():
                if isinstance(one, Part) and not isinstance(one, Value):
                    yield from _below(one, f"{step}.{key}", without)
        elif isinstance(inner, tuple) and known is not None and name != "points":  # too many of them
            yield from ((f"{step}{place}", known) for place in _places(inner))
        elif isinstance(inner, tuple):
            for one in inner:
                if isinstance(one, Effect):
                    label = f".{one.alternative}" if one.alternative else ""
                    yield f"{step}.{one.target}{label}", QUANTITIES[Effect, "factor"]


def _places(inner: tuple[object, ...]) -> Iterator[str]:
    """``.1``, ``.2`` ... of a point; of points ``.1.1``, ``.1.2`` ..."""
    for i, one in enumerate(inner, start=1):
        if isinstance(one, Value):
            yield f".{i}"
        elif isinstance(one, tuple):
            yield from (f".{i}{below}" for below in _places(one))


def _fields(kind: type[Part], path: str, found: dict[str, str | None]) -> None:
    for (owner, name), quantity in QUANTITIES.items():
        if owner is kind:
            found[f"{path}.{name}"] = quantity.unit


def _unit_known(value: Value) -> str | None:
    """The unit a quantity is written in; `None` where the table of parameters knows it, or nobody."""
    try:
        return own_unit(value, "" if value.evidence else "1") or None
    except units.UnitError:
        return None
