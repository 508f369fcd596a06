"""Where the literature contradicts itself: opposite statements are alternatives, never averages.

A statement is one of: the effect a claim says its agent has on its outcome; an arrow of its chain; the effect
of a vesicle or cargo of the chain on what the chain leads to, where all its ways agree. Two statements of
opposite sign contradict each other when they are about one cause, outcome, cell and context; or when one
is about a more general cause, cell or context than the other, which then is an exception to it
(`Names.general`). Statements about different cells of one standing contradict nothing, unless a transfer
takes one to the other's cell; they are listed apart: what holds in one must not be carried to the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, NamedTuple

from vesiflux.evidence.rows import Claim, Edge, Transfer
from vesiflux.evidence.vocabulary import Names

__all__ = ["Conflict", "find_conflicts"]

Kind = Literal["claims", "markers", "edges", "exceptions", "elsewhere"]

#: Arrows that say where something goes, not what it does there.
_ARRIVALS: Final = ("taken_up_by", "binds")
_CAUSES: Final = {"+": 1, "-": -1}
_MARKERS: Final = {"marker_up": 1, "marker_down": -1}
_CARRIERS: Final = ("vesicle", "cargo")
_AGENTS: Final = ("vesicle", "stimulus")  # causes whose parent is a more general cause
_PLACES: Final = ("cell", "organ")


@dataclass(frozen=True)
class Conflict:
    """Opposite statements about one thing.

    Attributes
    ----------
    kind
        "claims": effects of ``agent`` on ``outcome`` in one cell and context; "markers": correlations;
        "edges": the same with an arrow on one side at least; "exceptions": one side speaks of ``agent``,
        ``cell`` and ``context`` in general, the other of a special case; "elsewhere": no contradiction, the
        cells or contexts differ.
    cell
        Recipient, else source; of an edge its own cell, else its claim's.
    raises, lowers
        Ids of the claims of either side; a claim that tells of both (an arrow up, an arrow down) is on both.
    """

    kind: Kind
    agent: str
    outcome: str
    cell: str
    context: str
    raises: tuple[str, ...]
    lowers: tuple[str, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (raising, lowering) pair of different claims."""
        return tuple((a, b) for a in self.raises for b in self.lowers if a != b)


class _About(NamedTuple):
    agent: str
    outcome: str
    cell: str
    context: str


class _Statement(NamedTuple):
    about: _About
    sign: int
    claim: str
    said: Literal["claim", "marker", "edge"]
    sources: tuple[str, ...]


def find_conflicts(
    claims: Mapping[str, Claim],
    edges: Iterable[Edge],
    names: Names | None = None,
    transfers: Iterable[Transfer] = (),
) -> list[Conflict]:
    """All conflicts: claims, markers, edges, exceptions, elsewhere; each kind in the order of the tables."""
    names = names or Names({})
    statements = list(_statements(claims, edges))
    statements += _transferred(statements, transfers)
    groups: dict[_About, list[_Statement]] = defaultdict(list)
    for statement in statements:
        groups[statement.about].append(statement)
    found: list[Conflict] = []
    for about, group in groups.items():
        found += _within(about, group, names)
    found += _exceptions(groups, names, _pairs(found))
    found += _elsewhere(groups, names, _pairs(found))
    order: tuple[Kind, ...] = ("claims", "markers", "edges", "exceptions", "elsewhere")
    return sorted(_joined(found), key=lambda conflict: order.index(conflict.kind))


