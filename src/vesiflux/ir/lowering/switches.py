"""What verification can change lane by lane in a model that was lowered with switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux.ir.compiled import EffectSwitch, LevelSwitch, Switches, WireSwitch

if TYPE_CHECKING:
    from vesiflux.ir.lowering.builder import Builder
    from vesiflux.language import Model

__all__ = ["find_switches"]


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
    return Switches(tuple(wires), tuple(_effects(model, builder)), tuple(levels))


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
