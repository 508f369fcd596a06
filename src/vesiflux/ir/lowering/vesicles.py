"""Vesicles in the medium: one field per (sender, class), in vesicles and in copies of each cargo."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError
from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder, StateRef
from vesiflux.ir.lowering.medium import Dish, Floating, float_in
from vesiflux.ir.program import Op
from vesiflux.language.schema import Cargo, Value
from vesiflux.physics import geometry, sedimentation, stokes_einstein

if TYPE_CHECKING:
    from vesiflux.language.schema import Cell, ModelSpec, VesicleClass

__all__ = ["ClassPhysics", "Sent", "copies_per_vesicle", "make_sent", "vesicle_physics"]


@dataclass(frozen=True)
class ClassPhysics:
    """What follows from the size of one class: moments are over its lognormal diameters."""

    diffusion: Ex  # um^2/h
    velocity: Ex  # um/h downwards
    lumen: Ex  # um^3, mean
    area: Ex  # um^2, mean


@dataclass(frozen=True)
class Tracer:
    """What becomes of a label once its vesicle was taken apart."""

    leaves: Ex  # 1/h, the organ where that was
    returns: Ex  # share of what leaves that comes back into the blood
    free: StateRef | None  # label in the blood without its vesicle, in vesicles; None: none is followed


@dataclass
class Sent:
    """Vesicles of one class from one sender (a cell type or a preparation)."""

    sender: str
    vesicle: str
    vesicles: Floating
    cargo: dict[str, tuple[Cargo, Floating]] = field(default_factory=dict)
    label: Tracer | None = None
    labels: dict[str, StateRef] = field(default_factory=dict)  # organ -> label left there, in vesicles

    def label_in(self, builder: Builder, organ: str) -> StateRef | None:
        """The state of the label in an organ; None for vesicles without one."""
        if self.label is not None and organ not in self.labels:
            state = builder.state(f"label.{organ}.{self.vesicles.name}", "vesicle", 0.0, scale=1e3)
            builder.add_rate(state, -self.label.leaves * state.ex)
            if self.label.free is not None:
                builder.add_rate(self.label.free, self.label.leaves * self.label.returns * state.ex)
            self.labels[organ] = state
        return self.labels.get(organ)

    def floats(self) -> list[Floating]:
        """Vesicles first, then each cargo."""
        return [self.vesicles, *(f for _, f in self.cargo.values())]


def vesicle_physics(builder: Builder, dish: Dish, name: str, spec: VesicleClass) -> ClassPhysics:
    """Stokes-Einstein diffusion, Stokes sedimentation and geometry at the class's diameters."""
    graph = builder.graph
    path = f"vesicles.{name}"
    median = builder.parameter(f"{path}.diameter.median", spec.diameter.median, "um", "median diameter")
    sigma = builder.parameter(f"{path}.diameter.sigma", spec.diameter.sigma, "1", "sigma of ln diameter")
    density = builder.parameter(f"{path}.density", spec.density, "g/mL", "vesicle density")
    variance = sigma * sigma

    def moment(k: int) -> Ex:
        """Mean of d^k for a lognormal."""
        return graph.pow(median, k) * graph.op(Op.EXP, variance * (0.5 * k * k))

    # the functions of `physics` are plain arithmetic, so they take graph nodes as well as numbers;
    # the diameter whose diffusion is the population's mean is 1 / E[1/d], for settling sqrt(E[d^2])
    slow: Any = 1.0 / moment(-1)
    heavy = graph.pow(moment(2), 0.5)
    conditions: Any = (dish.viscosity, dish.temperature)
    diffusion = stokes_einstein.diffusion(slow, *conditions)
    settling: Any = (heavy, density, dish.density, dish.viscosity)
    velocity = sedimentation.settling_velocity(*settling)
    inner = 2.0 * geometry.MEMBRANE
    lumen = (moment(3) - 3.0 * inner * moment(2) + 3.0 * inner**2 * moment(1) - inner**3) * (math.pi / 6.0)
    # the inner side, as for the cell: its area is the cytosolic one
    area = (moment(2) - 2.0 * inner * moment(1) + inner**2) * math.pi
    if dish.static:
        builder.output(f"vesicles.{name}.diffusion", "um^2/h", graph.wrap(diffusion), series=False)
        builder.output(f"vesicles.{name}.sedimentation", "um/h", graph.wrap(velocity), series=False)
    return ClassPhysics(graph.wrap(diffusion), graph.wrap(velocity), graph.max(lumen, 0.0), area)


