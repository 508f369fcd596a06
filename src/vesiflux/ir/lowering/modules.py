"""A module inside the cells of a pool: its species, reactions, readouts, limits and release ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class ModuleInstance:
    """One module in one pool: its states at once, its processes once the cell can sense (`start`)."""

    def __init__(self, scope: _Scope) -> None:
        self.name = scope.instance
        self.module = scope.module
        self.release: dict[str, Ex] = {}  # vesicle class -> vesicle/cell/h
        self._builder = scope.builder
        self._pool = scope.pool
        self._scope = scope

    def has(self, name: str) -> bool:
        """Whether others can read ``name``."""
        module = self.module
        return name in module.readouts or name in module.species or name in module.nodes

    def value(self, name: str) -> Ex:
        """A readout, species or node, per cell, in coherent units (`ir.coherent`)."""
        readout = self.module.readouts.get(name)
        return self._scope(name) if readout is None else self._scope.read(name, readout.expression)

    def start(self, driven: Callable[[str], Ex | None]) -> None:
        """Lower processes and outputs. ``driven``: what the cell drives ``INSTANCE.NODE`` to, None if not."""
        scope, module, pool = self._scope, self.module, self._pool
        scope.driven = driven
        scope.forget()  # what initial values read is not what processes see
        fluxes: dict[str, Ex] = {}
        for name, reaction in module.reactions.items():
            scope.moved = frozenset(reaction.moves)
            rate = lower_text(reaction.rate, self._builder.graph, scope, f"{self.name}.{name}: rate")
            scope.moved = frozenset()
            fluxes[name] = rate
            for target, amount in reaction.moves.items():
                add_per_cell_rate(self._builder, pool, scope.held[target], rate * float(amount))
        for name, text in module.release.items():
            where = f"{self.name}: release of {name}"
            self.release[name] = lower_text(text, self._builder.graph, scope, where)
        _outputs(self._builder, pool, self, scope, fluxes)


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
    """States of ``module`` in ``pool``; parameters and nodes are shared by all pools of the cell type.

    Its processes follow by `ModuleInstance.start`.
    """
    scope = _Scope(builder, population, pool, instance, module, overrides)
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
            intracellular=module.rests,
        )
    return ModuleInstance(scope)


def _outputs(
    builder: Builder, pool: Pool, instance: ModuleInstance, scope: _Scope, fluxes: Mapping[str, Ex]
) -> None:
    path, module = f"{pool.path}.{instance.name}", instance.module
    for name, species in module.species.items():
        if name not in module.readouts:
            shown = scope(name) / to_coherent(species.unit)
            builder.output(f"{path}.{name}", species.unit, shown, series=False)
    for name in module.nodes:
        scope(name)  # interventions may name one that nothing reads
    for name, readout in module.readouts.items():
        shown = instance.value(name) / to_coherent(readout.unit)
        builder.output(f"{path}.{name}", readout.unit, shown, series=readout.series)
    for name, flux in fluxes.items():
        builder.output(f"{path}.flux.{name}", module.reactions[name].unit or "1/h", flux, series=False)
    for name, limit in module.constraints.items():
        value = lower_text(limit.expression, builder.graph, scope, f"{instance.name}.{name}: expression")
        builder.output(f"{path}.limit.{name}", limit.unit, value / to_coherent(limit.unit), series=False)
        title = f"{pool.type_name}.{instance.name}.limit.{name}"
        bound = builder.parameter(title, limit.at_most, limit.unit)
        builder.output(f"{path}.limit.{name}.bound", limit.unit, bound, series=False)
    for name, step in module.steps.items():
        passes = lower_text(step.passes, builder.graph, scope, f"{instance.name}.{name}: passes")
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
        self.driven: Callable[[str], Ex | None] = lambda _: None
        self._made: dict[str, Ex] = {}  # expressions, wires, readouts and driven nodes
        self._open: list[str] = []

    def forget(self) -> None:
        """Read expressions and nodes anew."""
        self._made.clear()

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
            return self._once(name, self._node)
        if name in module.expressions or name in module.wires:
            return self._once(name, self._expression)
        group, _, option = name.partition(".")
        if group in self.builder.structures and option in self.builder.structures[group].options:
            return self.builder.option(name)
        raise InputError(f"{self.instance}: {name!r} is not a name of the module {module.name!r}")

    def read(self, name: str, text: str) -> Ex:
        """A readout."""
        where = f"{self.instance}.{name}: expression"
        return self._once(f"readout {name}", lambda _: lower_text(text, self.builder.graph, self, where))

    def _once(self, name: str, make: Callable[[str], Ex]) -> Ex:
        """What ``make`` makes of a name, made once; refused where it would need itself."""
        if name in self._open:
            loop = " -> ".join([*self._open[self._open.index(name) :], name])
            raise InputError(f"{self.instance}: expressions call each other in a circle: {loop}")
        if name not in self._made:
            self._open.append(name)
            self._made[name] = make(name)
            self._open.pop()
        return self._made[name]

    def _node(self, name: str) -> Ex:
        """A node as interventions leave it: its own value times what the cell drives it to.

        A node that is 0 in an untreated cell is an input: what it is driven to comes on top.
        """
        node, path = self.module.nodes[name], self._path(name)
        value = self.overrides.get(f"{self.instance}.{name}", Value(typical=node.value))
        driven = self.driven(f"{self.instance}.{name}")
        if driven is None:
            return self.builder.parameter(path, value, "1", node.title)
        own = self.builder.raw_parameter(path, value, "1", node.title)
        return own + driven if node.value == 0 else own * driven

    def _expression(self, name: str) -> Ex:
        where = f"{self.instance}: expression {name}"
        wire = self.module.wires.get(name)
        text = self.module.expressions[name] if wire is None else wire.factor
        value = lower_text(text, self.builder.graph, self, where)
        return value if wire is None else self.builder.signed(f"wire.{self._path(name)}", value)
