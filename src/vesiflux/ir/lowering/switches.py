"""What verification can change lane by lane in a model that was lowered with switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux.ir.compiled import (
    AmountSwitch,
    ArrowSwitch,
    EffectSwitch,
    LevelSwitch,
    Switches,
    WireSwitch,
)
from vesiflux.language.responses import parse_response

if TYPE_CHECKING:
    from vesiflux.ir.lowering.builder import Builder
    from vesiflux.language import Model

__all__ = ["arrow_name", "find_switches"]


def find_switches(model: Model, builder: Builder) -> Switches:
    """Every switch the program has; what no rate or output needs has none."""
    wires, levels = [], []
    for cell, spec in model.spec.cells.items():
        for instance, name in spec.modules.items():
            module = model.modules[name]
            for wire in module.wires:
                index = builder.parameter_index(f"wire.{cell}.{instance}.{wire}")
                if index is not None:
                    wires.append(WireSwitch(cell, instance, wire, index))
            for node in module.nodes:
                index = builder.parameter_index(f"{cell}.{instance}.{node}")
                if index is not None:
                    levels.append(LevelSwitch(cell, instance, node, index))
            for species in module.species:
                index = builder.parameter_index(f"perturb.{cell}.{instance}.{species}")
                if index is not None:
                    levels.append(LevelSwitch(cell, instance, species, index))
    return Switches(
        tuple(wires),
        tuple(_effects(model, builder)),
        tuple(levels),
        tuple(_amounts(model, builder)),
        tuple(_arrows(model, builder)),
    )


def _amounts(model: Model, builder: Builder) -> list[AmountSwitch]:
    found = [AmountSwitch(*key, index) for key, index in builder.amounts.items()]
    for cell, spec in model.spec.cells.items():
        for name, node in spec.nodes.items():
            index = builder.parameter_index(f"{cell}.nodes.{name}.basal") if node.given else None
            if index is not None:
                found.append(AmountSwitch("given", cell, name, "", index))
    return found


def arrow_name(cell: str, number: int) -> str:
    """Name of the parameter that switches one response of a cell (from 0)."""
    return f"arrow.{cell}.{number + 1}"


def _arrows(model: Model, builder: Builder) -> list[ArrowSwitch]:
    found = []
    for cell, spec in model.spec.cells.items():
        for i, text in enumerate(spec.responses):
            index = builder.parameter_index(arrow_name(cell, i))
            if index is not None:
                response = parse_response(text)
                found.append(ArrowSwitch(cell, text, response.target, response.claims, index))
    return found


def _effects(model: Model, builder: Builder) -> list[EffectSwitch]:
    found = []
    for name, intervention in model.spec.interventions.items():
        targets = [(t, "") for t in (intervention.inhibits or intervention.blocks, intervention.scales) if t]
        targets += [(e.target, e.alternative) for e in intervention.effects]
        for target, alternative in targets:
            index = builder.parameter_index(
                f"sign.{name}.{target}" + (f".{alternative}" if alternative else "")
            )
            if index is not None:
                found.append(EffectSwitch(name, target, alternative, index))
    return found
