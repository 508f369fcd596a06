"""Tables of the page on published pharmacokinetics, from the studies and what `pk-fit.py` wrote."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from _generate.text import table
from vesiflux.library.pk_studies import studies

__all__ = ["pk"]

FITTED = Path(__file__).parents[1] / "assets" / "pk-fit.tsv"


def pk(part: str) -> str:
    """``studies``: every number with its address; ``folds``: model and measured; ``score``: by half;

    ``changes``: what is held out, without what was changed after it had been seen.
    """
    return {"studies": _studies, "folds": _folds, "score": _score, "changes": _changes}[part]()


def _rows() -> list[dict[str, str]]:
    with FITTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _studies() -> str:
    shown = []
    for row in studies():
        when = f" at {float(row['time_h']):.3g} h" if row["time_h"] else ""
        between = f" ({row['low']} to {row['high']})" if row["low"] and row["high"] else ""
        what = f"{row['quantity']}, {row['organ']}{when}" if row["organ"] else row["quantity"]
        who = f"{row['species']}, {row['donor']}, {row['label']}, {row['route']}; {row['body']}"
        number = f"{row['value']} {row['unit']}{between}"
        shown.append([row["study"], who, what, number, row["mark"], row["half"], row["address"], row["note"]])
    head = ["study", "in what", "what", "number", "mark", "half", "where", "note"]
    return table(head, shown)


def _changes() -> str:
    with (FITTED.parent / "pk-changes.tsv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file, delimiter="\t")
    return table(head, rows)


def _folds() -> str:
    head = ["study", "half", "what", "measured", "model", "model over measured", "counted"]
    shown = [
        [
            r["study"],
            r["half"],
            f"{r['quantity']}, {r['organ']}" if r["organ"] else r["quantity"],
            f"{r['measured']} {r['unit']}",
            r["model"],
            r["fold"],
            r["counted"],
        ]
        for r in _rows()
    ]
    return table(head, shown)


def _score() -> str:
    parts = []
    for half in ("fit", "held out"):
        rows = [r for r in _rows() if r["half"] == half and r["counted"] == "yes"]
        for title, wanted in (
            ("all", rows),
            ("into a vein", [r for r in rows if r["study"] != "khanam-2023"]),
        ):
            logs = [abs(math.log(float(r["fold"]))) for r in wanted]
            within = sum(log <= math.log(3.0) for log in logs)
            among = len({r["study"] for r in wanted})
            mean = math.exp(sum(logs) / len(logs))
            parts.append([half, title, str(among), str(len(logs)), f"{mean:.2f}", f"{within} of {len(logs)}"])
    head = ["half", "routes", "studies", "numbers", "geometric mean fold error", "within three-fold"]
    return table(head, parts)
