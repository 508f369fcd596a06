"""Doses, additions and medium changes: assignments that happen at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.errors import InputError
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import RUNNING, Builder, StateRef
from vesiflux.ir.lowering.interventions import switch
from vesiflux.ir.lowering.medium import Dish, Floating
from vesiflux.ir.lowering.values import number
from vesiflux.ir.lowering.vesicles import Sent
from vesiflux.ir.program import Event, Tape
from vesiflux.language.parameters import amount_name
from vesiflux.language.quantities import own_unit
from vesiflux.language.together import parts_of

if TYPE_CHECKING:
    from vesiflux.language.schema import ModelSpec, ScheduleItem

__all__ = ["Action", "intervention_events", "lower_schedule", "scheduled_events"]


@dataclass(frozen=True)
class Action:
    """One item of the schedule: the states it sets and what they become."""

    item: ScheduleItem
    label: str
    times: tuple[float, ...]
    states: tuple[int, ...]
    values: tuple[Ex, ...]
    running: int = -1  # input that is 1 while it runs in; -1: it happens at once
    hours: float = 0.0  # that it takes


def lower_schedule(
    builder: Builder,
    dish: Dish,
    spec: ModelSpec,
    dosed: Mapping[str, Sent],
    factors: Mapping[str, Floating],
    floats: Sequence[Floating],
    per_vesicle: Mapping[tuple[str, str], Ex],
    duration: float,
) -> list[Action]:
    """The schedule as actions. ``dosed``: preparation -> its fields; ``per_vesicle``: (preparation,
    cargo) -> mean copies per vesicle.
    """
    actions = []
    for i, item in enumerate(spec.schedule):
        path = f"schedule.{i + 1}"
        start = number(item.at, "h", f"{path}.at")
        period = number(item.repeat, "h", f"{path}.repeat") if item.repeat else 0.0
        times = tuple(t for k in range(item.times) if (t := start + k * period) <= duration)
        changes: dict[int, tuple[StateRef, Ex]] = {}  # what states become
        added: dict[int, tuple[StateRef, Ex]] = {}  # what is put to them
        hours = number(item.over, "h", f"{path}.over") if item.over is not None else 0.0
        if item.dose is not None:
            label = f"dose of {item.dose}"
            sent = dosed[item.dose]
            amount = _amount(builder, dish, item, i + 1, "vesicle")
            _pour(dish, sent.vesicles, amount, item.into, added)
            for molecule, (_, floating) in sent.cargo.items():
                _pour(dish, floating, amount * per_vesicle[item.dose, molecule], item.into, added)
        elif item.add is not None:
            label = f"addition of {item.add}"
            amount = builder.amount(_amount(builder, dish, item, i + 1, "molecule"), "factor", name=item.add)
            _pour(dish, factors[item.add], amount, item.into, added)
        else:
            assert item.change_medium is not None, "checked by the language"
            label = "medium change"
            share = builder.parameter(
                f"{path}.change_medium", item.change_medium, "1", "share of medium replaced"
            )
            for floating in floats:
                _replace(builder, dish, spec, floating, share, changes)
        running = -1
        if hours:
            running = _infuse(builder, f"infusion:{i + 1}", added, hours)
        else:
            changes |= {index: (state, state.ex + amount) for index, (state, amount) in added.items()}
        values = tuple(value for _, value in changes.values())
        actions.append(Action(item, label, times, tuple(changes), values, running, hours))
    return actions


def _infuse(builder: Builder, name: str, added: Mapping[int, tuple[StateRef, Ex]], hours: float) -> int:
    """Put amounts to states evenly while the input ``name`` is on; its index."""
    on = builder.input(name)
    for state, amount in added.values():
        builder.add_rate(state, on * (amount / hours))
    return builder.input_index(name)


def _amount(builder: Builder, dish: Dish, item: ScheduleItem, number: int, unit: str) -> Ex:
    """The dose as an amount in the dish; a concentration is times the volume."""
    from vesiflux import units

    if item.amount is None:
        raise InputError(f"schedule.{number}: needs an amount, e.g. '1e9 {unit}' or '1e9 {unit}/mL'")
    if units.same_dimension(own_unit(item.amount, unit), f"{unit}/mL"):
        concentration = builder.parameter(amount_name(number, item), item.amount, f"{unit}/mL", "dose")
        amount = concentration * dish.volume
    else:
        amount = builder.parameter(amount_name(number, item), item.amount, unit, "dose")
    return builder.amount(amount, "injected") if item.dose is not None else amount


def _pour(
    dish: Dish, floating: Floating, amount: Ex, into: str, added: dict[int, tuple[StateRef, Ex]]
) -> None:
    """Mix ``amount`` evenly into the medium of a dish, or put it ``into`` a place of a body."""
    if floating.per_vesicle is not None:
        return  # with its vesicles
    parts = list(zip(floating.layers, dish.shares, strict=True))
    if dish.body is not None:
        parts = [(floating.at(dish.body.places.index(into)), 1.0)]
    for layer, share in parts:
        added[layer.index] = (layer, amount * share)
    added[floating.dosed.index] = (floating.dosed, amount)


def _replace(
    builder: Builder,
    dish: Dish,
    spec: ModelSpec,
    floating: Floating,
    share: Ex,
    changes: dict[int, tuple[StateRef, Ex]],
) -> None:
    """Take out a share of the medium; fresh medium brings a factor's supply."""
    if floating.per_vesicle is not None:
        return
    factor = spec.factors.get(floating.name)
    fresh: Ex | None = None
    if factor is not None and factor.supply is not None:
        supply = builder.parameter(
            f"factors.{floating.name}.supply", factor.supply, "molecule/mL", "in fresh medium"
        )
        fresh = builder.amount(supply * dish.volume * share, "factor", name=floating.name)
    taken = share * floating.total(builder)
    changes[floating.removed.index] = (floating.removed, floating.removed.ex + taken)
    for layer, part in zip(floating.layers, dish.shares, strict=True):
        left = layer.ex * (1.0 - share)
        changes[layer.index] = (layer, left if fresh is None else left + fresh * part)
    if fresh is not None:
        changes[floating.dosed.index] = (floating.dosed, floating.dosed.ex + fresh)


