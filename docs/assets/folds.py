"""Runs every arm of the secretion model with a reported fold and writes where the folds stand.

    python docs/assets/folds.py

Writes ``folds.tsv`` beside it: one line per reported fold, as computed; the site shows it. All competing
structures, effects pushed where they fall short, so it takes some minutes.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
DRAWS = 128
COLUMNS = (
    "claim", "stimulus", "reported", "assay", "default structure", "small EVs counted", "all structures",
    "reached by", "standing", "remark", "doubt", "other explanations",
)  # fmt: skip


def lines(arms: Sequence[str] | None = None, draws: int = DRAWS) -> list[dict[str, str]]:
    """One mapping of texts per reported fold of the arms (default: all that have one)."""
    from vesiflux.language import load
    from vesiflux.store.standing import not_run
    from vesiflux.study.reach import reach
    from vesiflux.study.run import run

    model = load("secretion")
    told = [
        n
        for n, a in model.spec.arms.items()
        if any(r.low is not None or r.high is not None for r in a.reported)
    ]
    with tempfile.TemporaryDirectory() as store:
        first = run(model, arms=arms or told, draws=draws, structures="all", store=store)
        finished = reach(first)
        found = [*finished.standings(), *not_run(finished)]
    return [_line(one) for one in found]


def _line(one) -> dict[str, str]:  # type: ignore[no-untyped-def]
    medians = [p.fold.median for p in one.predicted]
    return {
        "claim": one.claim,
        "stimulus": one.title,
        "reported": one.reported,
        "assay": "" if one.window is None else f"first {one.window:g} h",
        "default structure": str(one.predicted[0].fold) if one.predicted else "not run",
        "small EVs counted": "" if one.counted is None else str(one.counted),
        "all structures": f"{min(medians):.2g}-{max(medians):.2g}" if len(medians) > 1 else "",
        "reached by": f"{len(one.within)} of {len(medians)}" if medians else "",
        "standing": one.standing,
        "remark": one.remark,
        "doubt": f"{one.doubtful}: {one.doubt}" if one.doubt else "",
        "other explanations": one.note,
    }


def main() -> None:
    """Write the table."""
    sys.path.insert(0, str(HERE.parent.parent / "src"))
    with (HERE / "folds.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines())


if __name__ == "__main__":
    main()
