"""Pieces of the page on what pk foretold: the grid, what was found, the score, the model since."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path

from _generate.text import table
from vesiflux.library.pk_foretold import Prediction, Score, afterwards, answers, pairs, predictions, score

__all__ = ["GROUPS", "foretold"]

LATER = Path(__file__).parents[1] / "assets" / "pk-foretold.tsv"
#: What is scored apart: title -> mark and kind.
GROUPS = {
    "published number read, a cell of the grid": ("read", "blind"),
    "published number read, near a cell": ("read", "near"),
    "published number read, measure asked afterwards": ("read", "asked afterwards"),
    "in somebody else's table, a cell of the grid": ("second hand", "blind"),
}


def foretold(part: str) -> str:
    """One piece of the page; ``part`` is a key of `PARTS`."""
    return PARTS[part]()


@cache
def _later() -> dict[str, dict[str, str]]:
    with LATER.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}


@cache
def _now() -> Mapping[str, tuple[float, float, float]]:
    return {i: (float(r["now"]), float(r["now_low"]), float(r["now_high"])) for i, r in _later().items()}


def _grid() -> str:
    rows = []

    def by(p: Prediction) -> tuple[str, ...]:
        return (p.model, p.species, p.label, p.donor, p.arm)

    for key, group in groupby(predictions(), key=by):
        asked = list(group)
        measures = dict.fromkeys(p.measure for p in asked)
        rows.append([*key, str(len(asked)), ", ".join(measures)])
    head = ["model", "species", "label", "donor", "arm", "questions", "measures"]
    return table(head, rows)


def _compared() -> str:
    rows = []
    for mark, told in GROUPS.values():
        for measured, p in pairs(mark, told):
            between = f" ({_g(measured.low)} to {_g(measured.high)})" if measured.low == measured.low else ""
            inside = "yes" if measured.inside(p.low, p.high) else "no"
            rows.append(
                [
                    measured.study,
                    measured.condition,
                    f"{p.measure}, {p.organ}".rstrip(", "),
                    f"{_g(measured.value)}{between} {p.unit}",
                    f"{_g(p.predicted)} ({_g(p.low)} to {_g(p.high)})",
                    f"{measured.fold(p.predicted):.2g}",
                    inside,
                    _g(_now()[p.id][0]),
                    mark if told == "blind" else f"{mark}, {told}",
                    measured.address,
                    measured.note,
                ]
            )
    head = [
        "study", "in what", "measure", "published", "foretold (80 %)", "foretold over published", "inside",
        "model now", "mark", "where", "note",
    ]  # fmt: skip
    return table(head, rows)


def _score() -> str:
    rows = []
    for title, kind in GROUPS.items():
        compared = pairs(*kind)
        if not compared:
            rows.append([title, "0", "0", "none to judge", "", "", "", ""])
            continue
        then, later = score(compared), score(compared, _now())
        rows.append([title, *_scored(then), *_scored(later)[2:4]])
    head = ["answers", "studies", "numbers", "geometric mean fold error", "inside 80 %", "should be",
            "fold error, model now", "inside, now"]  # fmt: skip
    return table(head, [row[: len(head)] for row in rows])


def _scored(s: Score) -> list[str]:
    inside = f"{s.inside} of {s.numbers}"
    return [str(s.studies), str(s.numbers), f"{s.fold:.2f}", inside, f"{s.nominal:.1f}"]


def _measures() -> str:
    compared = sorted(pairs("second hand", "blind"), key=_group)
    rows = []
    for name, group in groupby(compared, key=_group):
        these = list(group)
        then, later = score(these), score(these, _now())
        rows.append([name, *_scored(then)[1:4], *_scored(later)[2:4]])
    head = [
        "second hand, by measure",
        "numbers",
        "fold error",
        "inside 80 %",
        "fold error, now",
        "inside, now",
    ]
    return table(head, rows)


def _group(pair: tuple[object, Prediction]) -> str:
    p = pair[1]
    if p.measure != "percent of dose":
        return p.measure
    early = "to 8 h" if float(p.time_h) < 12 else "24 h and later"
    return f"{p.measure}, {p.organ}, {early}"


def _unread() -> str:
    rows = [[a.study, a.condition, a.address, a.note] for a in answers() if a.mark == "not found"]
    return table(["study", "in what", "what was read", "why it answers nothing"], rows)


def _moved() -> str:
    rows = []
    for name, group in groupby((p for p in predictions() if p.model == "pk"), key=_condition):
        these = list(group)
        folds, out = [], 0
        for p in these:
            middle = _now()[p.id][0]
            out += not p.low <= middle <= p.high
            if 0 < middle < math.inf and 0 < p.predicted < math.inf:
                folds.append(abs(math.log(middle / p.predicted)))
        rows.append([name, str(len(these)), f"{math.exp(sum(folds) / len(folds)):.2f}", str(out)])
    head = ["condition", "questions", "mean fold from then to now", "medians now outside the frozen interval"]
    return table(head, rows)


def _condition(p: Prediction) -> str:
    parts = (p.species, p.label, "" if p.donor == "usual" else p.donor, p.arm)
    return ", ".join(part for part in parts if part)


def _counts() -> str:
    asked, after = predictions(), afterwards()
    own = sum(p.model == "pk" for p in asked)
    found = [a for a in answers() if a.mark != "not found"]
    return (
        f"**{len(asked)} questions** were asked before the first search, {own} of pk and "
        f"{len(asked) - own} of models that stand on it; {len(after)} more afterwards. "
        f"{len(found)} numbers were found, "
        f"{sum(a.mark == 'read' for a in found)} of them in the source itself."
    )


def _g(value: float) -> str:
    return "no end" if math.isinf(value) else f"{value:.3g}"


PARTS = {
    "counts": _counts,
    "grid": _grid,
    "compared": _compared,
    "score": _score,
    "measures": _measures,
    "moved": _moved,
    "unread": _unread,
}
