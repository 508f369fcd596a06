"""Responses and behaviours: readable, about names that mean something to the cell, in the right units."""

from __future__ import annotations

from collections.abc import Iterator

from vesiflux import units
from vesiflux.language.behaviours import Behaviour
from vesiflux.language.checks.context import Context
from vesiflux.language.checks.references import UNITS, check_where, elsewhere
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import range_of
from vesiflux.language.responses import Ref, Response, refs
from vesiflux.language.schema import ResponseNode, Value
from vesiflux.language.words import meant

__all__ = ["check_behaviours", "check_nodes", "check_responses", "check_sentences", "still"]


def check_sentences(context: Context) -> Iterator[Finding]:
    """Sentences that cannot be read."""
    yield from context.sentence_errors()


def check_responses(context: Context) -> Iterator[Finding]:
    """Names in conditions reach the cell; a target is no factor and no cargo."""
    for name in context.spec.cells:
        for i, response in context.responses[name].items():
            path: Path = ("cells", name, "responses", i)
            for ref in refs(response.condition):
                yield from _check_ref(context, name, path, ref)
            yield from _check_target(context, name, path, response)
            yield from _check_structure(context, path, response)


def _check_target(context: Context, cell: str, path: Path, response: Response) -> Iterator[Finding]:
    target = response.target
    if target in context.spec.factors and target not in context.spec.cells[cell].nodes:
        message = (
            f"{target!r} is a factor in the medium; name the cell's node otherwise, or say that there is "
            f"one: nodes: {{{target}: {{}}}} (the factor is then {target} @medium)"
        )
        yield Finding(path, message, response.columns["target"])


def _check_structure(context: Context, path: Path, response: Response) -> Iterator[Finding]:
    if not response.structure:
        return
    group, _, option = response.structure.rpartition(".")
    column, known = response.columns["structure"], context.spec.structures
    if group not in known:
        cure = meant(group, context.names("structures"), "structures")
        yield Finding(path, f"no structure is called {group!r}; {cure}", column)
    elif option not in known[group].options:
        cure = meant(option, known[group].options, "options")
        yield Finding(path, f"the structure {group} has no option {option!r}; {cure}", column)


def _check_ref(context: Context, cell: str, path: Path, ref: Ref) -> Iterator[Finding]:
    if ref.where in UNITS:
        for message in check_where(context, cell, ref.name, ref.where):
            yield Finding(path, message, ref.column)
        if ref.where == "medium":
            yield from _check_half(context, cell, path, ref.name, "copy/mL", ref.column)
        return
    if ref.where is not None:
        known = context.cargo(cell)
        if ref.name not in known:
            cure = meant(ref.name, known, "cargo that reaches this cell")
            yield Finding(path, f"no cargo {ref.name!r} reaches this cell; {cure}", ref.column)
        elif ref.where == "cytosol" and known[ref.name].on == "surface":
            message = f"{ref.name} is on the surface: write '@surface', or '@transferred' to the membrane"
            yield Finding(path, message, ref.column)
        return
    unit = context.signal_unit(cell, ref.name)
    if unit is None and context.guesswork(cell):
        return
    if unit is None and (wrong := elsewhere(context, cell, ref.name)):
        yield Finding(path, wrong, ref.column)
    elif unit is None:
        cure = meant(ref.name, context.sensible(cell))
        if not cure.startswith("did"):
            cure = f"an input of its own needs a level: nodes: {{{ref.name}: {{basal: 0.5}}}}"
        yield Finding(path, f"nothing called {ref.name!r} reaches this cell; {cure}", ref.column)
    elif unit not in ("1", "copy/cell"):
        yield from _check_half(context, cell, path, ref.name, unit, ref.column)


def _check_half(
    context: Context, cell: str, path: Path, name: str, unit: str, column: int
) -> Iterator[Finding]:
    """A factor or readout has its level at half effect, from the cell or from the factor itself."""
    signals, factor = context.spec.cells[cell].signals, context.spec.factors.get(name)
    if {name, f"{name} @medium", f"{name}@medium"} & set(signals) or (factor and factor.half is not None):
        return
    if factor is None and unit == "copy/mL":
        return  # said where the factor is wrong, or that there is none
    example = units.describe(unit)[1]
    message = f"{name} needs its level at half effect: signals: {{{name}: {{half: {example}}}}}"
    yield Finding(path, message, column)


def check_nodes(context: Context) -> Iterator[Finding]:
    """EC50^n < 0.5 over the whole of their ranges: the normalised Hill function exists only there."""
    for name, cell in context.spec.cells.items():
        for node, constants in cell.nodes.items():
            yield from _check_hill(("cells", name, "nodes", node), constants)


def _check_hill(path: Path, constants: ResponseNode) -> Iterator[Finding]:
    try:
        ec50 = range_of(constants.ec50, "1")
        hill = range_of(constants.hill, "1")
    except units.UnitError:
        return  # said where the quantities are checked
    if not ec50 or not hill or min(ec50.values()) <= 0 or min(hill.values()) <= 0:
        return
    largest = max(e**n for e in ec50.values() for n in hill.values())
    if largest >= 0.5:
        key = "ec50" if "ec50" in constants.model_fields_set else "hill"
        message = f"ec50^hill reaches {largest:.2g} and must stay below 0.5; lower ec50 or raise hill"
        yield Finding((*path, key), message)


