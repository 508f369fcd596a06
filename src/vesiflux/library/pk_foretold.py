"""What ``pk`` and its neighbours foretold before anybody looked, and what was found afterwards.

``pk/predictions.tsv`` is a grid of conditions (`pk_asked`), drawn up and answered by the model before the
first search: so no question was chosen for its answer. ``pk/published.tsv`` holds every number that was read
later and falls into a cell of that grid; ``pk/asked-after.tsv`` what the same model says of measures that
were not in the grid, asked when their answers had been read. Nothing is fitted to any of it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vesiflux.errors import InputError
from vesiflux.language.tsv import read_table
from vesiflux.library.pk_asked import conditions, macrophage_share, question, said

__all__ = [
    "ANSWERS", "COLUMNS", "Measured", "Prediction", "Score", "afterwards", "answers", "now", "pairs",
    "predictions", "score",
]  # fmt: skip

#: Median, low and high.
Said = tuple[float, float, float]
_FOLDER = Path(__file__).parent / "pk"
COLUMNS = ("id", "model", "species", "label", "donor", "arm", "measure", "organ", "time_h", "unit")
_NUMBERS = ("predicted", "low", "high", "interval", "command", "committed")
ANSWERS = (
    "id", "study", "condition", "value", "low", "high", "bound", "mark", "match", "address", "told", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Prediction:
    """A question with its answer: median of the draws and the interval that holds ``interval`` % of them.

    ``time_h`` is "" where none is meant; ``committed``: which commit's model answered.
    """

    id: str
    model: str
    species: str
    label: str
    donor: str
    arm: str
    measure: str
    organ: str
    time_h: str
    unit: str
    predicted: float
    low: float
    high: float
    interval: str
    command: str
    committed: str


@dataclass(frozen=True)
class Measured:
    """A number that was read, or a study in which none could be (``mark``: not found, no ``id``).

    ``bound``: "<" or ">" where the study gives no more; ``told``: blind, near (another condition than the
    cell's) or asked afterwards.
    """

    id: str
    study: str
    condition: str
    value: float
    low: float
    high: float
    bound: str
    mark: str
    match: str
    address: str
    told: str
    note: str

    def fold(self, predicted: float) -> float:
        """Predicted over measured; 1 for what a bound allows."""
        allowed = {"<": predicted <= self.value, ">": predicted >= self.value}.get(self.bound, False)
        return 1.0 if allowed else predicted / self.value

    def inside(self, low: float, high: float) -> bool:
        """Whether it lies in an interval; a bound does where the interval reaches what it allows."""
        if self.bound:
            return low <= self.value if self.bound == "<" else high >= self.value
        return low <= self.value <= high


@dataclass(frozen=True)
class Score:
    """``numbers`` of ``studies``, their geometric mean ``fold`` error, how many lie ``inside`` the intervals
    and how many should (``nominal``).
    """

    studies: int
    numbers: int
    fold: float
    inside: int
    nominal: float


def predictions() -> list[Prediction]:
    """What was foretold before anything was looked up.

    Raises
    ------
    InputError
        The table cannot be read.
    """
    return _read("predictions.tsv")


def afterwards() -> list[Prediction]:
    """What the same model says of measures that are not in the grid, asked when the answers had been read.

    Raises
    ------
    InputError
        The table cannot be read.
    """
    return _read("asked-after.tsv")


def _read(name: str) -> list[Prediction]:
    table = read_table(_FOLDER / name, (*COLUMNS, *_NUMBERS), ())
    if problems := table.all_problems():
        raise InputError(problems)
    found = []
    for row in table.rows:
        numbers = {n: float(row.cells[n]) for n in ("predicted", "low", "high")}
        cells: dict[str, Any] = {**row.cells, **numbers}
        found.append(Prediction(**cells))
    return found


def answers() -> list[Measured]:
    """What was read; ``value``, ``low`` and ``high`` are NaN where the study gives none.

    Raises
    ------
    InputError
        The table cannot be read.
    """
    table = read_table(_FOLDER / "published.tsv", ANSWERS, ())
    if problems := table.all_problems():
        raise InputError(problems)
    found = []
    for row in table.rows:
        numbers = {n: float(row.cells[n] or "nan") for n in ("value", "low", "high")}
        cells: dict[str, Any] = {**row.cells, **numbers}
        found.append(Measured(**cells))
    return found


def pairs(mark: str, told: str) -> list[tuple[Measured, Prediction]]:
    """Answers of a mark and a kind (columns ``mark`` and ``told``), each with its prediction."""
    known = {p.id: p for p in (*predictions(), *afterwards())}
    return [(a, known[a.id]) for a in answers() if a.id and (a.mark, a.told) == (mark, told)]


def score(
    compared: Sequence[tuple[Measured, Prediction]],
    instead: dict[str, Said] | None = None,
) -> Score:
    """Count and average; ``instead``: median, low and high of another model by question."""
    logs, inside, nominal = [], 0, 0.0
    for measured, foretold in compared:
        middle, low, high = (instead or {}).get(
            foretold.id, (foretold.predicted, foretold.low, foretold.high)
        )
        logs.append(abs(math.log(measured.fold(middle))))
        inside += measured.inside(low, high)
        nominal += float(foretold.interval) / 100.0
    fold = math.exp(sum(logs) / len(logs)) if logs else math.nan
    return Score(len({m.study for m, _ in compared}), len(logs), fold, inside, nominal)


def now(wanted: Collection[str] | None = None, draws: int = 200) -> dict[str, Said]:
    """What the model as it stands says of these questions of the grid: median and 80 % interval.

    Parameters
    ----------
    wanted
        Names; conditions that none of them belongs to are not solved. By default all of the model ``pk``.
    draws
        Of all priors.
    """
    found = {}
    for condition in conditions():
        if wanted is not None and not any(name.startswith(f"{condition.name}-") for name in wanted):
            continue
        for key, drawn in said(condition, draws).items():
            name = question(condition, key)
            if wanted is None or name in wanted:
                low, middle, high = np.nanquantile(drawn, [0.1, 0.5, 0.9], method="nearest")
                found[name] = (float(middle), float(low), float(high))
    for foretold in afterwards():
        if wanted is None or foretold.id in wanted:
            share = macrophage_share(foretold.organ, float(foretold.time_h), draws)
            low, middle, high = np.quantile(share, [0.1, 0.5, 0.9])
            found[foretold.id] = (float(middle), float(low), float(high))
    return found
