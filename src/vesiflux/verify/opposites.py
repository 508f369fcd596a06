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
    """Pairs (raising, lowering) of claims, as the table holds them."""
    return sorted({pair for c in evidence.conflicts() if c.kind in ("claims", "markers") for pair in c.pairs})
