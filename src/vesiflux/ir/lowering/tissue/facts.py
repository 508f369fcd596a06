"""What the engine needs to know of a cell type beside its program: how many, where, how they move and die."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.ir.lowering.tissue.box import layout_of
from vesiflux.ir.lowering.vesicles import copies_per_vesicle, vesicle_physics
from vesiflux.ir.tissue import CargoDraw, Layout, Mechanics, Motility

if TYPE_CHECKING:
    from vesiflux.ir.lowering.builder import Builder
    from vesiflux.ir.lowering.medium import Dish
    from vesiflux.ir.lowering.tissue.parts import Parts
    from vesiflux.language import Model
    from vesiflux.language.schema import Cell, ModelSpec

__all__ = ["Facts", "facts_of"]


@dataclass
class Facts:
    """Of one cell type; the fields of `ir.tissue.CellKind` of the same names."""

    count: int
    radius: float
    layout: Layout
    mechanics: Mechanics
    motility: Motility
    start: tuple[float, ...]
    growth: float
    dying: float
    lysis: dict[int, float]
    draws: dict[str, tuple[CargoDraw, ...]]
    fastest: float


def facts_of(
    parts: Parts, model: Model, spec: ModelSpec, name: str, cell: Cell, builder: Builder, dish: Dish
) -> Facts:
    """The facts of one type."""
    read = parts.read
    mechanics = _mechanics(parts, name, cell)
    motility = _motility(parts, name, cell)
    start = _start(parts, name, cell)
    draws = {vesicle: _draws(parts, spec, name, cell, vesicle, builder, dish) for vesicle in cell.secretes}
    origin = model.origin.parent if model.origin is not None else None
    return Facts(
        count=round(read(f"{name}.count", cell.count, "cell")),
        radius=read(f"{name}.radius", cell.radius, "um"),
        layout=layout_of(name, cell.layout, read, parts.box, model.places.get(name), origin),
        mechanics=mechanics,
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


def _mechanics(parts: Parts, name: str, cell: Cell) -> Mechanics:
    read, written = parts.read, cell.mechanics
    return Mechanics(
        read(f"{name}.mechanics.repulsion", written.repulsion, "um/h"),
        read(f"{name}.mechanics.adhesion", written.adhesion, "um/h"),
        read(f"{name}.mechanics.reach", written.reach, "1"),
        {o: read(f"{name}.mechanics.adhesion_to.{o}", v, "1") for o, v in written.adhesion_to.items()},
        written.fixed,
    )


def _motility(parts: Parts, name: str, cell: Cell) -> Motility:
    read, written = parts.read, cell.motility
    return Motility(
        read(f"{name}.motility.speed", written.speed, "um/h"),
        read(f"{name}.motility.bias", written.bias, "1"),
        read(f"{name}.motility.persistence", written.persistence, "h"),
        {f: read(f"{name}.motility.towards.{f}", w, "1") for f, w in written.towards.items()},
    )


def _start(parts: Parts, name: str, cell: Cell) -> tuple[float, ...]:
    """Share of the cells in each state; default: all in the first."""
    if not cell.states:
        return ()
    shares = {s: parts.read(f"{name}.start.{s}", v, "1") for s, v in cell.start.items()}
    if not shares:
        return (1.0, *[0.0] * (len(cell.states) - 1))
    return tuple(shares.get(s, 0.0) for s in cell.states)


def _draws(
    parts: Parts, spec: ModelSpec, name: str, cell: Cell, vesicle: str, builder: Builder, dish: Dish
) -> tuple[CargoDraw, ...]:
    """What single vesicles of a class carry when they set out."""
    found = []
    for molecule, how in cell.secretes[vesicle].cargo.items():
        path = f"{name}.secretes.{vesicle}.cargo.{molecule}"
        physics = vesicle_physics(builder, dish, vesicle, spec.vesicles[vesicle])
        mean = copies_per_vesicle(builder, path, molecule, how, physics, cell, name)
        occupied = parts.read(f"{path}.occupied", how.occupied, "1") if how.occupied else 1.0
        share = parts.told(mean, f"{molecule} per vesicle")
        found.append(CargoDraw(molecule, how.on == "surface", share, occupied))
    return tuple(found)