def _statements(claims: Mapping[str, Claim], edges: Iterable[Edge]) -> Iterator[_Statement]:
    chains: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.relation not in _ARRIVALS and edge.status != "doubtful":
            chains[edge.claim_id].append(edge)
    for claim in claims.values():
        told: list[tuple[str, str, int, Literal["claim", "marker", "edge"], str]] = []
        if claim.agent and claim.direction in _CAUSES:
            told.append((claim.agent, claim.outcome, _CAUSES[claim.direction], "claim", claim.cell))
        if claim.agent and claim.direction in _MARKERS:
            told.append((claim.agent, claim.outcome, _MARKERS[claim.direction], "marker", claim.cell))
        chain = chains[claim.id]
        told += [(e.start, e.end, _CAUSES[e.sign], "edge", e.cell or claim.cell) for e in chain]
        carriers = dict.fromkeys(e.start for e in chain if e.from_kind in _CARRIERS)
        ends = dict.fromkeys((claim.outcome, *(e.end for e in chain if e.to_kind == "phenotype")))
        for carrier, end in product(carriers, ends):
            signs = _ways(chain, carrier, end)
            if len(signs) == 1:
                told.append((carrier, end, signs.pop(), "edge", claim.cell))
        for agent, outcome, sign, said, cells in told:
            for cell in _parts(cells):
                for context in claim.contexts or ("",):
                    yield _Statement(
                        _About(agent, outcome, cell, context), sign, claim.id, said, claim.sources
                    )


def _ways(chain: list[Edge], start: str, end: str) -> set[int]:
    """Signs of all ways from ``start`` to ``end`` along one claim's arrows."""
    signs: set[int] = set()

    def follow(node: str, sign: int, passed: frozenset[str]) -> None:
        for edge in chain:
            if edge.start == node and edge.end not in passed:
                here = sign * _CAUSES[edge.sign]
                if edge.end == end:
                    signs.add(here)
                else:
                    follow(edge.end, here, passed | {edge.end})

    follow(start, 1, frozenset((start,)))
    return signs


def _transferred(statements: list[_Statement], transfers: Iterable[Transfer]) -> list[_Statement]:
    """What transfers make of statements: the same in the other context, with the name used there."""
    found = []
    for row in transfers:
        for s in statements:
            if row.from_context in (s.about.cell, s.about.context) and row.name_from in s.about[:2]:
                agent, outcome = (row.name_to if name == row.name_from else name for name in s.about[:2])
                about = _About(agent, outcome, row.to_context, s.about.context)
                found.append(s._replace(about=about, sources=()))
    return found


def _within(about: _About, group: list[_Statement], names: Names) -> Iterator[Conflict]:
    """Conflicts about exactly one thing; arrows only where they add to what the claims say."""
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("claims", ("claim",)),
        ("markers", ("marker",)),
        ("edges", ("claim", "edge")),
    )
    listed: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for kind, said in kinds:
        these = [s for s in group if s.said in said]
        if kind == "edges" and all(s.said == "claim" for s in these):
            continue
        raises, lowers = _sides(these, these, names)
        # one claim alone whose arrow and direction differ is a slip of the table, not a conflict of opinions
        arrows = {s.claim for s in these if s.said == "edge"}
        alone = len({*raises, *lowers}) == 1 and not _both_ways(these, arrows)
        if raises and lowers and (raises, lowers) not in listed and not alone:
            listed.add((raises, lowers))
            yield Conflict(kind, *about, raises, lowers)


def _both_ways(statements: list[_Statement], claims: set[str]) -> bool:
    signs: dict[str, set[int]] = defaultdict(set)
    for s in statements:
        if s.said == "edge" and s.claim in claims:
            signs[s.claim].add(s.sign)
    return any(len(both) == 2 for both in signs.values())


def _pairs(conflicts: Iterable[Conflict]) -> set[frozenset[str]]:
    return {frozenset((a, b)) for c in conflicts for a in c.raises for b in c.lowers}


def _exceptions(
    groups: Mapping[_About, list[_Statement]], names: Names, known: set[frozenset[str]]
) -> Iterator[Conflict]:
    by_outcome: dict[str, list[_About]] = defaultdict(list)
    for about in groups:
        by_outcome[about.outcome].append(about)
    for general, group in groups.items():
        special = [
            s
            for about in by_outcome[general.outcome]
            if about != general and _is_case(about, general, names)
            for s in groups[about]
            if s.said != "marker"
        ]
        ours = [s for s in group if s.said != "marker"]
        own = {s.claim for s in ours}
        raises, lowers = _sides(ours, [s for s in special if s.claim not in own], names, known)
        if raises and lowers:
            yield Conflict("exceptions", *general, raises, lowers)


