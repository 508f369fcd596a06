"""The claims as one signed graph whose nodes are names in their places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from vesiflux.evidence.places import FACTOR_KINDS, Node, crossing, place
from vesiflux.evidence.rows import Edge

if TYPE_CHECKING:
    import networkx as nx

    from vesiflux.evidence.base import Evidence

__all__ = ["Arrow", "Bridge", "arrows", "build"]

Bridge = Literal["", "loaded", "delivered", "factor", "transfer"]


@dataclass(frozen=True)
class Arrow:
    """All arrows of one sign between two nodes: what several claims say alike.

    Attributes
    ----------
    bridge
        "" for an arrow that claims state. Else what joins two claims: ``loaded`` (what a cell holds goes into
        a vesicle that is said to carry it), ``delivered`` (what a vesicle carries acts in a cell that is said
        to take the vesicle up), ``factor`` (what a cell secretes acts in another; no claim says it arrives),
        ``transfer`` (a name or a statement moved from one context to another, an assumption).
    crosses
        What carries the effect into another cell; "" when it stays.
    claims
        Ids of the claims behind it, in the order of the tables.
    publications
        (review, reference number); one publication, one vote. Empty where nobody says it.
    doubtful
        No accepted or corrected arrow is among those behind it.
    """

    start: Node
    end: Node
    start_kind: str
    end_kind: str
    sign: int
    bridge: Bridge
    crosses: str
    relations: tuple[str, ...]
    claims: tuple[str, ...]
    publications: frozenset[tuple[str, str]]
    doubtful: bool
    logic: str
    note: str = ""

    @property
    def votes(self) -> int:
        """Publications that say it."""
        return len(self.publications)

    def __str__(self) -> str:
        return f"{self.start} {'->' if self.sign > 0 else '-|'} {self.end}"


def build(
    evidence: Evidence,
    review: str | None = None,
    doubtful: bool = False,
    bridges: bool = True,
) -> nx.MultiDiGraph:
    """Put the arrows of the claims together.

    Parameters
    ----------
    review
        Only claims of this review.
    doubtful
        Also arrows whose status is doubtful.
    bridges
        Also what joins claims (see `Arrow.bridge`).

    Returns
    -------
    networkx.MultiDiGraph
        Nodes are `Node` with the attribute ``kind``. Arcs have the attributes ``sign`` (1 or -1), ``edge``
        (the row, or None for a bridge), ``claims`` (ids), ``bridge`` and ``crosses``.
    """
    import networkx as nx

    net = nx.MultiDiGraph()
    placed = list(_placed(evidence, review, doubtful))
    kinds: dict[Node, Counter[str]] = defaultdict(Counter)
    for edge, start, end in placed:
        kinds[start][edge.from_kind] += 1
        kinds[end][edge.to_kind] += 1
        net.add_edge(
            start,
            end,
            sign=1 if edge.sign == "+" else -1,
            edge=edge,
            claims=(edge.claim_id,),
            bridge="",
            crosses=crossing(edge, start, end),
            note="",
        )
    for node, counts in kinds.items():  # the tables use some names as more than one kind of thing
        net.nodes[node]["kind"] = counts.most_common(1)[0][0]
    if bridges:
        _transfer(evidence, placed, net)
        for start, end, bridge, claims, note in _bridges(placed, net):
            crosses = {"delivered": "vesicle", "factor": "factor"}.get(bridge, "")
            net.add_edge(
                start, end, sign=1, edge=None, claims=claims, bridge=bridge, crosses=crosses, note=note
            )
    return net


def _transfer(evidence: Evidence, placed: Iterable[tuple[Edge, Node, Node]], net: nx.MultiDiGraph) -> None:
    """Add what transfers make of arrows: the same arrow in another cell, with the names used there."""
    names: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in evidence.transfers:
        names[row.from_context, row.to_context][row.name_from].append(row.name_to)
    for (here, there), renamed in names.items():
        for edge, start, end in placed:
            cells = {node.cell for node in (start, end)} - {""}
            if cells != {here} or start.carrier or end.carrier or end.taken_up:
                continue
            if any(kind == "vesicle" and not node.cell for kind, node in _kinds_of(edge, start, end)):
                continue  # its name says where it comes from, which is not there
            if start.name not in renamed and end.name not in renamed:
                continue
            starts, ends = (
                [Node(name, there if node.cell else "") for name in renamed.get(node.name, [node.name])]
                for node in (start, end)
            )
            for moved in product(starts, ends):  # a name may have several there, as paralogs have
                for kind, node in _kinds_of(edge, *moved):
                    if node not in net:
                        net.add_node(node, kind=kind)
                net.add_edge(
                    *moved,
                    sign=1 if edge.sign == "+" else -1,
                    edge=None,
                    claims=(edge.claim_id,),
                    bridge="transfer",
                    crosses="",
                    note=f"said of {start.name} and {end.name} in {here}",
                )


def _kinds_of(edge: Edge, start: Node, end: Node) -> tuple[tuple[str, Node], tuple[str, Node]]:
    return (edge.from_kind, start), (edge.to_kind, end)


def arrows(evidence: Evidence, net: nx.MultiDiGraph) -> list[Arrow]:
    """The arcs of a graph, those of one sign between the same nodes taken together."""
    groups: dict[tuple[Node, Node, int, Bridge], list[dict[str, Any]]] = defaultdict(list)
    for start, end, data in net.edges(data=True):
        groups[start, end, data["sign"], data["bridge"]].append(data)
    stated = {(start, end) for start, end, _, bridge in groups if not bridge}
    found = []
    for (start, end, sign, bridge), group in groups.items():
        if bridge and (start, end) in stated:
            continue  # a claim says it in so many words
        claims = tuple(dict.fromkeys(claim for data in group for claim in data["claims"]))
        edges = [data["edge"] for data in group if data["edge"] is not None]
        publications = {vote for claim in claims for vote in evidence.publications(claim)}
        found.append(
            Arrow(
                start, end, net.nodes[start]["kind"], net.nodes[end]["kind"], sign, bridge,
                group[0]["crosses"],
                tuple(dict.fromkeys(edge.relation for edge in edges)), claims, frozenset(publications),
                bool(edges) and all(edge.status == "doubtful" for edge in edges),
                "and" if any(edge.logic == "and" for edge in edges) else "or",
                group[0]["note"],
            )
        )  # fmt: skip
    return found


def _placed(evidence: Evidence, review: str | None, doubtful: bool) -> Iterator[tuple[Edge, Node, Node]]:
    chains: dict[str, list[Edge]] = defaultdict(list)
    for edge in evidence.edges:
        if doubtful or edge.status != "doubtful":
            chains[edge.claim_id].append(edge)
    telling = _telling(evidence)
    homes = _homes(evidence, telling)
    for claim_id, chain in chains.items():
        claim = evidence.claims[claim_id]
        if review is None or claim.review == review:
            yield from place(claim, chain, evidence.canonical, telling, homes)


def _telling(evidence: Evidence) -> Collection[str]:
    """Vesicles that are a kind of another one, by the vocabulary or by their name: one thing everywhere."""
    vesicles = {
        name: entry.parent for (name, kind), entry in evidence.vocabulary.items() if kind == "vesicle"
    }
    return {name for name, parent in vesicles.items() if parent or _stem(name) in vesicles}


def _stem(name: str) -> str:
    """What a name is a kind of, by its last word: ``exosome`` of ``tumour_exosome``."""
    return name.rpartition("_")[2] if "_" in name else ""


def _homes(evidence: Evidence, telling: Collection[str]) -> dict[tuple[str, str], str]:
    """What a plain vesicle of a cell is called, by (vesicle, cell): tumour_exosome of (exosome, tumour_cell).

    Only where claims say that the cell secretes just one such vesicle.
    """
    secreted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for edge in evidence.edges:
        if edge.relation == "secretes" and edge.from_kind == "cell" and edge.end in telling:
            secreted[_stem(edge.end), edge.start].add(edge.end)
    return {key: names.pop() for key, names in secreted.items() if len(names) == 1}


def _bridges(
    placed: Iterable[tuple[Edge, Node, Node]], net: nx.MultiDiGraph
) -> Iterator[tuple[Node, Node, Bridge, tuple[str, ...], str]]:
    """What joins what different claims say: start, end, kind, the claims it follows from, a note."""
    carried: dict[Node, dict[str, None]] = defaultdict(dict)
    loaded: dict[tuple[Node, Node], dict[str, None]] = defaultdict(dict)
    takers: dict[tuple[str, str], dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    factors: dict[Node, dict[str, None]] = defaultdict(dict)
    for edge, _, end in placed:
        if edge.relation == "carries" and edge.from_kind == "vesicle":
            carried[end][edge.claim_id] = None
            for cell in edge.cell.split(";") if edge.cell else [end.cell]:
                if cell and (inside := Node(edge.end, cell)) in net:
                    loaded[inside, end][edge.claim_id] = None
        elif edge.relation == "taken_up_by" and end.taken_up:
            takers[end.taken_up, end.cell][end.name][edge.claim_id] = None
        elif not end.cell and not end.carrier and edge.to_kind in FACTOR_KINDS:
            factors[end][edge.claim_id] = None
    for (inside, cargo), claims in loaded.items():
        yield inside, cargo, "loaded", tuple(claims), f"{cargo.carrier} carries it"
    for cargo in carried:
        for cell, claims in takers[cargo.carrier, cargo.cell].items():
            target = Node(cargo.name, cell)
            if target in net and net.out_degree(target):
                yield cargo, target, "delivered", tuple(claims), f"{cell} takes up {cargo.carrier}"
    answering = defaultdict(list)
    for edge, start, _ in placed:
        if start.cell and not start.carrier and edge.from_kind in FACTOR_KINDS:
            answering[start.name].append(start)
    for factor in factors:
        for target in dict.fromkeys(answering[factor.name]):
            yield factor, target, "factor", (), "no claim says that it arrives there"