def check_behaviours(context: Context) -> Iterator[Finding]:
    """Signals, targets and units of the behaviours."""
    for name in context.spec.cells:
        for i, behaviour in context.behaviours[name].items():
            path: Path = ("cells", name, "behaviours", i)
            yield from _check_signal(context, name, path, behaviour)
            yield from _check_action(context, name, path, behaviour)


def _check_signal(context: Context, cell: str, path: Path, behaviour: Behaviour) -> Iterator[Finding]:
    signal, column = behaviour.signal, behaviour.columns["signal"]
    unit: str | None = "1"
    if signal.kind == "cargo" and signal.args[1] == "held":
        unit = UNITS["held"]
        for message in check_where(context, cell, signal.args[0], "held"):
            yield Finding(path, message, column)
    elif signal.kind == "cargo":
        unit, known = "copy/cell", context.cargo(cell)
        if signal.args[0] not in known:
            cure = meant(signal.args[0], known, "cargo that reaches this cell")
            yield Finding(path, f"no cargo {signal.args[0]!r} reaches this cell; {cure}", column)
    elif signal.kind == "contact":
        yield from _unknown(path, "cell type", signal.args[0], context.names("cells"), column)
    elif signal.kind == "state":
        yield from _unknown(
            path, "state of this cell", signal.args[0], set(context.spec.cells[cell].states), column
        )
    elif signal.kind == "time":
        unit = "h"
    elif signal.kind == "gradient":
        unit = "copy/mL/um"
        yield from _unknown(path, "factor", signal.args[0], context.names("factors"), column)
        yield from still(context, path, signal.args[0], column)
    elif signal.kind == "name":
        unit = context.signal_unit(cell, signal.args[0])
        if unit is None and context.guesswork(cell):
            return
        if unit is None and (wrong := elsewhere(context, cell, signal.args[0])):
            yield Finding(path, wrong, column)
        elif unit is None:
            cure = meant(signal.args[0], context.sensible(cell), "it can sense")
            yield Finding(path, f"nothing called {signal.args[0]!r} reaches this cell; {cure}", column)
    if unit is None:
        return
    if "half" not in behaviour.columns and units.dimension(unit):
        message = f"the half effect is missing: add ', half {units.describe(unit)[1]}'"
        yield Finding(path, message, column)
        return
    yield from _check_quantity(
        path, behaviour.half, unit, behaviour.columns.get("half", column), positive=True
    )


def _check_action(context: Context, cell: str, path: Path, behaviour: Behaviour) -> Iterator[Finding]:
    action, column = behaviour.behaviour, behaviour.columns["behaviour"]
    spec, unit = context.spec, behaviour.unit
    if action.kind == "transition":
        if action.args[0] == action.args[1]:
            yield Finding(path, "a transition leads from one state to another", column)
        for state in action.args:
            known = set(spec.cells[cell].states)
            yield from _unknown(path, "state of this cell", state, known, column)
    elif action.kind in ("killing", "phagocytosis", "transformation"):
        yield from _unknown(path, "cell type", action.args[0], context.names("cells"), column)
        if action.kind == "transformation" and action.args[0] == cell:
            yield Finding(path, f"{cell} cannot become {cell}", column)
    elif action.kind == "secretion":
        unit = "copy/cell/h" if action.args[0] in spec.factors else "vesicle/cell/h"
        known = set(spec.cells[cell].secretes) | set(spec.cells[cell].releases)
        message = "vesicle class or factor that this cell secretes"
        yield from _unknown(path, message, action.args[0], known, column)
    elif action.kind == "uptake":
        known = set(spec.cells[cell].takes_up)
        yield from _unknown(path, "vesicle class that this cell takes up", action.args[0], known, column)
    elif action.kind == "activity":
        driven = context.module_nodes(cell)
        yield from _unknown(path, "node of this cell's modules", action.args[0], driven, column)
    elif action.kind == "adhesion":
        yield from _unknown(path, "cell type", action.args[0], context.names("cells"), column)
    elif action.kind == "chemotaxis":
        yield from _unknown(path, "field", action.args[0], set(context.fields()), column)
        yield from still(context, path, action.args[0], column)
    away = action.kind == "chemotaxis"  # a weight below 0
    for text, key in ((behaviour.base, "base"), (behaviour.maximum, "maximum")):
        yield from _check_quantity(path, text, unit, behaviour.columns[key], signed=away)


def _check_quantity(
    path: Path, text: str, unit: str, column: int, positive: bool = False, signed: bool = False
) -> Iterator[Finding]:
    try:
        number = range_of(Value(typical=text), unit)["typical"]
    except units.UnitError as error:
        yield Finding(path, str(error), column)
        return
    if (number < 0 and not signed) or (positive and number == 0):
        word = "above 0" if positive else "0 or more"
        yield Finding(path, f"this must be {word}, not {text}", column)


def still(context: Context, path: Path, name: str, column: int | None = None) -> Iterator[Finding]:
    """A finding where a field does not diffuse, so that its gradient leads nowhere."""
    if name.partition(".")[0] in context.still:
        yield Finding(path, f"{name} does not diffuse (hindrance 0): its gradient leads nowhere", column)


def _unknown(path: Path, what: str, name: str, known: set[str], column: int) -> Iterator[Finding]:
    if name not in known:
        yield Finding(path, f"no {what} is called {name!r}; {meant(name, sorted(known))}", column)
