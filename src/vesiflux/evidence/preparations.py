"""How vesicles are prepared: particles per ug of protein of what comes of it, by preparation."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior
from vesiflux.evidence.tables import suggestion

__all__ = ["aliases", "particles_per_ug", "preparation", "rows"]


@cache
def rows() -> tuple[Mapping[str, str], ...]:
    """Rows of ``data/preparations.tsv``."""
    file = resources.files("vesiflux.evidence").joinpath("data", "preparations.tsv")
    lines = csv.DictReader(
        file.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    return tuple(MappingProxyType({key: cell or "" for key, cell in line.items()}) for line in lines)


@cache
def aliases() -> Mapping[str, Mapping[str, str]]:
    """Rows by every name they go by, lower case."""
    return {
        name.lower(): row
        for row in rows()
        for name in (row["preparation"], *row["aliases"].split("|"))
        if name
    }


def preparation(name: str) -> Mapping[str, str]:
    """Row of a preparation by name or alias.

    Raises
    ------
    InputError
        No preparation is called so.
    """
    key = re.sub(r"[\s_]+", "-", name.strip().lower())
    if key not in aliases():
        known = [row["preparation"] for row in rows()]
        hint = suggestion(key, list(aliases())) or f"; known: {', '.join(known)}"
        raise InputError(f"no preparation is called '{name}'{hint}")
    return aliases()[key]


def particles_per_ug(name: str) -> Prior:
    """Particles per ug of protein of a preparation."""
    row = preparation(name)
    low, typical, high = (float(row[end]) for end in ("low", "typical", "high"))
    return Prior.from_range(
        low, typical, high, "vesicle/ug", mark=row["mark"], source=row["source"], note=row["note"]
    )
