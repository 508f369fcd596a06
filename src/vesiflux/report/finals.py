"""Final outputs of a run, each arm's table read once instead of once per column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Floats

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = ["Finals"]


class Finals:
    """Outputs at the end of a run, by arm and structure.

    The first question about an arm keeps the columns asked of every arm (``common``), the first about
    another column keeps them all: with thousands of draws all columns of all arms would fill the memory.
    """

    def __init__(self, run: Run, outputs: Iterable[str], common: Iterable[str]) -> None:
        self._run = run
        self._outputs = frozenset(outputs)
        self._common = frozenset(common)
        self._kept: dict[tuple[str, str], dict[str, Floats]] = {}

    def lanes(self, output: str, arm: str, structure: str) -> Floats:
        """Values of `output`, shape (draw * replicate,). Raises `KeyError` for an unknown output."""
        kept = self._kept.setdefault((arm, structure), {})
        if output not in kept:
            first = not kept and output in self._common
            kept.update(self._read(arm, structure, self._common if first else self._outputs))
        return kept[output]

    def per_draw(self, lanes: Floats) -> Floats:
        """Mean over the replicates of each draw, shape (draw,)."""
        return lanes if len(lanes) == self._run.draws else lanes.reshape(self._run.draws, -1).mean(axis=1)

    def _read(self, arm: str, structure: str, wanted: frozenset[str]) -> dict[str, Floats]:
        from vesiflux.store.columns import values

        table = self._run.table(arm, structure)
        return {n: np.asarray(values(table, n), dtype=float) for n in table.column_names if n in wanted}
