"""What a protocol or a model says of an item: a function per fact, which answers "" where it says nothing.

``items.tsv`` names the facts; what they mean for uncertainty stands there as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from vesiflux.assay.instruments import INSTRUMENTS
from vesiflux.language.schema import DishSpace

if TYPE_CHECKING:
    from vesiflux.assay.protocol import Protocol
    from vesiflux.language import Model
    from vesiflux.language.schema import Cargo, Cell, Uptake, Value

__all__ = ["MODEL", "PROTOCOL", "ranged"]


# ---------------------------------------------------------------- protocols


def _measured(protocol: Protocol, kinds: Iterable[str]) -> str:
    return ", ".join(one for one in protocol.measure if INSTRUMENTS[one]["kind"] in kinds)


def _two_quantities(protocol: Protocol) -> str:
    count, bulk = _measured(protocol, ("count",)), _measured(protocol, ("bulk",))
    return f"{count} and {bulk}" if count and bulk else ""


def _of_kind(protocol: Protocol, kind: str) -> str:
    return ", ".join(step.name for step in protocol.steps if step.kind.name == kind)


def _named(protocol: Protocol, *names: str) -> str:
    return ", ".join(one for one in protocol.measure if one in names)


PROTOCOL: Mapping[str, Callable[[Protocol], str]] = {
    "sample": lambda p: p.sample.name,
    "volume": lambda p: f"{p.sample.volume:g} mL",
    "serum_free": lambda p: p.sample.name if p.sample.name.startswith("serum-free") else "",
    "steps": lambda p: ", ".join(step.name for step in p.steps),
    "gradient": lambda p: _of_kind(p, "gradient"),
    "storage": lambda p: _of_kind(p, "store"),
    "counted": lambda p: _measured(p, ("count",)),
    "two_quantities": _two_quantities,
    "transmembrane": lambda p: _named(p, "elisa", "single-ev"),
    "image": lambda p: _named(p, "em"),
    "sized": lambda p: _named(p, "nta", "trps", "nano-flow", "flow", "dls"),
    "dose": lambda p: "" if p.dose is None else f"{p.dose:.3g} vesicles",
}


# ---------------------------------------------------------------- models


def _stated(value: Value | None) -> str:
    """A quantity as written, unless it is assumed or a row of the parameter table."""
    if value is None or value.mark == "assumed" or value.evidence is not None:
        return ""
    if value.typical is None and value.low is None:
        return ""
    shown = value.typical if value.typical is not None else f"{value.low} to {value.high}"
    return f"{shown} {value.unit}" if value.unit else str(shown)


def _all(named: Iterable[tuple[str, str]]) -> str:
    """All of several facts, or nothing where one of them is missing."""
    told = list(named)
    return "; ".join(f"{name} {said}" for name, said in told) if told and all(s for _, s in told) else ""


def _donors(model: Model) -> Iterator[tuple[str, Cell]]:
    yield from ((name, cell) for name, cell in model.spec.cells.items() if cell.secretes)


def _recipients(model: Model) -> Iterator[tuple[str, Cell]]:
    yield from ((name, cell) for name, cell in model.spec.cells.items() if cell.takes_up)


def _cargoes(model: Model) -> Iterator[tuple[str, Cargo]]:
    for _, cell in _donors(model):
        for how in cell.secretes.values():
            yield from how.cargo.items()
    for preparation in model.spec.preparations.values():
        yield from preparation.cargo.items()


def _amount(cargo: Cargo) -> Value | None:
    return next((v for v in (cargo.copies, cargo.occupied, cargo.passive) if v is not None), None)


def _dose_counted(model: Model) -> str:
    """Doses in vesicles, or rates of release, all of them stated."""
    doses = [(item.dose, item.amount) for item in model.spec.schedule if item.dose]
    if doses:
        return _all((name, _stated(amount)) for name, amount in doses)
    rates = [(n, how) for n, cell in _donors(model) for how in cell.secretes.values()]
    return _all((n, how.machinery or _stated(how.rate)) for n, how in rates)


def _dose_or_rate(model: Model) -> str:
    told = [item.dose for item in model.spec.schedule if item.dose]
    return "in vesicles: " + ", ".join(dict.fromkeys(told)) if told else "by donors in the same dish"


def _vessel(model: Model) -> str:
    space = model.spec.space
    if not isinstance(space, DishSpace):
        return f"a {space.kind}"
    volume = _stated(space.volume)
    return f"{space.vessel or 'area given'}, {volume}" if volume and (space.vessel or space.area) else ""


def _arm(model: Model, *words: str) -> str:
    """Arms whose name or title has one of some words."""
    arms = model.spec.arms.items()
    return ", ".join(n for n, a in arms if any(w in f"{n} {a.title}".lower() for w in words))


def _surface(model: Model) -> str:
    return ", ".join(dict.fromkeys(name for name, cargo in _cargoes(model) if cargo.on == "surface"))


def _source(model: Model) -> str:
    return ", ".join(cell.kind for _, cell in _donors(model)) or ", ".join(model.spec.preparations)


def _counts(cells: Iterable[tuple[str, Cell]]) -> str:
    return _all((name, _stated(cell.count)) for name, cell in cells)


def _densities(model: Model) -> str:
    return _all((name, _stated(one.density)) for name, one in model.spec.vesicles.items())


def _diameters(model: Model) -> str:
    return _all((name, _stated(one.diameter.median)) for name, one in model.spec.vesicles.items())


def _time(model: Model) -> str:
    return _stated(model.spec.run.duration)


def _copies(model: Model) -> str:
    return _all((name, _stated(_amount(cargo))) for name, cargo in _cargoes(model))


def _uptakes(model: Model) -> Iterator[tuple[str, Uptake]]:
    for name, cell in _recipients(model):
        yield from ((f"{name}/{vesicle}", uptake) for vesicle, uptake in cell.takes_up.items())


MODEL: Mapping[str, Callable[[Model], str]] = {
    "donors": _source,
    "donor_count": lambda m: _counts(_donors(m)),
    "serum_blank": lambda m: _arm(m, "serum_blank", "serum blank"),
    "density": _densities,
    "dose_counted": _dose_counted,
    "surface_cargo": _surface,
    "diameter": _diameters,
    "vessel": _vessel,
    "recipients": lambda m: _counts(_recipients(m)),
    "time": _time,
    "dose_or_rate": _dose_or_rate,
    "copies": _copies,
    "uptake": lambda m: _all((name, _stated(one.clearance)) for name, one in _uptakes(m)),
    "escape": lambda m: _all((name, _stated(one.escape)) for name, one in _uptakes(m)),
    "protease": lambda m: _arm(m, "protease", "proteinase"),
    "dye_only": lambda m: _arm(m, "dye_only", "dye only"),
    "depleted": lambda m: _arm(m, "depleted"),
    "knock_out": lambda m: _arm(m, "knock_out", "knock-out", "donor without"),
}


def ranged(model: Model, fact: str) -> Iterator[Value]:
    """Values behind a fact that the model gives itself, for their own widths."""
    if fact == "copies":
        yield from (value for _, cargo in _cargoes(model) if (value := _amount(cargo)) is not None)
    elif fact in ("uptake", "escape"):
        yield from (one.clearance if fact == "uptake" else one.escape for _, one in _uptakes(model))
    elif fact == "diameter":
        yield from (vesicle.diameter.median for vesicle in model.spec.vesicles.values())
