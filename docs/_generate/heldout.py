"""What was held out: the answers that are kept beside the model, and what was found afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import vesiflux
from _generate.text import code, table
from vesiflux.language.tsv import read_table
from vesiflux.verify.foretold import WIDE, Prediction, read_predictions
from vesiflux.verify.perturbation import parse
from vesiflux.verify.predictions import COLUMNS as ASKED
from vesiflux.verify.published import Compared, compare, read_published, score

__all__ = ["compared", "held_out", "questions"]

FOLDER = Path(vesiflux.__file__).parent / "library" / "secretion"


def held_out(part: str) -> str:
    """One piece of the page; ``part`` is a key of `PARTS`."""
    return PARTS[part]()


@cache
def questions() -> dict[str, dict[str, str]]:
    """Rows of ``held-out.tsv`` by their ids."""
    return {row.text("id"): row.cells for row in read_table(FOLDER / "held-out.tsv", ASKED, ()).rows}


@cache
def _kept() -> tuple[str, list[Prediction]]:
    return read_predictions(FOLDER / "predictions.tsv")


@cache
def compared() -> tuple[Compared, ...]:
    """Every published measurement beside its prediction."""
    published = read_published(FOLDER / "published-screens.tsv", questions())
    return tuple(compare(published, _kept()[1]))


# ---------------------------------------------------------------- predictions


def _run() -> str:
    model, predictions = _kept()
    asked = [p for p in predictions if p.asked]
    wide = [p.id for p in asked if p.width > WIDE]
    return (
        f"**{len(asked)} of {len(predictions)}** questions could be asked, each in "
        f"{max(p.lanes for p in asked)} lanes of the model whose hash begins with `{model}`. "
        f"{len(asked) - len(wide)} intervals are narrower than ten-fold; {len(wide)} are wider "
        f"({', '.join(wide)}) and are shown as wide as they are."
    )


def _predictions() -> str:
    rows = []
    for p in _kept()[1]:
        q = questions()[p.id]
        wide = "wide" if p.width > WIDE else ""
        remark = "; ".join(filter(None, (wide, p.limit, p.note)))
        what = (_short(p.id), q["title"], code(q["perturbation"]), code(q["outcome"]))
        if not p.asked:
            rows.append((*what, "", "", "", "", "", "", remark))
            continue
        shares = (f"{p.up_share:.0%}", f"{p.down_share:.0%}")
        synergy = "" if p.synergy != p.synergy else _around(p.synergy, p.synergy_low, p.synergy_high)
        rows.append(
            (*what, f"{p.median:.3g}", _interval(p.low, p.high), f"{p.width:.3g}", *shares, synergy, remark)
        )
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


def _short(question: str) -> str:
    return question.removeprefix("held-")


def _interval(low: float, high: float) -> str:
    return f"{low:.3g} to {high:.3g}"


def _around(middle: float, low: float, high: float) -> str:
    return f"{middle:.3g} ({_interval(low, high)})"


# ---------------------------------------------------------------- what was found


def _groups() -> dict[str, list[Compared]]:
    """Measurements by how much a hit on them shows."""
    read = [c for c in compared() if c.published.mark == "read"]
    new = [c for c in read if not c.published.known]
    return {
        "read, sign new to the model": new,
        "– the same experiment": [c for c in new if c.published.match == "same"],
        "– a near one": [c for c in new if c.published.match == "near"],
        "read, sign known before": [c for c in read if c.published.known],
        "recalled": [c for c in compared() if c.published.mark == "recalled"],
    }


def _scores() -> str:
    rows = []
    for name, group in _groups().items():
        found = score(group)
        judged = [c for c in group if c.sign]
        thumb = [_thumb(c.published.id) == c.published.sign for c in judged if _thumb(c.published.id)]
        counts = (len(group), len(group) - len(judged))
        sizes = _of(found.inside, found.values)
        rows.append((name, *counts, _of(found.right, found.signs), _of(sum(thumb), len(thumb)), sizes))
    head = (
        "measurements", "how many", "not resolved", "sign right", "rule of thumb right",
        "size inside the 80 % interval",
    )  # fmt: skip
    return table(head, rows)


def _thumb(question: str) -> str:
    """What one would say without a model: less of anything gives less, more of it more."""
    asked = parse(questions()[question]["perturbation"], {})
    signs = {"-" if (level.factor.typical or 0.0) < 1 else "+" for level in asked.levels}
    return signs.pop() if len(signs) == 1 else ""


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "none to judge"


def _found() -> str:
    answered = {c.published.id for c in compared()}
    read = {c.published.id for c in compared() if c.published.mark == "read"}
    marks = [c.published.mark for c in compared()]
    return (
        f"{len(compared())} measurements were found for {len(answered)} of the {len(questions())} questions: "
        f"{marks.count('read')} could be read (for {len(read)} questions), {marks.count('recalled')} are "
        f"recalled from memory and count as assumed. {len(questions()) - len(answered)} questions have no "
        "published answer that could be had, and stay open."
    )


def _misses() -> str:
    lines = [
        f"- {_short(c.published.id)}, {questions()[c.published.id]['title']}: {_says(c.prediction)}; "
        f"{c.published.study}: {_measured(c)}{_aside(c.published.note)}"
        for c in compared()
        if c.sign in ("miss", "undecided") or c.value == "outside"
    ]
    return "\n".join(lines)


def _aside(note: str) -> str:
    return f" ({note})" if note else ""


def _says(p: Prediction) -> str:
    word = {"+": "up", "-": "down", "0": "unchanged", "": "no one direction"}[p.sign]
    return f"predicted {word}, {_around(p.median, p.low, p.high)}"


def _measured(c: Compared) -> str:
    words = {"+": "up", "-": "down", "0": "unchanged", "?": "not resolved"}
    p = c.published
    size = f", {_interval(p.low, p.high)}" if p.value == p.value else ""
    return words[p.sign] + size


def _comparison() -> str:
    rows = []
    for c in compared():
        p = c.published
        study = f"[{p.study}](https://doi.org/{p.doi})" if p.doi else p.study
        source = f"{p.mark}: {p.where}"
        what = (_short(p.id), questions()[p.id]["title"], _says(c.prediction).removeprefix("predicted "))
        rows.append(
            (*what, study, p.system, p.measured, _measured(c), c.told, p.match, source, p.known, p.note)
        )
    head: Sequence[str] = (
        "held", "what", "predicted", "study", "system", "measured", "published", "verdict", "experiment",
        "source", "sign known from", "note",
    )  # fmt: skip
    return table(head, rows)


PARTS = {
    "run": _run,
    "predictions": _predictions,
    "found": _found,
    "scores": _scores,
    "misses": _misses,
    "comparison": _comparison,
}
