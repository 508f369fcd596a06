"""A cell becomes a cell of another type: what its old program held goes where the new one has a place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.ir.tissue import CellKind

__all__ = ["Rebuilder"]

Floats = npt.NDArray[np.float64]


class Rebuilder:
    """States of a cell in its new type's program, by name; keeps count of what found no place.

    ``at_start``: by kind, states of a cell at the start, shape (n_states,).
    """

    def __init__(self, kinds: Sequence[CellKind], at_start: Sequence[Floats]) -> None:
        self._kinds = kinds
        self._at_start = at_start
        self._names = [
            {s.name.removeprefix(f"{kind.name}."): i for i, s in enumerate(kind.program.states)}
            for kind in kinds
        ]
        self._dropped: dict[int, float] = {}

    def __call__(self, old: int, new: int, _: int, states: Floats) -> Floats:
        """States in the program of kind ``new``."""
        fresh = self._at_start[new].copy()
        mine, theirs = self._names[old], self._names[new]
        for name, at in theirs.items():
            if name in mine:
                fresh[at] = states[mine[name]]
        for f, where in self._kinds[old].inside.items():
            kept = sum(states[at] for at in where.values())
            found = sum(fresh[at] for at in self._kinds[new].inside.get(f, {}).values())
            self._dropped[f] = self._dropped.get(f, 0.0) + float(kept - found)
        return fresh

    def dropped(self, n_fields: int) -> Floats:
        """What found no place since the last call, by field."""
        found = np.zeros(n_fields)
        for f, amount in self._dropped.items():
            found[f] = amount
        self._dropped = {}
        return found