def scheduled_events(actions: Sequence[Action], tapes: Sequence[Tape], arm: str) -> list[Event]:
    """The events of one arm; of arms together, those of any of them."""
    events = []
    names = {arm, *parts_of(arm)}
    for action, tape in zip(actions, tapes, strict=True):
        if action.item.arms and names.isdisjoint(action.item.arms):
            continue
        states = np.array(action.states, dtype=np.int32)
        if action.hours:
            for t in action.times:
                events.append(Event(t, states, None, {action.running: 1.0}, action.label))
                events.append(Event(t + action.hours, states, None, {action.running: 0.0}, "its end"))
            continue
        events += [Event(t, states, tape, {}, action.label) for t in action.times]
    return events


def intervention_events(
    builder: Builder, spec: ModelSpec, interventions: Sequence[str]
) -> tuple[dict[int, float], dict[int, float], list[Event]]:
    """Switches of an arm: inputs before t = 0, inputs from t = 0, and later events."""
    before: dict[int, float] = {}
    after: dict[int, float] = {}
    events: list[Event] = []
    nothing = np.zeros(0, dtype=np.int32)
    if builder.has_input(RUNNING):
        before[builder.input_index(RUNNING)] = 0.0
        after[builder.input_index(RUNNING)] = 1.0
    for name in interventions:
        intervention = spec.interventions[name]
        index = builder.input_index(switch(name))
        if intervention.start == "before":
            before[index] = after[index] = 1.0
        else:
            start = number(intervention.start, "h", f"interventions.{name}.start")
            if start <= 0.0:
                after[index] = 1.0
            else:
                events.append(Event(start, nothing, None, {index: 1.0}, f"{name} starts"))
        if intervention.stop is not None:
            stop = number(intervention.stop, "h", f"interventions.{name}.stop")
            events.append(Event(stop, nothing, None, {index: 0.0}, f"{name} ends"))
    return before, after, events
