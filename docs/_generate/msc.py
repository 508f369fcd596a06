"""Tables of the page on MSC exosomes, from what the scripts `docs/assets/msc-*.py` wrote."""

from __future__ import annotations

import csv
from pathlib import Path

from _generate.text import table

__all__ = ["msc"]

ASSETS = Path(__file__).parents[1] / "assets"


def msc(part: str) -> str:
    """``flips``, ``batches``, ``scale``: a table as it is; ``called``: signs at 1 and 1,000 times release."""
    if part == "called":
        rows = [r for r in _rows("msc-map") if r["dose"] in ("1", "1e+03") and r["sign"] != "none"]
        head = (
            "source",
            "tumour",
            "outcome",
            "dose",
            "vesicles per mL",
            "log2 fold",
            "for",
            "against",
            "sign",
        )
        return table(head, [_called(r) for r in rows])
    rows = _rows(f"msc-{part}")
    return table([name.replace("_", " ") for name in rows[0]], [list(row.values()) for row in rows])


def _rows(name: str) -> list[dict[str, str]]:
    with (ASSETS / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _called(row: dict[str, str]) -> list[str]:
    fold = f"{row['log2_fold']} ({row['low']} to {row['high']})"
    shares = [f"{float(row[s]):.0%}" for s in ("share_up", "share_down")]
    return [
        row["source"],
        row["tumour"],
        row["outcome"],
        row["dose"],
        row["vesicles_per_mL"],
        fold,
        *shares,
        row["sign"],
    ]
