"""One arm of a tissue model with one set of parameters, as the tissue engine takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.errors import InputError
from vesiflux.ir.assemble import assemble
from vesiflux.ir.compiled import ParameterInfo
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder, Effect
from vesiflux.ir.lowering.fixed import FixedBuilder, constant_of, number_of
from vesiflux.ir.lowering.interventions import declare_alternatives, find_effects, switch
from vesiflux.ir.lowering.medium import Dish, decay_rate
from vesiflux.ir.lowering.modules import declare_structures
from vesiflux.ir.lowering.tissue.box import borders_of, layout_of, make_space
from vesiflux.ir.lowering.tissue.cell import LocalCell, Source, lower_cell
from vesiflux.ir.lowering.tissue.settings import parameter_values
from vesiflux.ir.lowering.values import number as typical_number
from vesiflux.ir.lowering.vesicles import ClassPhysics, copies_per_vesicle, vesicle_physics
from vesiflux.ir.program import Output, Program
from vesiflux.ir.tissue import (
    Action,
    CargoDraw,
    CellKind,
    Dose,
    FieldSlot,
    Group,
    Mechanics,
    Motility,
    TissuePlan,
    TissueSpace,
    Treatment,
)
from vesiflux.language.parameters import amount_name
from vesiflux.language.quantities import own_unit
from vesiflux.language.schema import Arm, Tissue, Value
from vesiflux.language.together import with_together
from vesiflux.physics.supply import unresolved_resistance

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.language.schema import Cell, ModelSpec, Preparation

__all__ = ["lower_tissue"]

#: A fast field is taken at quasi-steady state where it relaxes in less than this share of a step.
STEADY_SHARE = 0.25
#: "auto" mechanics: the step is chosen by the engine.
AUTO_MECHANICS = -1.0


def lower_tissue(model: Model, arm: str | None = None, fixed: Mapping[str, Any] | None = None) -> TissuePlan:
    """The plan of ``arm`` (default: the model's first, or the model as written).

    ``fixed``: choice -> option and parameter -> value, as ``--set`` takes them. Parameters with a range take
    their typical value.
    Raises `InputError` for unknown names and for what a tissue cannot do.
    """
    spec = model.spec
    if not isinstance(spec.space, Tissue):
        raise InputError(f"{spec.name}: its space is a {spec.space.kind}, not a tissue")
    name = arm or next(iter(spec.arms), "control")
    spec = with_together(spec, [name], dict(fixed or {}))
    if name not in spec.arms and (spec.arms or name != "control"):
        raise InputError(f"no arm named {name!r}; the model has {', '.join(spec.arms)}")
    chosen = spec.arms.get(name) or Arm(title="as written", mark="control")
    # only what this arm does; what others would do need not be carried through every cell
    only: dict[str, dict[str, Any]] = {
        "interventions": {i: spec.interventions[i] for i in chosen.interventions},
        "preparations": _given(spec, name),
    }
    fixed = {n: v for n, v in (fixed or {}).items() if not _of_others(spec, n, only)}
    spec = spec.model_copy(update=only)
    _, targets = _Lowering(model, spec, lambda: Builder(spec.name)).known()
    effects = find_effects(spec, targets)
    # once more: what interventions do has parameters of its own
    probe = _Lowering(model, spec, lambda: Builder(spec.name, effects=effects), effects)
    infos, _ = probe.known()
    values = parameter_values(spec, infos, name, chosen, fixed)
    constant, _ = _timing(spec)

    def builder() -> FixedBuilder:
        return FixedBuilder(spec.name, effects=effects, values=values, fixed_inputs=constant)

    return _Lowering(model, spec, builder, effects).plan(name, chosen)


def _of_others(spec: ModelSpec, parameter: str, only: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether a parameter belongs to a part of the model that is left out: another arm's."""
    part, _, rest = parameter.partition(".")
    name = rest.partition(".")[0]
    return part in only and name in getattr(spec, part) and name not in only[part]


def _given(spec: ModelSpec, arm: str) -> dict[str, Preparation]:
    """Preparations that the arm is given, and those whose cargo a cell could not do without.

    A cell that says at how many copies a cargo acts (``signals``) knows it, whether or not any comes.
    """
    dosed = {item.dose for item in spec.schedule if not item.arms or arm in item.arms}

    def needed(molecule: str) -> bool:
        for cell in spec.cells.values():
            told = any(key.partition("@")[0].strip() == molecule for key in cell.signals)
            if not told and any(molecule in text for text in (*cell.responses, *cell.behaviours)):
                return True
        return any(molecule in text for cell in spec.cells.values() for text in cell.motility.towards)

    return {n: p for n, p in spec.preparations.items() if n in dosed or any(map(needed, p.cargo))}


def _timing(spec: ModelSpec) -> tuple[dict[str, float], list[tuple[str, float, float | None]]]:
    """Interventions that are on for good, and (input, start, stop) of the others."""
    constant, moving = {}, []
    for name, intervention in spec.interventions.items():
        if intervention.start == "before" and intervention.stop is None:
            constant[switch(name)] = 1.0
            continue
        start = -np.inf
        if intervention.start != "before":
            start = typical_number(intervention.start, "h", f"interventions.{name}.start")
        stop = None
        if intervention.stop is not None:
            stop = typical_number(intervention.stop, "h", f"interventions.{name}.stop")
        moving.append((switch(name), start, stop))
    return constant, moving


@dataclass
class _Lowering:
    """Everything that is made on the way; run once to learn names, once with numbers."""

    model: Model
    spec: ModelSpec
    make: Callable[[], Builder]
    effects: Mapping[str, Sequence[Effect]] = field(default_factory=dict)
    builders: list[Builder] = field(default_factory=list)

    def builder(self) -> Builder:
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

    def known(self) -> tuple[list[ParameterInfo], list[str]]:
        """Parameters and names that interventions can act upon, of all parts."""
        self._parts()
        infos: dict[str, ParameterInfo] = {}
        targets: dict[str, None] = {}
        for builder in self.builders:
            infos |= {p.name: p for p in builder.parameters if p.name not in infos}
            targets |= builder.targets
        return list(infos.values()), list(targets)

    # ------------------------------------------------------------ parts

    def _parts(self) -> _Parts:
        spec = self.spec
        space = spec.space
        assert isinstance(space, Tissue)
        builder = self.builder()
        fixed = isinstance(builder, FixedBuilder)

        def read(path: str, value: Value, unit: str) -> float:
            return number_of(builder, path, value, unit)

        def told(ex: Ex, what: str) -> float:
            return constant_of(ex, what) if fixed else 0.0

        box = make_space(space, read)
        graph = builder.graph
        dish = Dish(
            volume=graph.const(1.0),
            area=None,
            thickness=[graph.const(0.0)],
            shares=[1.0],
            temperature=builder.parameter("space.temperature", space.temperature, "K"),
            viscosity=builder.parameter("space.viscosity", space.viscosity, "mPa*s"),
            density=builder.parameter("space.density", space.density, "g/mL"),
            static=False,
        )
        rest = read("space.matrix.hindrance", space.matrix.hindrance, "1") if space.matrix.hindrance else 1.0
        parts = _Parts(box, read, told)
        for name, factor in spec.factors.items():
            path = f"factors.{name}"
            assert factor.diffusion is not None, "checked by the language"
            own = (
                read(f"{path}.matrix.hindrance", factor.matrix.hindrance, "1")
                if (factor.matrix and factor.matrix.hindrance)
                else rest
            )
            outside = read(f"{path}.border", factor.border, "molecule/mL") if factor.border else 0.0
            parts.groups.append(
                Group(
                    name,
                    read(f"{path}.diffusion", factor.diffusion, "um^2/h") * own,
                    told(decay_rate(builder, factor.decay, f"{path}.decay"), f"decay of {name}")
                    if factor.decay
                    else 0.0,
                    borders_of(space, box.flat, None, outside),
                    self._binding(read, path, factor.matrix or space.matrix),
                    "field" if factor.treatment == "auto" else factor.treatment,
                )
            )
            parts.auto.append(factor.treatment == "auto")
            parts.fields.append(
                FieldSlot(
                    name, factor.title or name, "molecule", "factor", len(parts.groups) - 1, molecule=name,
                    initial=read(f"{path}.initial", factor.initial, "molecule/mL"),
                )
            )  # fmt: skip
            parts.factors[name] = len(parts.fields) - 1
        for name, vesicle in spec.vesicles.items():
            path = f"vesicles.{name}"
            physics = vesicle_physics(builder, dish, name, vesicle)
            matrix = vesicle.matrix or space.matrix
            own = (
                read(f"{path}.matrix.hindrance", matrix.hindrance, "1")
                if (vesicle.matrix and matrix.hindrance)
                else rest
            )
            parts.hindrance[name] = own
            parts.groups.append(
                Group(
                    name,
                    told(physics.diffusion, f"diffusion of {name}") * own,
                    told(decay_rate(builder, vesicle.decay, f"{path}.decay"), f"decay of {name}")
                    if vesicle.decay
                    else 0.0,
                    borders_of(space, box.flat, vesicle.border, 0.0),
                    self._binding(read, path, matrix),
                    vesicle.treatment,
                    read(f"{path}.diameter.median", vesicle.diameter.median, "um"),
                    read(f"{path}.diameter.sigma", vesicle.diameter.sigma, "1"),
                )
            )
            parts.auto.append(False)
            self._float(parts, name, len(parts.groups) - 1)
        for name, cell in spec.cells.items():
            parts.cells[name] = self._cell(parts, name, cell)
            parts.kinds[name] = self._facts(parts, name, cell, builder, dish)
        for preparation in spec.preparations.values():
            vesicle_physics(builder, dish, preparation.vesicle, spec.vesicles[preparation.vesicle])
        parts.doses = self._doses(parts, builder, dish)
        return parts

    def _binding(self, read: Any, path: str, matrix: Any) -> tuple[float, float]:
        if matrix.binding is None:
            return 0.0, 0.0
        return (
            read(f"{path}.matrix.binding.on", matrix.binding.on, "1/h"),
            read(f"{path}.matrix.binding.off", matrix.binding.off, "1/h"),
        )

    def _float(self, parts: _Parts, vesicle: str, group: int) -> None:
        """Fields of one class: of every sender, vesicles and each cargo."""
        senders = [
            (n, c.secretes[vesicle].cargo) for n, c in self.spec.cells.items() if vesicle in c.secretes
        ]
        senders += [(n, p.cargo) for n, p in self.spec.preparations.items() if p.vesicle == vesicle]
        plain = self.spec.vesicles[vesicle].title or vesicle
        for sender, cargo in senders:
            name = f"{vesicle}.{sender}"
            known = self.spec.cells.get(sender)
            title = f"{plain} of {(known.title if known else '') or sender}"
            parts.fields.append(FieldSlot(name, title, "vesicle", "vesicles", group, sender, vesicle))
            number, copies = len(parts.fields) - 1, {}
            for molecule in cargo:
                slot = FieldSlot(
                    f"{name}.{molecule}", f"{molecule} in {title}", "copy", "cargo", group,
                    sender, vesicle, molecule,
                )  # fmt: skip
                parts.fields.append(slot)
                copies[molecule] = len(parts.fields) - 1
            parts.sources.append(Source(sender, vesicle, cargo, number, copies))

    def _local_dish(self, parts: _Parts, builder: Builder) -> Dish:
        space = self.spec.space
        assert isinstance(space, Tissue)
        one = builder.graph.const(1.0)
        box = parts.box
        return Dish(
            volume=one,
            area=None,
            thickness=[builder.graph.const(0.0)],
            shares=[1.0],
            temperature=builder.parameter("space.temperature", space.temperature, "K"),
            viscosity=builder.parameter("space.viscosity", space.viscosity, "mPa*s"),
            density=builder.parameter("space.density", space.density, "g/mL"),
            static=False,
            unresolved=lambda radius: unresolved_resistance(radius, box.voxel, box.flat),
        )

    def _cell(self, parts: _Parts, name: str, cell: Cell) -> LocalCell:
        builder = self.builder()
        dish = self._local_dish(parts, builder)
        physics = {}
        for vesicle, spec in self.spec.vesicles.items():
            free = vesicle_physics(builder, dish, vesicle, spec)
            slowed = free.diffusion * parts.hindrance[vesicle]
            physics[vesicle] = ClassPhysics(slowed, free.velocity, free.lumen, free.area)
        return lower_cell(builder, self.model, name, dish, physics, parts.factors, parts.sources)

    def _facts(self, parts: _Parts, name: str, cell: Cell, builder: Builder, dish: Dish) -> _Facts:
        """What the engine needs to know of a type beside its program."""
        read = parts.read
        mechanics = cell.mechanics
        made = Mechanics(0.0, 0.0)
        if mechanics is not None:
            made = Mechanics(
                read(f"{name}.mechanics.repulsion", mechanics.repulsion, "um/h"),
                read(f"{name}.mechanics.adhesion", mechanics.adhesion, "um/h"),
                read(f"{name}.mechanics.reach", mechanics.reach, "1"),
                {
                    o: read(f"{name}.mechanics.adhesion_to.{o}", v, "1")
                    for o, v in mechanics.adhesion_to.items()
                },
                mechanics.fixed,
            )
        motility = Motility()
        if cell.motility is not None:
            motility = Motility(
                read(f"{name}.motility.speed", cell.motility.speed, "um/h"),
                read(f"{name}.motility.bias", cell.motility.bias, "1"),
                read(f"{name}.motility.persistence", cell.motility.persistence, "h"),
                {f: read(f"{name}.motility.towards.{f}", w, "1") for f, w in cell.motility.towards.items()},
            )
        start: tuple[float, ...] = ()
        if cell.states:
            shares = {s: read(f"{name}.start.{s}", v, "1") for s, v in cell.start.items()}
            start = (
                tuple(shares.get(s, 0.0) for s in cell.states)
                if shares
                else (1.0, *[0.0] * (len(cell.states) - 1))
            )
        draws = {}
        for vesicle, secretion in cell.secretes.items():
            path = f"{name}.secretes.{vesicle}.cargo"
            found = []
            for molecule, how in secretion.cargo.items():
                physics = vesicle_physics(builder, dish, vesicle, self.spec.vesicles[vesicle])
                mean = copies_per_vesicle(builder, f"{path}.{molecule}", molecule, how, physics, cell, name)
                occupied = read(f"{path}.{molecule}.occupied", how.occupied, "1") if how.occupied else 1.0
                found.append(
                    CargoDraw(
                        molecule, how.on == "surface", parts.told(mean, f"{molecule} per vesicle"), occupied
                    )
                )
            draws[vesicle] = tuple(found)
        box = parts.box
        return _Facts(
            count=round(read(f"{name}.count", cell.count, "cell")),
            radius=read(f"{name}.radius", cell.radius, "um"),
            layout=layout_of(name, cell.layout, read, box, self.model.places.get(name), self._beside()),
            mechanics=made,
            motility=motility,
            start=start,
            growth=read(f"{name}.life.growth", cell.life.growth, "1/h"),
            dying=read(f"{name}.life.dying", cell.life.dying, "h"),
            lysis={
                parts.factors[f]: read(f"{name}.lysis.{f}", v, "molecule/cell") for f, v in cell.lysis.items()
            },
            draws=draws,
            fastest=max(
                (
                    1.0 / read(f"{name}.takes_up.{v}.surface_residence", u.surface_residence, "h")
                    for v, u in cell.takes_up.items()
                ),
                default=0.0,
            ),
        )

    def _beside(self) -> Path | None:
        origin = self.model.origin
        return origin.parent if origin is not None else None

    def _doses(self, parts: _Parts, builder: Builder, dish: Dish) -> list[Dose]:
        from vesiflux import units

        duration = typical_number(self.spec.run.duration, "h", "run.for")
        volume = float(np.prod(parts.box.size)) * 1e-12
        found = []
        for i, item in enumerate(self.spec.schedule, start=1):
            path = f"schedule.{i}"
            if item.dose is None and item.add is None:
                raise InputError(f"{path}: a tissue has no medium to change")
            assert item.amount is not None, "checked by the language"
            unit = "vesicle" if item.dose else "molecule"
            if units.same_dimension(own_unit(item.amount, unit), f"{unit}/mL"):
                amount = parts.read(amount_name(i, item), item.amount, f"{unit}/mL") * volume
            else:
                amount = parts.read(amount_name(i, item), item.amount, unit)
            start = typical_number(item.at, "h", f"{path}.at")
            period = typical_number(item.repeat, "h", f"{path}.repeat") if item.repeat else 0.0
            poured: list[tuple[int, float]] = []
            if item.dose is not None and item.dose not in self.spec.preparations:
                continue  # of another arm
            if item.add is not None:
                poured.append((parts.factors[item.add], amount))
            else:
                source = next(s for s in parts.sources if s.sender == item.dose)
                physics = vesicle_physics(builder, dish, source.vesicle, self.spec.vesicles[source.vesicle])
                poured.append((source.vesicles, amount))
                for molecule, how in source.cargo.items():
                    label = f"preparations.{item.dose}.cargo.{molecule}"
                    mean = copies_per_vesicle(builder, label, molecule, how, physics, None, "")
                    poured.append((source.copies[molecule], amount * parts.told(mean, label)))
            for k in range(item.times):
                time = start + k * period
                if time <= duration:
                    found += [(Dose(time, f, a), item.arms) for f, a in poured]
        return [d for d, arms in found if not arms or self._arm in arms]

    _arm: str = ""

    # ------------------------------------------------------------ the plan

    def plan(self, arm: str, chosen: Arm) -> TissuePlan:
        """Put the parts together."""
        self._arm = arm
        parts = self._parts()
        spec, run = self.spec, self.spec.run
        duration = typical_number(run.duration, "h", "run.for")
        step = typical_number(run.step, "h", "run.step")
        mechanics = AUTO_MECHANICS
        if run.mechanics == "off":
            mechanics = 0.0
        elif isinstance(run.mechanics, Value):
            mechanics = typical_number(run.mechanics, "h", "run.mechanics")
        _, moving = _timing(spec)
        switches = [(max(a, 0.0), n, 1.0) for n, a, _ in moving]
        switches += [(b, n, 0.0) for n, _, b in moving if b is not None]
        kinds = tuple(
            self._kind(parts, name, local, parts.kinds[name], moving) for name, local in parts.cells.items()
        )
        return TissuePlan(
            name=spec.name,
            title=spec.title or spec.name,
            arm=arm,
            space=parts.box,
            groups=tuple(self._settled(parts, step)),
            fields=tuple(parts.fields),
            cells=kinds,
            duration=duration,
            record=typical_number(run.record, "h", "run.record"),
            frames=typical_number(run.frames, "h", "run.frames") if run.frames else duration / 12.0,
            step=step,
            mechanics_step=mechanics,
            tolerance=run.tolerance,
            rtol=run.rtol,
            atol=run.atol,
            equilibrate=run.equilibrate,
            doses=tuple(parts.doses),
            switches=tuple(sorted(switches)),
            report={"arm_title": chosen.title or arm, "against": chosen.against},
        )

    def _settled(self, parts: _Parts, step: float) -> list[Group]:
        """Groups with "auto" settled: a factor that relaxes well within a step is at quasi-steady state."""
        from dataclasses import replace

        found = []
        sizes = [s for s, n in zip(parts.box.size, parts.box.shape, strict=True) if n > 1]
        for group, auto in zip(parts.groups, parts.auto, strict=True):
            treatment: Treatment = group.treatment
            if auto:
                slowest = group.decay + group.diffusion * sum((np.pi / s) ** 2 for s in sizes[:1])
                held = any(b.kind == "held" for b in group.borders) or any(
                    group.name in v.exchange for v in parts.box.vessels
                )
                quick = slowest * step * STEADY_SHARE > 1.0
                treatment = "steady" if quick and (held or group.decay > 0.0) else "field"
            found.append(replace(group, treatment=treatment))
        return found

    def _kind(
        self,
        parts: _Parts,
        name: str,
        local: LocalCell,
        facts: _Facts,
        moving: Sequence[tuple[str, float, float | None]],
    ) -> CellKind:
        builder = local.builder
        spec = self.spec.cells[name]
        program = _assemble(builder, [(Output(n, u), e) for n, u, e in local.controls], builder.rates)
        still = [builder.graph.const(0.0)] * len(builder.states)
        view = _assemble(builder, [(Output(n, u), e) for n, u, e in local.shown], still)
        inputs = {p.name: i for i, p in enumerate(builder.inputs)}
        groups = {g.name: i for i, g in enumerate(parts.groups)}
        levels = local.levels | {i for i, s in enumerate(builder.states) if s.name == "time"}
        halved = np.array([i not in levels for i in range(len(builder.states))], dtype=np.bool_)
        before = {inputs[n]: 1.0 for n, start, _ in moving if start == -np.inf and n in inputs}

        def named(prefix: str) -> dict[str, int]:
            return {n.removeprefix(prefix): i for n, i in inputs.items() if n.startswith(prefix)}

        return CellKind(
            name=name,
            title=spec.title or name,
            program=program,
            view=view,
            count=facts.count,
            radius=facts.radius,
            layout=facts.layout,
            mechanics=facts.mechanics,
            motility=facts.motility,
            states=spec.states,
            start=facts.start,
            growth=facts.growth,
            dying=facts.dying,
            lysis=facts.lysis,
            local={f: inputs[n] for f, n in local.local.items()},
            contact=named("contact."),
            gradient=named("gradient."),
            state_inputs=named("state."),
            pressure=inputs.get("pressure", -1),
            switches={n: inputs[n] for n, _, _ in moving if n in inputs},
            before=before,
            bound=dict(local.bound),
            outbox=dict(local.outbox),
            released=dict(local.released),
            inside={f: dict(where) for f, where in local.inside.items()},
            halved=halved,
            clearance={groups[g]: i for g, i in local.clearance.items()},
            actions=tuple(Action(a.kind, a.args, i) for a, i in local.actions),
            shown={n: i for i, (n, _, _) in enumerate(local.shown)},
            draws=facts.draws,
            fastest=facts.fastest,
        )


@dataclass
class _Facts:
    count: int
    radius: float
    layout: Any
    mechanics: Mechanics
    motility: Motility
    start: tuple[float, ...]
    growth: float
    dying: float
    lysis: dict[int, float]
    draws: dict[str, tuple[CargoDraw, ...]]
    fastest: float


@dataclass
class _Parts:
    box: TissueSpace
    read: Callable[[str, Value, str], float]
    told: Callable[[Ex, str], float]
    groups: list[Group] = field(default_factory=list)
    auto: list[bool] = field(default_factory=list)
    fields: list[FieldSlot] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    factors: dict[str, int] = field(default_factory=dict)  # factor -> field
    hindrance: dict[str, float] = field(default_factory=dict)  # class -> share of free diffusion
    cells: dict[str, LocalCell] = field(default_factory=dict)
    kinds: dict[str, _Facts] = field(default_factory=dict)
    doses: list[Dose] = field(default_factory=list)


def _assemble(builder: Builder, outputs: list[tuple[Output, Ex]], rates: Sequence[Ex]) -> Program:
    program, _ = assemble(
        builder.name,
        builder.graph,
        parameters=[],
        inputs=builder.inputs,
        states=builder.states,
        initial=builder.initial,
        rhs=list(rates),
        outputs=outputs,
        invariants=[],
        assignments=[],
    )
    return program
