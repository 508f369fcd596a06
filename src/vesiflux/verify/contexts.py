"""Which cell of a model stands for a place that the evidence names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence

__all__ = ["ANYWHERE", "Contexts", "above"]

#: Places that are no place in particular.
ANYWHERE = frozenset(("any_cell", "any_recipient_cell", "recipient_cell", "none", ""))
_BELOW, _ANY, _ONLY = 10, 50, 60
_KINDS = ("cell", "organ", "state", "vesicle")


def above(name: str, evidence: Evidence) -> list[str]:
    """What a name is one of: parents in the vocabulary, nearest first."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        at = waiting.pop(0)
        for kind in _KINDS:
            entry = evidence.vocabulary.get((at, kind))
            if entry is not None and entry.parent and entry.parent not in (name, *found):
                found.append(entry.parent)
                waiting.append(entry.parent)
    return found


class Contexts:
    """Cells of a model by what they are in the evidence.

    Parameters
    ----------
    kinds
        Cell -> canonical names of what it stands for.
    """

    def __init__(self, kinds: Mapping[str, tuple[str, ...]], evidence: Evidence) -> None:
        self.kinds = kinds
        self._evidence = evidence

    @cached_property
    def _above(self) -> dict[str, dict[str, int]]:
        """Cell -> what its kinds are some of -> steps up."""
        found: dict[str, dict[str, int]] = {}
        for cell, kinds in self.kinds.items():
            steps = found.setdefault(cell, {})
            for kind in kinds:
                for i, name in enumerate((kind, *above(kind, self._evidence))):
                    steps[name] = min(i, steps.get(name, i))
        return found

    def distance(self, cell: str, place: str) -> int | None:
        """How far a cell is from a place: 0, it is that; more, one of them is a kind of the other.

        `None`: the place is another one. A cell that is the only one of its model stands for all places.
        """
        steps = self._above[cell]
        if place in steps:
            return steps[place]
        for i, name in enumerate(above(place, self._evidence), start=1):
            if name in self.kinds[cell]:
                return _BELOW + i
        if place in ANYWHERE:
            return _ANY
        return _ONLY if len(self.kinds) == 1 else None

    def cells(self, place: str) -> list[str]:
        """Cells that stand for a place, nearest first, then in the model's order."""
        far = {cell: self.distance(cell, place) for cell in self.kinds}
        return sorted((c for c, d in far.items() if d is not None), key=lambda c: far[c] or 0)

    def nearest(self, places: Iterable[str]) -> list[str]:
        """All cells that are nearest to any of the places, in the model's order; none where none fits."""
        far = {
            cell: min((d for p in places if (d := self.distance(cell, p)) is not None), default=None)
            for cell in self.kinds
        }
        least = min((d for d in far.values() if d is not None), default=None)
        return [cell for cell, d in far.items() if d is not None and d == least]
