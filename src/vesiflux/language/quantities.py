"""What every quantity of the language is: its unit and the range it may lie in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vesiflux import units
from vesiflux.language.positions import Path
from vesiflux.language.schema import (
    Ball,
    Binding,
    Body,
    Cargo,
    Cell,
    Cohort,
    Count,
    Decay,
    Depot,
    Diameter,
    DishSpace,
    Effect,
    Factor,
    FactorRelease,
    FactorUptake,
    Intervention,
    Label,
    Layout,
    Life,
    Lymph,
    Matrix,
    Mechanics,
    Motility,
    Organ,
    Part,
    Region,
    Reported,
    ResponseNode,
    RunPlan,
    ScheduleItem,
    Secretion,
    Segment,
    Signal,
    Through,
    Tissue,
    Uptake,
    Value,
    VesicleClass,
    Vessels,
    VesselSupply,
)

__all__ = ["BARE", "QUANTITIES", "Quantity", "Range", "own_unit", "range_of", "values"]

#: Units a number may leave out: it counts something, and what it counts is in the key's name.
BARE = frozenset({"cell", "copy", "copy/cell", "copy/vesicle", "vesicle", "vesicle/cell"})

Range = Literal["any", "not negative", "positive", "share"]


@dataclass(frozen=True)
class Quantity:
    """Unit (any of its dimension is accepted; ``None``: another check knows) and range."""

    unit: str | None
    range: Range = "any"


def _of(text: str | None, allowed: Range = "any") -> Quantity:
    return Quantity(text, allowed)


#: Part and field -> what its quantity is. Fields that are mappings of quantities stand here as well.
QUANTITIES: dict[tuple[type[Part], str], Quantity] = {
    (Diameter, "median"): _of("um", "positive"),
    (Diameter, "sigma"): _of("1", "not negative"),
    (Decay, "half_life"): _of("h", "positive"),
    (Decay, "rate"): _of("1/h", "not negative"),
    (Count, "smallest"): _of("um", "positive"),
    (Count, "largest"): _of("um", "positive"),
    (VesicleClass, "density"): _of("g/mL", "positive"),
    (Factor, "diffusion"): _of("um^2/h", "positive"),
    (Factor, "initial"): _of("copy/mL", "not negative"),
    (Factor, "supply"): _of("copy/mL", "not negative"),
    (Factor, "half"): _of("copy/mL", "positive"),
    (Factor, "border"): _of("copy/mL", "not negative"),
    (DishSpace, "area"): _of("um^2", "positive"),
    (DishSpace, "volume"): _of("mL", "positive"),
    (DishSpace, "temperature"): _of("K", "positive"),
    (DishSpace, "viscosity"): _of("mPa*s", "positive"),
    (DishSpace, "density"): _of("g/mL", "positive"),
    (Body, "blood"): _of("mL", "positive"),
    (Body, "temperature"): _of("K", "positive"),
    (Body, "viscosity"): _of("mPa*s", "positive"),
    (Body, "density"): _of("g/mL", "positive"),
    (Organ, "volume"): _of("mL", "positive"),
    (Organ, "plasma"): _of("mL", "positive"),
    (Organ, "interstitium"): _of("mL", "positive"),
    (Organ, "flow"): _of("mL/h", "positive"),
    (Organ, "onward"): _of("mL/h", "positive"),
    (Organ, "lymph"): _of("1", "share"),
    (Organ, "pore"): _of("um", "positive"),
    (Organ, "exchange"): _of("1/h", "not negative"),
    (Organ, "transcytosis"): _of("1/h", "not negative"),
    (Lymph, "volume"): _of("mL", "positive"),
    (Depot, "volume"): _of("mL", "positive"),
    (Depot, "absorption"): _of("1/h", "not negative"),
    (Depot, "loss"): _of("1/h", "not negative"),
    (Label, "half_life"): _of("h", "positive"),
    (Label, "returns"): _of("1", "share"),
    (Label, "free"): _of("h", "positive"),
    (Tissue, "size"): _of("um", "positive"),
    (Tissue, "thickness"): _of("um", "positive"),
    (Tissue, "voxel"): _of("um", "positive"),
    (Tissue, "flow"): _of("um/h"),
    (Tissue, "temperature"): _of("K", "positive"),
    (Tissue, "viscosity"): _of("mPa*s", "positive"),
    (Tissue, "density"): _of("g/mL", "positive"),
    (Matrix, "hindrance"): _of("1", "share"),
    (Binding, "on"): _of("1/h", "not negative"),
    (Binding, "off"): _of("1/h", "not negative"),
    (Ball, "centre"): _of("um"),
    (Ball, "radius"): _of("um", "positive"),
    (Region, "box"): _of("um"),
    (Region, "hindrance"): _of("1", "share"),
    (Segment, "start"): _of("um"),
    (Segment, "end"): _of("um"),
    (Vessels, "at"): _of("um"),
    (Vessels, "radius"): _of("um", "positive"),
    (Vessels, "clears"): _of("um/h", "not negative"),
    (VesselSupply, "inside"): _of(None, "not negative"),
    (VesselSupply, "permeability"): _of("um/h", "not negative"),
    (Layout, "centre"): _of("um"),
    (Layout, "radius"): _of("um", "positive"),
    (Layout, "inner"): _of("um", "not negative"),
    (Layout, "corner"): _of("um"),
    (Layout, "opposite"): _of("um"),
    (Layout, "points"): _of("um"),
    (Mechanics, "repulsion"): _of("um/h", "not negative"),
    (Mechanics, "adhesion"): _of("um/h", "not negative"),
    (Mechanics, "reach"): _of("1", "positive"),
    (Mechanics, "adhesion_to"): _of("1", "not negative"),
    (Motility, "speed"): _of("um/h", "not negative"),
    (Motility, "bias"): _of("1", "share"),
    (Motility, "persistence"): _of("h", "positive"),
    (Motility, "towards"): _of("1"),
    (Life, "proliferation"): _of("1/h", "not negative"),
    (Life, "apoptosis"): _of("1/h", "not negative"),
    (Life, "necrosis"): _of("1/h", "not negative"),
    (Life, "growth"): _of("1/h", "positive"),
    (Life, "dying"): _of("h", "positive"),
    (Cargo, "copies"): _of("copy/vesicle", "not negative"),
    (Cargo, "occupied"): _of("1", "share"),
    (Cargo, "copies_if_occupied"): _of("copy/vesicle", "positive"),
    (Cargo, "passive"): _of("copy/cell", "not negative"),
    (Cargo, "sorting"): _of("1", "not negative"),
    (Cargo, "raised_to"): _of("1", "not negative"),
    (Cargo, "half"): _of(None, "positive"),
    (Cargo, "hill"): _of("1", "positive"),
    (Secretion, "rate"): _of("vesicle/cell/h", "not negative"),
    (Secretion, "initial"): _of("vesicle/mL", "not negative"),
    (Uptake, "clearance"): _of("mL/cell/h", "not negative"),
    (Uptake, "saturation"): _of("vesicle/mL", "positive"),
    (Uptake, "surface_residence"): _of("h", "positive"),
    (Uptake, "endosome_residence"): _of("h", "positive"),
    (Uptake, "escape"): _of("1", "share"),
    (Uptake, "recycling"): _of("1", "share"),
    (Uptake, "match"): _of("1", "not negative"),
    (FactorRelease, "rate"): _of("copy/cell/h", "not negative"),
    (FactorUptake, "clearance"): _of("mL/cell/h", "not negative"),
    (Signal, "half"): _of(None, "positive"),
    (Signal, "hill"): _of("1", "positive"),
    (Signal, "endogenous"): _of("copy/cell", "not negative"),
    (Signal, "half_life"): _of("h", "positive"),
    (ResponseNode, "tau"): _of("h", "positive"),
    (ResponseNode, "basal"): _of("1", "share"),
    (ResponseNode, "maximum"): _of("1", "not negative"),
    (ResponseNode, "weight"): _of("1", "not negative"),
    (ResponseNode, "ec50"): _of("1", "positive"),
    (ResponseNode, "hill"): _of("1", "positive"),
    (Cell, "count"): _of("cell", "not negative"),
    (Cell, "volume"): _of("mL", "positive"),
    (Cell, "cytosol"): _of("mL", "positive"),
    (Cell, "surface"): _of("um^2", "positive"),
    (Cell, "radius"): _of("um", "positive"),
    (Cell, "start"): _of("1", "share"),
    (Cell, "lysis"): _of("copy/cell", "not negative"),
    (Intervention, "efficacy"): _of("1", "share"),
    (Intervention, "factor"): _of("1", "not negative"),
    (Intervention, "dose"): _of(None, "not negative"),
    (Intervention, "half"): _of(None, "positive"),
    (Intervention, "start"): _of("h", "any"),
    (Intervention, "stop"): _of("h", "any"),
    (Effect, "factor"): _of("1", "not negative"),
    (Reported, "window"): _of("h", "positive"),
    (ScheduleItem, "at"): _of("h", "not negative"),
    (ScheduleItem, "amount"): _of(None, "not negative"),
    (ScheduleItem, "change_medium"): _of("1", "share"),
    (ScheduleItem, "repeat"): _of("h", "positive"),
    (ScheduleItem, "volume"): _of("mL", "positive"),
    (ScheduleItem, "over"): _of("h", "positive"),
    (Cohort, "duration"): _of("h", "positive"),
    (Cohort, "record"): _of("h", "positive"),
    (Through, "sample"): _of("mL", "positive"),
    (Through, "free"): _of("copy/mL", "not negative"),
    (Through, "platelet"): _of("copy/vesicle", "not negative"),
    (RunPlan, "duration"): _of("h", "positive"),
    (RunPlan, "record"): _of("h", "positive"),
    (RunPlan, "frames"): _of("h", "positive"),
    (RunPlan, "step"): _of("h", "positive"),
    (RunPlan, "mechanics"): _of("h", "positive"),
}


def values(part: Part, path: Path) -> Iterator[tuple[Path, type[Part], str, Value]]:
    """Every quantity written in or below ``part``: its path, the part it belongs to, its field."""
    for name, field in type(part).model_fields.items():
        if name in part.model_fields_set:
            yield from _below(getattr(part, name), (*path, field.alias or name), type(part), name)


def _below(
    inner: object, path: Path, owner: type[Part], field: str
) -> Iterator[tuple[Path, type[Part], str, Value]]:
    if isinstance(inner, Value):
        yield path, owner, field, inner
    elif isinstance(inner, Part):
        yield from values(inner, path)
    elif isinstance(inner, dict):
        for key, one in inner.items():
            yield from _below(one, (*path, key), owner, field)
    elif isinstance(inner, tuple):
        for i, one in enumerate(inner):
            yield from _below(one, (*path, i), owner, field)


def own_unit(value: Value, otherwise: str = "1") -> str:
    """The unit a quantity is written in, canonical; ``otherwise`` where it says none.

    Raises `units.UnitError` for what is no unit.
    """
    for written in (value.typical, value.low, value.high):
        if isinstance(written, str) and (unit := units.written_unit(written)):
            return units.canonical(unit)
    return units.canonical(value.unit) if value.unit else otherwise


def range_of(value: Value, unit: str) -> dict[str, float]:
    """``low``, ``typical`` and ``high`` in ``unit``, those that are given.

    Raises `units.UnitError`; its message begins with the key it is about and ``": "`` unless that is
    ``typical``.
    """
    found: dict[str, float] = {}
    for key in ("low", "typical", "high"):
        written = getattr(value, key)
        if written is None:
            continue
        if isinstance(written, str):
            found[key] = units.parse(written, unit, bare=value.unit is None and unit in BARE)
        elif not math.isfinite(written):
            raise units.UnitError(f"{written} is not a finite number")
        elif value.unit is not None:
            found[key] = units.convert(float(written), value.unit, unit)
        else:
            found[key] = units.parse(written, unit, bare=unit in BARE)
    return found
