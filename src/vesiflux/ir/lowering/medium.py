"""The medium of a dish: what floats in it, in one stirred place or in layers over the cells.

Amounts are totals (vesicles, copies, molecules). A static dish is cut into layers that grow upwards
from the cells; particles diffuse and sediment between them. The medium of a body is its blood, its organs'
fluid and its depots (`lowering.body`). Everything that ever entered is somewhere: in the medium, with a
cell, degraded, fused or removed with old medium.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder, StateRef
from vesiflux.language.schema import DishSpace, Value

if TYPE_CHECKING:
    from vesiflux.ir.lowering.body import Body
    from vesiflux.language.schema import Decay

__all__ = ["Dish", "Floating", "concentration_at", "float_in", "make_dish", "shown_concentration"]

#: Layers grow upwards by 1 + LAYER_GROWTH / n: fine where cells deplete the medium, and all of them
#: finer when there are more.
LAYER_GROWTH = 6.0
#: 1 mL in um^3.
UM3_PER_ML = 1e12


@dataclass
class Dish:
    """Geometry and medium, as graph nodes."""

    volume: Ex  # mL
    area: Ex | None  # um^2; None when stirred without a stated vessel
    thickness: list[Ex]  # um, from the cells upwards; one entry when stirred
    shares: list[float]  # of the volume, per layer
    temperature: Ex  # K
    viscosity: Ex  # mPa*s
    density: Ex  # g/mL
    static: bool
    #: resistance between a cell of this radius (um) and the field around it, times D: 1/um. In a tissue
    #: only, where the field is resolved by voxels.
    unresolved: Callable[[float], float] | None = None
    body: Body | None = None

    def amount_of(self, place: int) -> Ex:
        """Volume of one place, mL: of the lowest layer, or of a place of the body."""
        return self.volume * self.shares[0] if self.body is None else self.body.volumes[place]


@dataclass
class Floating:
    """One kind of thing in the medium, with its ledgers. Sums of ledgers make its invariant."""

    name: str
    unit: str
    layers: list[StateRef]
    diffusion: Ex | None  # um^2/h
    released: StateRef
    dosed: StateRef
    degraded: StateRef
    removed: StateRef
    with_cells: list[StateRef] = field(default_factory=list)
    #: concentration at the cell, where another engine carries the medium and brings what is taken up
    sense: Callable[[], Ex] | None = None
    #: how many of it there are per vesicle, where that never changes: it then has no states of its own
    per_vesicle: Ex | None = None

    def times(self, name: str, unit: str, factor: Ex) -> Floating:
        """Something that goes wherever this goes, always ``factor`` of it."""

        def of(state: StateRef, which: str) -> StateRef:
            return state.multiple(f"{which}.{name}", factor)

        return Floating(
            name,
            unit,
            [of(layer, f"layer {i}") for i, layer in enumerate(self.layers)],
            self.diffusion,
            released=of(self.released, "released"),
            dosed=of(self.dosed, "dosed"),
            degraded=of(self.degraded, "degraded"),
            removed=of(self.removed, "removed"),
            per_vesicle=factor,
        )

    def at(self, place: int) -> StateRef:
        """What cells of this place touch: the lowest layer of a dish is place 0."""
        return self.layers[place]

    def total(self, builder: Builder) -> Ex:
        """Amount in the whole medium."""
        return builder.graph.sum(s.ex for s in self.layers)


def make_dish(builder: Builder, space: DishSpace) -> Dish:
    """The dish of a model."""
    graph = builder.graph
    area_value, volume_value = _vessel(space)
    volume = builder.parameter("space.volume", volume_value, "mL", "volume of medium")
    area = builder.parameter("space.area", area_value, "um^2", "growth area") if area_value else None
    static = space.mixing == "static"
    n = space.layers if static else 1
    weights = [(1.0 + LAYER_GROWTH / n) ** i for i in range(n)]
    shares = [w / sum(weights) for w in weights]
    thickness = [graph.const(0.0)]
    if area is not None:
        height = volume * UM3_PER_ML / area
        thickness = [height * s for s in shares]
    return Dish(
        volume=volume,
        area=area,
        thickness=thickness,
        shares=shares,
        temperature=builder.parameter("space.temperature", space.temperature, "K"),
        viscosity=builder.parameter("space.viscosity", space.viscosity, "mPa*s"),
        density=builder.parameter("space.density", space.density, "g/mL"),
        static=static,
    )


def _vessel(space: DishSpace) -> tuple[Value | None, Value]:
    from vesiflux.language.vessels import vessel

    known = vessel(space.vessel) if space.vessel else None
    area = space.area or (known.area if known else None)
    volume = space.volume or (known.volume if known else None)
    assert volume is not None, "checked by the language"
    return area, volume


def concentration_at(dish: Dish, floating: Floating, place: int) -> Ex:
    """Concentration at the cells of a place, per mL."""
    if floating.sense is not None:
        return floating.sense()
    return floating.at(place).ex / dish.amount_of(place)


def shown_concentration(builder: Builder, dish: Dish, floatings: Sequence[Floating]) -> Ex:
    """Concentration in the medium, mean over a dish; in the blood of a body. Per mL."""
    if dish.body is not None:
        return builder.graph.sum(f.at(0).ex for f in floatings) / dish.body.volumes[0]
    return builder.graph.sum(f.total(builder) for f in floatings) / dish.volume


def float_in(
    builder: Builder,
    dish: Dish,
    name: str,
    unit: str,
    *,
    scale: float,
    diffusion: Ex | None = None,
    velocity: Ex | None = None,
    decay: Decay | None = None,
    decay_path: str = "",
    initial: Ex | float = 0.0,
) -> Floating:
    """Make the states of something in the medium, with transport between layers and decay.

    ``initial`` is an amount in the whole medium; it counts as dosed. ``velocity``: um/h downwards.
    """
    graph = builder.graph
    start = graph.wrap(initial)
    many = len(dish.shares) > 1 and dish.body is None
    if dish.body is not None:
        names = [f"{place}.{name}" for place in dish.body.places]
    else:
        names = [f"medium.{name}.{i}" if many else f"medium.{name}" for i in range(len(dish.shares))]
    shares: Sequence[Ex | float] = dish.shares if dish.body is None else dish.body.shares
    layers = [
        builder.state(state, unit, start * share, scale=scale)
        for state, share in zip(names, shares, strict=True)
    ]
    ledgers = {
        k: builder.state(f"{k}.{name}", unit, start if k == "dosed" else 0.0, scale=scale)
        for k in ("released", "dosed", "degraded", "removed")
    }
    if many:
        assert diffusion is not None, "checked by the language"
        for lower in range(len(layers) - 1):
            upper = lower + 1
            gap = (dish.thickness[lower] + dish.thickness[upper]) * 0.5
            below = layers[lower].ex / dish.thickness[lower]
            above = layers[upper].ex / dish.thickness[upper]
            flux = diffusion / gap * (above - below)
            if velocity is not None:  # from where they come: above if they sink, below if they float
                flux = flux + graph.max(velocity, 0.0) * above + graph.min(velocity, 0.0) * below
            builder.move(layers[upper], layers[lower], flux)
    if dish.body is not None:
        assert diffusion is not None, "checked by the language"
        dish.body.carry(builder, layers, ledgers["degraded"], diffusion)
    if decay is not None:
        rate = decay_rate(builder, decay, decay_path)
        for layer in layers:
            builder.move(layer, ledgers["degraded"], rate * layer.ex)
    return Floating(
        name,
        unit,
        layers,
        diffusion,
        released=ledgers["released"],
        dosed=ledgers["dosed"],
        degraded=ledgers["degraded"],
        removed=ledgers["removed"],
    )


def decay_rate(builder: Builder, decay: Decay, path: str) -> Ex:
    """First-order rate, 1/h."""
    import math

    if decay.rate is not None:
        return builder.parameter(f"{path}.rate", decay.rate, "1/h")
    assert decay.half_life is not None, "checked by the language"
    return math.log(2.0) / builder.parameter(f"{path}.half_life", decay.half_life, "h")


def close_balance(builder: Builder, floating: Floating, sinks: list[StateRef]) -> None:
    """Declare that nothing is lost: medium + with cells + sinks - released - dosed = 0."""
    weights = {s.index: 1.0 for s in (*floating.layers, floating.degraded, floating.removed)}
    weights |= {s.index: 1.0 for s in (*floating.with_cells, *sinks)}
    weights |= {floating.released.index: -1.0, floating.dosed.index: -1.0}
    builder.invariants.append((floating.name, weights))
