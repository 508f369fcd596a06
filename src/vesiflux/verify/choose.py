"""What stands for a claim's agent in a model, and what shows its outcome, each in the cell the claim means.

A machinery's nodes and readouts come first and are taken as they are. In a dish the same name can be a node
of several cells, a cargo, a factor, a class of vesicles or a cell: the claim's own words say which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.verify.contexts import ANYWHERE
from vesiflux.verify.subject import OF_ALL, Handle, Readable, Subject

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim, Edge, Readout

__all__ = ["GIVEN", "Choice"]

#: Level of what is given from outside, against 0.
GIVEN = 0.8
#: Which amount a name means where it is several, by what is read of it.
_ORDER = {
    "count": ("organ", "count", "node", "copies", "factor", "held", "per_vesicle", "released"),
    "rate": ("organ", "released", "held", "node", "factor", "copies", "per_vesicle", "count"),
    "per_vesicle": ("organ", "per_vesicle", "copies", "node", "factor", "held", "released", "count"),
    "": ("organ", "held", "released", "node", "copies", "factor", "count", "per_vesicle"),
}
_FARTHEST = 100


@dataclass(frozen=True)
class _Spot:
    """A name to look for and its sign, with the places where it is meant."""

    symbol: str
    sign: int
    attribute: str
    places: tuple[str, ...]


class Choice:
    """Agents and outcomes of claims in one model."""

    def __init__(self, subject: Subject, evidence: Evidence) -> None:
        self.subject = subject
        self.evidence = evidence
        self._edges: dict[str, list[Edge]] = {}
        for edge in evidence.edges:
            self._edges.setdefault(edge.claim_id, []).append(edge)
        self._agents: dict[str, tuple[Handle, ...] | str] = {}
        self._shown: dict[str, tuple[tuple[Readable, ...], int] | str] = {}

    # ------------------------------------------------------------ agents

    def agents(self, claim: Claim) -> tuple[Handle, ...] | str:
        """Everything that is changed at once to change the claim's agent, or why nothing is."""
        if claim.id not in self._agents:
            self._agents[claim.id] = self._find_agents(claim)
        return self._agents[claim.id]

    def _find_agents(self, claim: Claim) -> tuple[Handle, ...] | str:
        if not claim.agent:
            return "the claim names no agent"
        found: list[Handle] = []
        for name in self.names(claim.agent):
            found += [h for h in self.subject.handles_by_symbol.get(name, ()) if h not in found]
            if found and found[0].kind == "level":
                return (found[0],)
        if not found:
            return f"nothing in the model stands for {claim.agent}"
        given = tuple(h for h in found if h.given)
        if given:
            return given
        senders = [h for h in found if h.kind == "secretion"]
        if senders:
            return self._at(senders, claim.sources, anywhere=True)
        counts = [h for h in found if h.kind == "count"]
        if counts:
            return self._closest_count(counts, claim)
        carried = [h for h in found if h.kind == "cargo"]
        told = {self.evidence.canonical(c) for c in claim.cargoes}
        loaded = claim.agent in claim.cargoes or self.evidence.canonical(claim.agent) in told
        if carried and loaded and (here := self._at(carried, claim.sources)):
            return here
        nodes = [h for h in found if h.kind == "node"]
        for places in self._places_of_agent(claim):
            if nodes and (here := self._at(nodes, places)):
                return here
        factors = tuple(h for h in found if h.kind == "factor")
        if factors:
            return factors
        if carried:
            return self._at(carried, claim.sources, anywhere=True)
        if len(nodes) == 1 and not self._elsewhere(p for ps in self._places_of_agent(claim) for p in ps):
            return (nodes[0],)
        where = ", ".join(dict.fromkeys(h.cell for h in nodes))
        meant = ", ".join(dict.fromkeys(p for ps in self._places_of_agent(claim) for p in ps))
        return f"{claim.agent} stands in {where}, not in {meant or 'the cell of the claim'}"

    def _places_of_agent(self, claim: Claim) -> list[tuple[str, ...]]:
        """Where the agent is, surest first: its own arrows' cells, the source, the recipient."""
        agent = self.evidence.canonical(claim.agent)
        starts = [e.cell for e in self._edges.get(claim.id, ()) if e.start in (agent, claim.agent)]
        return [p for p in (_split(starts), claim.sources, claim.recipients) if p]

    def _closest_count(self, counts: Sequence[Handle], claim: Claim) -> tuple[Handle, ...]:
        contexts = self.subject.contexts
        assert contexts is not None
        cells = contexts.nearest(self.names(claim.agent))
        return tuple(h for h in counts if h.cell in cells) or tuple(counts)

    def _at(
        self, handles: Sequence[Handle], places: Iterable[str], anywhere: bool = False
    ) -> tuple[Handle, ...]:
        """Those in the cells nearest to any of the places; with ``anywhere`` all where none is near."""
        contexts = self.subject.contexts
        wanted = [p for p in places if p not in ANYWHERE]
        if contexts is None or not wanted:
            return tuple(handles)
        far = {h.name: self._far(h.cell, wanted) for h in handles}
        least = min(far.values())
        if least >= _FARTHEST:
            return tuple(handles) if anywhere else ()
        return tuple(h for h in handles if far[h.name] == least)

    def _far(self, cell: str, places: Iterable[str]) -> int:
        contexts = self.subject.contexts
        if contexts is None or cell not in contexts.kinds:
            return _FARTHEST
        return min((d for p in places if (d := contexts.distance(cell, p)) is not None), default=_FARTHEST)

    def _elsewhere(self, places: Iterable[str]) -> bool:
        """Whether any of these places is a cell, or one that a cell of the model stands for."""
        contexts = self.subject.contexts
        meant = [p for p in places if p not in ANYWHERE]
        cells = any((p, "cell") in self.evidence.vocabulary for p in meant)
        return cells or (contexts is not None and any(contexts.cells(p) for p in meant))

    # ------------------------------------------------------------ outcomes

    def shown(self, claim: Claim) -> tuple[tuple[Readable, ...], int] | str:
        """What shows the claim's outcome, one reading per cell it tells of, and the sign between the two."""
        if claim.id not in self._shown:
            self._shown[claim.id] = self._find_shown(claim)
        return self._shown[claim.id]

    def _find_shown(self, claim: Claim) -> tuple[tuple[Readable, ...], int] | str:
        general = self.evidence.readout(claim.outcome)
        machinery = self._of_machinery(claim, general)
        if machinery is not None:
            return machinery
        missing = ""
        for spot in self._spots(claim, general):
            found: list[Readable] = []
            for name in self.names(spot.symbol):
                found += [r for r in self.subject.readables_by_symbol.get(name, ()) if r not in found]
            here = self._of_places(found, spot, claim)
            if here:
                return here, spot.sign
            where = ", ".join(dict.fromkeys(r.cell or "the medium" for r in found))
            meant = ", ".join(spot.places)
            missing = missing or (
                f"{spot.symbol} is read in {where}, not in {meant}" if found
                else f"no readout of the model shows {spot.symbol}"
            )  # fmt: skip
        if not missing and general is not None:
            missing = f"{claim.outcome} cannot be read: {general.note or 'no state of a cell or medium'}"
        return missing or f"no readout of the model shows {claim.outcome}"

    def _of_machinery(
        self, claim: Claim, general: Readout | None
    ) -> tuple[tuple[Readable, ...], int] | str | None:
        """What a machinery's readouts show of it; `None` where the outcome is none of theirs."""
        plain = general is None or general.attribute != "none"
        symbol, sign = claim.outcome, 1
        if general is not None and plain:
            symbol, sign = general.node, -1 if general.sign == "-" else 1
        for name in self.names(symbol) if plain else ():
            found = self.subject.readables_by_symbol.get(name)
            if found and found[0].kind == "readout":
                return (found[0],), sign
        return None

    def _spots(self, claim: Claim, general: Readout | None) -> list[_Spot]:
        """What to look for: what the claim's own arrows show, what shows the outcome elsewhere, itself."""
        chain = self.evidence.chain_readout(claim.id)
        rows = [r for r in (chain, general) if r is not None and not isinstance(r, str)]
        rows = [r for r in rows if r.attribute != "none"]
        named = [(r.node, -1 if r.sign == "-" else 1, r.attribute) for r in rows]
        # a process that amounts of vesicles show is shown by them, whatever its own arrows lead to
        named.insert(0, (claim.outcome, 1, "amount"))
        if general is None or general.attribute != "none":
            named.append((claim.outcome, 1, ""))
        return [_Spot(*row, at) for row in dict.fromkeys(named) for at in self._places_of(claim, row[0])]

    def _places_of(self, claim: Claim, symbol: str) -> list[tuple[str, ...]]:
        """Where an outcome is read, surest first: cells of arrows that end there, recipients, sources."""
        names = (symbol, self.evidence.canonical(symbol))
        ends = _split(e.cell for e in self._edges.get(claim.id, ()) if e.end in names)
        found = dict.fromkeys(p for p in (ends, claim.recipients, claim.sources) if p)
        return list(found) or [()]

    def _of_places(self, found: Sequence[Readable], spot: _Spot, claim: Claim) -> tuple[Readable, ...]:
        if spot.attribute == "amount":
            found = [r for r in found if r.kind in ("organ", "held", "released")]
        if not found and spot.attribute == "rate":
            return self._held(spot, claim)
        places = [p for p in spot.places if p not in ANYWHERE]
        if not places:
            return self._best(found, (), spot, claim)
        # every cell the claim tells of is read, where the model has it
        made = [self._best(found, (place,), spot, claim) for place in places]
        chosen = tuple(dict.fromkeys(r for one in made for r in one))
        if chosen or self._elsewhere(places):
            return chosen
        return self._best(found, (), spot, claim) if len({r.cell for r in found}) == 1 else ()

    def _best(
        self, found: Sequence[Readable], places: Sequence[str], spot: _Spot, claim: Claim
    ) -> tuple[Readable, ...]:
        """The one reading that fits best, or none."""
        order = _ORDER.get(spot.attribute, _ORDER[""])

        def rank(read: Readable) -> tuple[int, int]:
            if read.kind == "count":  # a cell is what it is, wherever the claim finds it
                far = self._far(read.cell, self.names(spot.symbol))
                return min(far, 0 if read.cell == "" else far), order.index("count")
            if read.kind == "released":
                far = self._far(read.cell, claim.sources) if claim.sources else 0
            elif read.kind == "organ":
                far = 0
            elif read.kind == "factor":
                far = self._far_of_factor(read, places)
            elif not places:
                far = 5
            else:
                far = self._far(read.cell, places)
            return far, order.index(read.kind) if read.kind in order else len(order)

        ranked = sorted((r for r in found if rank(r)[0] < _FARTHEST), key=rank)
        return tuple(ranked[:1])

    def _far_of_factor(self, read: Readable, places: Sequence[str]) -> int:
        """A factor is read where a cell that is meant releases it; outside of cells, wherever it is."""
        if not any((p, "cell") in self.evidence.vocabulary for p in places):
            return 5
        factor, cells = read.name.partition(".")[2], self.subject.model.spec.cells
        return min(
            (self._far(c, places) for c, cell in cells.items() if factor in cell.releases), default=_FARTHEST
        )

    def _held(self, spot: _Spot, claim: Claim) -> tuple[Readable, ...]:
        """Vesicles held by the cells an uptake ends in."""
        contexts = self.subject.contexts
        cells = contexts.nearest(self.names(spot.symbol)) if contexts is not None else []
        held = [r for r in self.subject.readables.values() if r.kind == "held" and r.cell in cells]
        meant = [n for name in (claim.agent, claim.vesicle) if name for n in self.names(name)]
        named = [r for r in held if set(r.symbols) & set(meant)]
        return tuple((named or held)[:1])

    def measured(self, claim: Claim, reads: Sequence[Readable]) -> Readable | None:
        """What is measured of a marker: the agent itself, read where the claim finds it."""
        found: list[Readable] = []
        for name in self.names(claim.agent) if claim.agent else ():
            found += [r for r in self.subject.readables_by_symbol.get(name, ()) if r not in (*found, *reads)]
        for places in (*self._places_of_agent(claim), ()):
            spot = _Spot(claim.agent, 1, "", places)
            if best := self._best(found, places, spot, claim):
                return best[0]
        return None

    # ------------------------------------------------------------ names

    def names(self, printed: str) -> list[str]:
        """Canonical name, the printed one, and what they are taken for elsewhere."""
        canonical = self.evidence.canonical(printed)
        names = [canonical, printed]
        for row in self.evidence.transfers:
            if row.name_from in names[:2]:
                names.append(row.name_to)
            if row.name_to in names[:2]:
                names.append(row.name_from)
        return list(dict.fromkeys(names))

    @staticmethod
    def together(read: Readable, handles: Sequence[Handle]) -> str:
        """Name of the reading: what all cells of a kind do, where their number is what is changed."""
        counted = any(h.kind == "count" and h.cell == read.cell for h in handles)
        summed = read.kind in ("node", "copies", "held", "released")
        return f"{read.name}{OF_ALL}" if counted and summed else read.name


def _split(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for cell in cells for part in cell.split(";") if (p := part.strip())))
