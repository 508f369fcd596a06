"""What a cell senses: cargo received, factors, its own modules and nodes, other cells, time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.ir.coherent import coherent
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder
from vesiflux.ir.lowering.medium import Dish, Floating, concentration_at
from vesiflux.ir.lowering.modules import ModuleInstance
from vesiflux.ir.lowering.pools import EMPTY_POOL, USUAL, Held, Pool, Population, per_cell
from vesiflux.ir.lowering.uptake import Receiver
from vesiflux.language.schema import Signal, Value

if TYPE_CHECKING:
    from vesiflux.language.schema import Cell, ModelSpec

__all__ = ["Senses", "halves_of"]

#: Copies at half effect where a model says nothing: the evidence row for lumen cargo (repression
#: threshold), an openly assumed wide range for surface cargo.
DEFAULT_HALF = {
    "cytosol": Value(evidence="n_thr"),
    "transferred": Value(
        typical=100, low=10, high=1000, unit="copy/cell", mark="assumed", source="no measurement"
    ),
    "surface": Value(
        typical=100, low=10, high=1000, unit="copy/cell", mark="assumed", source="no measurement"
    ),
    "held": Value(typical=30, low=3, high=300, unit="vesicle/cell", mark="assumed", source="no measurement"),
    "contact": Value(typical=1, low=0.3, high=3, unit="cell", mark="assumed", source="one cell that touches"),
}
#: A recipient's own copies of an RNA that vesicles bring, where a model says nothing.
OWN_RNA = Value(
    typical=100, low=10, high=1000, unit="copy/cell", mark="assumed", source="not known; low to middling"
)
_UNITS = {"held": "vesicle/cell", "contact": "cell", "medium": "molecule/mL"}


@dataclass
class Senses:
    """Raw amounts and normalised activities of everything one pool can respond to."""

    builder: Builder
    dish: Dish
    population: Population
    pool: Pool
    populations: Mapping[str, Population]
    factors: Mapping[str, Floating]
    receiver: Receiver
    modules: Mapping[str, ModuleInstance]
    nodes: dict[str, Held] = field(default_factory=dict)
    #: factor -> level at half effect, where a cell states none
    halves: Mapping[str, Value] = field(default_factory=dict)
    #: senses of all pools of the dish, by their path; filled while they are made
    everyone: Mapping[str, Senses] = field(default_factory=dict)

    @property
    def cell(self) -> Cell:
        """The cell type as written."""
        return self.population.cell

    def amount(self, name: str, place: str | None = None) -> tuple[Ex, str]:
        """The signal in its own unit, and that unit.

        ``place``: where a cargo acts, or ``held``, ``contact``, ``medium``. Cargo counts the cell's own
        copies (`Signal.endogenous`) with the delivered ones.
        """
        if place == "held":
            return self.held(name), _UNITS[place]
        if place == "contact":
            return self.contact(name), _UNITS[place]
        if place == "medium":
            return concentration_at(self.dish, self.factors[name], self.population.place), _UNITS[place]
        if place is None and name in self.nodes:
            return self.node(name), "1"
        if place is None and name in self.factors:
            return concentration_at(self.dish, self.factors[name], self.population.place), "molecule/mL"
        instance, _, inner = name.partition(".")
        if inner and instance in self.modules:
            module = self.modules[instance]
            if module.has(inner):
                return module.value(inner), coherent(_module_unit(module, inner))
        if self._is_elsewhere(name, place):
            return self.elsewhere(instance, inner), "1"
        copies = self._copies(name, place or self.place_of(name))
        if copies is None:
            known = sorted({*self.nodes, *self.factors, *self.receiver.cargo})
            raise InputError(
                f"cells.{self.population.name}: nothing called {name!r} reaches this cell; it can sense "
                f"{', '.join(known) or 'nothing yet'}"
            )
        return copies, "copy/cell"

    def node(self, name: str) -> Ex:
        """Output of a response node, as interventions leave it."""
        builder, cell = self.builder, self.population.name
        value = builder.acted_on(f"{cell}.node.{name}", per_cell(builder, self.pool, self.nodes[name]))
        if not builder.switched:
            return value
        most = builder.graph.max(value, 1.0)  # a level that is raised stays one
        return builder.graph.min(builder.amount(value, "node", cell, name), most)

    def held(self, name: str) -> Ex:
        """Vesicles of a class on and in one cell, before they escape or are degraded.

        ``CLASS.SENDER``: those of one sender. A dose switch counts them as more.
        """
        vesicle, _, sender = name.partition(".")
        found = [
            held
            for path in self.receiver.paths.get(vesicle, ())
            if path.floating.unit == "vesicle" and (not sender or path.floating.name == name)
            for held in (path.bound, path.endosome)
        ]
        total = self.builder.graph.sum(per_cell(self.builder, self.pool, held) for held in found)
        return self.builder.amount(total, "dose")

    def elsewhere(self, other: str, node: str) -> Ex:
        """Mean activity y of another type's node, as all its cells together make it felt here.

        y r / (1 - y + y r), r the number of those cells over its typical value: none without them, more
        with more, never above 1.
        """
        graph, population = self.builder.graph, self.populations[other]
        pools = [self.everyone[pool.path] for pool in population.pools]
        level = pools[0].node(node)
        if len(pools) > 1:
            cells = graph.max(population.count, EMPTY_POOL)
            level = graph.sum(s.node(node) * s.pool.count for s in pools) / cells
        level = graph.min(level, 1.0)
        felt = level * (population.count / self._usual(population))
        return felt / graph.max(1.0 - level + felt, EMPTY_POOL)

    def _usual(self, population: Population) -> Ex:
        """How many cells make a node felt as it is: their typical number, under the option chosen."""
        usual = population.nominal or 1.0
        if not population.chosen:
            return self.builder.graph.const(usual)
        title = "number of cells whose nodes are felt as they are"
        return self.builder.parameter(f"{population.name}.{USUAL}", Value(typical=usual), "cell", title)

    def _is_elsewhere(self, name: str, place: str | None) -> bool:
        """Whether a name means another type's node."""
        other, dot, _ = name.partition(".")
        return (
            bool(dot and self.everyone and place is None) and other in self.populations.keys() - self.modules
        )

    def place_of(self, name: str) -> str:
        """Where a cargo acts if nothing is said: in the cytosol, or on the surface if it came there."""
        received = self.receiver.cargo.get(name)
        on_surface = received is not None and received.cytosol is None and received.transferred is not None
        return "surface" if on_surface else "cytosol"

    def _copies(self, name: str, place: str) -> Ex | None:
        received = self.receiver.cargo.get(name)
        signal = self._signal(name, place)
        graph = self.builder.graph
        own = graph.const(0.0)
        if signal is not None and signal.endogenous is not None:
            path = f"{self.population.name}.signals.{name} @{place}.endogenous"
            own = self.builder.parameter(path, signal.endogenous, "copy/cell", f"the cell's own {name}")
        elif received is not None and received.rna and place == "cytosol":
            path = f"{self.population.name}.signals.{name} @{place}.endogenous"
            own = self.builder.parameter(path, OWN_RNA, "copy/cell", f"the cell's own {name}")
        if received is None:
            return own if signal is not None else None
        held = {
            "surface": received.bound,
            "cytosol": [received.cytosol] if received.cytosol else [],
            "transferred": [received.transferred] if received.transferred else [],
        }[place]
        delivered = graph.sum(per_cell(self.builder, self.pool, h) for h in held)
        return own + self.builder.amount(delivered, "dose")

    def _signal(self, name: str, place: str | None) -> Signal | None:
        signals = self.cell.signals
        if place is not None:
            for key in (f"{name} @{place}", f"{name}@{place}"):
                if key in signals:
                    return signals[key]
            if place == "held" and "." in name:  # of one sender: as of the class
                return self._signal(name.partition(".")[0], place)
            if place in ("held", "contact"):
                return None
        return signals.get(name) or signals.get(f"{name} @medium") or signals.get(f"{name}@medium")

    def activity(self, name: str, place: str | None, ec50: Ex, hill: Ex, weight: Ex) -> Ex:
        """Activity in 0..1: normalised Hill for a node, half-saturation for an amount, times weight."""
        graph = self.builder.graph
        if place == "state":
            return weight * self.in_state(name)
        if place is None and name in self.nodes:
            return normalised_hill(self.builder, self.node(name), ec50, hill, weight)
        amount, unit = self.amount(name, place)
        if self._is_elsewhere(name, place):
            return normalised_hill(self.builder, amount, ec50, hill, weight)
        if unit == "copy/cell":
            place = place or self.place_of(name)
        signal = self._signal(name, place)
        label = name if place in (None, "medium") else f"{name} @{place}"
        path = f"{self.population.name}.signals.{label}"
        if signal is not None:
            half = self.builder.parameter(f"{path}.half", signal.half, unit, f"{label} at half effect")
            power = self.builder.parameter(f"{path}.hill", signal.hill, "1")
        elif place in DEFAULT_HALF:
            value = DEFAULT_HALF[place]
            half = self.builder.parameter(f"{path}.half", value, unit, f"{label} at half effect")
            power = graph.const(1.4)
        elif (common := self.halves.get(name)) is not None and unit == "molecule/mL":
            half = self.builder.parameter(f"factors.{name}.half", common, unit, f"{name} at half effect")
            power = graph.const(1.4)
        else:
            raise InputError(
                f"cells.{self.population.name}.signals: {name!r} needs its half-effect level, e.g. "
                f"{name}: {{half: 1e9 {unit}}}"
            )
        return weight * graph.hill_half(amount, half, power)

    def in_state(self, name: str) -> Ex:
        """1 while the cell is in this state, else 0."""
        return self.builder.graph.const(1.0 if self.pool.state_name == name else 0.0)

    def pressure(self) -> Ex:
        """How hard other cells press on this one."""
        raise InputError(f"cells.{self.population.name}: a dish has no signal 'pressure'")

    def gradient(self, name: str) -> Ex:
        """Size of the gradient of a factor, molecule/mL/um."""
        raise InputError(f"cells.{self.population.name}: a dish has no signal 'gradient of {name}'")

    def contact(self, other: str) -> Ex:
        """Mean number of cells of a type within touch of one cell in a random monolayer."""
        target = self.populations[other]
        if self.dish.area is None:
            raise InputError(f"cells.{self.population.name}: contact needs the dish's vessel or area")
        radii = [
            self.builder.parameter(f"{p.name}.radius", p.cell.radius, "um", "cell radius")
            for p in (self.population, target)
        ]
        reach = radii[0] + radii[1]
        return target.count * (reach * reach * math.pi / self.dish.area)


def halves_of(spec: ModelSpec) -> dict[str, Value]:
    """Factors of a model that have a level at half effect of their own."""
    return {name: factor.half for name, factor in spec.factors.items() if factor.half is not None}


def normalised_hill(builder: Builder, x: Ex, ec50: Ex, hill: Ex, weight: Ex) -> Ex:
    """W B x^n / (B - 1 + x^n), B = (EC50^n - 1) / (2 EC50^n - 1): 1/2 at EC50 and 1 at 1."""
    graph = builder.graph
    power = graph.pow(ec50, hill)
    b = (power - 1.0) / (2.0 * power - 1.0)
    return graph.hill(x, hill, weight * b, b - 1.0)


def _module_unit(instance: ModuleInstance, name: str) -> str:
    module = instance.module
    if name in module.readouts:
        return module.readouts[name].unit
    return module.species[name].unit if name in module.species else "1"