def make_sent(
    builder: Builder,
    dish: Dish,
    spec: ModelSpec,
    physics: ClassPhysics,
    sender: str,
    vesicle: str,
    cargo: dict[str, Cargo],
    scale: float,
    initial: Ex | float = 0.0,
    means: Mapping[str, Ex] | None = None,
) -> Sent:
    """Fields of one sender's vesicles and of each cargo they carry; ``initial``: vesicles, without cargo.

    ``means``: mean copies per vesicle of cargo of which no vesicle of this sender ever has more or less.
    Such cargo is a multiple of its vesicles and has no states in the medium or on its way into cells.
    """
    vesicle_class = spec.vesicles[vesicle]
    name = f"{vesicle}.{sender}"
    common: dict[str, Any] = {
        "diffusion": physics.diffusion,
        "velocity": physics.velocity,
        "decay": vesicle_class.decay,
        "decay_path": f"vesicles.{vesicle}.decay",
    }
    floating = float_in(builder, dish, name, "vesicle", scale=scale, initial=initial, **common)
    sent = Sent(sender, vesicle, floating)
    for molecule, how in cargo.items():
        called = f"{name}.{molecule}"
        if means and molecule in means:
            copies = floating.times(called, "copy", means[molecule])
        else:
            copies = float_in(builder, dish, called, "copy", scale=scale * 1e-3, **common)
        sent.cargo[molecule] = (how, copies)
    return sent


def copies_per_vesicle(
    builder: Builder,
    path: str,
    molecule: str,
    cargo: Cargo,
    physics: ClassPhysics,
    cell: Cell | None,
    cell_path: str,
) -> Ex:
    """Mean copies per vesicle as stated: a mean, occupied x copies if occupied, or passive x sorting."""

    def parameter(name: str, value: Value, unit: str, title: str) -> Ex:
        return builder.parameter(f"{path}.{name}", value, unit, f"{molecule}: {title}")

    if cargo.copies is not None:
        mean = parameter("copies", cargo.copies, "copy/vesicle", "mean copies per vesicle")
    elif cargo.occupied is not None and cargo.copies_if_occupied is not None:
        occupied = parameter("occupied", cargo.occupied, "1", "share of vesicles that carry any")
        mean = occupied * parameter(
            "copies_if_occupied", cargo.copies_if_occupied, "copy/vesicle", "copies if any"
        )
    elif cargo.passive is not None and cell is not None:
        in_cell = parameter("passive", cargo.passive, "copy/cell", "copies per donor cell")
        mean = in_cell * _passive_share(builder, cargo, physics, cell, cell_path)
    else:
        raise InputError(f"{path}: say how many copies: copies, occupied + copies_if_occupied, or passive")
    return mean * parameter("sorting", cargo.sorting, "1", "enrichment over passive loading")


def _passive_share(builder: Builder, cargo: Cargo, physics: ClassPhysics, cell: Cell, path: str) -> Ex:
    """Vesicle volume over cytosol volume, or vesicle area over cell area."""
    if cargo.on == "surface":
        if cell.surface is None:
            raise InputError(f"{path}: passive surface loading needs the cell's `surface`, e.g. '2000 um^2'")
        return physics.area / builder.parameter(f"{path}.surface", cell.surface, "um^2", "cell surface")
    size = cell.cytosol or cell.volume
    if size is None:
        raise InputError(f"{path}: passive loading needs the cell's `cytosol`, e.g. '2000 um^3'")
    # volumes are mL inside; 1 um^3 = 1e-12 mL
    return physics.lumen * 1e-12 / builder.parameter(f"{path}.cytosol", size, "mL", "cytosol volume")
