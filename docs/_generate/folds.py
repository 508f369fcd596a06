"""Where the folds of the secretion review stand, from `docs/assets/folds.tsv` (see folds.py beside it)."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from _generate.text import table

__all__ = ["folds"]

TABLE = Path(__file__).parents[1] / "assets" / "folds.tsv"


def folds(part: str) -> str:
    """``standings``: how many of each; ``table``: every fold; ``doubts``: what is doubtful, and why."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    if part == "standings":
        return table(("standing", "folds"), Counter(r["standing"] for r in rows).most_common())
    if part == "doubts":
        doubted = [(r["stimulus"], r["reported"], r["claim"], r["doubt"]) for r in rows if r["doubt"]]
        return table(("stimulus", "reported", "claim", "doubtful"), doubted)
    head = ("stimulus", "reported", "default structure", "small EVs counted", "all structures", "reached by",
            "standing", "remark", "other explanations")  # fmt: skip
    return table(
        head,
        (
            [r["stimulus"], " ".join(filter(None, (r["reported"], r["assay"]))), *(r[c] for c in head[2:])]
            for r in rows
        ),
    )
