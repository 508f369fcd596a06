"""The parts of a tissue, made one after another: its box, what floats in it, its cells, its doses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vesiflux.ir.compiled import ParameterInfo
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder
from vesiflux.ir.lowering.fixed import FixedBuilder, constant_of, number_of
from vesiflux.ir.lowering.interventions import declare_alternatives, switch
from vesiflux.ir.lowering.medium import Dish
from vesiflux.ir.lowering.modules import declare_structures
from vesiflux.ir.lowering.tissue.box import make_space
from vesiflux.ir.lowering.tissue.cell import LocalCell, Source, lower_cell
from vesiflux.ir.lowering.tissue.doses import doses_of
from vesiflux.ir.lowering.tissue.facts import Facts, facts_of
from vesiflux.ir.lowering.tissue.floating import float_factors, float_vesicles
from vesiflux.ir.lowering.vesicles import ClassPhysics, vesicle_physics
from vesiflux.ir.tissue import Dose, FieldSlot, Group, TissueSpace
from vesiflux.language.quantities import own_unit
from vesiflux.language.schema import Tissue, Value
from vesiflux.physics.supply import unresolved_resistance

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.language.schema import ModelSpec

__all__ = ["Parts", "PartsMaker"]


@dataclass
class Parts:
    """What is made of one arm. Groups, fields and sources refer to each other by their number."""

    box: TissueSpace
    #: (path, value, unit) -> number; ``told``: an expression without states, and what it is, -> number
    read: Callable[[str, Value, str], float]
    told: Callable[[Ex, str], float]
    groups: list[Group] = field(default_factory=list)
    auto: list[bool] = field(default_factory=list)  # groups whose treatment is to be settled
    fields: list[FieldSlot] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    factors: dict[str, int] = field(default_factory=dict)  # factor -> field
    hindrance: dict[str, float] = field(default_factory=dict)  # class -> share of free diffusion
    cells: dict[str, LocalCell] = field(default_factory=dict)
    kinds: dict[str, Facts] = field(default_factory=dict)
    doses: list[Dose] = field(default_factory=list)


@dataclass
class PartsMaker:
    """Makes the parts; run once to learn names, once with numbers.

    ``make``: a fresh builder; a `FixedBuilder` gives numbers, any other names alone.
    """

    model: Model
    spec: ModelSpec
    make: Callable[[], Builder]
    builders: list[Builder] = field(default_factory=list)

    def known(self) -> tuple[list[ParameterInfo], list[str]]:
        """Parameters and names that interventions can act upon, of all parts."""
        self.parts("")
        infos: dict[str, ParameterInfo] = {}
        targets: dict[str, None] = {}
        for builder in self.builders:
            infos |= {p.name: p for p in builder.parameters if p.name not in infos}
            targets |= builder.targets
        return list(infos.values()), list(targets)

    def parts(self, arm: str) -> Parts:
        """All parts; doses are those that ``arm`` is given."""
        spec, space = self.spec, self.spec.space
        assert isinstance(space, Tissue)
        builder = self._builder()
        fixed = isinstance(builder, FixedBuilder)

        def read(path: str, value: Value, unit: str) -> float:
            return number_of(builder, path, value, unit)

        def told(ex: Ex, what: str) -> float:
            return constant_of(ex, what) if fixed else 0.0

        parts = Parts(make_space(space, read), read, told)
        dish = _surroundings(builder, space)
        rest = read("space.matrix.hindrance", space.matrix.hindrance, "1") if space.matrix.hindrance else 1.0
        float_factors(parts, spec, space, builder, rest)
        float_vesicles(parts, spec, space, builder, dish, rest)
        for name, cell in spec.cells.items():
            parts.cells[name] = self._cell(parts, name)
            parts.kinds[name] = facts_of(parts, self.model, spec, name, cell, builder, dish)
        for preparation in spec.preparations.values():
            vesicle_physics(builder, dish, preparation.vesicle, spec.vesicles[preparation.vesicle])
        parts.doses = doses_of(parts, spec, arm, builder, dish)
        return parts

    def _builder(self) -> Builder:
        """A fresh builder that knows the model's parameters, structures and switches."""
        builder = self.make()
        self.builders.append(builder)
        for name, value in self.spec.parameters.items():
            builder.parameter(name, value, own_unit(value))
        for cell in self.spec.cells.values():
            for module in cell.modules.values():
                declare_structures(builder, self.model.modules[module])
        declare_alternatives(builder, self.spec)
        for name in self.spec.interventions:
            builder.input(switch(name))
        return builder

    def _cell(self, parts: Parts, name: str) -> LocalCell:
        builder, space, box = self._builder(), self.spec.space, parts.box
        assert isinstance(space, Tissue)
        dish = _surroundings(
            builder, space, lambda radius: unresolved_resistance(radius, box.voxel, box.flat)
        )
        physics = {}
        for vesicle, spec in self.spec.vesicles.items():
            free = vesicle_physics(builder, dish, vesicle, spec)
            slowed = free.diffusion * parts.hindrance[vesicle]
            physics[vesicle] = ClassPhysics(slowed, free.velocity, free.lumen, free.area)
        return lower_cell(builder, self.model, name, dish, physics, parts.factors, parts.sources)


def _surroundings(
    builder: Builder, space: Tissue, unresolved: Callable[[float], float] | None = None
) -> Dish:
    """What is around a cell of the tissue, as the parts shared with a dish want it: 1 mL, in no layers."""
    return Dish(
        volume=builder.graph.const(1.0),
        area=None,
        thickness=[builder.graph.const(0.0)],
        shares=[1.0],
        temperature=builder.parameter("space.temperature", space.temperature, "K"),
        viscosity=builder.parameter("space.viscosity", space.viscosity, "mPa*s"),
        density=builder.parameter("space.density", space.density, "g/mL"),
        static=False,
        unresolved=unresolved,
    )
