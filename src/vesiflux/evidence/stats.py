"""What the tables hold, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vesiflux.evidence.rows import Edge

if TYPE_CHECKING:
    from vesiflux.evidence.base import Evidence

__all__ = ["statistics"]


def statistics(evidence: Evidence) -> dict[str, Any]:
    """Counts of everything, as plain numbers, lists and dictionaries; see `Evidence.stats`."""
    edges, claims = evidence.edges, evidence.claims
    status = Counter(edge.status for edge in edges)
    behind = _publications(evidence)
    votes = Counter(len(publications) for publications in behind.values())
    kinds = Counter(conflict.kind for conflict in evidence.conflicts())
    return {
        "claims": len(claims),
        "edges": len(edges),
        "quantities": len(evidence.quantities),
        "parameters": len(evidence.parameters),
        "vocabulary": len(evidence.vocabulary),
        "conflicts": len(evidence.conflicts()),
        "conflicts_by_kind": dict(kinds),
        "reviews": _reviews(evidence),
        "kinds": dict(Counter(claim.kind for claim in claims.values()).most_common()),
        "directions": dict(Counter(claim.direction for claim in claims.values()).most_common()),
        "names": {
            "printed": len(_printed(edges)),
            "canonical": len({name for edge in edges for name in (edge.start, edge.end)}),
            "synonyms": sum(len(name.synonyms) for name in evidence.vocabulary.values()),
        },
        "claims_corrected": sum(claim.status == "corrected" for claim in claims.values()),
        "edges_doubtful": status["doubtful"],
        "edges_corrected": status["corrected"],
        "edges_unplaced": len(evidence.unplaced),
        "edges_and": sum(edge.logic == "and" for edge in edges),
        "self_loops": [asdict(loop) for loop in evidence.self_loops],
        "transfers": len(evidence.transfers),
        "arrows": len(behind),
        "arrows_on_one_publication": votes[1],
        "arrows_by_publications": {str(n): votes[n] for n in sorted(votes)},
        "publications": len({p for publications in behind.values() for p in publications}),
        "dropped": [asdict(dropped) for dropped in evidence.dropped],
    }


def _publications(evidence: Evidence) -> dict[tuple[str, str, str, str], set[tuple[str, str]]]:
    """Publications by distinct arrow: start, sign, end and the cell it acts in."""
    found: dict[tuple[str, str, str, str], set[tuple[str, str]]] = defaultdict(set)
    for edge in evidence.edges:
        cell = edge.cell or evidence.claims[edge.claim_id].cell
        found[edge.start, edge.sign, edge.end, cell] |= evidence.publications(edge.claim_id)
    return found


def _reviews(evidence: Evidence) -> dict[str, dict[str, int]]:
    claims = Counter(claim.review for claim in evidence.claims.values())
    edges = Counter(evidence.claims[edge.claim_id].review for edge in evidence.edges)
    cited: dict[str, set[str]] = defaultdict(set)
    for claim in evidence.claims.values():
        cited[claim.review].update(claim.refs)
    return {
        review: {"claims": count, "edges": edges[review], "references": len(cited[review])}
        for review, count in claims.items()
    }


def _printed(edges: Iterable[Edge]) -> set[str]:
    return {name for e in edges for name in (e.printed_start or e.start, e.printed_end or e.end)}
