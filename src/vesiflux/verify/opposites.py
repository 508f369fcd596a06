"""Which claims say the opposite of each other about one cause, outcome, cell and context: frozen in a table.

The table was computed from the claims before anything was run (`compute`) and is read from then on, so
that no verdict can change what counts as a contradiction.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence

__all__ = ["compute", "opposites"]

FILE = "opposites.tsv"


def opposites() -> dict[str, tuple[str, ...]]:
    """Claim -> claims that say the opposite, from the frozen table."""
    text = resources.files("vesiflux.verify").joinpath(FILE).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[str, tuple[str, ...]] = {}
    for raises, lowers in rows[1:]:
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
