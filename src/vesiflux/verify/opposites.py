"""Which claims say the opposite of each other about one cause, outcome, cell and context: frozen in a table.

The table was computed from the claims before anything was run (`compute`) and is read from then on, so
that no verdict can change what counts as a contradiction. Another table lists those between reviews, of which
each is judged in its own model: there both may well be reproduced.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence

__all__ = ["Between", "between_reviews", "compute", "opposites"]

FILE, BETWEEN = "opposites.tsv", "opposites-between.tsv"


class Between(NamedTuple):
    """Two claims of different reviews that stand against each other, and what they are about."""

    about: str
    one: str
    other: str
    how: str  # read | computed
    note: str


def between_reviews() -> list[Between]:
    """The frozen table of contradictions between reviews."""
    return [Between(*row) for row in _rows(BETWEEN)]


def _rows(file: str) -> list[list[str]]:
    text = resources.files("vesiflux.verify").joinpath(file).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return rows[1:]


def opposites() -> dict[str, tuple[str, ...]]:
    """Claim -> claims that say the opposite, from the frozen table."""
    found: dict[str, tuple[str, ...]] = {}
    for raises, lowers in _rows(FILE):
        found[raises] = (*found.get(raises, ()), lowers)
        found[lowers] = (*found.get(lowers, ()), raises)
    return found


def compute(evidence: Evidence) -> list[tuple[str, str]]:
    """Pairs (raising, lowering) of claims, as the table holds them.

    Agents and outcomes are those of the vocabulary; an outcome is what its readout shows, with its sign.
    """
    groups: dict[tuple[str, ...], dict[int, list[str]]] = {}
    for claim in evidence.claims.values():
        way = {"+": 1, "marker_up": 1, "-": -1, "marker_down": -1}.get(claim.direction)
        if way is None or not claim.agent:
            continue
        readout = evidence.readout(claim.outcome)
        outcome, sign = (readout.node, readout.sign) if readout else (claim.outcome, "+")
        kind = "marker" if claim.direction.startswith("marker") else "cause"
        names = (evidence.canonical(claim.agent), evidence.canonical(outcome), claim.cell, claim.context)
        sides = groups.setdefault((kind, *names), {1: [], -1: []})
        sides[-way if sign == "-" else way].append(claim.id)
    return sorted((up, down) for sides in groups.values() for up in sides[1] for down in sides[-1])
