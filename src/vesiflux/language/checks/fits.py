"""What is written fits where it is put: vesicles into a volume, copies on a vesicle, cells in a place.

The bounds are those of full volumes without a gap, of the smallest molecule of a kind (``smallest.tsv``) and
of typical values, so that what is refused cannot be. A run asks again with the values that are set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from vesiflux import units
from vesiflux.errors import VesifluxError
from vesiflux.language.parameters import amount_name
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import own_unit, range_of
from vesiflux.language.schema import Body, Cargo, Cell, DishSpace, ModelSpec, Tissue, Value, VesicleClass
from vesiflux.language.tsv import own_rows
from vesiflux.language.vessels import vessel
from vesiflux.physics.crowding import UM3_PER_ML, most_in_lumen, most_on_surface, vesicle_volume_um3
from vesiflux.physics.geometry import sphere_volume_um3

if TYPE_CHECKING:
    from vesiflux.language.checks.context import Context

__all__ = ["Ask", "check_fits", "smallest", "too_many"]

#: The value of a parameter by its name, in a unit; the last argument is what the model writes.
Ask = Callable[[str, Value, str], float | None]

#: A class below this diameter, um, is of free molecules: what goes with them is in solution beside them.
_SMALLEST_VESICLE = 0.02
#: Molecules of water in one mL: of nothing dissolved are there more.
_MOLECULES_PER_ML = 3.34e22
#: Volume of a cell of which nothing is said, um^3: a red cell, so that what is refused cannot be.
_SMALL_CELL = 90.0
#: Most volume of cells over that of the fluid between them: a haematocrit of 0.8, an interstitium of a fifth
#: (assumed); the medium of a dish may stand for the fluid of a tissue.
_CELLS_OVER_FLUID = 4.0


@dataclass(frozen=True)
class Size:
    """The smallest molecule of a kind: its volume, and what it covers of a membrane."""

    nm3: float
    nm2: float


@cache
def smallest() -> Mapping[str, Size]:
    """Rows of ``smallest.tsv`` by kind; ``*`` is of any other."""
    rows = own_rows(FilePath(__file__).parents[1] / "smallest.tsv")
    return {row["kind"]: Size(float(row["volume_nm3"]), float(row["footprint_nm2"])) for row in rows}


def check_fits(context: Context) -> Iterator[Finding]:
    """Nothing in the model as written is more than fits."""
    for path, _, message in too_many(context.spec, _written):
        yield Finding(path, message)


def _written(_: str, value: Value, unit: str) -> float | None:
    try:
        return range_of(value, unit).get("typical")
    except units.UnitError:
        return None  # said where quantities are checked


def too_many(spec: ModelSpec, ask: Ask) -> Iterator[tuple[Path, str, str]]:
    """Path, parameter and message of each quantity that is more than fits, by what ``ask`` says."""
    yield from _doses(spec, ask)
    yield from _levels(spec, ask)
    yield from _loads(spec, ask)
    if not isinstance(spec.space, Tissue):  # cells of a tissue are laid out one by one
        yield from _cells(spec, ask)


# ---------------------------------------------------------------- vesicles and factors in a volume


def _doses(spec: ModelSpec, ask: Ask) -> Iterator[tuple[Path, str, str]]:
    for i, item in enumerate(spec.schedule):
        if item.amount is None or (item.dose is None) == (item.add is None):
            continue
        path: Path = ("schedule", i, "amount")
        name, what = amount_name(i + 1, item), "vesicle" if item.dose is not None else "copy"
        try:
            level = units.same_dimension(own_unit(item.amount, what), f"{what}/mL")
        except units.UnitError:
            continue  # said where quantities are checked
        amount = ask(name, item.amount, f"{what}/mL" if level else what)
        if amount is None:
            continue
        volume = 1.0 if level else _room(spec, ask, item.into, item.volume)
        if volume is None or volume <= 0.0:
            continue
        where = "1 mL" if level else f"{volume:.3g} mL"
        if item.add is not None:
            if amount > _MOLECULES_PER_ML * volume:
                message = f"{amount:.3g} copies are more than {where} of water has molecules"
                yield path, name, f"{message}; {_MOLECULES_PER_ML * volume:.2g} at most"
            continue
        prepared = spec.preparations.get(item.dose or "")
        found = _vesicle(spec, ask, prepared.vesicle) if prepared is not None else None
        if found is not None and amount * found[1] > volume * UM3_PER_ML:
            yield path, name, _crowd(amount, found, volume, where)


def _crowd(amount: float, vesicle: tuple[float, float], volume: float, where: str) -> str:
    median, each = vesicle
    size = f"{median * 1e3:.3g} nm" if median < 1.0 else f"{median:.4g} um"
    filled = amount * each / UM3_PER_ML
    return (
        f"{amount:.3g} vesicles of {size} take up {filled:.3g} mL, more than the {where} "
        f"they are in; {volume * UM3_PER_ML / each:.2g} at most"
    )


def _vesicle(spec: ModelSpec, ask: Ask, name: str) -> tuple[float, float] | None:
    """Median diameter, um, and mean volume, um^3, of a class that can be read."""
    found = spec.vesicles.get(name)
    shape = _shape(ask, name, found) if found is not None else None
    return None if shape is None else (shape[0], vesicle_volume_um3(*shape))


def _shape(ask: Ask, name: str, vesicle: VesicleClass) -> tuple[float, float] | None:
    median = ask(f"vesicles.{name}.diameter.median", vesicle.diameter.median, "um")
    sigma = ask(f"vesicles.{name}.diameter.sigma", vesicle.diameter.sigma, "1")
    if median is None or sigma is None or median <= 0.0 or not 0.0 <= sigma < 3.0:
        return None
    return median, sigma


def _room(spec: ModelSpec, ask: Ask, into: str, fluid: Value | None) -> float | None:
    """mL that a dose is in: the fluid it is given with, or the place it goes into."""
    if fluid is not None:
        return _written("", fluid, "mL")
    space = spec.space
    if isinstance(space, DishSpace):
        return _medium(space, ask)
    if isinstance(space, Tissue):
        return None
    if into in space.organs:
        return ask(f"space.organs.{into}.interstitium", space.organs[into].interstitium, "mL")
    if into in space.depots:
        return ask(f"space.depots.{into}.volume", space.depots[into].volume, "mL")
    return _fluid(space, ask, into)


def _fluid(space: Body, ask: Ask, into: str) -> float | None:
    if into == "lymph" and space.lymph is not None:
        return ask("space.lymph.volume", space.lymph.volume, "mL")
    return ask("space.blood", space.blood, "mL") if into == "blood" else None


def _medium(space: DishSpace, ask: Ask) -> float | None:
    if space.volume is not None:
        return ask("space.volume", space.volume, "mL")
    if space.vessel is None:
        return None
    try:
        return ask("space.volume", vessel(space.vessel).volume, "mL")
    except VesifluxError:
        return None  # said where the space is checked


def _levels(spec: ModelSpec, ask: Ask) -> Iterator[tuple[Path, str, str]]:
    """Vesicles that a body begins with; factors at the start, in fresh medium, at a border."""
    for name, cell in spec.cells.items():
        for vesicle, secretion in cell.secretes.items():
            found = _vesicle(spec, ask, vesicle)
            if secretion.initial is None or found is None:
                continue
            named = f"{name}.secretes.{vesicle}.initial"
            level = ask(named, secretion.initial, "vesicle/mL")
            if level is not None and level * found[1] > UM3_PER_ML:
                path: Path = ("cells", name, "secretes", vesicle, "initial")
                yield path, named, _crowd(level, found, 1.0, "1 mL")
    for name, factor in spec.factors.items():
        for key in ("initial", "supply", "border"):
            value = getattr(factor, key)
            named = f"factors.{name}.{key}"
            level = None if value is None else ask(named, value, "copy/mL")
            if level is not None and level > _MOLECULES_PER_ML:
                message = f"{level:.3g} copies in 1 mL are more than water has molecules; 3.3e22 at most"
                yield ("factors", name, key), named, message


# ---------------------------------------------------------------- copies on and in a vesicle


def _loads(spec: ModelSpec, ask: Ask) -> Iterator[tuple[Path, str, str]]:
    loads: list[tuple[Path, str, str, Cargo]] = [
        (("cells", cell, "secretes", v, "cargo", m), f"{cell}.secretes.{v}.cargo.{m}", v, cargo)
        for cell, part in spec.cells.items()
        for v, secretion in part.secretes.items()
        for m, cargo in secretion.cargo.items()
    ]
    loads += [
        (("preparations", p, "cargo", m), f"preparations.{p}.cargo.{m}", prepared.vesicle, cargo)
        for p, prepared in spec.preparations.items()
        for m, cargo in prepared.cargo.items()
    ]
    for path, name, vesicle, cargo in loads:
        shape = _shape(ask, vesicle, spec.vesicles[vesicle]) if vesicle in spec.vesicles else None
        if shape is not None and shape[0] > _SMALLEST_VESICLE:
            yield from _load(path, name, cargo, shape, ask)


def _load(
    path: Path, name: str, cargo: Cargo, shape: tuple[float, float], ask: Ask
) -> Iterator[tuple[Path, str, str]]:
    least = smallest().get(cargo.kind, smallest()["*"])
    of = cargo.kind or "the smallest molecules"
    if cargo.on == "surface":
        most, where = most_on_surface(*shape, least.nm2), "cover"
    else:
        most, where = most_in_lumen(*shape, least.nm3), "fill"
    key = "copies" if cargo.copies is not None else "copies_if_occupied"
    value = getattr(cargo, key)
    copies = None if value is None else ask(f"{name}.{key}", value, "copy/vesicle")
    if key == "copies_if_occupied" and cargo.occupied is not None and copies is not None:
        # a share may be the largest vesicles: all of them together bear no more than they hold
        share = ask(f"{name}.occupied", cargo.occupied, "1")
        most = most / share if share else copies
    if copies is not None and copies > most:
        message = (
            f"{copies:.3g} copies are more than {where} a vesicle of {shape[0] * 1e3:.3g} nm, even of {of}; "
            f"{most:.2g} at most"
        )
        yield (*path, key), f"{name}.{key}", message


# ---------------------------------------------------------------- cells in a place


def _cells(spec: ModelSpec, ask: Ask) -> Iterator[tuple[Path, str, str]]:
    """Cells of a place fill no more than it; said of those that fill the most.

    Cells of a dish are asked for type by type: a model may put tumours apart into one.
    """
    space = spec.space
    filled: dict[str, list[tuple[float, str, float]]] = {}
    for name, cell in spec.cells.items():
        count, each = ask(f"{name}.count", cell.count, "cell"), _cell_volume(name, cell, ask)
        if count is not None and each is not None and count > 1.0:  # one cell may stand for a whole patient
            place = cell.within if isinstance(space, Body) else f" {name}"
            filled.setdefault(place, []).append((count * each / UM3_PER_ML, name, each))
    for place, cells in filled.items():
        room = _holds(spec, ask, place)
        taken = sum(volume for volume, _, _ in cells)
        if room is None or room <= 0.0 or taken <= room:
            continue
        volume, name, each = max(cells)
        others = taken - volume
        most = max(room - others, 0.0) * UM3_PER_ML / each
        where = f"the {place}" if isinstance(space, Body) else "the medium"
        beside = f" beside {others:.3g} mL of other cells" if others > 0.01 * room else ""
        message = (
            f"these cells fill {volume:.3g} mL{beside}, and {where} has room for {room:.3g} mL of cells; "
            f"{most:.2g} at most"
        )
        yield ("cells", name, "count"), f"{name}.count", message


def _cell_volume(name: str, cell: Cell, ask: Ask) -> float | None:
    """Volume of one cell, um^3; what is not said is small."""
    if cell.volume is not None:
        volume = ask(f"{name}.volume", cell.volume, "mL")
        return None if volume is None else volume * UM3_PER_ML
    if "radius" not in cell.model_fields_set:
        return _SMALL_CELL
    radius = ask(f"{name}.radius", cell.radius, "um")
    return None if radius is None else sphere_volume_um3(2.0 * radius)


def _holds(spec: ModelSpec, ask: Ask, place: str) -> float | None:
    """mL of cells that a place holds."""
    space = spec.space
    if isinstance(space, Body) and place in space.organs:
        return ask(f"space.organs.{place}.volume", space.organs[place].volume, "mL")
    if isinstance(space, Body):
        fluid = _fluid(space, ask, place)
    else:
        fluid = _medium(space, ask) if isinstance(space, DishSpace) else None
    return None if fluid is None else fluid * _CELLS_OVER_FLUID
