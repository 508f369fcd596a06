"""A body as places of one medium: blood, the fluid of each organ, depots; and what passes between them.

Blood is well mixed: it goes round in seconds in a mouse and in a minute in a human, and vesicles stay for
longer. What diffuses leaves it through the pores of an organ's endothelium, hindered by its size, and through
the cells of the endothelium, whatever its size; it comes back the same ways and with the lymph, which passes
its nodes (a place of its own, where cells live) before it is blood again. Cells of an organ that face the
blood get at most what the organ's flow of plasma brings.

Organs in series (what leaves gut and spleen passes the liver) have vessels of their own, places that hold
their plasma: fed by the arteries and by the organs before them, drained into the next organ or the blood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vesiflux.ir.graph import Ex
from vesiflux.ir.lowering.builder import Builder, StateRef
from vesiflux.ir.lowering.medium import Dish
from vesiflux.physics import pores, stokes_einstein

if TYPE_CHECKING:
    from vesiflux.ir.lowering.medium import Floating
    from vesiflux.ir.lowering.pools import Population
    from vesiflux.ir.lowering.uptake import Receiver
    from vesiflux.ir.lowering.vesicles import Sent
    from vesiflux.language import schema

__all__ = ["Body", "make_body"]

#: Place of the blood.
BLOOD = 0
#: What the places of vessels are called, after their organ.
VESSELS = "vessels"
#: Name of the place that lymph has, where a body has one.
LYMPH = "lymph"


@dataclass(frozen=True)
class _Organ:
    place: int
    volume: Ex
    plasma: Ex
    flow: Ex
    lymph: Ex  # mL/h
    pore: Ex
    exchange: Ex
    transcytosis: Ex
    vessels: int = BLOOD  # place of the plasma in its vessels; that of all blood where it has none of its own
    into: str = ""  # the organ that its veins lead to
    onward: Ex | None = None  # what of its flow goes there, mL/h; none: all

    @property
    def own(self) -> bool:
        """Whether its vessels are a place of their own."""
        return self.vessels != BLOOD


@dataclass
class Body:
    """``places``: names, the blood first, then organs, lymph, depots, vessels; ``volumes``: of fluid, mL.

    ``shares``: how what is in all blood at the start is spread over places.
    """

    places: list[str]
    volumes: list[Ex]
    shares: list[Ex]
    organs: Mapping[str, _Organ]
    depots: Mapping[str, tuple[int, int, Ex, Ex]]  # place, where it drains, absorption and loss, 1/h
    lymph: int  # place that the organs' lymph goes to: the blood, where a body has no lymph
    conditions: tuple[Ex, Ex]  # viscosity and temperature
    plasma: Ex  # of the whole body, mL
    cells: dict[str, list[Population]] = field(default_factory=dict)  # organ -> those that face its blood

    def place_of(self, cell: schema.Cell) -> int:
        """Where a cell type takes up from and sends to."""
        facing = cell.within == "blood" or cell.faces == "blood"
        if facing:
            return BLOOD if cell.within == "blood" else self.organs[cell.within].vessels
        return self.lymph if cell.within == LYMPH else self.organs[cell.within].place

    def enter(self, population: Population) -> None:
        """Remember who shares an organ's flow of plasma."""
        cell = population.cell
        if self.faces_vessels(cell):
            self.cells.setdefault(cell.within, []).append(population)

    def faces_vessels(self, cell: schema.Cell) -> bool:
        """Whether a cell of an organ faces the blood in it."""
        return cell.within != "blood" and cell.faces == "blood"

    def supply(self, builder: Builder, cell: schema.Cell) -> Ex | None:
        """Plasma that passes one cell which faces an organ's blood, mL/cell/h.

        None where the flow is followed itself, through vessels of the organ's own.
        """
        if self.organs[cell.within].own:
            return None
        graph = builder.graph
        here = graph.sum(p.count for p in self.cells[cell.within])
        return self.organs[cell.within].flow / graph.max(here, 1.0)

    def carry(self, builder: Builder, layers: Sequence[StateRef], lost: StateRef, diffusion: Ex) -> None:
        """Exchange of something with this ``diffusion`` (um^2/h) between all places."""
        graph = builder.graph
        conditions: Any = self.conditions
        one: Any = graph.const(1.0)
        # Stokes-Einstein is its own inverse: D(d) d is the same for all
        size = graph.wrap(stokes_einstein.diffusion(one, *conditions)) / diffusion
        self._circulate(builder, layers)
        for organ in self.organs.values():
            vessels = layers[organ.vessels]
            inside = vessels.ex / self.volumes[organ.vessels]
            ratio: Any = graph.min(size / organ.pore, 1.0)
            through = graph.wrap(pores.hindrance(ratio))
            clearance = organ.volume * (organ.exchange * through + organ.transcytosis)
            tissue = layers[organ.place]
            outside = tissue.ex / self.volumes[organ.place]
            # fluid filters through the pores as well, and leaves as lymph with all that is in it
            builder.move(vessels, tissue, (clearance + organ.lymph * through) * inside)
            builder.move(tissue, vessels, clearance * outside)
            builder.move(tissue, layers[self.lymph], organ.lymph * outside)
        if self.lymph != BLOOD:  # as much fluid leaves the lymph as comes to it
            flow = graph.sum(organ.lymph for organ in self.organs.values())
            nodes = layers[self.lymph]
            builder.move(nodes, layers[BLOOD], flow / self.volumes[self.lymph] * nodes.ex)
        for place, to, absorption, loss in self.depots.values():
            builder.move(layers[place], layers[to], absorption * layers[place].ex)
            builder.move(layers[place], lost, loss * layers[place].ex)

    def _circulate(self, builder: Builder, layers: Sequence[StateRef]) -> None:
        """Flow from the blood through vessels of their own, from one organ to the next, and back."""
        graph = builder.graph
        blood = layers[BLOOD]
        for name, organ in self.organs.items():
            if not organ.own:
                continue
            fed = graph.sum(o.onward for o in self.organs.values() if o.into == name and o.onward is not None)
            arteries = graph.max(organ.flow - fed, 0.0)
            builder.move(blood, layers[organ.vessels], arteries / self.volumes[BLOOD] * blood.ex)
            level = layers[organ.vessels].ex / self.volumes[organ.vessels]
            through = arteries + fed
            if organ.onward is not None:
                to = layers[self.organs[organ.into].vessels]
                builder.move(layers[organ.vessels], to, organ.onward * level)
                through = through - organ.onward
            builder.move(layers[organ.vessels], blood, through * level)

    def in_blood(self, floating: Floating) -> list[Ex]:
        """How much of something is in the blood: in what is well mixed, and in vessels of their own."""
        own = [floating.at(organ.vessels).ex for organ in self.organs.values() if organ.own]
        return [floating.at(BLOOD).ex, *own]

    def show(
        self,
        builder: Builder,
        dosed: Mapping[str, Sent],
        sent: Sequence[Sent],
        receivers: Sequence[tuple[Population, Receiver]],
    ) -> None:
        """Outputs ``organs.ORGAN.PREPARATION``: vesicles of a dose in an organ, with the blood in it.

        ``pool.CLASS``: vesicles in the blood that the body's own cells sent (among all of ``sent``).
        ``blood.CLASS.SENDER``: those of each sender per mL, of a class that several send.

        ``.label``: what its tracer shows there, in vesicles: the same and the label of those taken apart.
        """
        graph = builder.graph
        given = {made.vesicles.name for made in dosed.values()}
        own: dict[str, dict[str, list[Floating]]] = {}
        for made in sent:
            if made.vesicles.name not in given:
                senders = own.setdefault(made.vesicle, {})
                senders.setdefault(made.sender, []).append(made.vesicles)
        for vesicle, senders in own.items():
            every = [level for found in senders.values() for one in found for level in self.in_blood(one)]
            builder.output(f"pool.{vesicle}", "vesicle", graph.sum(every))
            for sender, found in senders.items() if len(senders) > 1 else ():
                name = f"blood.{vesicle}.{sender}"
                level = graph.sum(one.at(BLOOD).ex for one in found) / self.volumes[BLOOD]
                builder.output(name, "vesicle/mL", level)
        for name, made in dosed.items():
            floating = made.vesicles
            places = {organ: self.organs[organ].place for organ in self.organs}
            if self.lymph != BLOOD:
                places[LYMPH] = self.lymph
            for organ in [*self.organs, "blood", *([LYMPH] if self.lymph != BLOOD else [])]:
                here = self._blood_of(builder, floating, organ)
                if organ in places:
                    here = here + floating.at(places[organ]).ex
                held = [
                    held.state.ex
                    for population, receiver in receivers
                    for way in receiver.paths.get(made.vesicle, ())
                    if population.cell.within == organ and way.floating is floating
                    for held in (way.bound, way.endosome)
                ]
                here = here + graph.sum(held) if held else here
                builder.output(f"organs.{organ}.{name}", "vesicle", here)
                if made.label is not None:
                    left = made.label_in(builder, organ)
                    shown = here if left is None else here + left.ex
                    if made.label.free is not None:
                        shown = shown + made.label.free.ex * self._share(builder, organ)
                    builder.output(f"organs.{organ}.{name}.label", "vesicle", shown)

    def _share(self, builder: Builder, organ: str) -> Ex:
        """Share of the body's plasma that is in the vessels of an organ; 1 for all blood, 0 for lymph."""
        if organ in self.organs:
            return self.organs[organ].plasma / self.plasma
        return builder.graph.const(float(organ == "blood"))

    def _blood_of(self, builder: Builder, floating: Floating, organ: str) -> Ex:
        """How much of something is in the vessels of an organ, or in all blood; the lymph has none."""
        if organ == "blood":
            return builder.graph.sum(self.in_blood(floating))
        known = self.organs.get(organ)
        if known is not None and known.own:
            return floating.at(known.vessels).ex
        share = known.plasma / self.volumes[BLOOD] if known is not None else builder.graph.const(0.0)
        return floating.at(BLOOD).ex * share


