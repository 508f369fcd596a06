"""Uptake and delivery: medium -> bound -> endosome -> {cytosol, back to the medium, lysosome}.

Clearance saturates in the sum of all particles and stands in series with what geometry can supply.
Vesicles and every cargo move together, so that copies stay what the sender put in. Escape acts
first; of the rest a share is recycled, the remainder degraded, so that shares never pass 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder, StateRef
from vesiflux.ir.lowering.fixed import number_of
from vesiflux.ir.lowering.medium import UM3_PER_ML, Dish, Floating, concentration_at
from vesiflux.ir.lowering.pools import Held, Pool, Population, hold
from vesiflux.ir.lowering.vesicles import ClassPhysics, Sent
from vesiflux.language.schema import Value
from vesiflux.physics import supply

if TYPE_CHECKING:
    from vesiflux.language.schema import Cell, Uptake

__all__ = ["Path", "Received", "Receiver", "half_lives_of", "lower_uptake", "make_paths"]

#: A cell in narrow voxels takes up at most 1 / this times as if it were alone with its voxel.
LEAST_REST = 0.01
#: Of delivered RNA of which the recipient says nothing at all.
RNA_HALF_LIFE = Value(evidence="t_miR")


@dataclass
class Received:
    """Copies of one cargo with the cells of one pool, as totals."""

    bound: list[Held] = field(default_factory=list)
    endosome: list[Held] = field(default_factory=list)
    cytosol: Held | None = None
    transferred: Held | None = None
    rna: bool = False


@dataclass(frozen=True)
class Path:
    """The way of one floating thing through one pool; what escapes goes to ``inside``."""

    floating: Floating
    bound: Held
    endosome: Held
    inside: StateRef  # the recipient's own copies, or the count of fused vesicles
    told_apart: StateRef | None  # ledger by sender of what joined the recipient's own copies
    place: int = 0  # of the medium, where it comes from and what is recycled goes to
    label: StateRef | None = None  # of a tracer, which outlives its vesicle


@dataclass
class Receiver:
    """What one pool has received: cargo name -> copies; and the ways in, by vesicle class."""

    cargo: dict[str, Received] = field(default_factory=dict)
    paths: dict[str, list[Path]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Rates:
    """Rates of one class in one pool, all per hour; ``taken`` of what is in the lowest layer."""

    taken: Ex
    enter: Ex
    leave: Ex
    escape: Ex
    recycled: Ex


def half_lives_of(cell: Cell) -> dict[tuple[str, str], Value]:
    """(Molecule, place) -> half-life of what is delivered there, where the cell states one."""
    found: dict[tuple[str, str], Value] = {}
    for key, signal in cell.signals.items():
        molecule, _, place = (part.strip() for part in key.partition("@"))
        if signal.half_life is not None:
            found[molecule, place or "cytosol"] = signal.half_life
    return found


def make_paths(
    builder: Builder,
    population: Population,
    pool: Pool,
    vesicle: str,
    sent: Sequence[Sent],
    half_lives: Mapping[tuple[str, str], Value],
    receiver: Receiver,
) -> None:
    """States of one class on its way through one pool, from every sender (``sent``)."""
    paths = receiver.paths.setdefault(vesicle, [])
    spoken_of = {key.partition("@")[0].strip() for key in population.cell.signals}
    for source in sent:
        fused = _ledger(builder, f"fused.{source.vesicles.name}", source.vesicles, population.nominal)
        label = source.label_in(builder, population.cell.within)
        lead = _path(builder, population, pool, source.vesicles, fused, None, label)
        paths.append(lead)
        for molecule, (how, floating) in source.cargo.items():
            received = receiver.cargo.setdefault(molecule, Received())
            if how.on == "lumen" and how.kind.lower().endswith("rna"):
                received.rna = True
                if molecule not in spoken_of:
                    half_lives = {(molecule, "cytosol"): RNA_HALF_LIFE, **half_lives}
            own = _delivered(builder, population, pool, molecule, how.on, half_lives, received)
            ledger = _ledger(builder, f"delivered.{floating.name}", floating, population.nominal)
            if floating.per_vesicle is None:
                path = _path(builder, population, pool, floating, own.state, ledger)
            else:
                path = _beside(builder, lead, floating, floating.per_vesicle, own.state, ledger)
            received.bound.append(path.bound)
            received.endosome.append(path.endosome)
            paths.append(path)


def lower_uptake(
    builder: Builder,
    dish: Dish,
    population: Population,
    pool: Pool,
    vesicle: str,
    uptake: Uptake,
    clearance: Ex,
    physics: ClassPhysics,
    all_sent: Sequence[Sent],
    recipients: Ex,
    receiver: Receiver,
) -> Ex:
    """Rates of one class through one pool; returns what is taken, 1/h of what is in the lowest layer.

    ``clearance``: mL/cell/h at low dose, as behaviours leave it; ``recipients``: all cells that
    share the floor of the dish.
    """
    name = f"{population.name}.takes_up.{vesicle}"
    rates = _rates(builder, dish, population, pool, name, uptake, clearance, physics, all_sent, recipients)
    for path in receiver.paths[vesicle]:
        _follow(builder, path, rates)
    return rates.taken


def _rates(
    builder: Builder,
    dish: Dish,
    population: Population,
    pool: Pool,
    path: str,
    uptake: Uptake,
    clearance: Ex,
    physics: ClassPhysics,
    all_sent: Sequence[Sent],
    recipients: Ex,
) -> _Rates:
    graph = builder.graph
    intrinsic = clearance * builder.parameter(f"{path}.match", uptake.match, "1", "ligand match")
    if uptake.saturation is not None:
        half = builder.parameter(
            f"{path}.saturation", uptake.saturation, "vesicle/mL", "half-saturating dose"
        )
        particles = graph.sum(concentration_at(dish, s.vesicles, population.place) for s in all_sent)
        intrinsic = intrinsic / (1.0 + particles / half)
    limit = None
    if uptake.supply == "auto" and dish.unresolved is not None:
        radius = number_of(builder, f"{population.name}.radius", population.cell.radius, "um")
        rest = dish.unresolved(radius) * UM3_PER_ML
        # below 0 where voxels resist more than the way to a cell does: what cannot be given back is cut off
        intrinsic = intrinsic / graph.max(1.0 + intrinsic * rest / physics.diffusion, LEAST_REST)
    elif uptake.supply == "auto":
        limit = _supply(builder, dish, population, path, physics, recipients)
    if limit is not None:
        # in series; written so that an intrinsic clearance of 0 stays 0
        intrinsic = intrinsic * limit / (intrinsic + limit)
    return _Rates(
        taken=intrinsic * pool.count / dish.amount_of(population.place),
        enter=1.0 / builder.parameter(f"{path}.surface_residence", uptake.surface_residence, "h"),
        leave=1.0 / builder.parameter(f"{path}.endosome_residence", uptake.endosome_residence, "h"),
        escape=builder.parameter(f"{path}.escape", uptake.escape, "1", "share that reaches the cytosol"),
        recycled=builder.parameter(
            f"{path}.recycling", uptake.recycling, "1", "share of the rest given back"
        ),
    )


def _supply(
    builder: Builder,
    dish: Dish,
    population: Population,
    path: str,
    physics: ClassPhysics,
    recipients: Ex,
) -> Ex | None:
    """What geometry brings to one cell of a dish, or blood to one of an organ's vessels, mL/cell/h.

    Stirred: the isolated sphere, 4 pi D R. Static: diffusion over half the lowest layer and sedimentation
    onto the floor, shared by the cells on it, in series with the sphere, which holds where cells are few
    (Berg & Purcell 1977); the layers above are resolved. None: what flows past is followed itself.
    """
    graph = builder.graph
    if dish.body is not None and dish.body.faces_vessels(population.cell):
        return dish.body.supply(builder, population.cell)
    radius = builder.parameter(f"{population.name}.radius", population.cell.radius, "um", "cell radius")
    place: Any = (physics.diffusion, radius)
    sphere = graph.wrap(supply.sphere_clearance(*place))
    if not dish.static or dish.area is None:
        return sphere
    falling = graph.max(physics.velocity, 0.0)
    speed = physics.diffusion / (dish.thickness[0] * 0.5) + falling
    floor = speed * dish.area / UM3_PER_ML / graph.max(recipients, 1.0)
    caught = sphere + falling * (radius * radius * math.pi / UM3_PER_ML)
    return floor * caught / (floor + caught)


def _path(
    builder: Builder,
    population: Population,
    pool: Pool,
    floating: Floating,
    inside: StateRef,
    told_apart: StateRef | None,
    label: StateRef | None = None,
) -> Path:
    bound, endosome = (
        hold(
            builder,
            population,
            pool,
            f"{place}.{floating.name}",
            floating.unit,
            0.0,
            total=True,
            grave=floating.degraded,
        )
        for place in ("bound", "endosome")
    )
    floating.with_cells += [bound.state, endosome.state]
    return Path(floating, bound, endosome, inside, told_apart, population.place, label)


def _beside(
    builder: Builder, lead: Path, floating: Floating, mean: Ex, inside: StateRef, told_apart: StateRef
) -> Path:
    """The way of cargo that is a multiple of its vesicles, whose way is ``lead``."""

    def of(held: Held, place: str) -> Held:
        state = held.state.multiple(f"{place}.{floating.name}", mean)
        return Held(state.name, state, builder.graph.const(0.0), held.activity, held.total)

    bound, endosome = of(lead.bound, "bound"), of(lead.endosome, "endosome")
    return Path(floating, bound, endosome, inside, told_apart, lead.place)


def _follow(builder: Builder, path: Path, rates: _Rates) -> None:
    """Medium -> bound -> endosome -> inside, medium again or lysosome."""
    floating, bound, endosome = path.floating, path.bound.state, path.endosome.state
    if floating.sense is None:  # else the engine that carries the medium brings what is taken
        builder.move(floating.at(path.place), bound, rates.taken * floating.at(path.place).ex)
    builder.move(bound, endosome, rates.enter * bound.ex)
    out = rates.leave * endosome.ex
    escaping = out * rates.escape
    rest = out * (1.0 - rates.escape)
    builder.move(endosome, path.inside, escaping)
    if path.told_apart is not None:
        builder.add_rate(path.told_apart, escaping)
    builder.move(endosome, floating.at(path.place), rest * rates.recycled)
    taken_apart = rest * (1.0 - rates.recycled)
    builder.move(endosome, floating.degraded, taken_apart)
    if path.label is not None:
        builder.add_rate(path.label, escaping + taken_apart)


def _ledger(builder: Builder, name: str, floating: Floating, scale: float) -> StateRef:
    ledger = builder.ledger(name, floating.unit, scale=scale)
    if ledger not in floating.with_cells:
        floating.with_cells.append(ledger)
    return ledger


def _delivered(
    builder: Builder,
    population: Population,
    pool: Pool,
    molecule: str,
    on: str,
    half_lives: Mapping[tuple[str, str], Value],
    received: Received,
) -> Held:
    """The recipient's pool that escaped copies join: cytosol for lumen cargo, membrane for surface cargo."""
    place = "cytosol" if on == "lumen" else "transferred"
    known = received.cytosol if on == "lumen" else received.transferred
    if known is not None:
        return known
    name = f"{place}.{molecule}"
    lost = builder.ledger(f"lost.{population.name}.{molecule}", "copy")
    held = hold(builder, population, pool, name, "copy", 0.0, total=True, grave=lost)
    half_life = half_lives.get((molecule, place))
    if half_life is not None:
        path = f"{population.name}.signals.{molecule} @{place}.half_life"
        rate = math.log(2.0) / builder.parameter(path, half_life, "h", f"half-life of {molecule}")
        builder.move(held.state, lost, rate * held.state.ex)
    if on == "lumen":
        received.cytosol = held
    else:
        received.transferred = held
    return held
