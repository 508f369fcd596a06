"""The room's own tables: biology is rows, and every number has a source and a mark."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence

__all__ = [
    "SETTINGS", "Switch", "cargo_class", "cell_class", "model_hash", "number_rows", "prior_of", "routes",
    "rows", "switches", "words",
]  # fmt: skip

SETTINGS = ("dish", "neighbours", "iv", "patient", "blood")
"""Where recipients meet vesicles; `data/settings.tsv` says what each is."""


@lru_cache(maxsize=16)
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Rows of ``data/NAME.tsv`` by column."""
    text = resources.files("vesiflux.audit").joinpath("data", f"{name}.tsv").read_text(encoding="utf-8")
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(MappingProxyType({k: v or "" for k, v in row.items()}) for row in reader)


@lru_cache(maxsize=1)
def number_rows() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Rows of ``data/numbers.tsv`` by parameter and what they hold of, "" for all others."""
    return {(row["parameter"], of): row for row in rows("numbers") for of in row["of"].split(";")}


def prior_of(row: Mapping[str, str], evidence: Evidence) -> Prior:
    """A row of `number_rows` as a distribution, in its unit; `symbol` points into the parameter table."""
    if row["symbol"]:
        return evidence.prior(row["symbol"]).to(row["unit"])
    low, typical, high, upper = (
        float(row[c]) if row[c] else None for c in ("low", "typical", "high", "upper")
    )
    return Prior.from_range(
        low, typical, high, row["unit"], row["form"] or None, row["mark"], row["source"], upper=upper
    )


@dataclass(frozen=True)
class Switch:
    """One choice of an open conflict: the row it puts in the place of that parameter's general one."""

    name: str
    choice: str
    default: bool
    row: Mapping[str, str]


@lru_cache(maxsize=1)
def switches() -> Mapping[str, Mapping[str, Switch]]:
    """Open conflicts of the field, by name and choice (`data/switches.tsv`)."""
    found: dict[str, dict[str, Switch]] = {}
    for row in rows("switches"):
        one = Switch(row["switch"], row["choice"], bool(row["default"]), row)
        found.setdefault(one.name, {})[one.choice] = one
    return found


@lru_cache(maxsize=1)
def _cells() -> Mapping[str, tuple[str, str, str]]:
    return {row["name"]: (row["class"], row["organ"], row["note"]) for row in rows("cells")}


def cell_class(name: str, evidence: Evidence) -> tuple[str, str, str]:
    """Class, organ and note of a cell, tissue or organ: its own row, else that of the nearest parent.

    Raises
    ------
    InputError
        Neither the name nor a parent of it has a row.
    """
    from vesiflux.evidence.tables import suggestion

    known = _cells()
    for spelled in (name, f"{name}_cell"):
        canonical = evidence.canonical(spelled, "cell")
        chain = (spelled, canonical, *_parents(canonical, evidence))
        for one in chain:
            if one in known:
                return known[one]
    names = {n for n, kind in evidence.vocabulary if kind in ("cell", "organ")} | known.keys()
    hint = suggestion(name, names) or "; e.g. tumour_cell, fibroblast, macrophage, liver"
    raise InputError(f"'{name}' is no cell or organ of the evidence{hint}")


def _parents(name: str, evidence: Evidence) -> tuple[str, ...]:
    found: list[str] = []
    while True:
        entry = evidence.vocabulary.get((name, "cell")) or evidence.vocabulary.get((name, "organ"))
        if entry is None or not entry.parent or entry.parent in found:
            return tuple(found)
        name = entry.parent
        found.append(name)


@lru_cache(maxsize=1)
def _cargo() -> tuple[Mapping[str, str], tuple[tuple[str, str], ...]]:
    exact = {r["name"]: r["class"] for r in rows("cargo") if "*" not in r["name"]}
    return exact, tuple((r["name"], r["class"]) for r in rows("cargo") if "*" in r["name"])


def cargo_class(name: str, kind: str) -> str:
    """Class of a cargo: by its name, else by the first pattern that fits, else by its kind.

    Raises
    ------
    InputError
        Neither name nor kind is known.
    """
    exact, patterns = _cargo()
    if name in exact:
        return exact[name]
    for pattern, found in patterns:
        if fnmatchcase(name, pattern):
            return found
    if f"kind:{kind}" in exact:
        return exact[f"kind:{kind}"]
    kinds = sorted(n.removeprefix("kind:") for n in exact if n.startswith("kind:"))
    raise InputError(f"cargo '{name}' is not in the table; say of which kind it is: {', '.join(kinds)}")


@lru_cache(maxsize=1)
def routes() -> Mapping[str, tuple[str, ...]]:
    """Ways in which cargo of a class can act, by class."""
    return {row["class"]: tuple(row["routes"].split(";")) for row in rows("classes")}


@lru_cache(maxsize=1)
def model_hash() -> str:
    """SHA-256 over all that a verdict follows from: sources and tables of the room, physics, parameters."""
    package = Path(__file__).parent.parent
    files = [*package.glob("audit/**/*.py"), *package.glob("audit/data/*.tsv"), *package.glob("physics/*.py")]
    files += [package / "evidence" / "priors.py", *package.glob("evidence/data/parameter*.tsv")]
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path.relative_to(package).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def words(table: str, key: str, name: str) -> str:
    """What a table says of a name in words."""
    return next((row["words"] for row in rows(table) if row[key] == name), name)
