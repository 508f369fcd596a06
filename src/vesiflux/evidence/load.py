"""From folders of tables to rows: which files, in which order, what is left out."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from vesiflux.errors import InputError, Problem
from vesiflux.evidence.parameters import prior_of_row
from vesiflux.evidence.raw import Form, Tables, WrittenUnit
from vesiflux.evidence.readers import READERS, check_parents
from vesiflux.evidence.rows import Dropped
from vesiflux.evidence.tables import Reader

__all__ = ["Form", "Tables", "WrittenUnit", "load_folder", "load_shipped"]

_BY_KEY = (
    "parameters", "references", "reviews", "readouts", "continuations", "contexts", "directions",
    "edge_status", "edge_cells", "claim_outcomes",
)  # fmt: skip


def load_shipped(folder: Traversable | None = None) -> Tables:
    """Read the tables that come with vesiflux; a row that is broken or repeated is left out and listed."""
    tables = Tables()
    folder = folder or resources.files("vesiflux.evidence").joinpath("data")
    problems = _read_all(tables, sorted(folder.iterdir(), key=lambda f: f.name), "")
    named = {d.reason.partition(": ")[0] for d in tables.dropped}
    for problem in problems:
        place = f"{problem.file}:{problem.line}"
        if place not in named:
            tables.dropped.append(Dropped(place, f"{place}: {problem.message}"))
    return tables


def load_folder(tables: Tables, folder: Path) -> None:
    """Add a user's folder of tables to ``tables``; its parameters replace those of the same symbol.

    Raises
    ------
    InputError
        Everything that is wrong in the folder, each with file, line and column.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder of evidence tables; give a folder that holds *.claims.tsv"
        )
    files = sorted(folder.glob("*.tsv"))
    unknown = [file for file in files if _table_of(file.name) is None]
    problems = [
        Problem(str(file), 1, 1, f"no table is called this; use {', '.join(sorted(READERS))}")
        for file in unknown
    ]
    if not files:
        raise InputError(f"{folder}: holds no tables; put REVIEW.claims.tsv there, e.g. mylab.claims.tsv")
    mine = Tables(
        dict(tables.claims),
        edge_keys=set(tables.edge_keys),
        vocabulary=dict(tables.vocabulary),
        synonyms=dict(tables.synonyms),
        written_units=dict(tables.written_units),
        own=True,
    )
    problems += _read_all(mine, [f for f in files if f not in unknown], f"{folder}/")
    for symbol, row in mine.parameters.items():
        try:
            prior_of_row(row, mine.forms.get(symbol), mine.written_units)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError([problem for problem in problems if problem not in mine.follow_ups])
    tables.claims, tables.vocabulary, tables.synonyms = mine.claims, mine.vocabulary, mine.synonyms
    tables.edges += mine.edges
    tables.edge_keys = mine.edge_keys
    tables.transfers += mine.transfers
    tables.quantities += mine.quantities
    for name in _BY_KEY:
        getattr(tables, name).update(getattr(mine, name))
    tables.forms = {k: v for k, v in tables.forms.items() if k not in mine.parameters} | mine.forms
    tables.written_units = mine.written_units


def _table_of(name: str) -> str | None:
    """Name of the table a file holds: ``REVIEW.claims.tsv`` for ``tme.claims.tsv``; any may have a prefix."""
    prefix, _, table = name.partition(".")
    own = f"REVIEW.{table}"
    return next((t for t in (own if prefix else None, name, table) if t in READERS), None)


def _read_all(tables: Tables, files: Iterable[Traversable | Path], prefix: str) -> list[Problem]:
    """Read files, claims first, so that edges and quantities can name them. Returns what is wrong."""
    problems: list[Problem] = []
    by_table = [(table, file) for file in files if (table := _table_of(file.name)) is not None]
    for table, (columns, add) in READERS.items():
        for file in (f for t, f in by_table if t == table):
            review = file.name.partition(".")[0]
            for cells in Reader(problems).rows(file, prefix + file.name, columns):
                add(tables, cells, review)
    check_parents(tables)
    return problems