def make_body(builder: Builder, space: schema.Body) -> Dish:
    """Blood, organs and depots of a model."""
    graph = builder.graph
    conditions = (
        builder.parameter("space.viscosity", space.viscosity, "mPa*s"),
        builder.parameter("space.temperature", space.temperature, "K"),
    )
    blood = builder.parameter("space.blood", space.blood, "mL", "plasma volume")
    places, volumes = ["blood"], [blood]
    organs: dict[str, _Organ] = {}
    for name, organ in space.organs.items():
        path, title = f"space.organs.{name}", organ.title or name
        flow = builder.parameter(f"{path}.flow", organ.flow, "mL/h", f"{title}: plasma flow")
        share = builder.parameter(f"{path}.lymph", organ.lymph, "1", f"{title}: lymph per plasma flow")
        organs[name] = _Organ(
            place=len(places),
            volume=builder.parameter(f"{path}.volume", organ.volume, "mL", f"{title}: volume"),
            plasma=builder.parameter(f"{path}.plasma", organ.plasma, "mL", f"{title}: plasma in its vessels"),
            flow=flow,
            lymph=flow * share,
            pore=builder.parameter(f"{path}.pore", organ.pore, "um", f"{title}: pores of the endothelium"),
            exchange=builder.parameter(f"{path}.exchange", organ.exchange, "1/h", f"{title}: through pores"),
            transcytosis=builder.parameter(
                f"{path}.transcytosis", organ.transcytosis, "1/h", f"{title}: through endothelial cells"
            ),
        )
        places.append(name)
        volumes.append(
            builder.parameter(f"{path}.interstitium", organ.interstitium, "mL", f"{title}: fluid of tissue")
        )
    lymph = BLOOD
    if space.lymph is not None:
        lymph = len(places)
        places.append(LYMPH)
        title = space.lymph.title or "lymph and its nodes"
        volumes.append(builder.parameter("space.lymph.volume", space.lymph.volume, "mL", f"{title}: volume"))
    in_own = _series(builder, space, organs, places, volumes)
    depots: dict[str, tuple[int, int, Ex, Ex]] = {}
    for name, depot in space.depots.items():
        path, title = f"space.depots.{name}", depot.title or name
        to = lymph if depot.by == LYMPH else organs[depot.by].vessels if depot.by in organs else BLOOD
        out = builder.parameter(
            f"{path}.absorption", depot.absorption, "1/h", f"{title}: into the {depot.by}"
        )
        depots[name] = (len(places), to, out, builder.parameter(f"{path}.loss", depot.loss, "1/h"))
        places.append(name)
        volumes.append(builder.parameter(f"{path}.volume", depot.volume, "mL", f"{title}: volume"))
    shares = [graph.const(0.0)] * len(places)
    for place in (BLOOD, *in_own):
        shares[place] = volumes[place] / blood if in_own else graph.const(1.0)
    return Dish(
        volume=blood,
        area=None,
        thickness=[graph.const(0.0)],
        shares=[1.0] + [0.0] * (len(places) - 1),
        temperature=conditions[1],
        viscosity=conditions[0],
        density=builder.parameter("space.density", space.density, "g/mL"),
        static=False,
        body=Body(places, volumes, shares, organs, depots, lymph, conditions, blood),
    )


def _series(
    builder: Builder, space: schema.Body, organs: dict[str, _Organ], places: list[str], volumes: list[Ex]
) -> list[int]:
    """Give organs whose veins lead to another, and these, vessels of their own; returns their places."""
    graph = builder.graph
    found: list[int] = []
    in_series = {name for name, organ in space.organs.items() if organ.flows_into}
    in_series |= {organ.flows_into for organ in space.organs.values() if organ.flows_into}
    for name in (name for name in space.organs if name in in_series):
        organ, known = space.organs[name], organs[name]
        onward = None
        if organ.flows_into:
            onward = known.flow
            if organ.onward is not None:
                path, title = f"space.organs.{name}.onward", organ.title or name
                part = builder.parameter(path, organ.onward, "mL/h", f"{title}: on to {organ.flows_into}")
                onward = graph.min(part, known.flow)
        organs[name] = replace(known, vessels=len(places), into=organ.flows_into, onward=onward)
        found.append(len(places))
        places.append(f"{name}.{VESSELS}")
        volumes.append(known.plasma)
    if found:
        volumes[BLOOD] = volumes[BLOOD] - graph.sum(volumes[place] for place in found)
    return found
