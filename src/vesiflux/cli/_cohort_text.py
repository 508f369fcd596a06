"""A cohort's study in words, and its patients as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vesiflux.study.cohort_study import CohortStudy

__all__ = ["lines", "table_text"]

#: What the columns of the markers are.
_MARKERS = (
    "AUC: area under the ROC curve, 0.5 tells nothing. Cut: the reading, in its own unit, that parts best.",
    "Sensitivity at 95 %: at the reading that 95 % of those without the outcome do not pass. Slope of",
    "calibration: 1 where foretold chances come true, below 1 where they are told too boldly.",
)


def lines(summary: Mapping[str, Any]) -> list[str]:
    """The summary in words, a table per part."""
    from vesiflux.report.cohort.tables import PARTS, days, markers

    told = [f"{summary['model']}: {summary['patients']} patients, {days(summary['hours'])}"]
    if summary["left_out"]:
        told[0] += f"; {summary['left_out']} left out, whose run failed in some arm"
    for part in PARTS:
        table = part(summary)
        if table.rows and len(table.head) > 1:  # else names and nothing of them
            told += ["", *_columns([table.head, *table.rows])]
        if table.rows and part is markers:
            told += ["", *_MARKERS]
    seconds = summary["seconds"]
    told += ["", summary["note"], f"{seconds['run'] + seconds['statistics']:.1f} s, run: {summary['run']}"]
    return told


def table_text(study: CohortStudy) -> str:
    """One row per patient, tab-separated; blank where nothing is known, inf for who does not die."""
    columns, rows = study.table()
    body = ("\t".join("" if math.isnan(v) else f"{v:.9g}" for v in row) for row in rows)
    return "\t".join(columns) + "\n" + "".join(f"{row}\n" for row in body)


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns one below the other; a row that ends early may run over the others."""
    full = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[i]) for row in full) for i in range(len(rows[0]))]
    return [
        "  ".join(c.ljust(w) for c, w in zip(row, widths[: len(row)], strict=True)).rstrip() for row in rows
    ]
