"""``from evidence [tme-072, tme-074]`` among a cell's responses: the arrows of these claims in this cell.

Of the claims' edges those are taken that are not doubtful, act in this cell and lead from one molecule,
process or state to another; arrows between cells, vesicles and their cargo are what the rest of the model
says. Parallel arrows are alternatives (OR) unless the evidence says that they act together (AND). Names that
nothing raises get a basal level, so that they can rise and fall. What is left out is kept with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.language.positions import Finding, Path, Positions
from vesiflux.language.responses import ResponseError, parse_response, refs
from vesiflux.language.schema import ResponseNode, Value

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Edge
    from vesiflux.language.schema import Cell, ModelSpec

__all__ = ["BASAL", "LeftOut", "expand_evidence", "is_from_evidence"]

_SENTENCE = re.compile(r"\s*from\s+evidence\s*\[([^\]]*)\]\s*")

_SHAFTS = {"+": "->", "-": "-|"}

#: Kinds of things that act inside a cell; the others are whole cells, vesicles, organs.
_INSIDE = frozenset(
    ("cargo", "gene", "protein", "pathway", "metabolite", "process", "phenotype", "state", "drug", "stimulus")
)

#: Level of names from the evidence without a cause: room to rise and to fall.
BASAL = Value(
    low=0.1, typical=0.25, high=0.5, unit="1", distribution="logitnormal", mark="assumed",
    source="assumed: a level that can rise and fall",
)  # fmt: skip


@dataclass(frozen=True)
class _Arrow:
    start: str
    sign: str
    end: str
    joint: bool
    claim: str


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

    evidence = Evidence.load()
    findings: list[Finding] = []
    left_out: dict[LeftOut, None] = {}
    cells = {
        name: _expand(name, cell, _known(spec, cell), evidence, positions, findings, left_out)
        for name, cell in spec.cells.items()
    }
    return spec.model_copy(update={"cells": cells}), findings, tuple(left_out)


def _known(spec: ModelSpec, cell: Cell) -> set[str]:
    """Names that reach the cell: factors, cargo of what it takes up, names it gives a level of its own."""
    names = {*spec.factors, *cell.nodes, *(key.partition("@")[0].strip() for key in cell.signals)}
    senders = [s for other in spec.cells.values() for s in other.secretes.items()]
    for vesicle, sent in senders:
        if vesicle in cell.takes_up:
            names |= set(sent.cargo)
    for preparation in spec.preparations.values():
        if preparation.vesicle in cell.takes_up:
            names |= set(preparation.cargo)
    return names


def _expand(
    name: str,
    cell: Cell,
    known: set[str],
    evidence: Evidence,
    positions: Positions,
    findings: list[Finding],
    left_out: dict[LeftOut, None],
) -> Cell:
    texts: list[str] = []
    arrows: list[_Arrow] = []
    for i, text in enumerate(cell.responses):
        path: Path = ("cells", name, "responses", i)
        place = positions.place(path)
        made = [text]
        if is_from_evidence(text):
            taken = list(_arrows(path, text, cell, evidence, findings, left_out))
            arrows += taken
            made = list(_sentences(taken))
        for sentence in made:
            positions.put({("cells", name, "responses", len(texts)): place})
            texts.append(sentence)
    return cell.model_copy(update={"responses": tuple(texts), "nodes": _nodes(cell, known, texts, arrows)})


def _arrows(
    path: Path,
    text: str,
    cell: Cell,
    evidence: Evidence,
    findings: list[Finding],
    left_out: dict[LeftOut, None],
) -> Iterator[_Arrow]:
    match = _SENTENCE.fullmatch(text)
    ids = [part.strip() for part in match[1].split(",")] if match else []
    if not match or not all(ids):
        findings.append(Finding(path, "name the claims in brackets: from evidence [tme-072, tme-074]"))
        return
    for claim in dict.fromkeys(ids):
        if claim not in evidence.claims:
            review = [k for k in evidence.claims if k.rpartition("-")[0] == claim.rpartition("-")[0]]
            cure = f"they run from {review[0]} to {review[-1]}" if review else "ids look like tme-072"
            findings.append(Finding(path, f"no claim has the id {claim!r}; {cure}", text.index(claim) + 1))
            continue
        edges = [e for e in evidence.edges if e.claim_id == claim]
        reasons = [_why_not(e, cell.kind, evidence) for e in edges]
        taken = [e for e, reason in zip(edges, reasons, strict=True) if not reason]
        if not taken:
            places = sorted({e.cell or evidence.claims[claim].cell for e in edges} - {""}) or ["no cell"]
            message = f"no arrow of {claim} acts in a {cell.kind}; it tells of {', '.join(places)}"
            findings.append(Finding(path, message, text.index(claim) + 1))
        for edge, reason in zip(edges, reasons, strict=True):
            if reason:
                arrow = f"{edge.start} {_SHAFTS[edge.sign]} {edge.end}"
                left_out[LeftOut(str(path[1]), claim, arrow, reason)] = None
                continue
            joint = edge.logic == "and"
            yield _Arrow(_written(edge.start), edge.sign, _written(edge.end), joint, claim)


def _why_not(edge: Edge, kind: str, evidence: Evidence) -> str:
    """Why an edge is not inside a cell of this kind (its own place, else that of its claim); blank: it is."""
    if edge.status == "doubtful":
        return f"doubtful: {edge.reason}" if edge.reason else "doubtful"
    for name, what in ((edge.start, edge.from_kind), (edge.end, edge.to_kind)):
        if what not in _INSIDE:
            return f"{name} (kind {what}) is not inside a cell"
    place = edge.cell or evidence.claims[edge.claim_id].recipient or evidence.claims[edge.claim_id].source
    wanted = evidence.canonical(kind, "cell")
    places = [evidence.canonical(part.strip(), "cell") for part in place.split(";")]
    if any(p in ("any_cell", wanted) or wanted in _above(p, evidence) for p in places):
        return ""
    return f"acts in {', '.join(places)}, not in {wanted}" if place else "no cell is named for it"


def _above(name: str, evidence: Evidence) -> Iterable[str]:
    """What a cell is one of: parents in the vocabulary, nearest first."""
    found: list[str] = []
    while (entry := evidence.vocabulary.get((name, "cell"))) and entry.parent and entry.parent not in found:
        name = entry.parent
        found.append(name)
    return found


def _written(name: str) -> str:
    """A name of the evidence as responses can hold it."""
    return re.sub(r"[^\w.+/-]+", "_", name).strip("_")


def _sentences(arrows: Iterable[_Arrow]) -> Iterator[str]:
    """One response per arrow, and one per target for arrows that act together."""
    joint: dict[tuple[str, str], list[_Arrow]] = {}
    seen: set[tuple[str, str, str]] = set()
    for arrow in arrows:
        if arrow.joint:
            joint.setdefault((arrow.sign, arrow.end), []).append(arrow)
        elif (key := (arrow.start, arrow.sign, arrow.end)) not in seen:
            seen.add(key)
            yield f"{arrow.start} {_SHAFTS[arrow.sign]} {arrow.end} [{arrow.claim}]"
    for (sign, end), together in joint.items():
        condition = " and ".join(dict.fromkeys(a.start for a in together))
        claims = ", ".join(dict.fromkeys(a.claim for a in together))
        yield f"{condition} {_SHAFTS[sign]} {end} [{claims}]"


def _nodes(cell: Cell, known: set[str], texts: list[str], arrows: list[_Arrow]) -> dict[str, ResponseNode]:
    """Nodes of the cell with a basal level for names without a cause: what nothing raises."""
    raised, named = set(), set()
    for text in texts:
        try:
            response = parse_response(text)
        except ResponseError:
            continue  # said where sentences are checked
        named |= {response.target, *(ref.name for ref in refs(response.condition))}
        if response.sign == "+":
            raised.add(response.target)
    nodes = dict(cell.nodes)
    for name in dict.fromkeys(n for a in arrows for n in (a.start, a.end)):
        if name in named and name not in raised and name not in known:
            nodes[name] = ResponseNode(basal=BASAL)
    return nodes