def _elsewhere(
    groups: Mapping[_About, list[_Statement]], names: Names, known: set[frozenset[str]]
) -> Iterator[Conflict]:
    """The same cause and outcome with the other sign in a cell or context of equal standing."""
    by_names: dict[tuple[str, str], list[_About]] = defaultdict(list)
    for about in groups:
        by_names[about.agent, about.outcome].append(about)
    for (agent, outcome), abouts in by_names.items():
        sides: tuple[dict[str, None], dict[str, None]] = ({}, {})
        places: dict[_About, None] = {}
        # a claim that tells of both signs is a conflict in its own place and sets no place against another
        told = [{s.claim for about in abouts for s in groups[about] if s.sign == sign} for sign in (1, -1)]
        two_sided = told[0] & told[1]
        for number, one in enumerate(abouts):
            for other in abouts[number + 1 :]:
                if _is_case(one, other, names) or _is_case(other, one, names):
                    continue
                ours, theirs = (
                    [s for s in groups[about] if s.said != "marker" and s.claim not in two_sided]
                    for about in (one, other)
                )
                for side, more in zip(sides, _sides(ours, theirs, names, known), strict=True):
                    side.update(dict.fromkeys(more))
                    if more:
                        places[one] = places[other] = None
        raises, lowers = tuple(sides[0]), tuple(sides[1])
        if raises and lowers:
            cells = ";".join(dict.fromkeys(about.cell for about in places))
            contexts = ";".join(dict.fromkeys(about.context for about in places if about.context))
            yield Conflict("elsewhere", agent, outcome, cells, contexts, raises, lowers)


def _is_case(special: _About, general: _About, names: Names) -> bool:
    """Whether what is said of ``general`` would hold for ``special`` if it held throughout."""
    return (
        general.agent in (special.agent, *names.general(special.agent, _AGENTS))
        and general.cell in (special.cell, *names.general(special.cell, _PLACES))
        and general.context in (special.context, *names.general_contexts(special.context), "")
    )


def _sides(
    ours: list[_Statement],
    theirs: list[_Statement],
    names: Names,
    known: Collection[frozenset[str]] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Claims that raise and that lower: those of ``ours`` and of ``theirs`` that oppose each other.

    Pairs of claims that are ``known`` to contradict each other more closely are left out.
    """
    raises: dict[str, None] = {}
    lowers: dict[str, None] = {}
    for a in ours:
        for b in theirs:
            if frozenset((a.claim, b.claim)) in known:
                continue
            if a.sign != b.sign and _same_source(a, b, names):
                up, down = (a, b) if a.sign > 0 else (b, a)
                raises[up.claim] = lowers[down.claim] = None
    return tuple(raises), tuple(lowers)


def _same_source(a: _Statement, b: _Statement, names: Names) -> bool:
    """Whether both are about vesicles of one kind of cell, as far as they say.

    Where the name of the vesicle does not tell its source (``exosome``), both must say it.
    """

    def covers(x: str, y: str) -> bool:
        return x == y or x in names.general(y, _PLACES)

    generic = names.is_kind(a.about.agent, "vesicle") and not names.general(a.about.agent, ("vesicle",))
    if generic:
        return any(covers(x, y) for x in a.sources for y in b.sources if x not in names.roots)
    return (
        not a.sources
        or not b.sources
        or any(covers(x, y) or covers(y, x) for x in a.sources for y in b.sources)
    )


def _parts(cells: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cells.split(";") if part.strip()) or ("",)


def _joined(conflicts: Iterable[Conflict]) -> list[Conflict]:
    """Conflicts of the same claims about one thing in several cells or contexts, as one."""
    same: dict[tuple[object, ...], list[Conflict]] = defaultdict(list)
    for c in conflicts:
        same[c.kind, c.agent, c.outcome, c.raises, c.lowers].append(c)
    return [
        Conflict(
            group[0].kind,
            group[0].agent,
            group[0].outcome,
            ";".join(dict.fromkeys(c.cell for c in group if c.cell)),
            ";".join(dict.fromkeys(c.context for c in group if c.context)),
            group[0].raises,
            group[0].lowers,
        )
        for group in same.values()
    ]
