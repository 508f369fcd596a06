"""Interventions, arms, choices and the schedule: what is done to the dish, and what is compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from vesiflux import units
from vesiflux.language.checks.bases import LIFE
from vesiflux.language.checks.context import Context
from vesiflux.language.checks.structure import unknown
from vesiflux.language.checks.values import check_value
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import Quantity, own_unit, range_of
from vesiflux.language.schema import Intervention, ScheduleItem, Tissue, Value
from vesiflux.language.words import meant

__all__ = ["check_arms", "check_choices", "check_interventions", "check_schedule", "check_targets"]


def check_interventions(context: Context) -> Iterator[Finding]:
    """One way of acting with the size it needs; dose with half; an end after its start."""
    for name, intervention in context.spec.interventions.items():
        path: Path = ("interventions", name)
        ways = [k for k in ("inhibits", "blocks", "scales") if getattr(intervention, k) is not None]
        ways += ["effects"] if intervention.effects else []
        if len(ways) != 1:
            said = f"has {' and '.join(ways)}" if ways else "does nothing"
            message = f"{name} {said}; it has one of inhibits, blocks, scales or effects"
            yield Finding(path, message, key=True)
            continue
        yield from _check_size(path, ways[0], intervention)
        yield from _check_times(context, path, intervention)


def _check_size(path: Path, way: str, intervention: Intervention) -> Iterator[Finding]:
    needs = {"inhibits": "efficacy", "blocks": "efficacy", "scales": "factor"}.get(way)
    for key, example in (("efficacy", "efficacy: 0.6"), ("factor", "factor: 2")):
        given = getattr(intervention, key) is not None
        if key == needs and not given:
            yield Finding(path, f"'{way}' needs its size, e.g. {example}", key=True)
        if key != needs and given:
            yield Finding((*path, key), f"'{key}' does not go with '{way}'", key=True)
    if (intervention.dose is None) != (intervention.half is None):
        lacking = "half" if intervention.half is None else "dose"
        yield Finding(path, f"dose and half go together: '{lacking}' is missing", key=True)
    elif intervention.dose is not None and intervention.half is not None:
        for key, value in (("dose", intervention.dose), ("half", intervention.half)):
            allowed = Quantity(_unit_of(intervention.dose), "positive" if key == "half" else "not negative")
            yield from check_value((*path, key), value, allowed)


def _unit_of(value: Value) -> str | None:
    try:
        return own_unit(value)
    except units.UnitError:
        return None


def _check_times(context: Context, path: Path, intervention: Intervention) -> Iterator[Finding]:
    length = _hours(context.spec.run.duration)
    start = 0.0 if intervention.start == "before" else _hours(intervention.start)
    stop = _hours(intervention.stop) if intervention.stop is not None else None
    if start is not None and length is not None and not 0 <= start <= length:
        yield Finding((*path, "start"), f"it starts at {start:g} h; the run lasts from 0 to {length:g} h")
    if start is not None and stop is not None and stop <= start:
        yield Finding((*path, "stop"), f"it stops at {stop:g} h, not after its start at {start:g} h")


def _hours(value: Value) -> float | None:
    """A time in h; `None` where it cannot be read (said where the quantities are checked)."""
    try:
        return range_of(value, "h").get("typical")
    except units.UnitError:
        return None


def check_targets(context: Context) -> Iterator[Finding]:
    """What interventions act upon is in the model; ``blocks`` is for response nodes."""
    nodes = {f"{cell}.node.{node}" for cell in context.spec.cells for node in context.nodes(cell)}
    acted = {
        ".".join((cell, b.behaviour.kind, *b.behaviour.args))
        for cell, behaviours in context.behaviours.items()
        for b in behaviours.values()
    }
    for name, cell in context.spec.cells.items():
        acted |= {f"{name}.{kind}" for kind in LIFE if getattr(cell.life, kind) is not None}
    guesswork = any(context.guesswork(cell) for cell in context.spec.cells)
    # what an intervention does is no target itself
    parameters = [name for name in context.parameters if not name.startswith("interventions.")]
    everything = [*parameters, *nodes, *acted]
    for name, intervention in context.spec.interventions.items():
        path: Path = ("interventions", name)
        for key in ("inhibits", "scales"):
            target = getattr(intervention, key)
            if target is not None:
                yield from _check_target((*path, key), target, everything)
        if intervention.blocks is not None and not guesswork:
            yield from _check_blocked((*path, "blocks"), intervention.blocks, nodes, everything)
        for i, effect in enumerate(intervention.effects):
            yield from _check_target((*path, "effects", i, "target"), effect.target, everything)


def _check_target(path: Path, target: str, known: list[str]) -> Iterator[Finding]:
    if not _hits(target, known):
        yield Finding(path, f"nothing in the model is called {target!r}; {_cure(target, known)}")


def _check_blocked(path: Path, target: str, nodes: set[str], known: list[str]) -> Iterator[Finding]:
    if _hits(target, nodes):
        return
    if _hits(target, known):
        yield Finding(path, f"{target!r} is no response node; write 'inhibits: {target}'")
    else:
        yield Finding(path, f"no response node is called {target!r}; {_cure(target, sorted(nodes))}")


def _hits(target: str, known: Any) -> bool:
    return any(n == target or n.endswith("." + target) for n in known)


def _cure(target: str, known: list[str]) -> str:
    """Suggestions among the last parts of the names, which are how targets are mostly written."""
    short = dict.fromkeys(name.rsplit(".", 1)[-1] for name in known)
    for names in (short, known):
        if (cure := meant(target, names)).startswith("did"):
            return cure
    return "targets are a module's nodes and parameters, and response nodes"


def check_arms(context: Context) -> Iterator[Finding]:
    """Arms name interventions, values and a reference that exist; references make no circle."""
    spec = context.spec
    summaries = _readouts(context)
    for name, arm in spec.arms.items():
        path: Path = ("arms", name)
        for i, intervention in enumerate(arm.interventions):
            at: Path = (*path, "interventions", i)
            yield from unknown(at, "intervention", intervention, context.names("interventions"))
        for key, value in arm.set.items():
            yield from _check_setting(context, (*path, "set", key), key, value)
        if arm.against is not None:
            yield from unknown((*path, "against"), "arm", arm.against, context.names("arms"))
    yield from _check_circles(context)
    for section in ("arms", "unassigned"):
        for name, arm in getattr(spec, section).items():
            for i, reported in enumerate(arm.reported):
                at = (section, name, "reported", i)
                yield from unknown((*at, "readout"), "readout", reported.readout, summaries)
                if reported.low is not None and reported.high is not None and reported.low > reported.high:
                    yield Finding((*at, "low"), f"low {reported.low:g} lies above high {reported.high:g}")


def _readouts(context: Context) -> set[str]:
    """What a report can be compared with: mean rates and readouts of modules."""
    counted = {*context.names("vesicles"), *context.names("counts")}
    found = {f"{name}s_per_cell_per_hour" for name in counted}
    for cell in context.spec.cells:
        readouts = context.readouts(cell)
        found |= set(readouts) | {f"{cell}.{name}" for name in readouts}
        found |= {f"{cell}.node.{node}" for node in context.nodes(cell)}
        found |= {f"{cell}.count"}
    return found


def _check_circles(context: Context) -> Iterator[Finding]:
    """Each circle of references once, at its first arm."""
    arms = context.spec.arms
    said: set[str] = set()
    for name in arms:
        seen = [name]
        while (after := arms[seen[-1]].against) in arms and after not in seen:
            assert after is not None
            seen.append(after)
        if after == name and name not in said:
            said.update(seen)
            circle = " -> ".join([*seen, name])
            yield Finding(("arms", name, "against"), f"arms are compared in a circle: {circle}")


def _check_setting(context: Context, path: Path, key: str, value: Any) -> Iterator[Finding]:
    """One entry of ``set``: a choice with its option, or a parameter with its value."""
    choices = context.spec.choices
    if key in choices:
        options = context.names("choices", key, "options")
        yield from unknown(path, f"option of {key}", str(value), options)
        return
    hits = context.find_parameter(key)
    if len(hits) != 1:
        if hits:
            message = f"{key!r} may be {' or '.join(hits[:4])}; write the whole name"
        elif key.startswith("run."):
            message = f"{key!r} is a setting of the run and the same in every arm; write it under run"
        else:
            short = dict.fromkeys(name.rsplit(".", 1)[-1] for name in context.parameters)
            cure = meant(key, [*choices, *context.parameters, *short])
            message = f"no choice or parameter is called {key!r}; {cure}"
        yield Finding(path, message, key=True)
        return
    try:
        quantity = Value.model_validate(value)
    except ValidationError:
        yield Finding(path, f"'{key}' takes a quantity such as 0.05 or '2 mL', not {value!r}")
        return
    yield from check_value(path, quantity, Quantity(context.parameters[hits[0]]))


def check_choices(context: Context) -> Iterator[Finding]:
    """Options set parameters that exist, each under one name."""
    for name, choice in context.spec.choices.items():
        for option, settings in choice.options.items():
            for key in settings:
                full = f"{choice.scope}.{key}" if choice.scope else key
                path: Path = ("choices", name, "options", option, key)
                if full not in context.parameters:
                    inner = [p.removeprefix(f"{choice.scope}.") for p in context.parameters]
                    message = f"the model has no parameter {full!r}; {meant(key, inner)}"
                    yield Finding(path, message, key=True)


def check_schedule(context: Context) -> Iterator[Finding]:
    """Each item does one thing, with the amount it needs, within the run, in arms that exist."""
    length = _hours(context.spec.run.duration)
    for i, item in enumerate(context.spec.schedule):
        path: Path = ("schedule", i)
        does = [k for k in ("dose", "add", "change_medium") if getattr(item, k) is not None]
        if len(does) != 1:
            said = f"does {' and '.join(does)}" if does else "does nothing"
            yield Finding(path, f"this item {said}; it has one of dose, add or change_medium")
            continue
        yield from _check_item(context, path, item, does[0])
        taken = {*context.spec.parameters, *context.names("choices"), *context.names("cells")}
        if item.parameter and (not item.parameter.isidentifier() or item.parameter in taken):
            message = (
                f"{item.parameter!r} is no new name: letters, digits and _, and no parameter, choice or cell "
                "of the model"
            )
            yield Finding((*path, "parameter"), message)
        start = _hours(item.at)
        period = _hours(item.repeat) if item.repeat is not None else 0.0
        if start is None or period is None or length is None:
            continue
        last = start + (item.times - 1) * period
        if start > length:
            yield Finding((*path, "at"), f"{start:g} h lies after the end of the run ({length:g} h)")
        elif last > length:
            yield Finding(
                (*path, "times"), f"the last time is {last:g} h, after the end of the run ({length:g} h)"
            )
        elif item.over is not None:
            yield from _check_infusion(context, path, item, last, period, length)


def _check_infusion(
    context: Context, path: Path, item: ScheduleItem, last: float, period: float, length: float
) -> Iterator[Finding]:
    """An infusion is of a dose or a factor, ends within the run and before the next one begins."""
    assert item.over is not None
    at, hours = (*path, "over"), _hours(item.over)
    if isinstance(context.spec.space, Tissue):
        yield Finding(at, "'over' goes with space: {kind: dish} or {kind: body}", key=True)
    elif item.change_medium is not None:
        yield Finding(at, "a medium change happens at once; 'over' goes with dose or add", key=True)
    elif hours is not None and last + hours > length:
        message = f"it lasts until {last + hours:g} h, longer than the run ({length:g} h)"
        yield Finding(at, message)
    elif hours is not None and item.times > 1 and hours > period:
        yield Finding(at, f"{hours:g} h are longer than the {period:g} h until it is given again")


def _check_item(context: Context, path: Path, item: ScheduleItem, does: str) -> Iterator[Finding]:
    if item.dose is not None:
        yield from unknown((*path, "dose"), "preparation", item.dose, context.names("preparations"))
        yield from _check_amount(path, item, "vesicle")
    if item.add is not None:
        yield from unknown((*path, "add"), "factor", item.add, context.names("factors"))
        yield from _check_amount(path, item, "copy")
    if does == "change_medium" and item.amount is not None:
        yield Finding(
            (*path, "amount"), "a medium change has a share (change_medium: 0.5), no amount", key=True
        )
    if item.times > 1 and item.repeat is None:
        yield Finding((*path, "times"), "'times' needs the time between them: repeat: 24 h")
    if item.repeat is not None and item.times == 1:
        yield Finding((*path, "repeat"), "'repeat' needs how often: times: 3")
    for i, arm in enumerate(item.arms):
        yield from unknown((*path, "arms", i), "arm", arm, context.names("arms"))


def _per_weight(amount: Value) -> bool:
    """Whether an amount is written per mass of body."""
    written = (amount.unit, amount.typical, amount.low, amount.high)
    return any(isinstance(text, str) and re.search(r"/\s*k?g\b", text) for text in written)


def _check_amount(path: Path, item: ScheduleItem, unit: str) -> Iterator[Finding]:
    example = f"1e9 {unit} or 1e9 {unit}/mL"
    if item.amount is None:
        yield Finding(path, f"'amount' is missing, e.g. {example}")
        return
    if _per_weight(item.amount):
        hint = "a dose is of the whole body: so many per kg times its weight, e.g. 1e10 vesicle"
        yield Finding((*path, "amount"), hint)
        return
    own = _unit_of(item.amount)
    if own is None or units.same_dimension(own, "1"):
        own = unit
    elif not any(units.same_dimension(own, allowed) for allowed in (unit, f"{unit}/mL")):
        hint = f"an amount is e.g. {example}, not in {own}"
        if item.dose is not None and units.same_dimension(own, "ug"):
            written = item.amount.typical
            hint = f"a mass has no number of vesicles; `vesiflux dose '{written}'` says how many it may be"
        yield Finding((*path, "amount"), hint)
        return
    yield from check_value((*path, "amount"), item.amount, Quantity(own, "not negative"))
