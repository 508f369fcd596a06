"""One cell of a tissue as a program: its inside as in a dish, what surrounds it as inputs.

The engine brings what is taken up (`bound`), carries off what is given (`outbox`), and tells the program
what the cell senses where it is. Everything else is lowered by the same functions as for a dish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.behaviours import Behaviours
from vesiflux.ir.lowering.builder import Builder, StateRef
from vesiflux.ir.lowering.dish import places, raised, release
from vesiflux.ir.lowering.medium import Dish, Floating
from vesiflux.ir.lowering.modules import lower_module
from vesiflux.ir.lowering.pools import Pool, Population
from vesiflux.ir.lowering.responses import lower_nodes, lower_responses
from vesiflux.ir.lowering.signals import Senses, halves_of
from vesiflux.ir.lowering.uptake import Receiver, half_lives_of, lower_uptake, make_paths
from vesiflux.ir.lowering.vesicles import ClassPhysics, Sent, copies_per_vesicle
from vesiflux.language.behaviours import Action as Act
from vesiflux.language.schema import Cargo, Cell, Value

if TYPE_CHECKING:
    from vesiflux.language import Model

__all__ = ["LocalCell", "Source", "lower_cell"]

#: Unit of the size of each behaviour.
_UNITS = {
    "recruitment": "cell/h",
    "migration_speed": "um/h",
    "migration_bias": "1",
    "chemotaxis": "1",
}
#: Behaviours that are not sizes of their own: they change a secretion or an uptake.
_WITHIN = {"secretion", "uptake", "activity"}


@dataclass(frozen=True)
class Source:
    """Vesicles of one class from one sender, and the fields that carry them and their cargo."""

    sender: str
    vesicle: str
    cargo: Mapping[str, Cargo]
    vesicles: int
    copies: Mapping[str, int]  # molecule -> field


@dataclass
class LocalCell:
    """What lowering one cell found: names to states and inputs, and its outputs."""

    name: str
    cell: Cell
    builder: Builder
    outbox: dict[int, int] = field(default_factory=dict)  # field -> state
    released: dict[int, int] = field(default_factory=dict)
    bound: dict[int, int] = field(default_factory=dict)
    inside: dict[int, dict[str, int]] = field(default_factory=dict)
    local: dict[int, str] = field(default_factory=dict)  # field -> input
    controls: list[tuple[str, str, Ex]] = field(default_factory=list)  # label, unit, value
    clearance: dict[str, int] = field(default_factory=dict)  # group -> control
    actions: list[tuple[Act, int]] = field(default_factory=list)  # action, control
    shown: list[tuple[str, str, Ex]] = field(default_factory=list)
    levels: set[int] = field(default_factory=set)  # states that daughters inherit

    def control(self, label: str, unit: str, value: Ex) -> int:
        """A new output for the engine; returns its number."""
        self.controls.append((label, unit, value))
        return len(self.controls) - 1


class LocalSenses(Senses):
    """Senses of a cell among others: contacts, pressure, gradients and its state are inputs."""

    def contact(self, other: str) -> Ex:
        """Cells of a type that touch this one."""
        return self.builder.input(f"contact.{other}")

    def in_state(self, name: str) -> Ex:
        """1 while the cell is in this state."""
        return self.builder.input(f"state.{name}")

    def pressure(self) -> Ex:
        """How hard others press on the cell, relative to cells in close packing."""
        return self.builder.input("pressure")

    def gradient(self, name: str) -> Ex:
        """Size of the gradient of a factor, molecule/mL/um."""
        return self.builder.input(f"gradient.{name}")


def lower_cell(
    builder: Builder,
    model: Model,
    name: str,
    dish: Dish,
    physics: Mapping[str, ClassPhysics],
    factors: Mapping[str, int],
    sources: Sequence[Source],
) -> LocalCell:
    """Lower one cell of type ``name``. ``factors``: factor -> field; ``sources``: all vesicle fields."""
    cell = model.spec.cells[name]
    one = builder.graph.const(1.0)
    pool = Pool(name, "", one, None, one)
    population = Population(name, cell, [pool], False, one, None, 1.0)
    local = LocalCell(name, cell, builder)
    floating: dict[str, Floating] = {
        factor: _Outside(local, factor, "molecule", number) for factor, number in factors.items()
    }
    sent = [_sent(local, s) for s in sources]
    receiver = Receiver()
    nodes = lower_nodes(builder, population, pool)
    modules = {
        instance: lower_module(builder, population, pool, instance, model.modules[module], cell.set)
        for instance, module in cell.modules.items()
    }
    for vesicle in cell.takes_up:
        taken = [s for s in sent if s.vesicle == vesicle]
        make_paths(builder, population, pool, vesicle, taken, half_lives_of(cell), receiver)
    senses = LocalSenses(
        builder,
        dish,
        population,
        pool,
        {name: population},
        floating,
        receiver,
        modules,
        nodes,
        halves_of(model.spec),
    )
    behaviours = Behaviours.of(senses)
    for lowered_module in modules.values():
        lowered_module.start(behaviours.activity)
    lower_responses(senses)
    followed = {v for v, c in model.spec.vesicles.items() if c.treatment == "individuals"}
    for vesicle, uptake in cell.takes_up.items():
        # vesicles that are followed one by one meet no limit but their own way
        around = replace(dish, unresolved=lambda _: 0.0) if vesicle in followed else dish
        path = f"{name}.takes_up.{vesicle}.clearance"
        title = f"clearance of {vesicle} at low dose"
        low = builder.parameter(path, uptake.clearance, "mL/cell/h", title)
        taken_up = lower_uptake(
            builder,
            around,
            population,
            pool,
            vesicle,
            uptake,
            behaviours.uptake(vesicle, low),
            physics[vesicle],
            sent,
            one,
            receiver,
        )
        local.clearance[vesicle] = local.control(f"clearance.{vesicle}", "mL/h", taken_up)
    _secrete(local, senses, behaviours, physics, sent, floating)
    _act(local, behaviours)
    numbers = {f"{s.vesicle}.{s.sender}": s.vesicles for s in sources}
    numbers |= {f"{s.vesicle}.{s.sender}.{m}": f for s in sources for m, f in s.copies.items()}
    _note_paths(local, receiver, numbers)
    _show(local, senses)
    local.levels = {h.state.index for h in pool.held.values() if h.activity}
    return local


class _Outside(Floating):
    """Something in the medium that another engine carries.

    What the cell senses of it is an input; what it gives, an outbox. Both are made when first asked for:
    most cells neither release nor take most fields.
    """

    def __init__(self, local: LocalCell, name: str, unit: str, number: int) -> None:
        self.name = name
        self.unit = unit
        self.diffusion = None
        self.with_cells = []
        self.sense = self._sense
        self._local = local
        self._number = number
        self._made: dict[str, StateRef] = {}

    def _sense(self) -> Ex:
        label = f"local.{self.name}"
        self._local.local[self._number] = label
        return self._local.builder.input(label)

    def _state(self, which: str) -> StateRef:
        if which not in self._made:
            self._made[which] = self._local.builder.state(f"{which}.{self.name}", self.unit, 0.0)
        return self._made[which]

    def at(self, place: int) -> StateRef:
        """What the cell gave and the engine has not carried off yet."""
        state = self._state("outbox")
        self._local.outbox[self._number] = state.index
        return state

    @property
    def released(self) -> StateRef:  # type: ignore[override]
        """The newly made part of the outbox."""
        state = self._state("released")
        self._local.released[self._number] = state.index
        return state

    @property
    def degraded(self) -> StateRef:  # type: ignore[override]
        """What the cell degraded."""
        state = self._state("degraded")
        self._local.inside.setdefault(self._number, {})["degraded"] = state.index
        return state


def _sent(local: LocalCell, source: Source) -> Sent:
    name = f"{source.vesicle}.{source.sender}"
    sent = Sent(source.sender, source.vesicle, _Outside(local, name, "vesicle", source.vesicles))
    for molecule, how in source.cargo.items():
        sent.cargo[molecule] = (how, _Outside(local, f"{name}.{molecule}", "copy", source.copies[molecule]))
    return sent


def _secrete(
    local: LocalCell,
    senses: Senses,
    behaviours: Behaviours,
    physics: Mapping[str, ClassPhysics],
    sent: Sequence[Sent],
    factors: Mapping[str, Floating],
) -> None:
    """What the cell gives: vesicles with their cargo, factors; and what it takes of factors."""
    builder, cell, name = local.builder, local.cell, local.name
    for source in sent:
        if source.sender != name:
            continue
        vesicle = source.vesicle
        secretion = cell.secretes[vesicle]
        if secretion.machinery is not None:
            rate = senses.modules[secretion.machinery].release[vesicle]
        else:
            assert secretion.rate is not None, "checked by the language"
            path = f"{name}.secretes.{vesicle}.rate"
            rate = builder.parameter(path, secretion.rate, "vesicle/cell/h", f"release of {vesicle}")
        rate = behaviours.secretion(vesicle, rate)
        local.shown.append((f"rate.{vesicle}", "vesicle/h", rate))
        release(builder, source.vesicles, rate)
        for molecule, (how, floating) in source.cargo.items():
            path = f"{name}.secretes.{vesicle}.cargo.{molecule}"
            mean = copies_per_vesicle(builder, path, molecule, how, physics[vesicle], cell, name)
            release(builder, floating, rate * mean * raised(senses, path, how))
    for factor, given in cell.releases.items():
        rate = builder.parameter(
            f"{name}.releases.{factor}.rate", given.rate, "molecule/cell/h", f"release of {factor}"
        )
        release(builder, factors[factor], behaviours.secretion(factor, rate))
    for factor, taken in cell.consumes.items():
        path = f"{name}.consumes.{factor}.clearance"
        clearance = builder.parameter(path, taken.clearance, "mL/cell/h", f"consumption of {factor}")
        local.clearance[factor] = local.control(f"clearance.{factor}", "mL/h", clearance)


def _act(local: LocalCell, behaviours: Behaviours) -> None:
    """Sizes of the behaviours, and the rates and speeds that the cell states without a signal."""
    cell, builder = local.cell, local.builder
    stated: dict[Act, tuple[str, Value]] = {}
    for kind in ("proliferation", "apoptosis", "necrosis"):
        value = getattr(cell.life, kind)
        if value is not None:
            stated[Act(kind)] = (f"life.{kind}", value)
    if cell.motility is not None:
        stated[Act("migration_speed")] = ("motility.speed", cell.motility.speed)
        stated[Act("migration_bias")] = ("motility.bias", cell.motility.bias)
        for target, weight in cell.motility.towards.items():
            stated[Act("chemotaxis", (target,))] = (f"motility.towards.{target}", weight)
    for action in dict.fromkeys([*stated, *behaviours.actions]):
        if action.kind in _WITHIN:
            continue
        if action.kind == "adhesion":
            raise InputError(
                f"cells.{local.name}.behaviours: adhesion to {action.args[0]} cannot change in a run; "
                "write mechanics.adhesion_to"
            )
        unit = _UNITS.get(action.kind, "1/h")
        base: Ex | None = None
        if action in stated:
            path, value = stated[action]
            base = builder.parameter(f"{local.name}.{path}", value, unit)
        size = behaviours.value(action, unit, base)
        if size is None:
            assert base is not None, "stated or spoken of"
            size = base
        number = local.control(".".join((action.kind, *action.args)), unit, size)
        local.actions.append((action, number))


def _note_paths(local: LocalCell, receiver: Receiver, fields: Mapping[str, int]) -> None:
    """Where what is taken up goes, by field."""
    for paths in receiver.paths.values():
        for path in paths:
            number = fields[path.floating.name]
            local.bound[number] = path.bound.state.index
            inside = local.inside.setdefault(number, {})
            inside |= {"bound": path.bound.state.index, "endosome": path.endosome.state.index}
            arrived = path.inside if path.told_apart is None else path.told_apart
            inside["delivered"] = arrived.index


def _show(local: LocalCell, senses: Senses) -> None:
    """What frames and reports show of a cell."""
    for node in senses.nodes:
        local.shown.append((f"node.{node}", "1", senses.node(node)))
    for molecule, received in senses.receiver.cargo.items():
        for place in places(received):
            copies, unit = senses.amount(molecule, place)
            local.shown.append((f"copies.{molecule}.{place}", unit, copies))
    for vesicle in local.cell.takes_up:
        local.shown.append((f"held.{vesicle}", "vesicle/cell", senses.held(vesicle)))
    for output, value in local.builder.outputs:
        if output.series and output.name.startswith(f"{local.name}."):
            local.shown.append((output.name.removeprefix(f"{local.name}."), output.unit, value))
