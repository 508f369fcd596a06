"""The vesicles as a structure of arrays that grows and is cleared of those that are gone, rows in id order.

52 bytes a vesicle at most with the slack for growth (a quarter), apart from cargo: places and diameter in
float32, id int64, sender, birth step and fate int32, time of the next event float64. Places in float32 are
exact to half a nanometre in a box of 10 mm, far below any step, and halve what a step must move.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.individuals.records import BOUND, FREE, Columns

__all__ = ["LARGEST", "Storage"]

LARGEST = 16_384.0  # um: half a step of float32 is 0.5 nm there
_GROWTH = 1.25
_TYPES: dict[str, npt.DTypeLike] = {
    "x": np.float32,
    "y": np.float32,
    "z": np.float32,
    "diameter": np.float32,
    "ident": np.int64,
    "sender": np.int32,
    "born": np.int32,
    "due": np.float64,
    "fate": np.int32,
}


class Storage:
    """Columns of ``n`` vesicles and their ``copies`` (n, molecules) int32."""

    def __init__(self, molecules: int) -> None:
        self.n = 0
        self._columns: dict[str, npt.NDArray[Any]] = {k: np.empty(0, dtype=t) for k, t in _TYPES.items()}
        self._copies = np.empty((0, molecules), dtype=np.int32)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self._columns[name][: self.n]

    @property
    def copies(self) -> npt.NDArray[np.int32]:
        """Copies per vesicle and molecule."""
        return self._copies[: self.n]

    @property
    def nbytes(self) -> int:
        """Bytes held, without cargo."""
        return sum(c.nbytes for c in self._columns.values())

    def extend(self, count: int) -> slice:
        """Room for ``count`` more at the end; their rows."""
        rows = slice(self.n, self.n + count)
        if rows.stop > len(self._copies):
            room = max(rows.stop, int(_GROWTH * self.n))
            for name, old in self._columns.items():  # one column at a time: only one is there twice
                self._columns[name] = _grown(old, self.n, room)
            self._copies = _grown(self._copies, self.n, room)
        self.n = rows.stop
        return rows

    def kernel(self) -> Columns:
        """What the kernels move."""
        return Columns(*(self[name] for name in Columns._fields))

    def clear(self) -> None:
        """Forget the vesicles that are gone."""
        fate = self["fate"]
        kept = np.flatnonzero((fate == FREE) | (fate == BOUND))
        if len(kept) == self.n:
            return
        for column in self._columns.values():
            column[: len(kept)] = column[kept]
        self._copies[: len(kept)] = self._copies[kept]
        self.n = len(kept)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All columns, copied."""
        return {name: self[name].copy() for name in _TYPES} | {"copies": self.copies.copy()}

    def set(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        """The columns of `arrays` again."""
        for name, dtype in _TYPES.items():
            self._columns[name] = np.array(arrays[name], dtype=dtype)
        molecules = self._copies.shape[1]
        self._copies = np.array(arrays["copies"], dtype=np.int32).reshape(len(arrays["x"]), molecules)
        self.n = len(self._copies)


def _grown(old: npt.NDArray[Any], used: int, room: int) -> npt.NDArray[Any]:
    new = np.empty((room, *old.shape[1:]), dtype=old.dtype)
    new[:used] = old[:used]
    return new
