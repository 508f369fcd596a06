"""Claims, arrows and paths in words for people, and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from vesiflux.cli._library_uses import Use
    from vesiflux.evidence import Conflict, Edge, Evidence, Quantity, Shown
    from vesiflux.evidence.graph import Arrow
    from vesiflux.evidence.paths import Path
    from vesiflux.evidence.places import Node
    from vesiflux.evidence.rows import Transfer

__all__ = [
    "arrow_json", "conflict_text", "direction", "path_json", "path_lines", "print_claim",
    "publications", "shown_json", "votes_text",
]  # fmt: skip


def direction(word: str) -> str:
    """What raising the agent does to the outcome."""
    return {"+": "raises", "-": "lowers", "0": "no effect", "biphasic": "both ways"}.get(word, word)


def votes_text(count: int) -> str:
    """How many publications."""
    return f"{count} publication{'' if count == 1 else 's'}"


def conflict_text(conflict: Conflict) -> str:
    """Who says which of two opposite things."""
    apart = {
        "exceptions": "a general statement and its exceptions",
        "elsewhere": "no contradiction, other cells",
    }
    place = ", ".join(filter(None, (conflict.cell, conflict.context, apart.get(conflict.kind))))
    where = f" ({place})" if place else ""
    return (
        f"{conflict.agent} on {conflict.outcome}{where}: raised by {', '.join(conflict.raises)}; "
        f"lowered by {', '.join(conflict.lowers)}"
    )


def shown_json(evidence: Evidence, shown: Shown, used: Sequence[Use]) -> dict[str, Any]:
    """One claim with all that hangs on it; edges with the columns of the table and what cleaning says."""
    claim = {key: value for key, value in asdict(shown.claim).items() if key not in ("file", "line")}
    return {
        "claim": claim,
        "chain": [_edge_json(edge) for edge in shown.chain],
        "readout": _readout_json(evidence, shown),
        "votes": _votes(evidence, shown),
        "quantities": [asdict(q) for q in shown.quantities],
        "doubts": list(shown.doubts),
        "sources": [asdict(s) | {"vote": s.vote} for s in shown.sources],
        "conflicts": [asdict(c) for c in shown.conflicts],
        "continues": shown.continues,
        "self_loops": [asdict(loop) for loop in evidence.self_loops if loop.claim_id == shown.claim.id],
        "transfers": [asdict(row) for row in _transfers(evidence, shown)],
        "used_by": [asdict(use) for use in used],
    }


def print_claim(console: Console, evidence: Evidence, shown: Shown, used: Sequence[Use]) -> None:
    """One claim for people."""
    claim = shown.claim
    console.print(f"{claim.id}  {claim.effect}", style="bold")
    readout = _readout_json(evidence, shown)
    facts = {
        "review": f"{claim.review}, section {claim.section}" if claim.section else claim.review,
        "kind": claim.kind,
        "agent and outcome": f"{claim.agent or '-'} {direction(claim.direction)} {claim.outcome}",
        "as printed": _as_printed(shown),
        "read as": "" if readout is None else _readout_text(readout),
        "source": claim.source,
        "vesicle and cargo": ": ".join(_stated(claim.vesicle, claim.cargo)),
        "recipient": claim.recipient,
        "context and system": ", ".join(_stated(claim.context, claim.system)),
        "to check": claim.checkable,
        "continues": shown.continues,
        "votes": str(evidence.votes(shown.chain)) if shown.chain else "",
    }
    for name, fact in facts.items():
        if fact:
            console.print(f"  {name}: {fact}", soft_wrap=True)
    loops = [loop for loop in evidence.self_loops if loop.claim_id == claim.id]
    sections = {
        "chain": [_edge_line(edge) for edge in shown.chain],
        "left out": [
            f"{loop.step}. {loop.printed_start} and {loop.printed_end} are both {loop.name}" for loop in loops
        ],
        "numbers": [_number_line(quantity) for quantity in shown.quantities],
        "doubts": list(shown.doubts),
        "sources": [
            f"[{source.vote}] {source.text}{f', doi {source.doi}' if source.doi else ''}"
            for source in shown.sources
        ],
        "conflicts": [conflict_text(conflict) for conflict in shown.conflicts],
        "taken to another context": [_transfer_line(row) for row in _transfers(evidence, shown)],
        "used by": _use_lines(used),
    }
    for name, lines in sections.items():
        if lines:
            console.print(name, style="bold")
            for line in lines:
                console.print(f"  {line}", soft_wrap=True)


def _stated(*words: str) -> list[str]:
    return [word for word in words if word not in ("", "none")]


def path_json(path: Path) -> dict[str, Any]:
    """A path with the claims and publications behind each arrow."""
    return {
        "sign": "+" if path.sign > 0 else "-",
        "arrows": [arrow_json(arrow) for arrow in path.arrows],
        "length": len(path),
        "weakest": path.weakest,
        "votes": path.votes,
        "cells": list(path.cells),
        "crossings": [{"arrow": position, "by": what} for position, what in path.crossings],
        "contested": list(path.contested),
        "doubtful": path.doubtful,
        "assumed": path.assumed,
    }


def arrow_json(arrow: Arrow) -> dict[str, Any]:
    """An arrow with its ends, its claims and the publications behind it."""
    return {
        "from": _node_json(arrow.start, arrow.start_kind),
        "sign": "+" if arrow.sign > 0 else "-",
        "to": _node_json(arrow.end, arrow.end_kind),
        "claims": list(arrow.claims),
        "publications": publications(arrow),
        "votes": arrow.votes,
        "relations": list(arrow.relations),
        "crosses": arrow.crosses,
        "joins": arrow.bridge,
        "doubtful": arrow.doubtful,
        "logic": arrow.logic,
        "note": arrow.note,
    }


def path_lines(path: Path) -> list[str]:
    """A path, one line per arrow; the weakest, the contested and the ways between cells are pointed out."""
    lines = [str(path.nodes[0])]
    for position, arrow in enumerate(path.arrows):
        remarks = [f"joins claims, {arrow.note}"] if arrow.bridge else []
        if arrow.claims:
            remarks.append(f"{_some(arrow.claims)} {_some(publications(arrow), '[{}]')}")
        if arrow.crosses:
            remarks.append("carrier not named" if arrow.crosses == "not named" else f"by a {arrow.crosses}")
        if position == path.weakest and len(path) > 1:
            remarks.append("weakest")
        if position in path.contested:
            remarks.append("contested")
        if arrow.doubtful:
            remarks.append("doubtful")
        lines.append(f"  {'->' if arrow.sign > 0 else '-|'} {arrow.end}   ({'; '.join(remarks)})")
    return lines


def publications(arrow: Arrow) -> list[str]:
    """Publications behind an arrow, as votes are written: ``tme:18``, ``tme`` for the review itself."""
    return sorted(f"{review}:{ref}" if ref else review for review, ref in arrow.publications)


def _some(words: Sequence[str], form: str = "{}", most: int = 4) -> str:
    more = f", {len(words) - most} more" if len(words) > most else ""
    return form.format(", ".join(words[:most]) + more)


def _node_json(node: Node, kind: str) -> dict[str, str]:
    return node._asdict() | {"kind": kind}


def _votes(evidence: Evidence, shown: Shown) -> dict[str, int]:
    return evidence.votes(shown.chain).counts if shown.chain else {}


def _transfers(evidence: Evidence, shown: Shown) -> list[Transfer]:
    """Transfers that move a name of the claim out of the context it is in."""
    names = {name for edge in shown.chain for name in (edge.start, edge.end)}
    cells = {edge.cell for edge in shown.chain} | {shown.claim.source, shown.claim.recipient}
    return [row for row in evidence.transfers if row.from_context in cells and row.name_from in names]


def _transfer_line(row: Transfer) -> str:
    return (
        f"{row.name_from} in {row.from_context} as {row.name_to} in {row.to_context} ({row.mark}) {row.note}"
    )


def _readout_json(evidence: Evidence, shown: Shown) -> dict[str, Any] | None:
    claim = shown.claim
    readout = evidence.claim_outcomes.get(claim.id) or evidence.readout(claim.outcome)
    return None if readout is None else asdict(readout)


def _readout_text(readout: dict[str, Any]) -> str:
    if readout["attribute"] == "none":
        return f"nothing: {readout['note']}"
    against = ", against its direction" if readout["sign"] == "-" else ""
    why = f": {readout['note']}" if readout["note"] else ""
    return f"{readout['attribute'].replace('_', ' ')} of {readout['node']}{against} ({readout['mark']}){why}"


def _as_printed(shown: Shown) -> str:
    claim = shown.claim
    pairs = ((claim.printed_agent, claim.agent), (claim.printed_outcome, claim.outcome))
    return ", ".join(printed for printed, name in pairs if printed and printed != name)


def _edge_json(edge: Edge) -> dict[str, Any]:
    """Columns as in the table."""
    rename = {"start": "from", "end": "to"}
    hidden = ("claim_id", "file", "line")
    return {rename.get(key, key): value for key, value in asdict(edge).items() if key not in hidden}


def _edge_line(edge: Edge) -> str:
    arrow = "->" if edge.sign == "+" else "-|"
    where = f" in {edge.cell}" if edge.cell else ", cell not stated"
    printed = [p for p, n in ((edge.printed_start, edge.start), (edge.printed_end, edge.end)) if p and p != n]
    remarks = [f"{edge.relation}{where}"]
    if edge.logic == "and":
        remarks.append("AND")
    if printed:
        remarks.append(f"printed {', '.join(printed)}")
    if edge.status != "accepted":
        remarks.append(f"{edge.status}{f': {edge.reason}' if edge.reason else ''}")
    return f"{edge.step}. {edge.start} {arrow} {edge.end}  ({'; '.join(remarks)})"


def _number_line(quantity: Quantity) -> str:
    word = quantity.unit if quantity.unit not in ("", "1") else quantity.printed_unit
    unit = f" {word}" if word not in ("", "1") else ""
    against = f", against {quantity.comparator}" if quantity.comparator else ""
    condition = f" ({quantity.condition})" if quantity.condition else ""
    return f"{quantity.quantity}: {_range(quantity.low, quantity.high)}{unit}{against}{condition}"


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None or low == high:
        value = low if low is not None else high
        return "-" if value is None else f"{value:g}"
    return f"{low:g} to {high:g}"


def _use_lines(used: Sequence[Use]) -> list[str]:
    """One line per file with what in it rests on the claim."""
    files: dict[tuple[str, str], list[str]] = {}
    for use in used:
        files.setdefault((use.model, use.file), []).append(f"{use.what} (line {use.line})")
    return [f"{model}, {file}: {', '.join(dict.fromkeys(lines))}" for (model, file), lines in files.items()]
