"""From folders of tables to rows: which files, which checks, what is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from vesiflux.errors import InputError, Problem
from vesiflux.evidence.parameters import prior_of_row
from vesiflux.evidence.rows import (
    DIRECTIONS,
    EDGE_KINDS,
    KINDS,
    RELATIONS,
    Claim,
    Dropped,
    Edge,
    NameRow,
    ParameterRow,
    Quantity,
    Readout,
    Reference,
    Review,
)
from vesiflux.evidence.tables import Cells, Reader, suggestion

__all__ = ["Form", "Tables", "WrittenUnit", "load_folder", "load_shipped"]

_CLAIM = tuple(f.name for f in fields(Claim))[:19]
_EDGE = ("claim_id", "step", "from", "sign", "to", "from_kind", "to_kind", "cell", "relation")
_QUANTITY = tuple(f.name for f in fields(Quantity))
_PARAMETER = tuple(f.name for f in fields(ParameterRow))[:11]
_REFERENCE = (
    "ref", "first_author", "year", "title_as_printed", "source_as_printed", "identity", "fit_to_use",
    "comment", "claims",
)  # fmt: skip
_NAME = ("name", "kind", "synonyms", "parent", "curie", "note")
_SYNONYM = re.compile(r"(?P<name>[^\[\]]+?)(?: \[(?P<kind>\w+)\])?")
_BY_KEY = (
    "parameters", "references", "reviews", "readouts", "continuations", "contexts", "directions",
)  # fmt: skip
_FORM_KINDS = ("lookup", "switch", "loguniform", "uniform", "fixed", "normal", "lognormal")


@dataclass(frozen=True)
class Form:
    """How a parameter row is read when it is no plain range (`parameter-forms.tsv`)."""

    kind: str
    low: float | None
    high: float | None
    upper: float | None
    reason: str


@dataclass(frozen=True)
class WrittenUnit:
    """A unit as tables write it (`written-units.tsv`): ``unit`` times ``factor``; ``upper`` of a share."""

    unit: str
    factor: float
    upper: float | None


@dataclass
class Tables:
    """All rows of one or more folders, by table."""

    claims: dict[str, Claim] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    parameters: dict[str, ParameterRow] = field(default_factory=dict)
    references: dict[tuple[str, str], Reference] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    readouts: dict[str, Readout] = field(default_factory=dict)
    vocabulary: dict[tuple[str, str], NameRow] = field(default_factory=dict)
    synonyms: dict[tuple[str, str], str] = field(default_factory=dict)
    parents: list[Cells] = field(default_factory=list)  # vocabulary rows whose parent is still to be checked
    continuations: dict[str, str] = field(default_factory=dict)
    directions: dict[str, tuple[str, str]] = field(default_factory=dict)  # corrected, with the reason
    contexts: dict[str, str] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    written_units: dict[str, WrittenUnit] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)


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
        Problem(str(file), 1, 1, f"no table is called this; use {', '.join(sorted(_READERS))}")
        for file in unknown
    ]
    if not files:
        raise InputError(f"{folder}: holds no tables; put REVIEW.claims.tsv there, e.g. mylab.claims.tsv")
    mine = Tables(dict(tables.claims), vocabulary=dict(tables.vocabulary), synonyms=dict(tables.synonyms))
    problems += _read_all(mine, [f for f in files if f not in unknown], f"{folder}/")
    for symbol, row in mine.parameters.items():
        try:
            prior_of_row(row, mine.forms.get(symbol), tables.written_units | mine.written_units)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    tables.claims, tables.vocabulary, tables.synonyms = mine.claims, mine.vocabulary, mine.synonyms
    tables.edges += mine.edges
    tables.quantities += mine.quantities
    for name in (
        "parameters",
        "references",
        "reviews",
        "readouts",
        "continuations",
        "contexts",
        "directions",
    ):
        getattr(tables, name).update(getattr(mine, name))
    tables.forms = {k: v for k, v in tables.forms.items() if k not in mine.parameters} | mine.forms
    tables.written_units |= mine.written_units


def _table_of(name: str) -> str | None:
    """Name of the table a file holds: ``REVIEW.claims.tsv`` for ``tme.claims.tsv``; any may have a prefix."""
    prefix, _, table = name.partition(".")
    own = f"REVIEW.{table}"
    return next((t for t in (own if prefix else None, name, table) if t in _READERS), None)


def _read_all(tables: Tables, files: Iterable[Traversable | Path], prefix: str) -> list[Problem]:
    """Read files, claims first, so that edges and quantities can name them. Returns what is wrong."""
    problems: list[Problem] = []
    by_table = [(table, file) for file in files if (table := _table_of(file.name)) is not None]
    for table, (columns, add) in _READERS.items():
        for file in (f for t, f in by_table if t == table):
            review = file.name.partition(".")[0]
            for cells in Reader(problems).rows(file, prefix + file.name, columns):
                add(tables, cells, review)
    _check_parents(tables)
    return problems


def _claim(tables: Tables, cells: Cells, review: str) -> None:
    before = len(cells.problems)
    key = cells.needed("id")
    if key and not key.startswith(f"{review}-"):
        cells.wrong("id", f"'{key}' must begin with the file's name, e.g. '{review}-001'")
    if key in tables.claims:
        first = tables.claims[key]
        cells.wrong("id", f"'{key}' is already the id of {first.file}:{first.line}; give it another number")
    cells.one_of("kind", KINDS)
    cells.one_of("direction", DIRECTIONS)
    cells.needed("effect")
    cells.needed("outcome")
    if len(cells.problems) == before:
        tables.claims[key] = Claim(**cells.values, review=review, file=cells.file, line=cells.line)
        return
    why = "; ".join(problem.message for problem in cells.problems[before:])
    tables.dropped.append(Dropped(key, f"{cells.file}:{cells.line}: {why}"))


def _known_claim(tables: Tables, cells: Cells) -> None:
    key = cells["claim_id"]
    if key not in tables.claims:
        cells.wrong("claim_id", f"no claim has the id '{key}'{suggestion(key, tables.claims)}")


def _edge(tables: Tables, cells: Cells, review: str) -> None:
    before = len(cells.problems)
    _known_claim(tables, cells)
    edge = Edge(
        cells["claim_id"], cells.whole("step"), cells.needed("from"), cells.one_of("sign", ("+", "-")),
        cells.needed("to"), cells.one_of("from_kind", EDGE_KINDS), cells.one_of("to_kind", EDGE_KINDS),
        cells["cell"], cells.one_of("relation", RELATIONS), file=cells.file, line=cells.line,
    )  # fmt: skip
    if len(cells.problems) == before:
        tables.edges.append(edge)


def _quantity(tables: Tables, cells: Cells, review: str) -> None:
    before = len(cells.problems)
    _known_claim(tables, cells)
    low, high = cells.number("low"), cells.number("high")
    if low is not None and high is not None and low > high:
        cells.wrong("low", f"{low:g} is above high, {high:g}")
    row = Quantity(
        cells["claim_id"], cells.needed("quantity"), low, high, cells["unit"], cells["comparator"],
        cells["condition"], cells["note"],
    )  # fmt: skip
    if len(cells.problems) == before:
        tables.quantities.append(row)


def _parameter(tables: Tables, cells: Cells, review: str) -> None:
    before = len(cells.problems)
    symbol = cells.needed("symbol")
    if symbol in tables.parameters:
        cells.wrong("symbol", f"'{symbol}' is already on line {tables.parameters[symbol].line}")
    low, typical, high = (cells.number(c) for c in ("low", "typical", "high"))
    stated = [x for x in (low, typical, high) if x is not None]
    if stated != sorted(stated):
        cells.wrong("low", "low, typical and high must rise, e.g. 1, 2, 5")
    row = ParameterRow(
        cells["name"], symbol, low, typical, high, cells["unit"], cells["condition"], cells["source"],
        cells["doi_or_pmid"], cells["confidence"], cells["note"], cells.file, cells.line,
    )  # fmt: skip
    if len(cells.problems) == before:
        tables.parameters[symbol] = row


def _reference(tables: Tables, cells: Cells, review: str) -> None:
    ref = cells.needed("ref")
    tables.references[review, ref] = Reference(review, ref, *(cells[c] for c in _REFERENCE[1:8]))


def _review(tables: Tables, cells: Cells, review: str) -> None:
    row = Review(**cells.values)
    tables.reviews[row.review] = row


def _readout(tables: Tables, cells: Cells, review: str) -> None:
    sign = cells.one_of("sign", ("+", "-"))
    outcome = cells.needed("outcome")
    tables.readouts[outcome] = Readout(outcome, cells.needed("node"), "level", sign, "assumed", "")


def _name(tables: Tables, cells: Cells, review: str) -> None:
    """One row of the vocabulary; a row for a name that is there already adds to it."""
    before = len(cells.problems)
    name, kind = cells.needed("name"), cells.one_of("kind", EDGE_KINDS)
    key = (name, kind)
    old = tables.vocabulary.get(key)
    if old is not None and old.file == cells.file:
        cells.wrong("name", f"'{name}' as a {kind} is already on line {old.line}")
    if key in tables.synonyms:
        cells.wrong("name", f"'{name}' is a synonym of '{tables.synonyms[key]}' already; use that name")
    synonyms = []
    for text in filter(None, (part.strip() for part in cells["synonyms"].split(";"))):
        found = _SYNONYM.fullmatch(text)
        synonym = (found["name"], found["kind"] or kind) if found else (text, kind)
        if found is None or synonym[1] not in EDGE_KINDS:
            cells.wrong("synonyms", f"'{text}' cannot be read; write a name, or 'name [kind]'")
        elif synonym == key:
            cells.wrong("synonyms", f"'{text}' is the name itself")
        elif synonym in tables.vocabulary:
            cells.wrong("synonyms", f"'{text}' is a name of its own; relate it by its parent instead")
        elif tables.synonyms.get(synonym, name) != name:
            cells.wrong("synonyms", f"'{text}' is a synonym of '{tables.synonyms[synonym]}' already")
        synonyms.append(synonym)
    tables.parents.append(cells)
    if len(cells.problems) > before:
        return
    parent, curie, note = cells["parent"], cells["curie"], cells["note"]
    if old is not None:
        synonyms = [*dict.fromkeys((*old.synonyms, *synonyms))]
        parent, curie, note = parent or old.parent, curie or old.curie, note or old.note
    tables.synonyms |= dict.fromkeys(synonyms, name)
    row = NameRow(name, kind, tuple(synonyms), parent, curie, note, cells.file, cells.line)
    tables.vocabulary[key] = row


def _check_parents(tables: Tables) -> None:
    """A parent must be a canonical name, and no name its own ancestor."""
    known = {name for name, _ in tables.vocabulary}
    parents = {row.name: row.parent for row in tables.vocabulary.values() if row.parent}
    for cells in tables.parents:
        name, parent = cells["name"], cells["parent"]
        if parent and parent not in known:
            cells.wrong("parent", f"no row has the name '{parent}'{suggestion(parent, known, 1)}")
        seen = set()
        while (parent := parents.get(parent, "")) and parent not in seen:
            seen.add(parent)
        if name in seen:
            cells.wrong("parent", f"'{name}' would be its own ancestor through '{cells['parent']}'")
    tables.parents.clear()


def _continuation(tables: Tables, cells: Cells, review: str) -> None:
    tables.continuations[cells.needed("id")] = cells.needed("continues")


def _context(tables: Tables, cells: Cells, review: str) -> None:
    tables.contexts[cells.needed("context")] = cells.needed("parent")


def _direction(tables: Tables, cells: Cells, review: str) -> None:
    _known_claim(tables, cells)
    direction = cells.one_of("direction", DIRECTIONS)
    tables.directions[cells["claim_id"]] = (direction, cells.needed("reason"))


def _form(tables: Tables, cells: Cells, review: str) -> None:
    tables.forms[cells.needed("symbol")] = Form(
        cells.one_of("kind", _FORM_KINDS, empty=True),
        cells.number("low"),
        cells.number("high"),
        cells.number("upper"),
        cells["reason"],
    )


def _written_unit(tables: Tables, cells: Cells, review: str) -> None:
    unit = WrittenUnit(cells.needed("unit"), cells.number("factor") or 1.0, cells.number("upper"))
    tables.written_units[cells.needed("written")] = unit


_Add = Callable[[Tables, Cells, str], None]
_READERS: dict[str, tuple[tuple[str, ...], _Add]] = {
    "REVIEW.claims.tsv": (_CLAIM, _claim),
    "REVIEW.edges.tsv": (_EDGE, _edge),
    "REVIEW.quantities.tsv": (_QUANTITY, _quantity),
    "REVIEW.refs.tsv": (_REFERENCE, _reference),
    "reviews.tsv": (tuple(f.name for f in fields(Review)), _review),
    "parameters.tsv": (_PARAMETER, _parameter),
    "parameter-forms.tsv": (("symbol", "kind", "low", "high", "upper", "reason"), _form),
    "written-units.tsv": (("written", "unit", "factor", "upper", "note"), _written_unit),
    "readouts.tsv": (("outcome", "node", "sign"), _readout),
    "vocabulary.tsv": (_NAME, _name),
    "claim-directions.tsv": (("claim_id", "direction", "reason"), _direction),
    "contexts.tsv": (("context", "parent"), _context),
    "continuations.tsv": (("id", "continues"), _continuation),
}
_PER_REVIEW = {name for name in _READERS if name.startswith("REVIEW.")}
