"""What was published on held-out questions, against what was predicted."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesiflux.errors import InputError
from vesiflux.language.tsv import Row, read_table
from vesiflux.verify.foretold import Prediction

__all__ = ["COLUMNS", "Compared", "Published", "Score", "compare", "read_published", "score"]

COLUMNS = (
    "id", "study", "doi", "system", "measured", "low", "high", "sign", "match", "mark", "where", "known",
    "note",
)  # fmt: skip
_WORDS = {"sign": ("+", "-", "0", "?"), "match": ("same", "near"), "mark": ("read", "recalled")}


@dataclass(frozen=True)
class Published:
    """One measurement. ``low``, ``high``: fold against control, NaN where none is given; ``sign``: ``?``
    where the study could not tell; ``known``: claims or wires that had told the model the sign before.
    """

    id: str
    study: str
    doi: str
    system: str
    measured: str
    low: float
    high: float
    sign: str
    match: str
    mark: str
    where: str
    known: str
    note: str

    @property
    def value(self) -> float:
        """Geometric middle of the published fold; NaN where there is none."""
        return math.sqrt(self.low * self.high)


@dataclass(frozen=True)
class Compared:
    """A measurement beside the prediction it answers.

    ``sign``: "right", "miss", "undecided" (the model says no one direction) or "" (the study could not
    tell). ``value``: "inside" or "outside" the 80 % interval; "" without a published size.
    """

    published: Published
    prediction: Prediction
    sign: str
    value: str

    @property
    def told(self) -> str:
        """Both judgements in a few words."""
        parts = [f"sign {self.sign}"] if self.sign else ["not resolved"]
        return "; ".join(parts + ([f"size {self.value}"] if self.value else []))


@dataclass(frozen=True)
class Score:
    """Counts over measurements: those with a sign and how many of these are right, the same for sizes."""

    signs: int
    right: int
    values: int
    inside: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"signs": self.signs, "right": self.right, "values": self.values, "inside": self.inside}


def read_published(path: Path, questions: Collection[str]) -> list[Published]:
    """Measurements; ``questions``: ids they may answer.

    Raises
    ------
    InputError
        No such file; every cell that cannot be read.
    """
    table = read_table(path, COLUMNS, ())
    found = [_published(row, questions) for row in table.rows]
    if problems := table.all_problems():
        raise InputError(problems)
    return found


def _published(row: Row, questions: Collection[str]) -> Published:
    if row.text("id") not in questions:
        row.problem("id", f"no held-out question is called {row.text('id')!r}")
    for column, words in _WORDS.items():
        if row.text(column) not in words:
            row.problem(column, f"'{column}' is one of {', '.join(words)}, not {row.text(column)!r}")
    low, high = row.number("low"), row.number("high")
    if (low is None) != (high is None) or (low is not None and high is not None and not 0 < low <= high):
        row.problem("low", "'low' and 'high' are given together, above 0 and in this order")
        low = high = None
    texts = {c: row.text(c) for c in COLUMNS if c not in ("low", "high")}
    return Published(low=math.nan if low is None else low, high=math.nan if high is None else high, **texts)


def compare(published: Sequence[Published], predictions: Sequence[Prediction]) -> list[Compared]:
    """Every measurement beside its prediction, in the order of the measurements; nothing is left out."""
    known = {p.id: p for p in predictions}
    return [_compared(p, known[p.id]) for p in published]


def _compared(published: Published, prediction: Prediction) -> Compared:
    if published.sign == "?" or not prediction.asked:
        sign = ""
    elif not prediction.sign:
        sign = "undecided"
    else:
        sign = "right" if prediction.sign == published.sign else "miss"
    value = ""
    if prediction.asked and math.isfinite(published.value):
        value = "inside" if prediction.low <= published.value <= prediction.high else "outside"
    return Compared(published, prediction, sign, value)


def score(compared: Sequence[Compared]) -> Score:
    """Count hits; a prediction without a direction counts as one that is not right."""
    signs = [c for c in compared if c.sign]
    values = [c for c in compared if c.value]
    return Score(
        len(signs),
        sum(1 for c in signs if c.sign == "right"),
        len(values),
        sum(1 for c in values if c.value == "inside"),
    )
