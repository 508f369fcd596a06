"""A module inside the cells of a pool: its species, reactions, readouts, limits and release ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.ir.coherent import coherent, to_coherent
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder
from vesiflux.ir.lowering.expressions import lower_text
from vesiflux.ir.lowering.pools import Held, Pool, Population, add_per_cell_rate, hold, per_cell
from vesiflux.language.schema import Value

if TYPE_CHECKING:
    from vesiflux.language.schema import Module

__all__ = ["ModuleInstance", "declare_structures", "lower_module"]


@dataclass
class ModuleInstance:
    """One module in one pool, ready to be read by others."""

    name: str
    module: Module
    values: dict[str, Ex] = field(default_factory=dict)  # species, readouts and nodes, per cell
    release: dict[str, Ex] = field(default_factory=dict)  # vesicle class -> vesicle/cell/h
    # values are in coherent units (`ir.coherent`)


def declare_structures(builder: Builder, module: Module) -> None:
    """The module's competing wirings, once for the whole model."""
    for name, structure in module.structures.items():
        if name not in builder.structures:
            titles = {o: s.title or o for o, s in structure.options.items()}
            builder.structure(name, structure.title, structure.default, titles, structure.concerns)


def lower_module(
    builder: Builder,
    population: Population,
    pool: Pool,
    instance: str,
    module: Module,
    overrides: Mapping[str, Value],
) -> ModuleInstance:
    """Lower ``module`` into ``pool``. Parameters and nodes are shared by all pools of the cell type."""
    scope = _Scope(builder, population, pool, instance, module, overrides)
    result = ModuleInstance(instance, module)
    for name, species in module.species.items():
        initial = lower_text(species.initial, builder.graph, scope.static, f"{instance}.{name}: initial")
        scope.held[name] = hold(
            builder,
            population,
            pool,
            f"{instance}.{name}",
            coherent(species.unit),
            initial,
            scale=species.scale,
            activity=species.kind == "activity",
            intracellular=True,
        )
    fluxes: dict[str, Ex] = {}
    for name, reaction in module.reactions.items():
        scope.moved = frozenset(reaction.moves)
        rate = lower_text(reaction.rate, builder.graph, scope, f"{instance}.{name}: rate")
        scope.moved = frozenset()
        fluxes[name] = rate
        for target, amount in reaction.moves.items():
            add_per_cell_rate(builder, pool, scope.held[target], rate * float(amount))
    for name, text in module.release.items():
        result.release[name] = lower_text(text, builder.graph, scope, f"{instance}: release of {name}")
    _outputs(builder, pool, instance, module, scope, fluxes, result)
    return result


def _outputs(
    builder: Builder,
    pool: Pool,
    instance: str,
    module: Module,
    scope: _Scope,
    fluxes: Mapping[str, Ex],
    result: ModuleInstance,
) -> None:
    path = f"{pool.path}.{instance}"
    for name, species in module.species.items():
        result.values[name] = scope(name)
        if name not in module.readouts:
            shown = scope(name) / to_coherent(species.unit)
            builder.output(f"{path}.{name}", species.unit, shown, series=False)
    for name in module.nodes:
        result.values[name] = scope(name)
    for name, readout in module.readouts.items():
        value = lower_text(readout.expression, builder.graph, scope, f"{instance}.{name}: expression")
        result.values[name] = value
        builder.output(
            f"{path}.{name}", readout.unit, value / to_coherent(readout.unit), series=readout.series
        )
    for name, flux in fluxes.items():
        builder.output(f"{path}.flux.{name}", module.reactions[name].unit or "1/h", flux, series=False)
    for name, limit in module.constraints.items():
        value = lower_text(limit.expression, builder.graph, scope, f"{instance}.{name}: expression")
        builder.output(f"{path}.limit.{name}", limit.unit, value / to_coherent(limit.unit), series=False)
        bound = builder.parameter(f"{pool.type_name}.{instance}.limit.{name}", limit.at_most, limit.unit)
        builder.output(f"{path}.limit.{name}.bound", limit.unit, bound, series=False)
    for name, step in module.steps.items():
        passes = lower_text(step.passes, builder.graph, scope, f"{instance}.{name}: passes")
        builder.output(f"{path}.step.{name}", "1", passes, series=False)


class _Scope:
    """What the names of a module's expressions mean in one pool."""

    def __init__(
        self,
        builder: Builder,
        population: Population,
        pool: Pool,
        instance: str,
        module: Module,
        overrides: Mapping[str, Value],
    ) -> None:
        self.builder = builder
        self.population = population
        self.pool = pool
        self.instance = instance
        self.module = module
        self.overrides = overrides
        self.held: dict[str, Held] = {}
        self.moved: frozenset[str] = frozenset()  # what the reaction being read moves
        self._expressions: dict[str, Ex] = {}
        self._open: list[str] = []

    def __call__(self, name: str) -> Ex:
        if name in self.held:
            level = per_cell(self.builder, self.pool, self.held[name])
            activity = self.module.species[name].kind == "activity"
            # a reaction sees what it makes or uses up as it is; everything else what it is made to be
            if self.builder.switched and activity and (self._open or name not in self.moved):
                level = level * self.builder.setting(f"perturb.{self._path(name)}", 1.0)
            return level
        return self.static(name)

    def _path(self, name: str) -> str:
        return f"{self.pool.type_name}.{self.instance}.{name}"

    def static(self, name: str) -> Ex:
        """Anything but species."""
        module, prefix = self.module, f"{self.pool.type_name}.{self.instance}"
        if name in module.parameters:
            parameter = module.parameters[name]
            value = self.overrides.get(f"{self.instance}.{name}", parameter)
            unit = parameter.unit or "1"
            if value.unit is None and not isinstance(value.typical, str):
                value = value.model_copy(update={"unit": unit})
            written = self.builder.parameter(f"{prefix}.{name}", value, unit, parameter.title)
            return written * to_coherent(unit)
        if name in module.nodes:
            node = module.nodes[name]
            value = self.overrides.get(f"{self.instance}.{name}", Value(typical=node.value))
            return self.builder.parameter(f"{prefix}.{name}", value, "1", node.title)
        if name in module.expressions or name in module.wires:
            return self._expression(name)
        group, _, option = name.partition(".")
        if group in self.builder.structures and option in self.builder.structures[group].options:
            return self.builder.option(name)
        raise InputError(f"{self.instance}: {name!r} is not a name of the module {module.name!r}")

    def _expression(self, name: str) -> Ex:
        if name in self._open:
            loop = " -> ".join([*self._open[self._open.index(name) :], name])
            raise InputError(f"{self.instance}: expressions call each other in a circle: {loop}")
        if name not in self._expressions:
            self._open.append(name)
            where = f"{self.instance}: expression {name}"
            wire = self.module.wires.get(name)
            text = self.module.expressions[name] if wire is None else wire.factor
            value = lower_text(text, self.builder.graph, self, where)
            if wire is not None:
                value = self.builder.signed(f"wire.{self._path(name)}", value)
            self._expressions[name] = value
            self._open.pop()
        return self._expressions[name]
