"""``from evidence [tme-072, tme-074]`` among a cell's responses: the arrows of these claims in this cell.

Of the claims' edges those are taken that are not doubtful and act in this cell; what ends in a cell, an organ
or a vesicle is said by what the rest of the model does. What an arrow starts from is found in the model (see
`_Work._start`). Parallel arrows are alternatives (OR) unless the evidence says that they act together (AND);
arrows of opposite sign are competing structures (`contested`). Names that nothing raises get a basal level,
so that they can rise and fall. What is left out is kept with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vesiflux.language.contested import Wiring, group_name, opposite
from vesiflux.language.evidence_names import NamesOfModel
from vesiflux.language.positions import Finding, Path, Positions
from vesiflux.language.responses import Response, ResponseError, parse_response, refs
from vesiflux.language.schema import DishSpace, ResponseNode, Value

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Edge
    from vesiflux.language.schema import Cell, ModelSpec

__all__ = ["BASAL", "LeftOut", "expand_evidence", "is_from_evidence"]

_SENTENCE = re.compile(r"\s*from\s+evidence\s*\[([^\]]*)\]\s*")

_SHAFTS = {"+": "->", "-": "-|"}

#: Kinds of things that are within a cell and can be raised or lowered there.
_INSIDE = frozenset(
    ("cargo", "gene", "protein", "pathway", "metabolite", "process", "phenotype", "state", "drug", "stimulus")
)
#: Kinds that come from outside where nothing in the model causes them.
_GIVEN = frozenset(("drug", "stimulus"))
#: Kinds that stay in their cell: another cell's is none of this one's.
_WITHIN = frozenset(("gene", "pathway"))

#: Level of names from the evidence without a cause: room to rise and to fall.
BASAL = Value(
    low=0.1, typical=0.25, high=0.5, unit="1", distribution="logitnormal", mark="assumed",
    source="assumed: a level that can rise and fall",
)  # fmt: skip


@dataclass(frozen=True)
class _Arrow:
    """An edge in a cell; ``start`` is what it starts from as a response writes it."""

    start: str
    sign: str
    end: str
    joint: bool
    claim: str
    name: str  # of the start in the evidence, as responses can hold it
    kind: str  # of the start
    alone: bool  # the start is no more than a node of this name


@dataclass(frozen=True)
class LeftOut:
    """An arrow of a named claim that ``cell`` does not get, and why."""

    cell: str
    claim: str
    arrow: str
    reason: str


def is_from_evidence(text: str) -> bool:
    """Whether a response is such a sentence."""
    return re.match(r"\s*from\s+evidence\b", text) is not None


def expand_evidence(
    spec: ModelSpec, positions: Positions
) -> tuple[ModelSpec, list[Finding], tuple[LeftOut, ...]]:
    """``spec`` with such sentences replaced by the arrows they stand for.

    Then what is wrong with the sentences, and the arrows of their claims that were left out.
    """
    if not any(is_from_evidence(text) for cell in spec.cells.values() for text in cell.responses):
        return spec, [], ()
    from vesiflux.evidence import Evidence

    work = _Work(spec, Evidence.load(), positions)
    work.take()
    cells = {name: work.expand(name, cell) for name, cell in spec.cells.items()}
    structures = {**spec.structures, **{w.name: w.structure for w in work.wirings}}
    left_out = tuple(dict.fromkeys(work.left_out))
    return spec.model_copy(update={"cells": cells, "structures": structures}), work.findings, left_out


@dataclass
class _Work:
    """One model on its way from claims to arrows."""

    spec: ModelSpec
    evidence: Evidence
    positions: Positions
    findings: list[Finding] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    wirings: list[Wiring] = field(default_factory=list)
    taken: dict[str, dict[int, list[Edge]]] = field(default_factory=dict)  # cell -> sentence -> edges
    made: dict[str, set[str]] = field(default_factory=dict)  # cell -> nodes that it has or that arrows end in

    def __post_init__(self) -> None:
        self.names = NamesOfModel(self.spec, self.evidence)

    def take(self) -> None:
        """The edges of every sentence, and what each cell makes: arrows of one cell may start in another."""
        for name, cell in self.spec.cells.items():
            taken = self.taken[name] = {}
            for i, text in enumerate(cell.responses):
                if is_from_evidence(text):
                    taken[i] = list(self._edges(("cells", name, "responses", i), text, name))
            targets = {response.target for response in _read(cell.responses)}
            ends = {_written(edge.end) for edges in taken.values() for edge in edges}
            self.made[name] = {*cell.nodes, *targets, *ends}

    def expand(self, name: str, cell: Cell) -> Cell:
        """One cell with its sentences written out."""
        if not self.taken[name]:
            return cell
        arrows = {i: [*self._arrows(name, edges)] for i, edges in self.taken[name].items()}
        every = [arrow for found in arrows.values() for arrow in found]
        contested = opposite((a.name, a.sign, a.end) for a in every if not a.joint)
        for start, end in contested:
            sides = {
                sign: [
                    a.claim for a in every if (a.name, a.sign, a.end, a.joint) == (start, sign, end, False)
                ]
                for sign in "+-"
            }
            self.wirings.append(Wiring.of(self.spec, self.evidence, name, start, end, sides))
        written = _Written(name, every, contested)
        texts: list[str] = []
        for i, text in enumerate(cell.responses):
            place = self.positions.place(("cells", name, "responses", i))
            for sentence in written.sentences(arrows[i]) if i in arrows else [text]:
                self.positions.put({("cells", name, "responses", len(texts)): place})
                texts.append(sentence)
        nodes = _nodes(cell, texts, every, set(self.spec.factors))
        return cell.model_copy(update={"responses": tuple(texts), "nodes": nodes})

    # ------------------------------------------------------------ which edges

    def _edges(self, path: Path, text: str, cell: str) -> Iterator[Edge]:
        """Edges of the claims of one sentence that act in this cell."""
        evidence, kind = self.evidence, self.spec.cells[cell].kind
        match = _SENTENCE.fullmatch(text)
        ids = [part.strip() for part in match[1].split(",")] if match else []
        if not match or not all(ids):
            self.findings.append(
                Finding(path, "name the claims in brackets: from evidence [tme-072, tme-074]")
            )
            return
        for claim in dict.fromkeys(ids):
            at = text.index(claim) + 1
            if claim not in evidence.claims:
                review = [k for k in evidence.claims if k.rpartition("-")[0] == claim.rpartition("-")[0]]
                cure = f"they run from {review[0]} to {review[-1]}" if review else "ids look like tme-072"
                self.findings.append(Finding(path, f"no claim has the id {claim!r}; {cure}", at))
                continue
            edges = [e for e in evidence.edges if e.claim_id == claim]
            reasons = [self._why_not(e, cell) for e in edges]
            if all(reasons):
                places = sorted({e.cell or evidence.claims[claim].cell for e in edges} - {""}) or ["no cell"]
                message = f"no arrow of {claim} acts in a {kind}; it tells of {', '.join(places)}"
                if any("takes up" in reason for reason in reasons):
                    message = f"no arrow of {claim} acts here: {next(r for r in reasons if 'takes up' in r)}"
                self.findings.append(Finding(path, message, at))
            for edge, reason in zip(edges, reasons, strict=True):
                if reason:
                    arrow = f"{edge.start} {_SHAFTS[edge.sign]} {edge.end}"
                    self.left_out.append(LeftOut(cell, claim, arrow, reason))
                else:
                    yield edge

    def _why_not(self, edge: Edge, cell: str) -> str:
        """Why an edge is not inside a cell (its own place, else that of its claim); blank: it is."""
        if edge.status == "doubtful":
            return f"doubtful: {edge.reason}" if edge.reason else "doubtful"
        if edge.to_kind not in _INSIDE:
            return f"{edge.end} (kind {edge.to_kind}) is not inside a cell"
        claim = self.evidence.claims[edge.claim_id]
        place = edge.cell or claim.recipient or claim.source
        if not place:
            return "no cell is named for it"
        places = [self.evidence.canonical(part.strip(), "cell") for part in place.split(";")]
        if not any(self.names.acts_in(p, cell) for p in places):
            wanted = self.evidence.canonical(self.spec.cells[cell].kind, "cell")
            return f"acts in {', '.join(places)}, not in {wanted}"
        if edge.from_kind == "vesicle" and edge.relation == "carries":
            return f"what {edge.start} carries is its cargo"
        own = _written(edge.start) in self.spec.cells[cell].nodes
        if edge.from_kind == "vesicle" and not own and not self.names.vesicles(cell, edge.start):
            return f"no class that {cell} takes up has the symbol {edge.start}"
        return ""

    # ------------------------------------------------------------ where arrows start

    def _arrows(self, cell: str, edges: Iterable[Edge]) -> Iterator[_Arrow]:
        for edge in edges:
            found = self._start(cell, edge)
            name = _written(edge.start)
            yield _Arrow(
                " or ".join(found) or name, edge.sign, _written(edge.end), edge.logic == "and", edge.claim_id,
                name, edge.from_kind, not found or (found == [name] and name in self.made[cell]),
            )  # fmt: skip

    def _start(self, cell: str, edge: Edge) -> list[str]:
        """What an edge starts from: the first of these that there is.

        The cell's own node, a factor, a cargo that reaches it (all of them, if several); the vesicles it
        holds of a class; cells of another type that touch it; the node of exactly one other cell; else a
        node of this name.
        """
        name, kind = _written(edge.start), edge.from_kind
        own = [name] if name in self.made[cell] else []
        factors = self.names.factors(edge.start, kind)
        cargo = self.names.cargo(cell, edge.start, kind)
        signals = {key.partition("@")[0].strip() for key in self.spec.cells[cell].signals}
        if name in signals and name not in factors and not cargo:
            own = [name]  # copies of its own
        found = [
            *own,
            *(f"{f} @medium" if f in self.made[cell] else f for f in factors),
            *(
                f"{molecule} @{place}" if molecule in self.made[cell] else molecule
                for molecule, place in cargo
            ),
        ]
        if not found and kind == "vesicle":
            found = [f"{vesicle} @held" for vesicle in self.names.vesicles(cell, edge.start)]
        if not found and kind in ("cell", "organ"):
            found = [f"{other} @contact" for other in self.names.others(cell, edge.start)]
        if not found and kind not in ("vesicle", "cell", "organ", *_GIVEN):
            found = self._elsewhere(cell, edge, name)
        return list(dict.fromkeys(found))

    def _elsewhere(self, cell: str, edge: Edge, name: str) -> list[str]:
        """The node of this name in exactly one other cell of a dish.

        Of what stays inside a cell only where the same claim makes it there, and not of what comes with
        vesicles: that has to be their cargo.
        """
        if not isinstance(self.spec.space, DishSpace):
            return []
        makers = [other for other, made in self.made.items() if other != cell and name in made]
        if len(makers) != 1 or self._is_carried(edge):
            return []
        if edge.from_kind in _WITHIN and not any(
            e.claim_id == edge.claim_id and _written(e.end) == name
            for edges in self.taken[makers[0]].values()
            for e in edges
        ):
            return []
        return [f"{makers[0]}.{name}"]

    def _is_carried(self, edge: Edge) -> bool:
        """Whether the claim says that vesicles bring what the edge starts from."""
        claim = self.evidence.claims[edge.claim_id]
        carried = {e.end for e in self.evidence.edges if (e.claim_id, e.relation) == (claim.id, "carries")}
        cargo = {self.evidence.canonical(name, edge.from_kind) for name in claim.cargoes}
        return claim.vesicle not in ("", "none") and edge.start in carried | cargo


class _Written:
    """Arrows of one cell as sentences, each once, with all claims that tell of it."""

    def __init__(self, cell: str, every: list[_Arrow], contested: list[tuple[str, str]]) -> None:
        self.cell = cell
        self.contested = contested
        self.claims: dict[tuple[str, str, str], dict[str, None]] = {}
        for a in every:
            if not a.joint:
                self.claims.setdefault((a.start, a.sign, a.end), {})[a.claim] = None
        self.said: set[tuple[str, str, str]] = set()

    def sentences(self, arrows: Iterable[_Arrow]) -> Iterator[str]:
        """One response per arrow, and one per target for arrows that act together."""
        joint: dict[tuple[str, str], list[_Arrow]] = {}
        for arrow in arrows:
            key = (arrow.start, arrow.sign, arrow.end)
            if arrow.joint:
                joint.setdefault((arrow.sign, arrow.end), []).append(arrow)
            elif key not in self.said:
                self.said.add(key)
                text = f"{arrow.start} {_SHAFTS[arrow.sign]} {arrow.end} [{', '.join(self.claims[key])}]"
                if (arrow.name, arrow.end) in self.contested:
                    option = "raises" if arrow.sign == "+" else "lowers"
                    text += f" if {group_name(self.cell, arrow.name, arrow.end)}.{option}"
                yield text
        for (sign, end), together in joint.items():
            starts = dict.fromkeys(a.start for a in together)
            condition = " and ".join(f"({s})" if " or " in s and len(starts) > 1 else s for s in starts)
            claims = ", ".join(dict.fromkeys(a.claim for a in together))
            yield f"{condition} {_SHAFTS[sign]} {end} [{claims}]"


def _written(name: str) -> str:
    """A name of the evidence as responses can hold it."""
    return re.sub(r"[^\w.+/-]+", "_", name).strip("_")


def _read(texts: Iterable[str]) -> Iterator[Response]:
    """Responses that can be read; the others are told where sentences are checked."""
    for text in texts:
        if not is_from_evidence(text):
            try:
                yield parse_response(text)
            except ResponseError:
                continue


def _nodes(cell: Cell, texts: list[str], arrows: list[_Arrow], factors: set[str]) -> dict[str, ResponseNode]:
    """The cell's nodes, with those that the arrows need a level for.

    What is given from outside begins at 0. What nothing raises gets a basal level, and so does what arrows
    lower while only things from outside the cell raise it: it could not fall otherwise. A node that has the
    name of a factor is named, to say that it is meant.
    """
    responses = list(_read(texts))
    nodes = dict(cell.nodes)
    raised = {r.target for r in responses if r.sign == "+"}
    lowered = {r.target for r in responses if r.sign == "-"}
    for a in arrows:
        if a.kind in _GIVEN and a.alone and a.name not in raised and a.name not in nodes:
            nodes[a.name] = ResponseNode(given=True)
    alone = {a.name for a in arrows if a.alone}
    inner = {*cell.nodes, *alone, *raised, *lowered} - {n for n, node in nodes.items() if node.given}
    held_up = {
        r.target
        for r in responses
        if r.sign == "+" and any(ref.name in inner and not ref.where for ref in refs(r.condition))
    }
    named = {r.target for r in responses} | {
        ref.name for r in responses for ref in refs(r.condition) if not ref.where
    }
    for name in dict.fromkeys(n for a in arrows for n in (*([a.name] if a.name in alone else []), a.end)):
        if name in nodes or name not in named:
            continue
        if name not in raised or (name in lowered and name not in held_up):
            nodes[name] = ResponseNode(basal=BASAL)
        elif name in factors:
            nodes[name] = ResponseNode()
    return nodes
