"""One row of each table: what its cells must hold, and where the row goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields

from vesiflux import units
from vesiflux.errors import VesifluxError
from vesiflux.evidence.raw import Form, Tables, WrittenUnit
from vesiflux.evidence.rows import (
    ATTRIBUTES,
    DIRECTIONS,
    EDGE_KINDS,
    KINDS,
    LOGICS,
    MARKS,
    RELATIONS,
    STATUSES,
    Claim,
    Dropped,
    Edge,
    EdgeCell,
    EdgeKey,
    EdgeStatus,
    NameRow,
    ParameterRow,
    Quantity,
    Readout,
    Reference,
    Review,
    Transfer,
)
from vesiflux.evidence.tables import Cells, suggestion

__all__ = ["READERS", "check_parents"]

_CLAIM = tuple(f.name for f in fields(Claim))[:19]
_EDGE = ("claim_id", "step", "from", "sign", "to", "from_kind", "to_kind", "cell", "relation")
_OF_EDGE = ("claim_id", "step", "start", "end")
_QUANTITY = tuple(f.name for f in fields(Quantity))[:8]
_PARAMETER = tuple(f.name for f in fields(ParameterRow))[:11]
_REFERENCE = (
    "ref", "first_author", "year", "title_as_printed", "source_as_printed", "identity", "fit_to_use",
    "comment", "claims",
)  # fmt: skip
_NAME = ("name", "kind", "synonyms", "parent", "curie", "note")
_SYNONYM = re.compile(r"(?P<name>[^\[\]]+?)(?: \[(?P<kind>\w+)\])?")
_FORM_KINDS = ("lookup", "switch", "loguniform", "uniform", "fixed", "normal", "lognormal")


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
    tables.broken.add(key)
    why = "; ".join(problem.message for problem in cells.problems[before:])
    tables.dropped.append(Dropped(key, f"{cells.file}:{cells.line}: {why}"))


def _known_claim(tables: Tables, cells: Cells, column: str = "claim_id") -> None:
    key = cells[column]
    if key not in tables.claims:
        cells.wrong(column, f"no claim has the id '{key}'{suggestion(key, tables.claims)}")
        if key in tables.broken:
            tables.follow_ups.append(cells.problems[-1])


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
        tables.edge_keys.add(edge.key)


def _known_edge(tables: Tables, cells: Cells) -> EdgeKey:
    """Key of the edge that a row is about."""
    _known_claim(tables, cells)
    key = (cells["claim_id"], cells.whole("step"), cells["start"], cells["end"])
    if cells["claim_id"] in tables.claims and key not in tables.edge_keys:
        steps = sorted(k[1:] for k in tables.edge_keys if k[0] == key[0])
        told = ", ".join(f"{step} {start} to {end}" for step, start, end in steps) or "none"
        cells.wrong(
            "start", f"no edge of '{key[0]}' is step {key[1]} from '{key[2]}' to '{key[3]}'; has {told}"
        )
    first = tables.judged.setdefault((cells.file, key), cells.line)
    if first != cells.line:
        cells.wrong("start", f"this edge is already on line {first}; one row an edge")
    return key


def _edge_status(tables: Tables, cells: Cells, review: str) -> None:
    before = len(cells.problems)
    key = _known_edge(tables, cells)
    status = cells.one_of("status", STATUSES)
    sign = cells.one_of("sign", ("+", "-"), empty=status != "corrected")
    logic = cells.one_of("logic", LOGICS, empty=True) or "or"
    row = EdgeStatus(status, sign, logic, cells.needed("reason"))
    if len(cells.problems) == before:
        tables.edge_status[key] = row


def _edge_cell(tables: Tables, cells: Cells, review: str) -> None:
    before = len(cells.problems)
    key = _known_edge(tables, cells)
    row = EdgeCell(cells["cell"], cells.needed("how"))
    if len(cells.problems) == before:
        tables.edge_cells[key] = row


def _transfer(tables: Tables, cells: Cells, review: str) -> None:
    before = len(cells.problems)
    row = Transfer(
        cells.needed("from_context"), cells.needed("to_context"), cells.needed("name_from"),
        cells.needed("name_to"), cells.one_of("mark", MARKS), cells["source"], cells["note"],
    )  # fmt: skip
    if len(cells.problems) == before:
        tables.transfers.append(row)


def _known_unit(tables: Tables, cells: Cells) -> None:
    unit = cells["unit"]
    if not tables.own or not unit or unit in tables.written_units:
        return
    try:
        units.canonical(unit)
    except VesifluxError as error:
        cells.wrong("unit", f"{error}; or say in written-units.tsv what it is read as")


def _quantity(tables: Tables, cells: Cells, review: str) -> None:
    before = len(cells.problems)
    _known_claim(tables, cells)
    low, high = cells.number("low"), cells.number("high")
    if low is not None and high is not None and low > high:
        cells.wrong("low", f"{low:g} is above high, {high:g}")
    _known_unit(tables, cells)
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


def _reading(cells: Cells, outcome: str) -> Readout | None:
    """What the cells say of reading an outcome; None when something is wrong with them."""
    before = len(cells.problems)
    attribute = cells.one_of("attribute", ATTRIBUTES)
    nothing = attribute == "none"
    node = cells["node"] if nothing else cells.needed("node")
    sign = cells.one_of("sign", ("+", "-"), empty=nothing)
    note = cells.needed("note") if nothing else cells["note"]
    row = Readout(outcome, node, attribute, sign, cells.one_of("mark", MARKS), note)
    return row if len(cells.problems) == before else None


def _readout(tables: Tables, cells: Cells, review: str) -> None:
    row = _reading(cells, cells.needed("outcome"))
    if row is not None and row.outcome:
        tables.readouts[row.outcome] = row


def _claim_outcome(tables: Tables, cells: Cells, review: str) -> None:
    _known_claim(tables, cells)
    claim = tables.claims.get(cells["claim_id"])
    row = _reading(cells, claim.outcome if claim else "")
    if row is None or claim is None:
        return
    ends = {
        end
        for edge in tables.edges
        if edge.claim_id == claim.id
        for end in ((edge.start, edge.from_kind), (edge.end, edge.to_kind))
    }
    names = {tables.synonyms.get(end, end[0]) for end in ends}
    if row.node and row.node not in names:
        cells.wrong("node", f"no edge of '{claim.id}' has '{row.node}'{suggestion(row.node, names)}")
    else:
        tables.claim_outcomes[claim.id] = row


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
        if found is None or (found["kind"] and found["kind"] not in EDGE_KINDS):
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


def check_parents(tables: Tables) -> None:
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
    before = len(cells.problems)
    _known_claim(tables, cells, "id")
    _known_claim(tables, cells, "continues")
    if len(cells.problems) == before:
        tables.continuations[cells["id"]] = cells["continues"]


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
#: In the order of reading: units before numbers, claims before what is about them.
READERS: dict[str, tuple[tuple[str, ...], _Add]] = {
    "written-units.tsv": (("written", "unit", "factor", "upper", "note"), _written_unit),
    "REVIEW.claims.tsv": (_CLAIM, _claim),
    "REVIEW.edges.tsv": (_EDGE, _edge),
    "REVIEW.quantities.tsv": (_QUANTITY, _quantity),
    "REVIEW.refs.tsv": (_REFERENCE, _reference),
    "reviews.tsv": (tuple(f.name for f in fields(Review)), _review),
    "parameters.tsv": (_PARAMETER, _parameter),
    "parameter-forms.tsv": (("symbol", "kind", "low", "high", "upper", "reason"), _form),
    "readouts.tsv": (tuple(f.name for f in fields(Readout)), _readout),
    "edge-status.tsv": ((*_OF_EDGE, "status", "sign", "logic", "reason"), _edge_status),
    "edge-cells.tsv": ((*_OF_EDGE, "cell", "how"), _edge_cell),
    "transfers.tsv": (tuple(f.name for f in fields(Transfer)), _transfer),
    "vocabulary.tsv": (_NAME, _name),
    "claim-outcomes.tsv": (("claim_id", *(f.name for f in fields(Readout)[1:])), _claim_outcome),
    "claim-directions.tsv": (("claim_id", "direction", "reason"), _direction),
    "contexts.tsv": (("context", "parent"), _context),
    "continuations.tsv": (("id", "continues"), _continuation),
}
