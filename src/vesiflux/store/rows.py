"""Which rows of which blocks a run consists of, written short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Rows"]


@dataclass(frozen=True)
class Rows:
    """Lanes of a run in order: runs of rows as [block number, first row, count, step], step 0 or 1."""

    blocks: tuple[str, ...]
    runs: tuple[tuple[int, int, int, int], ...]

    @classmethod
    def at(cls, places: Sequence[tuple[str, int]]) -> Rows:
        """Rows lying at ``places``: (block, row) per lane."""
        numbers: dict[str, int] = {}
        runs: list[tuple[int, int, int, int]] = []
        for block, row in places:
            number = numbers.setdefault(block, len(numbers))
            if runs and runs[-1][0] == number:
                _, first, count, step = runs[-1]
                step = row - first if count == 1 else step
                if step in (0, 1) and row == first + count * step:
                    runs[-1] = (number, first, count + 1, step)
                    continue
            runs.append((number, row, 1, 1))
        return cls(tuple(numbers), tuple(runs))

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Rows:
        """As written in a run's record."""
        return cls(tuple(entry["blocks"]), tuple((r[0], r[1], r[2], r[3]) for r in entry["rows"]))

    def plain(self) -> dict[str, Any]:
        """As it is written in a run's record."""
        return {"blocks": list(self.blocks), "rows": [list(r) for r in self.runs]}

    def taken(self, sizes: Sequence[int]) -> npt.NDArray[np.int64]:
        """Index of each lane into the blocks laid end to end; ``sizes``: their numbers of rows."""
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        parts = [starts[b] + first + step * np.arange(count) for b, first, count, step in self.runs]
        return np.concatenate(parts).astype(np.int64)
