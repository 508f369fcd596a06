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
from vesiflux.ir.lowering.medium import Dish, Floating, bottom_concentration
from vesiflux.ir.lowering.modules import ModuleInstance
from vesiflux.ir.lowering.pools import Held, Pool, Population, per_cell
from vesiflux.ir.lowering.uptake import Receiver
from vesiflux.language.schema import Signal, Value

if TYPE_CHECKING:
    from vesiflux.language.schema import Cell

__all__ = ["PLACES", "Senses"]

PLACES = ("surface", "cytosol", "transferred")
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
}


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

    @property
    def cell(self) -> Cell:
        """The cell type as written."""
        return self.population.cell

    def amount(self, name: str, place: str | None = None) -> tuple[Ex, str]:
        """The signal in its own unit, and that unit.

        Cargo counts the cell's own copies (`Signal.endogenous`) with the delivered ones.
        """
        if place is None and name in self.nodes:
            return self.node(name), "1"
        if place is None and name in self.factors:
            return bottom_concentration(self.dish, self.factors[name]), "molecule/mL"
        instance, _, inner = name.partition(".")
        if inner and instance in self.modules:
            module = self.modules[instance]
            if inner in module.values:
                return module.values[inner], coherent(_module_unit(module, inner))
        copies = self._copies(name, place or "cytosol")
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

    def _copies(self, name: str, place: str) -> Ex | None:
        received = self.receiver.cargo.get(name)
        signal = self._signal(name, place)
        graph = self.builder.graph
        own = graph.const(0.0)
        if signal is not None and signal.endogenous is not None:
            path = f"{self.population.name}.signals.{name} @{place}.endogenous"
            own = self.builder.parameter(path, signal.endogenous, "copy/cell", f"the cell's own {name}")
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
        return signals.get(name)

    def activity(self, name: str, place: str | None, ec50: Ex, hill: Ex, weight: Ex) -> Ex:
        """Activity in 0..1: normalised Hill for a node, half-saturation for an amount, times weight."""
        graph = self.builder.graph
        if place is None and name in self.nodes:
            return normalised_hill(self.builder, self.node(name), ec50, hill, weight)
        amount, unit = self.amount(name, place)
        signal = self._signal(name, place)
        label = name if unit != "copy/cell" else f"{name} @{place or 'cytosol'}"
        path = f"{self.population.name}.signals.{label}"
        if signal is not None:
            half = self.builder.parameter(f"{path}.half", signal.half, unit, f"{label} at half effect")
            power = self.builder.parameter(f"{path}.hill", signal.hill, "1")
        elif unit == "copy/cell":
            value = DEFAULT_HALF[place or "cytosol"]
            half = self.builder.parameter(f"{path}.half", value, unit, f"{label} at half effect")
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
