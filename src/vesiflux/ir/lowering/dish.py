"""A dish as differential equations: cells, their programs, the medium between them, the ledgers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.behaviours import Behaviours, changes_numbers
from vesiflux.ir.lowering.body import make_body
from vesiflux.ir.lowering.builder import Builder, Effect, StateRef
from vesiflux.ir.lowering.counts import share_counted
from vesiflux.ir.lowering.interventions import declare_alternatives
from vesiflux.ir.lowering.medium import (
    Dish,
    Floating,
    close_balance,
    concentration_at,
    float_in,
    make_dish,
    shown_concentration,
)
from vesiflux.ir.lowering.modules import declare_structures, lower_module
from vesiflux.ir.lowering.pools import Population, make_population
from vesiflux.ir.lowering.responses import lower_nodes, lower_responses
from vesiflux.ir.lowering.schedule import Action, lower_schedule
from vesiflux.ir.lowering.signals import Senses, halves_of
from vesiflux.ir.lowering.uptake import Received, Receiver, half_lives_of, lower_uptake, make_paths
from vesiflux.ir.lowering.values import number
from vesiflux.ir.lowering.vesicles import (
    ClassPhysics,
    Sent,
    Tracer,
    copies_per_vesicle,
    make_sent,
    vesicle_physics,
)
from vesiflux.language.quantities import own_unit
from vesiflux.language.schema import Body, Cargo, Tissue, Value

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.language.schema import Label, ModelSpec

__all__ = ["LoweredDish", "lower_dish", "places", "raised", "release"]


@dataclass
class LoweredDish:
    """A lowered dish before assembly."""

    spec: ModelSpec
    builder: Builder
    actions: list[Action] = field(default_factory=list)
    rates: dict[str, tuple[str, str]] = field(default_factory=dict)
    limit_titles: dict[str, str] = field(default_factory=dict)
    limits_of_untreated: set[str] = field(default_factory=set)


@dataclass
class _Parts:
    """Everything that is made on the way."""

    model: Model
    builder: Builder
    dish: Dish
    physics: dict[str, ClassPhysics] = field(default_factory=dict)
    populations: dict[str, Population] = field(default_factory=dict)
    factors: dict[str, Floating] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    dosed: dict[str, Sent] = field(default_factory=dict)
    senses: dict[str, Senses] = field(default_factory=dict)  # by pool path
    behaviours: dict[str, Behaviours] = field(default_factory=dict)  # by pool path

    @property
    def spec(self) -> ModelSpec:
        return self.model.spec


def lower_dish(
    model: Model,
    effects: Mapping[str, Sequence[Effect]],
    switched: bool = False,
    follow_cargo: bool = False,
) -> LoweredDish:
    """Lower the whole dish. ``effects``: what interventions do, by target; ``switched``: see `Builder`.

    ``follow_cargo``: every cargo has states of its own, also where it is an exact multiple of its vesicles.
    """
    spec = model.spec
    if isinstance(spec.space, Tissue):
        raise InputError(f"{spec.name} happens in a tissue; only a model with `space: dish` is run as one")
    builder = Builder(spec.name, switched, effects=effects)
    for name, value in spec.parameters.items():
        builder.parameter(name, value, own_unit(value))
    for cell in spec.cells.values():
        for module in cell.modules.values():
            declare_structures(builder, model.modules[module])
    declare_alternatives(builder, spec)
    for name in spec.interventions:
        builder.input(f"on:{name}")
    space = spec.space
    medium = make_body(builder, space) if isinstance(space, Body) else make_dish(builder, space)
    parts = _Parts(model, builder, medium)
    for name, vesicle in spec.vesicles.items():
        parts.physics[name] = vesicle_physics(builder, parts.dish, name, vesicle)
    for name, cell in spec.cells.items():
        population = make_population(builder, name, cell, changes_numbers(spec, name))
        parts.populations[name] = population
        population.chosen = _chosen(spec, f"{name}.count")
        if (body := parts.dish.body) is not None:
            population.place = body.place_of(cell)
            body.enter(population)
    _float_factors(parts)
    _float_vesicles(parts, follow_cargo)
    _populate(parts)
    _act(parts)
    lowered = LoweredDish(spec, builder)
    _secrete(parts, lowered)
    for behaviours in parts.behaviours.values():
        behaviours.move_cells(parts.populations)
    _outputs(parts, lowered)
    _close(parts)
    per_vesicle = {
        (name, molecule): _mean_of(parts, name, prepared.vesicle, molecule, how)
        for name, prepared in spec.preparations.items()
        for molecule, how in prepared.cargo.items()
    }
    floats = [*parts.factors.values(), *(f for s in parts.sent for f in s.floats())]
    duration = number(spec.run.duration, "h", "run.for")
    lowered.actions = lower_schedule(
        builder, parts.dish, spec, parts.dosed, parts.factors, floats, per_vesicle, duration
    )
    return lowered


def _chosen(spec: ModelSpec, parameter: str) -> bool:
    """Whether an option of any choice sets a parameter."""
    return any(
        parameter == (f"{choice.scope}.{name}" if choice.scope else name)
        for choice in spec.choices.values()
        for option in choice.options.values()
        for name in option
    )


def _float_factors(parts: _Parts) -> None:
    builder, dish = parts.builder, parts.dish
    cells = sum(p.nominal for p in parts.populations.values())
    for name, factor in parts.spec.factors.items():
        path = f"factors.{name}"
        diffusion = None
        if factor.diffusion is not None:
            diffusion = builder.parameter(
                f"{path}.diffusion", factor.diffusion, "um^2/h", "diffusion coefficient"
            )
        start = (
            builder.parameter(f"{path}.initial", factor.initial, "molecule/mL", "at the start") * dish.volume
        )
        start = builder.amount(start, "factor", name=name)
        parts.factors[name] = float_in(
            builder,
            dish,
            name,
            "molecule",
            scale=max(cells, 1.0),
            diffusion=diffusion,
            decay=factor.decay,
            decay_path=f"{path}.decay",
            initial=start,
        )


def _float_vesicles(parts: _Parts, follow_cargo: bool) -> None:
    builder, dish, spec = parts.builder, parts.dish, parts.spec

    def sent(
        sender: str, vesicle: str, cargo: dict[str, Cargo], scale: float, start: Ex | None = None
    ) -> Sent:
        physics = parts.physics[vesicle]
        # vesicles of the start come without cargo
        alone = follow_cargo or start is not None
        means = {} if alone else _steady_means(parts, sender, vesicle, cargo)
        made = make_sent(
            builder,
            dish,
            spec,
            physics,
            sender,
            vesicle,
            cargo,
            scale,
            0.0 if start is None else start,
            means,
        )
        parts.sent.append(made)
        return made

    cells = sum(p.nominal for p in parts.populations.values())
    for name, cell in spec.cells.items():
        for vesicle, secretion in cell.secretes.items():
            start: Ex | None = None
            if secretion.initial is not None:
                path = f"{name}.secretes.{vesicle}.initial"
                start = builder.parameter(path, secretion.initial, "vesicle/mL", "at the start") * dish.volume
            sent(name, vesicle, secretion.cargo, parts.populations[name].nominal, start)
    for name, prepared in spec.preparations.items():
        made = parts.dosed[name] = sent(name, prepared.vesicle, prepared.cargo, max(cells, 1.0))
        if prepared.label is not None:
            made.label = _tracer(builder, name, prepared.label)


def _steady_means(parts: _Parts, sender: str, vesicle: str, cargo: Mapping[str, Cargo]) -> dict[str, Ex]:
    """Mean copies per vesicle of the cargo that nothing changes in the course of a run."""
    means = {m: _mean_of(parts, sender, vesicle, m, how) for m, how in cargo.items() if how.raised_by is None}
    return {m: mean for m, mean in means.items() if parts.builder.graph.fixed(mean)}


def _mean_of(parts: _Parts, sender: str, vesicle: str, molecule: str, how: Cargo) -> Ex:
    """Mean copies per vesicle of a cell's or a preparation's vesicles, before any signal raises them."""
    builder, physics = parts.builder, parts.physics[vesicle]
    if sender not in parts.populations:
        path = f"preparations.{sender}.cargo.{molecule}"
        return copies_per_vesicle(builder, path, molecule, how, physics, None, "")
    path = f"{sender}.secretes.{vesicle}.cargo.{molecule}"
    mean = copies_per_vesicle(builder, path, molecule, how, physics, parts.spec.cells[sender], sender)
    return builder.amount(mean, "cargo", sender, vesicle, molecule)


def _tracer(builder: Builder, name: str, label: Label) -> Tracer:
    path = f"preparations.{name}.label"
    stays = builder.parameter(f"{path}.half_life", label.half_life, "h", "label of vesicles taken apart")
    back = builder.parameter(f"{path}.returns", label.returns, "1", "share of the label that comes back")
    free = None
    if label.free is not None:
        free = builder.state(f"label.free.{name}", "vesicle", 0.0, scale=1e3)
        half = builder.parameter(f"{path}.free", label.free, "h", "label in blood without its vesicle")
        builder.add_rate(free, -math.log(2.0) / half * free.ex)
    return Tracer(math.log(2.0) / stays, back, free)


def _populate(parts: _Parts) -> None:
    """States inside the cells: response nodes, modules, received vesicles and copies."""
    builder = parts.builder
    for population in parts.populations.values():
        cell = population.cell
        half_lives = half_lives_of(cell)
        for pool in population.pools:
            receiver = Receiver()
            nodes = lower_nodes(builder, population, pool)
            modules = {
                instance: lower_module(
                    builder, population, pool, instance, parts.model.modules[module], cell.set
                )
                for instance, module in cell.modules.items()
            }
            for vesicle in cell.takes_up:
                fields = [s for s in parts.sent if s.vesicle == vesicle]
                make_paths(builder, population, pool, vesicle, fields, half_lives, receiver)
            parts.senses[pool.path] = Senses(
                builder,
                parts.dish,
                population,
                pool,
                parts.populations,
                parts.factors,
                receiver,
                modules,
                nodes,
                halves_of(parts.spec),
                parts.senses,
            )


def _act(parts: _Parts) -> None:
    """Rates: modules, responses, behaviours and uptake, once every state has its name."""
    builder = parts.builder
    recipients = builder.graph.sum(p.count for p in parts.populations.values() if p.cell.takes_up)
    for path, senses in parts.senses.items():
        behaviours = parts.behaviours[path] = Behaviours.of(senses)
        for module in senses.modules.values():
            module.start(behaviours.activity)
    for name, population in parts.populations.items():
        for pool in population.pools:
            senses = parts.senses[pool.path]
            lower_responses(senses)
            behaviours = parts.behaviours[pool.path]
            for vesicle, uptake in population.cell.takes_up.items():
                path = f"{name}.takes_up.{vesicle}.clearance"
                title = f"clearance of {vesicle} at low dose"
                clearance = builder.parameter(path, uptake.clearance, "mL/cell/h", title)
                lower_uptake(
                    builder,
                    parts.dish,
                    population,
                    pool,
                    vesicle,
                    uptake,
                    builder.amount(behaviours.uptake(vesicle, clearance), "uptake", name, vesicle),
                    parts.physics[vesicle],
                    parts.sent,
                    recipients,
                    senses.receiver,
                )


def _secrete(parts: _Parts, lowered: LoweredDish) -> None:
    """Release of vesicles with their cargo and of factors; consumption of factors."""
    builder = parts.builder
    sent = {(s.sender, s.vesicle): s for s in parts.sent}
    for name, population in parts.populations.items():
        cell = population.cell
        for pool in population.pools:
            senses = parts.senses[pool.path]
            behaviours = parts.behaviours[pool.path]
            for vesicle, secretion in cell.secretes.items():
                if secretion.machinery is not None:
                    rate = senses.modules[secretion.machinery].release[vesicle]
                else:
                    assert secretion.rate is not None, "checked by the language"
                    path = f"{name}.secretes.{vesicle}.rate"
                    rate = builder.parameter(path, secretion.rate, "vesicle/cell/h", f"release of {vesicle}")
                rate = builder.amount(behaviours.secretion(vesicle, rate), "secretion", name, vesicle)
                builder.output(f"{pool.path}.rate.{vesicle}", "vesicle/cell/h", rate)
                release(builder, sent[name, vesicle].vesicles, rate * pool.count, population.place)
                for molecule, (how, floating) in sent[name, vesicle].cargo.items():
                    if floating.per_vesicle is not None:
                        continue  # with its vesicles
                    path = f"{name}.secretes.{vesicle}.cargo.{molecule}"
                    mean = _mean_of(parts, name, vesicle, molecule, how) * raised(senses, path, how)
                    release(builder, floating, rate * mean * pool.count, population.place)
            for factor, made in cell.releases.items():
                path = f"{name}.releases.{factor}.rate"
                rate = builder.parameter(path, made.rate, "molecule/cell/h", f"release of {factor}")
                rate = builder.amount(behaviours.secretion(factor, rate), "release", name, factor)
                rate = builder.amount(rate, "factor", name=factor)
                release(builder, parts.factors[factor], rate * pool.count, population.place)
            for factor, uptake in cell.consumes.items():
                path = f"{name}.consumes.{factor}.clearance"
                clearance = builder.parameter(path, uptake.clearance, "mL/cell/h", f"consumption of {factor}")
                floating = parts.factors[factor]
                eaten = clearance * pool.count * concentration_at(parts.dish, floating, population.place)
                builder.move(floating.at(population.place), floating.degraded, eaten)


def raised(senses: Senses, path: str, how: Cargo) -> Ex:
    """Fold of the copies per vesicle by a signal of the sender."""
    graph = senses.builder.graph
    if how.raised_by is None:
        return graph.const(1.0)
    amount, unit = senses.amount(how.raised_by)
    top = senses.builder.parameter(f"{path}.raised_to", how.raised_to, "1", "fold at full signal")
    half = how.half or Value(typical=0.5, unit="1")
    level = senses.builder.parameter(f"{path}.half", half, unit, "signal at half effect")
    hill = senses.builder.parameter(f"{path}.hill", how.hill, "1")
    return 1.0 + (top - 1.0) * graph.hill_half(amount, level, hill)


def release(builder: Builder, floating: Floating, rate: Ex, place: int = 0) -> None:
    """``rate`` per hour of newly made things into the medium."""
    builder.add_rate(floating.at(place), rate)
    builder.add_rate(floating.released, rate)


def _outputs(parts: _Parts, lowered: LoweredDish) -> None:
    builder, dish, graph = parts.builder, parts.dish, parts.builder.graph
    for name, population in parts.populations.items():
        builder.output(f"{name}.count", "cell", population.count)
        builder.output(f"{name}.cell_hours", "cell*h", _hours(population))
        for pool in population.pools:
            if len(population.pools) > 1:
                builder.output(f"{pool.path}.count", "cell", pool.count)
            senses = parts.senses[pool.path]
            for node in senses.nodes:
                builder.output(f"{pool.path}.node.{node}", "1", senses.node(node))
            for molecule, received in senses.receiver.cargo.items():
                for place in places(received):
                    copies, unit = senses.amount(molecule, place)
                    builder.output(f"{pool.path}.copies.{molecule}.{place}", unit, copies)
            for vesicle in population.cell.takes_up:
                builder.output(f"{pool.path}.held.{vesicle}", "vesicle/cell", senses.held(vesicle))
            for instance, lowered_module in senses.modules.items():
                for limit, constraint in lowered_module.module.constraints.items():
                    full = f"{pool.path}.{instance}.limit.{limit}"
                    lowered.limit_titles[full] = constraint.title or limit
                    if constraint.measured_in == "untreated cells":
                        lowered.limits_of_untreated.add(full)
    for factor, floating in parts.factors.items():
        builder.output(f"medium.{factor}", "molecule/mL", shown_concentration(builder, dish, [floating]))
    for vesicle in parts.spec.vesicles:
        fields = [s for s in parts.sent if s.vesicle == vesicle]
        if fields:
            shown = shown_concentration(builder, dish, [s.vesicles for s in fields])
            builder.output(f"medium.{vesicle}", "vesicle/mL", shown)
        cargo = dict.fromkeys(m for s in fields for m in s.cargo)
        for molecule in cargo:
            carriers = [s.cargo[molecule][1] for s in fields if molecule in s.cargo]
            shown = shown_concentration(builder, dish, carriers)
            builder.output(f"medium.{vesicle}.{molecule}", "copy/mL", shown)
        senders = [s for s in fields if s.sender in parts.populations]
        for s in senders:
            builder.output(f"{s.sender}.released.{vesicle}", "vesicle", s.vesicles.released.ex)
            for molecule, (_, floating) in s.cargo.items():
                builder.output(f"{s.sender}.released.{vesicle}.{molecule}", "copy", floating.released.ex)
        if senders:
            released = graph.sum(s.vesicles.released.ex for s in senders)
            hours = graph.sum(_hours(parts.populations[s.sender]) for s in senders)
            builder.output(f"released.{vesicle}", "vesicle", released)
            builder.output(f"cell_hours.{vesicle}", "cell*h", hours)
            plural = f"{vesicle}s_per_cell_per_hour"
            lowered.rates[plural] = (f"released.{vesicle}", f"cell_hours.{vesicle}")
    _count(parts, lowered)
    if dish.body is not None:
        populations = parts.populations.values()
        receivers = [(p, parts.senses[pool.path].receiver) for p in populations for pool in p.pools]
        dish.body.show(builder, parts.dosed, parts.sent, receivers)
    for sent in parts.sent:
        for floating in sent.floats():
            for ledger in ("dosed", "degraded", "removed"):
                state: StateRef = getattr(floating, ledger)
                builder.output(f"ledger.{ledger}.{floating.name}", floating.unit, state.ex, series=False)


def _count(parts: _Parts, lowered: LoweredDish) -> None:
    """What counts of particles show of what the cells released."""
    builder, graph = parts.builder, parts.builder.graph
    for name, count in parts.spec.counts.items():
        seen = [
            s
            for s in parts.sent
            if s.sender in parts.populations and (not count.classes or s.vesicle in count.classes)
        ]
        if not seen:
            continue
        shares = {
            v: share_counted(builder, name, count, v, parts.spec.vesicles[v])
            for v in dict.fromkeys(s.vesicle for s in seen)
        }
        senders = dict.fromkeys(s.sender for s in seen)
        counted = graph.sum(shares[s.vesicle] * s.vesicles.released.ex for s in seen)
        builder.output(f"counted.{name}", "vesicle", counted)
        hours = graph.sum(_hours(parts.populations[s]) for s in senders)
        builder.output(f"cell_hours.counted.{name}", "cell*h", hours)
        lowered.rates[f"{name}s_per_cell_per_hour"] = (f"counted.{name}", f"cell_hours.counted.{name}")
        for vesicle, share in shares.items():
            builder.output(f"counted.{name}.share.{vesicle}", "1", share, series=False)


def _hours(population: Population) -> Ex:
    assert population.hours is not None, "a dish counts them"
    return population.hours.ex


def places(received: Received) -> list[str]:
    """Where copies of a cargo can be in a cell that receives it."""
    places = ["surface"]
    if received.cytosol is not None:
        places.append("cytosol")
    if received.transferred is not None:
        places.append("transferred")
    return places


def _close(parts: _Parts) -> None:
    for floating in [*parts.factors.values(), *(f for s in parts.sent for f in s.floats())]:
        if floating.per_vesicle is None:
            close_balance(parts.builder, floating, [])
    _close_delivered(parts)


def _close_delivered(parts: _Parts) -> None:
    """What escaped is with the recipients or lost there: delivered = cytosol + membrane + lost."""
    delivered: dict[str, dict[int, float]] = {}
    for molecule, (_, floating) in (item for s in parts.sent for item in s.cargo.items()):
        ledger = parts.builder.known_ledger(f"delivered.{floating.name}")
        if ledger is not None:
            delivered.setdefault(molecule, {})[ledger.index] = -1.0
    for molecule, weights in delivered.items():
        for population in parts.populations.values():
            for pool in population.pools:
                received = parts.senses[pool.path].receiver.cargo.get(molecule)
                held = [received.cytosol, received.transferred] if received else []
                weights |= {h.state.index: 1.0 for h in held if h is not None}
            lost = parts.builder.known_ledger(f"lost.{population.name}.{molecule}")
            if lost is not None:
                weights[lost.index] = 1.0
        parts.builder.invariants.append((f"delivered {molecule}", weights))
