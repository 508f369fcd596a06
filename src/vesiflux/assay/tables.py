"""Tables that lie beside this room's code: rows as mappings of texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from vesiflux.evidence.priors import Prior
from vesiflux.language.tsv import own_rows

__all__ = ["prior", "priors", "rows"]

_ROOM = Path(__file__).parent


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Rows of the table ``name`` (a path below this room), each a mapping of column to text."""
    return tuple(own_rows(_ROOM / name))


def prior(row: Mapping[str, str]) -> Prior:
    """Prior of a row with low, typical, high, mark and source; ``upper`` and ``unit`` where it has them."""
    low, typical, high = (float(row[key]) for key in ("low", "typical", "high"))
    upper = row.get("upper", "")
    if low == typical == high:
        return Prior("fixed", low, typical, high, row.get("unit", "1"), row["mark"], row["source"])
    return Prior.from_range(
        low,
        typical,
        high,
        row.get("unit", "1"),
        mark=row["mark"],
        source=row["source"],
        note=row.get("note", ""),
        upper=float(upper) if upper else None,
    )


@cache
def priors(name: str) -> Mapping[str, Prior]:
    """Priors of a parameter table, by symbol."""
    return {row["symbol"]: prior(row) for row in rows(name)}
