"""Tables of ``models/tumour-detection-limits.md`` from what ``assets/tumour-detection.py`` wrote."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from _generate.text import table

__all__ = ["detection"]

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "assets" / "tumour-detection.tsv"
PREDICTIONS = ROOT / "src" / "vesiflux" / "library" / "tumour-detection" / "predictions.tsv"
#: Volumes larger than this are nobody's.
_BODY = 1e5


def detection(part: str) -> str:
    """``counted``, ``assays``, ``sample``, ``screening``, ``operation``, ``decides`` or ``predictions``."""
    if part == "predictions":
        return _predictions()
    if part == "decides":
        return _decides()
    head, kind = _PARTS[part]
    rows = [r for r in _read(FILE) if r["kind"] == kind]
    return table(head, [[r["name"], r["what"], *_points(r)] for r in rows])


_PARTS = {
    "counted": (["vesicles counted", "marker", "median, mL", "half of people", "9 of 10"], "counted"),
    "assays": (["assay", "marker, specificity", "median, mL", "half of people", "9 of 10"], "assay"),
    "sample": (["mL of plasma", "marker", "median, mL", "half of people", "9 of 10"], "sample"),
    "screening": (
        ["vesicles counted, interval", "found before symptoms", "median lead, years", "half", "9 of 10"],
        "screening",
    ),
    "operation": (["species", "down to", "median, h", "half", "9 of 10"], "operation"),
}


def _points(row: dict[str, str]) -> list[str]:
    low, first, middle, third, high = (_number(row[p]) for p in ("p5", "p25", "p50", "p75", "p95"))
    return [middle, f"{first} to {third}", f"{low} to {high}"]


def _number(text: str) -> str:
    value = float(text)
    if value > _BODY:
        return "never"
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def _decides() -> str:
    found: dict[str, list[tuple[float, str]]] = {}
    for row in _read(FILE):
        if row["kind"] == "decides":
            found.setdefault(row["name"], []).append((float(row["p50"]), row["what"]))
    shown = [
        [assay, ", ".join(f"{what} {100 * share:.0f} %" for share, what in sorted(all_, reverse=True)[:4])]
        for assay, all_ in found.items()
    ]
    return table(["assay", "share of the variance, the four largest"], shown)


def _predictions() -> str:
    head = ["setting", "what", "predicted", "measured", "predicted over measured", "where", "note"]
    shown = []
    for row in _read(PREDICTIONS):
        between = f" ({row['low']} to {row['high']})" if row["low"] else ""
        unit = "" if row["unit"] == "1" else f" {row['unit']}"
        predicted = f"{row['predicted']}{unit}{between}" if row["predicted"] else ""
        fold = ""
        if row["predicted"] and row["measured"]:
            bound = row["measured"].startswith("<")
            ratio = float(row["predicted"]) / float(row["measured"].lstrip("<"))
            fold = "within the bound" if bound and ratio <= 1 else _fold(ratio)
        told = "; known before" if row["known"] == "yes" else ""
        measured = f"{row['measured']}{unit}" if row["measured"] else ""
        where = f"{row['of']}: {row['setting']}"
        shown.append([where, row["quantity"] + told, predicted, measured, fold, row["where"], row["note"]])
    return table(head, shown)


def _fold(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio >= 1 or math.isnan(ratio) else f"1/{1 / ratio:.2g}"


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))
