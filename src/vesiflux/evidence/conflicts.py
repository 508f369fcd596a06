"""Where the literature contradicts itself: opposite claims and edges, alternatives and not averages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from vesiflux.evidence.rows import Claim, Edge

__all__ = ["Conflict", "find_conflicts"]

_OPPOSITES = (("+", "-"), ("marker_up", "marker_down"))


@dataclass(frozen=True)
class Conflict:
    """Opposite statements about one thing.

    Attributes
    ----------
    kind
        "claims": effects of ``agent`` on ``outcome`` in one cell and context; "markers": correlations.
        "edges": arrows from ``agent`` to ``outcome`` in one cell.
    cell
        Recipient, else source; of an edge its own cell, else its claim's.
    raises, lowers
        Ids of the claims of either side; a claim that tells of both (an edge up, an edge down) is on both.
    """

    kind: Literal["claims", "markers", "edges"]
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


def find_conflicts(claims: Mapping[str, Claim], edges: Iterable[Edge]) -> list[Conflict]:
    """All conflicts, those between claims first, in the order of the tables."""
    found = []
    for up, down in _OPPOSITES:
        groups: dict[tuple[str, str, str, str], tuple[list[str], list[str]]] = {}
        for claim in claims.values():
            if not claim.agent or claim.direction not in (up, down):
                continue
            key = (claim.agent, claim.outcome, claim.cell, claim.context)
            groups.setdefault(key, ([], []))[claim.direction == down].append(claim.id)
        kind: Literal["claims", "markers"] = "claims" if up == "+" else "markers"
        found += [
            Conflict(kind, *key, tuple(raises), tuple(lowers))
            for key, (raises, lowers) in groups.items()
            if raises and lowers
        ]
    arrows: dict[tuple[str, str, str], tuple[dict[str, None], dict[str, None]]] = {}
    for edge in edges:
        claim = claims[edge.claim_id]
        arrow = (edge.start, edge.end, edge.cell or claim.cell)
        arrows.setdefault(arrow, ({}, {}))[edge.sign == "-"][edge.claim_id] = None
    found += [
        Conflict("edges", *arrow, "", tuple(raises), tuple(lowers))
        for arrow, (raises, lowers) in arrows.items()
        if raises and lowers
    ]
    return found
