"""Which fold a marker needs: the question of ``markers`` turned round.

No review says by how much a marker of sepsis moves, so an area under the ROC curve of virtual patients is the
fold that was put in. `needed` asks for the fold instead: by how much must a marker differ between two groups
for an area of 0.7, 0.8 or 0.9, given how healthy people differ among themselves and how the marker is read?
Where only a share of the copies comes from cells that answer, those cells must answer the more: `in_cells`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux.assay.bedside import Bedside, reader
from vesiflux.errors import InputError
from vesiflux.language import load
from vesiflux.language.measures import Measure
from vesiflux.study.patients import plan_patients
from vesiflux.study.roc import roc

if TYPE_CHECKING:
    from pathlib import Path

    from vesiflux.language.schema import Marker

__all__ = [
    "Levels",
    "area",
    "diluted",
    "ideal",
    "implied_sd",
    "in_cells",
    "levels",
    "needed",
    "published",
]

Floats = npt.NDArray[np.float64]

HEALTHY = "healthy"
"""Arm of the model whose people have no sepsis."""

_MOST = 1e6
"""No marker moves by more."""


@dataclass(frozen=True)
class Levels:
    """A marker in healthy people. ``values``: true levels, (people,); ``up``: it rises in the ill.

    ``read``: what a laboratory reports of levels; `None` where it is read without error.
    """

    name: str
    values: Floats
    up: bool = True
    read: Bedside | None = None

    @property
    def sd(self) -> float:
        """sd of ln between people."""
        return float(np.log(self.values).std())

    def other(self, level: float = 1.0, spread: float = 1.0) -> Levels:
        """The same marker at ``level`` times its median and ``spread`` times its sd of ln."""
        logs = np.log(self.values)
        middle = float(np.median(logs))
        return replace(self, values=level * np.exp(middle + spread * (logs - middle)))

    @property
    def visible(self) -> float:
        """Share of healthy people whose reading lies above the limit."""
        if self.read is None:
            return 1.0
        shown = self.read(self.values, _generator(self.name, "visible"))
        return float(np.mean(shown > self.read.limit))

    @property
    def least(self) -> float:
        """Level at which half lie above the limit, in the unit of the levels."""
        if self.read is None:
            return 0.0
        if "vesicle" in self.read.signal:
            return self.read.limit / self.read.recovery("vesicle")
        kinds = self.read.through.recipe
        counts = {k: float(p.quantile(0.5)) for k, p in kinds.counts.items() if kinds.kinds[k].is_vesicle}
        each = sum(n * self.read.recovery(k) for k, n in counts.items()) / sum(counts.values())
        return self.read.limit / each


def ideal(sd: float, target: float) -> float:
    """Fold for an area of ``target`` where both groups are log-normal with ``sd`` and nothing errs.

    The area is Phi(ln fold / (sqrt 2 sd)).
    """
    from scipy.special import ndtri

    if not (sd > 0.0 and 0.5 <= target < 1.0):
        raise InputError(f"an area lies from 0.5 to 1 and an sd above 0, not {target:g} and {sd:g}")
    return float(np.exp(math.sqrt(2.0) * ndtri(target) * sd))


def implied_sd(fold: float, auc: float) -> float:
    """sd of ln between people that turns a ``fold`` into an area of ``auc``, both log-normal."""
    from scipy.special import ndtri

    if not (fold > 1.0 and 0.5 < auc < 1.0):
        raise InputError(f"a fold is above 1 and an area between 0.5 and 1, not {fold:g} and {auc:g}")
    return float(math.log(fold) / (math.sqrt(2.0) * ndtri(auc)))


def in_cells(fold: float, share: float, up: bool = True) -> float:
    """Fold in the cells that answer, where they give ``share`` of the copies and these differ ``fold``-fold.

    Infinite where a fall cannot come about: cells that stop altogether leave 1 - share.
    """
    if not (fold >= 1.0 and 0.0 < share <= 1.0):
        raise InputError(f"a fold is 1 at least and a share from 0 to 1, not {fold:g} and {share:g}")
    if up:
        return 1.0 + (fold - 1.0) / share
    left = 1.0 - (1.0 - 1.0 / fold) / share
    return 1.0 / left if left > 0.0 else math.inf


def diluted(fold: float, share: float, up: bool = True) -> float:
    """Fold in the fluid, where cells that give ``share`` of the copies answer ``fold``-fold.

    The passive null: vesicles are loaded with what their cells hold, the fluid shows the mean over all cells.
    """
    if not (fold >= 1.0 and 0.0 < share <= 1.0):
        raise InputError(f"a fold is 1 at least and a share from 0 to 1, not {fold:g} and {share:g}")
    return 1.0 + share * (fold - 1.0) if up else 1.0 / (1.0 - share * (1.0 - 1.0 / fold))


def area(marker: Levels, fold: float) -> float:
    """Area under the ROC curve between healthy people and others whose level is ``fold``-fold.

    The same people stand in both groups, in another order, and readings scatter alike at every fold, so that
    the area rises smoothly with it.
    """
    one = marker.values
    other = _generator(marker.name, "order").permutation(one) * (fold if marker.up else 1.0 / fold)
    if marker.read is not None:
        one = marker.read(one, _generator(marker.name, "without"))
        other = marker.read(other, _generator(marker.name, "with"))
    scores = np.concatenate((one, other))
    return roc(scores if marker.up else -scores, np.arange(scores.size) >= one.size).auc


def needed(marker: Levels, target: float) -> float:
    """Fold for an area of ``target``, to one per cent; infinite where none below a million is enough."""
    if not 0.5 < target < 1.0:
        raise InputError(f"an area lies between 0.5 and 1, not {target:g}")
    low, high = 0.0, math.log(_MOST)
    if area(marker, _MOST) < target:
        return math.inf
    while high - low > 0.01:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if area(marker, math.exp(middle)) < target else (low, middle)
    return math.exp(0.5 * (low + high))


def levels(people: int = 2000, seed: int = 1, store: str | Path = "vesiflux-runs") -> dict[str, Levels]:
    """All markers of the model's cohort in its healthy arm, by name.

    Raises
    ------
    InputError, RunError
        As in `vesiflux.run`.
    """
    model = load("markers")
    patients = plan_patients(model, patients=people, seed=seed).run(store=store)
    found = {}
    for name, marker in patients.spec.markers.items():
        measure = Measure.read(marker.measure)
        values = patients.level(measure, measure.time, HEALTHY)
        found[name] = Levels(name, values, marker.speaks == "high", _reader(marker))
    return found


def _reader(marker: Marker) -> Bedside | None:
    from vesiflux.language.dump import to_plain

    if marker.through is None:
        return None
    said = {k: v for k, v in to_plain(marker.through).items() if k != "unit"}
    return reader(said)


@cache
def published() -> tuple[Mapping[str, str], ...]:
    """Rows of ``markers/published.tsv``: folds and areas that could be read."""
    text = files("vesiflux.library").joinpath("markers", "published.tsv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(), delimiter="\t"))


def _generator(*names: str) -> np.random.Generator:
    from zlib import crc32

    return np.random.Generator(np.random.Philox(crc32("\0".join(names).encode())))
