"""Runs the published set-ups again with numbers changed after the outcomes were known: none of it is blind.

    python docs/assets/published-after.py

Writes ``docs/_results/published/after.tsv``: a line per experiment, a column of probabilities per change.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from pathlib import Path

from vesiflux.audit import audit

FOLDER = Path(__file__).resolve().parents[1] / "_results" / "published"
DRAWS = 10_000

SWITCHES = ("ridder2015", "zomer2015", "dejong2020", "gee2020", "murphy2021")
"""Recombination or an edited genome is what was looked at (the set-ups' own words)."""

Row = dict[str, str]


def _switch(row: Row) -> Row:
    return row | ({"readout": "switch"} if row["claim"] in SWITCHES else {})


def _high(row: Row) -> Row:
    return row | {"escape": row["escape"] or "high"}


def _all_escapes(row: Row) -> Row:
    return row | {"escape": "1"}


def _one_copy(row: Row) -> Row:
    return row | {"threshold": "1", "own_copies": "0"}


def _nothing_lost(row: Row) -> Row:
    return row | {"escape": "1", "active_share": "1", "readout": "switch"}


CHANGES: dict[str, Callable[[Row], Row]] = {
    "as committed, run again": lambda row: row,
    "a switch for good is one": _switch,
    "escape high": _high,
    "all escapes": _all_escapes,
    "one copy suffices": _one_copy,
    "nothing lost once taken up": _nothing_lost,
    "nothing lost, and one copy suffices": lambda row: _one_copy(_nothing_lost(row)),
}


def _rows() -> list[Row]:
    lines = (FOLDER / "cases.tsv").read_text(encoding="utf-8").splitlines()
    return [dict(row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


def run(change: Callable[[Row], Row]) -> dict[str, float]:
    """Probability of every experiment with its line changed."""
    rows = [change({key: value or "" for key, value in row.items()}) for row in _rows()]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with tempfile.TemporaryDirectory() as folder:
        cases = Path(folder) / "cases.tsv"
        lines = ["\t".join(row.get(column, "") for column in columns) for row in rows]
        cases.write_text("\n".join(["\t".join(columns), *lines]) + "\n", encoding="utf-8")
        return {
            one.claim: one.findings.probability for one in audit(cases, draws=DRAWS).details if one.findings
        }


if __name__ == "__main__":
    found = {name: run(change) for name, change in CHANGES.items()}
    text = ["\t".join(["claim", *found])]
    for row in _rows():
        text.append("\t".join([row["claim"], *(f"{of[row['claim']]:.4f}" for of in found.values())]))
    (FOLDER / "after.tsv").write_text("\n".join(text) + "\n", encoding="utf-8")
