"""The tables of this folder, looked up by name or alias."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import cache

from vesiflux.assay import tables
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence, Prior, preparations
from vesiflux.language.words import listed

__all__ = ["aliases", "cargo_row", "evidence_prior", "named", "own_prior", "row_prior", "rows"]


def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Rows of ``dose/NAME.tsv``; preparations are the evidence's."""
    return preparations.rows() if name == "preparations" else tables.rows(f"dose/{name}.tsv")


@cache
def aliases(name: str) -> Mapping[str, Mapping[str, str]]:
    """Rows of a table by every name they go by, lower case; the first column is the name."""
    found = {}
    for row in rows(name):
        for alias in (next(iter(row.values())), *row["aliases"].split("|")):
            if alias:
                found[alias.lower()] = row
    return found


def named(table: str, name: str, what: str) -> Mapping[str, str]:
    """Row of a table by name or alias; `InputError` names the nearest."""
    known = aliases(table)
    key = re.sub(r"[\s_]+", "-", name.strip().lower())
    if key not in known:
        main = [next(iter(row.values())) for row in rows(table)]
        close = difflib.get_close_matches(key, known, 6, 0.6)
        near: dict[str, str] = {}  # one name per row, its own where that is near
        for alias in close:
            own = next(iter(known[alias].values()))
            near.setdefault(own, own if own.lower() in close else alias)
        cure = f"did you mean {' or '.join(map(repr, list(near.values())[:3]))}?" if near else ""
        raise InputError(f"no {what} is called {name!r}; {cure or f'known: {listed(main, 20)}'}")
    return known[key]


def row_prior(row: Mapping[str, str], unit: str) -> Prior:
    """Low, typical and high of a row as a prior."""
    return tables.prior({"unit": unit, **row})


def own_prior(symbol: str) -> Prior:
    """One of the few parameters of this folder, by symbol."""
    return tables.priors("dose/well.tsv")[symbol]


def evidence_prior(symbol: str) -> Prior:
    """A row of the evidence's parameter table."""
    return Evidence.load().prior(symbol)


def cargo_row(name: str) -> Mapping[str, str]:
    """Row of the class that a cargo belongs to; `InputError` where no class is known."""
    for row in rows("cargo"):
        if re.fullmatch(row["pattern"], name.strip(), re.IGNORECASE):
            return row
    raise InputError(
        f"how many copies of {name!r} a particle holds is not known here; give it, e.g. --copies 0.01 or "
        "--copies 0.001,0.01,0.1 (low, typical, high)"
    )
