"""What was held out: the answers that are kept beside the model, and what was found afterwards."""

from __future__ import annotations

from pathlib import Path

import vesiflux
from _generate.text import code, table
from vesiflux.language.tsv import read_table
from vesiflux.verify.foretold import WIDE, read_predictions
from vesiflux.verify.predictions import COLUMNS as ASKED

__all__ = ["held_out"]

FOLDER = Path(vesiflux.__file__).parent / "library" / "secretion"


def held_out(part: str) -> str:
    """One piece of the page; ``part`` is a key of `PARTS`."""
    return PARTS[part]()


def _questions() -> dict[str, dict[str, str]]:
    return {row.text("id"): row.cells for row in read_table(FOLDER / "held-out.tsv", ASKED, ()).rows}


def _predictions() -> str:
    asked = _questions()
    rows = []
    for p in read_predictions(FOLDER / "predictions.tsv"):
        q = asked[p["id"]]
        wide = "wide" if p["width"] and float(p["width"]) > WIDE else ""
        remark = "; ".join(filter(None, (wide, p["limit"], p["note"])))
        shares = [f"{float(p[c]):.0%}" if p[c] else "" for c in ("up_share", "down_share")]
        fold = (p["median"], _interval(p["low"], p["high"]), p["width"])
        what = (p["id"].removeprefix("held-"), q["title"], code(q["perturbation"]), code(q["outcome"]))
        rows.append((*what, *fold, *shares, _synergy(p), remark))
    head = (
        "held",
        "what",
        "perturbation",
        "read",
        "fold",
        "80 %",
        "width",
        "up",
        "down",
        "synergy",
        "remark",
    )
    return table(head, rows)


def _interval(low: str, high: str) -> str:
    return f"{low} to {high}" if low else ""


def _synergy(p: dict[str, str]) -> str:
    return f"{p['synergy']} ({_interval(p['synergy_low'], p['synergy_high'])})" if p["synergy"] else ""


def _run() -> str:
    predictions = read_predictions(FOLDER / "predictions.tsv")
    asked = [p for p in predictions if p["median"]]
    wide = [p for p in asked if float(p["width"]) > WIDE]
    lanes = max(int(p["lanes"]) for p in asked)
    return (
        f"**{len(asked)} of {len(predictions)}** questions could be asked, each in {lanes} lanes of the "
        f"model whose hash begins with `{asked[0]['model']}`. {len(asked) - len(wide)} intervals are "
        f"narrower than ten-fold; {len(wide)} are wider ({', '.join(p['id'] for p in wide)}), and are shown as wide as they are."
    )


PARTS = {"predictions": _predictions, "run": _run}
