"""Cells: what they hold, secrete, take up and carry."""

from __future__ import annotations

from collections.abc import Iterator

from vesiflux import units
from vesiflux.language.checks.context import Context
from vesiflux.language.checks.references import UNITS, check_where
from vesiflux.language.checks.structure import unknown
from vesiflux.language.checks.values import check_value
from vesiflux.language.modules import library_modules
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import Quantity, range_of
from vesiflux.language.responses import WAYS
from vesiflux.language.schema import Cargo, Cell, Signal, Value

__all__ = [
    "check_cargo",
    "check_cell_modules",
    "check_decay",
    "check_exchange",
    "check_signals",
    "check_states",
]


def check_states(context: Context) -> Iterator[Finding]:
    """States are named once; the shares at the start are of states and sum to 1."""
    for name, cell in context.spec.cells.items():
        for i, state in enumerate(cell.states):
            if state in cell.states[:i]:
                yield Finding(("cells", name, "states", i), f"the state {state!r} stands here a second time")
        for state in cell.start:
            path: Path = ("cells", name, "start", state)
            yield from unknown(path, "state", state, list(cell.states), key=True)
        try:
            shares = [range_of(v, "1").get("typical") for v in cell.start.values()]
        except units.UnitError:
            continue
        numbers = [s for s in shares if s is not None]
        if shares and len(numbers) == len(shares) and abs(sum(numbers) - 1.0) > 1e-6:
            message = f"the shares sum to {sum(numbers):g}; they are shares of the count and sum to 1"
            yield Finding(("cells", name, "start"), message, key=True)


def check_decay(context: Context) -> Iterator[Finding]:
    """A decay is a half-life or a rate."""
    for section in ("vesicles", "factors"):
        for name, part in getattr(context.spec, section).items():
            if part.decay is not None and (part.decay.half_life is None) == (part.decay.rate is None):
                message = "a decay is either half_life: 24 h or rate: 0.03 /h"
                yield Finding((section, name, "decay"), message, key=True)


def check_cell_modules(context: Context) -> Iterator[Finding]:
    """Instances name modules of the model; what ``set`` changes is theirs."""
    for name, cell in context.spec.cells.items():
        for instance, source in cell.modules.items():
            path: Path = ("cells", name, "modules", instance)
            known = context.names("modules")
            if not known and source in library_modules():
                yield Finding(path, f"the model has no modules; give it modules: {{{source}: {source}}}")
            else:
                yield from unknown(path, "module", source, known)
        for key, value in cell.set.items():
            yield from _check_set(context, name, cell, key, value)


def _check_set(context: Context, name: str, cell: Cell, key: str, value: Value) -> Iterator[Finding]:
    path: Path = ("cells", name, "set", key)
    instance, _, parameter = key.partition(".")
    if instance not in cell.modules:
        cure = (
            "write 'instance.parameter'"
            if not parameter
            else f"the cell's modules are {', '.join(cell.modules)}"
        )
        yield Finding(path, f"the cell has no module {instance!r}; {cure}", key=True)
        return
    module = context.modules.get(cell.modules[instance])
    if module is None:
        return
    yield from unknown(
        path, f"parameter of {instance}", parameter, [*module.parameters, *module.nodes], key=True
    )
    known = module.parameters.get(parameter)
    unit = (known.unit or "1") if known else "1"
    if value.unit is None and not any(isinstance(x, str) for x in (value.typical, value.low, value.high)):
        value = value.model_copy(update={"unit": unit})
    if known is not None or parameter in module.nodes:
        yield from check_value(path, value, Quantity(unit))


def check_exchange(context: Context) -> Iterator[Finding]:
    """Secretion and uptake are of classes and factors that exist, secretion from exactly one source."""
    vesicles, factors = context.names("vesicles"), context.names("factors")
    for name, cell in context.spec.cells.items():
        path: Path = ("cells", name)
        for vesicle, secretion in cell.secretes.items():
            at: Path = (*path, "secretes", vesicle)
            yield from unknown(at, "vesicle class", vesicle, vesicles, key=True)
            if (secretion.machinery is None) == (secretion.rate is None):
                both = "not both" if secretion.rate else "one of them"
                message = f"secretion is machinery: MODULE or rate: 60 vesicle/cell/h, {both}"
                yield Finding(at, message, key=True)
            elif secretion.machinery is not None:
                yield from _check_machinery(context, name, cell, vesicle, secretion.machinery)
        for vesicle in cell.takes_up:
            yield from unknown((*path, "takes_up", vesicle), "vesicle class", vesicle, vesicles, key=True)
        for field in ("releases", "consumes"):
            for factor in getattr(cell, field):
                yield from unknown((*path, field, factor), "factor", factor, factors, key=True)


def _check_machinery(
    context: Context, name: str, cell: Cell, vesicle: str, machinery: str
) -> Iterator[Finding]:
    path: Path = ("cells", name, "secretes", vesicle, "machinery")
    if machinery not in context.names("cells", name, "modules"):
        near = list(unknown(path, "module of this cell", machinery, list(cell.modules)))
        hint = "" if cell.modules else f"; add modules: {{{machinery}: {machinery}}} to the cell"
        yield from (Finding(f.path, f.message.split(";")[0] + hint) if hint else f for f in near)
        return
    module = context.modules.get(cell.modules.get(machinery, ""))
    if module is not None and vesicle not in module.release:
        releases = ", ".join(module.release) or "nothing"
        yield Finding(path, f"the module {module.name} releases {releases}, not {vesicle!r}")


