"""Rows of the parameter table as priors; the exceptions are rows of their own (`parameter-forms.tsv`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from vesiflux import units
from vesiflux.errors import InputError, Problem, VesifluxError
from vesiflux.evidence.priors import MARKS, Kind, Prior

if TYPE_CHECKING:
    from vesiflux.evidence.raw import Form, WrittenUnit
    from vesiflux.evidence.rows import ParameterRow

__all__ = ["prior_of_row"]

_MARK = re.compile(r"[a-z-]+")


def prior_of_row(row: ParameterRow, form: Form | None, written: Mapping[str, WrittenUnit]) -> Prior:
    """Read one row; the numbers are converted to the unit that ``written`` gives for the row's.

    Raises
    ------
    InputError
        The row's unit, mark or numbers cannot be read; one line with file and line.
    """
    try:
        return _prior(row, form, written)
    except VesifluxError as error:
        raise InputError([Problem(row.file, row.line, 1, f"{row.symbol}: {error}")]) from None


def _prior(row: ParameterRow, form: Form | None, written: Mapping[str, WrittenUnit]) -> Prior:
    read_as = written.get(row.unit)
    unit, scale, upper = (read_as.unit, read_as.factor, read_as.upper) if read_as else (row.unit, 1.0, None)
    units.canonical(unit)
    mark, source = _mark_and_source(row)
    low, typical, high = row.low, row.typical, row.high
    note, kind = row.note, ""
    if form is not None:
        kind, upper = form.kind, form.upper if form.upper is not None else upper
        low, high = (
            given if given is not None else own for given, own in ((form.low, low), (form.high, high))
        )
        note = "; ".join(filter(None, (form.reason, row.note)))
    low, typical, high = (None if x is None else x * scale for x in (low, typical, high))
    if kind in ("lookup", "switch"):
        return Prior(cast("Kind", kind), low, typical, high, unit, mark, source, row.condition, note)
    return Prior.from_range(
        low,
        typical,
        high,
        unit,
        kind or None,
        mark,
        source,
        row.condition,
        note,
        upper=upper,
        single="spread",
    )


def _mark_and_source(row: ParameterRow) -> tuple[str, str]:
    """Split ``verified: Wang 2017`` into its mark and the rest, with the DOI behind it."""
    word = _MARK.match(row.source)
    if word is None or word[0] not in MARKS:
        raise InputError(
            f"source '{row.source}' must begin with one of {', '.join(MARKS)}, e.g. 'verified: Wang 2017'"
        )
    rest = row.source[word.end() :].lstrip(" :;")
    return MARKS[word[0]], "; ".join(filter(None, (rest or word[0], row.doi_or_pmid)))