def check_cargo(context: Context) -> Iterator[Finding]:
    """Exactly one way of saying how much cargo, with what that way needs."""
    spec = context.spec
    for name, cell in spec.cells.items():
        for vesicle, secretion in cell.secretes.items():
            for molecule, cargo in secretion.cargo.items():
                path: Path = ("cells", name, "secretes", vesicle, "cargo", molecule)
                yield from _check_cargo(path, cargo, cell)
                yield from _check_raised(context, path, name, cargo)
    for name, preparation in spec.preparations.items():
        at: Path = ("preparations", name)
        yield from unknown((*at, "vesicle"), "vesicle class", preparation.vesicle, context.names("vesicles"))
        for molecule, cargo in preparation.cargo.items():
            yield from _check_cargo((*at, "cargo", molecule), cargo, None)
            if cargo.raised_by is not None:
                yield Finding(
                    (*at, "cargo", molecule, "raised_by"), "a preparation has no cell that could raise it"
                )


def _check_cargo(path: Path, cargo: Cargo, cell: Cell | None) -> Iterator[Finding]:
    occupied = cargo.occupied is not None or cargo.copies_if_occupied is not None
    ways = sum((cargo.copies is not None, occupied, cargo.passive is not None))
    if ways != 1:
        said = "one of these" if not ways else "only one of these"
        message = f"say how much cargo in {said}: copies, or occupied with copies_if_occupied, or passive"
        yield Finding(path, message, key=True)
    elif occupied and (cargo.occupied is None or cargo.copies_if_occupied is None):
        lacking = "occupied" if cargo.occupied is None else "copies_if_occupied"
        yield Finding(
            path, f"'{lacking}' is missing: a share of vesicles carries so many copies each", key=True
        )
    elif cargo.passive is not None and cell is None:
        yield Finding((*path, "passive"), "a preparation has no cell to load from; write copies")
    elif cargo.passive is not None and cell is not None:
        if cargo.on == "surface" and cell.surface is None:
            yield Finding(
                (*path, "passive"), "passive loading of the surface needs the cell's surface (um^2)"
            )
        if cargo.on == "lumen" and cell.cytosol is None and cell.volume is None:
            yield Finding(
                (*path, "passive"), "passive loading of the lumen needs the cell's cytosol or volume (um^3)"
            )


def _check_raised(context: Context, path: Path, cell: str, cargo: Cargo) -> Iterator[Finding]:
    if cargo.raised_by is None:
        if cargo.half is not None:
            yield Finding((*path, "half"), "'half' needs raised_by, the signal it is about", key=True)
        return
    unit = context.signal_unit(cell, cargo.raised_by)
    if unit is None:
        yield from unknown((*path, "raised_by"), "signal", cargo.raised_by, context.sensible(cell))
    elif cargo.half is not None:
        yield from check_value((*path, "half"), cargo.half, Quantity(unit, "positive"))
    elif units.dimension(unit):
        example = units.describe(unit)[1]
        yield Finding(
            path,
            f"'half' is missing: the level of {cargo.raised_by} at half effect, e.g. {example}",
            key=True,
        )


def check_signals(context: Context) -> Iterator[Finding]:
    """Signals are of things that reach the cell, half effects in their unit."""
    for name, cell in context.spec.cells.items():
        for key, signal in cell.signals.items():
            path: Path = ("cells", name, "signals", key)
            plain, at, place = (part.strip() for part in key.partition("@"))
            if at and place not in WAYS:
                ways = ", ".join(f"@{way}" for way in WAYS)
                yield Finding(path, f"no place is called '@{place}'; there are {ways}", key=True)
            if place == "state":
                yield Finding(path, "a cell is in a state or is not: there is no half effect", key=True)
                continue
            if place in UNITS:
                yield from _check_outside(context, path, name, plain, place, signal)
                continue
            unit = "copy/cell" if at else context.signal_unit(name, plain)
            if plain in context.spec.factors and not at:
                unit = UNITS["medium"]  # also where a node has the factor's name
            if unit is None:
                yield from unknown(path, "signal of this cell", plain, context.sensible(name), key=True)
            else:
                yield from check_value((*path, "half"), signal.half, Quantity(unit, "positive"))
            if signal.half_life is not None and place == "surface":
                message = "bound copies have no half-life of their own; say @cytosol or @transferred"
                yield Finding((*path, "half_life"), message, key=True)


def _check_outside(
    context: Context, path: Path, cell: str, plain: str, place: str, signal: Signal
) -> Iterator[Finding]:
    """A signal that is no cargo: vesicles held, cells in contact, a factor."""
    for message in check_where(context, cell, plain, place):
        yield Finding(path, message, key=True)
    yield from check_value((*path, "half"), signal.half, Quantity(UNITS[place], "positive"))
    for field in ("endogenous", "half_life"):
        if getattr(signal, field) is not None:
            yield Finding((*path, field), f"'{field}' is of copies of a cargo, not of '@{place}'", key=True)
