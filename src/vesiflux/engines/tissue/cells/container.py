"""The cells of a tissue: one array per property, rows in the order of ids, programs by kind.

A living cell has a row in ``programs[kind]``; a dead one has none (its program stopped, ``row`` is -1).
Ids are serial and never used again, so that random numbers keyed by them do not depend on where a row lies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["ALIVE", "APOPTOTIC", "COLUMNS", "NECROTIC", "Cells", "sphere_radius", "sphere_volume"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

ALIVE, APOPTOTIC, NECROTIC = 0, 1, 2

_STRETCH = 16_384  # rows moved at a time, which bounds what is held twice

#: Every column with its type and the value of a new cell that says nothing else.
COLUMNS: Mapping[str, tuple[type[np.generic], float]] = {
    "id": (np.int64, -1),
    "parent": (np.int64, -1),
    "kind": (np.int32, 0),
    "state": (np.int32, 0),
    "dead": (np.int8, ALIVE),
    "divisions": (np.int32, 0),
    "row": (np.int64, -1),
    "x": (np.float64, 0.0),
    "y": (np.float64, 0.0),
    "z": (np.float64, 0.0),
    "volume": (np.float64, 0.0),
    "full_volume": (np.float64, 0.0),
    "dx": (np.float64, 0.0),
    "dy": (np.float64, 0.0),
    "dz": (np.float64, 0.0),
    "vx": (np.float64, 0.0),
    "vy": (np.float64, 0.0),
    "vz": (np.float64, 0.0),
    "clock": (np.float64, 0.0),
    "age": (np.float64, 0.0),
}


def sphere_volume(radius: float) -> float:
    """Volume of a ball, um^3, of a radius in um."""
    return 4.0 / 3.0 * math.pi * radius**3


def sphere_radius(volume: npt.ArrayLike) -> Floats:
    """Radius of a ball, um, of a volume in um^3."""
    radius: Floats = np.cbrt(np.asarray(volume, dtype=np.float64) * (3.0 / (4.0 * math.pi)))
    return radius


class Cells:
    """All cells, alive and dead, as a structure of arrays.

    Parameters
    ----------
    n_states
        States of the program of each kind.

    Attributes are views of the rows in use, writable, valid until cells are added or removed: ``id``,
    ``parent`` (-1: none), ``kind``, ``state``, ``dead`` (0 alive, 1 apoptotic, 2 necrotic), ``divisions``
    (generation: divisions behind the cell, its own and its ancestors'), ``row`` (in ``programs[kind]``, -1
    when dead), ``x``, ``y``, ``z`` (um), ``volume``, ``full_volume`` (um^3), ``dx``, ``dy``, ``dz``
    (direction of motility), ``vx``, ``vy``, ``vz`` (velocity of the step before, um/h), ``clock`` (h since
    death), ``age`` (h since birth or the last division).
    """

    id: Ints
    parent: Ints
    kind: Small
    state: Small
    dead: npt.NDArray[np.int8]
    divisions: Small
    row: Ints
    x: Floats
    y: Floats
    z: Floats
    volume: Floats
    full_volume: Floats
    dx: Floats
    dy: Floats
    dz: Floats
    vx: Floats
    vy: Floats
    vz: Floats
    clock: Floats
    age: Floats

    def __init__(self, n_states: Sequence[int]) -> None:
        self.n = 0
        self.next_id = 0
        self.programs: list[Floats] = [np.zeros((0, count)) for count in n_states]
        self._store = {name: np.empty(0, dtype=kind) for name, (kind, _) in COLUMNS.items()}
        self._rooms = [np.empty((0, count)) for count in n_states]
        self._views()

    def __len__(self) -> int:
        return self.n

    @property
    def radius(self) -> Floats:
        """Radius of each cell, um."""
        return sphere_radius(self.volume)

    @property
    def positions(self) -> Floats:
        """Centres, um, shape (n, 3), a copy."""
        return np.column_stack([self.x, self.y, self.z])

    @property
    def living(self) -> Mask:
        """Which cells are alive."""
        alive: Mask = self.dead == ALIVE
        return alive

    def of_kind(self, kind: int) -> Ints:
        """Rows of the living cells of a kind, in the order of ``programs[kind]``."""
        return np.flatnonzero((self.kind == kind) & (self.row >= 0))

    def rows_of(self, ids: npt.ArrayLike) -> Ints:
        """Rows of cells by id; -1 for those that are gone."""
        wanted = np.asarray(ids, dtype=np.int64)
        if self.n == 0:
            return np.full(wanted.shape, -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.id, wanted), self.n - 1)
        found: Ints = np.where(self.id[place] == wanted, place, -1)
        return found

    def add(
        self, kind: npt.ArrayLike, positions: Floats, programs: Mapping[int, Floats], **columns: npt.ArrayLike
    ) -> Ints:
        """Append living cells and give them the next ids; the rows they got.

        Parameters
        ----------
        kind
            Kind of each, shape (m,), or one number for all.
        positions
            um, shape (m, 3).
        programs
            By kind, states of its new cells in their order, shape (cells of the kind, n_states).
        columns
            Any other column by name (not ``id``, ``row``, ``dead``); default: zeros, no parent.
        """
        count = len(positions)
        begin, end = self.n, self.n + count
        self._reserve(end)
        given = {"kind": kind, "x": positions[:, 0], "y": positions[:, 1], "z": positions[:, 2], **columns}
        for name, (_, default) in COLUMNS.items():
            self._store[name][begin:end] = given.get(name, default)
        self._store["id"][begin:end] = np.arange(self.next_id, self.next_id + count)
        self.next_id += count
        self.n = end
        self._views()
        kinds = self.kind[begin:end]
        for k in range(len(self.programs)):
            new = np.flatnonzero(kinds == k)
            if not len(new):
                continue
            rows = np.asarray(programs[k], dtype=np.float64)
            had = len(self.programs[k])
            if rows.shape != (len(new), self.programs[k].shape[1]):
                raise ValueError(
                    f"kind {k} got states of shape {rows.shape} for {len(new)} new cells with "
                    f"{self.programs[k].shape[1]} states"
                )
            self._resize(k, had + len(new))
            self.programs[k][had:] = rows
            self.row[begin + new] = had + np.arange(len(new))
        return np.arange(begin, end)

    def kill(self, rows: npt.NDArray[np.int64], how: int) -> None:
        """Living cells become dead ones: ``dead`` is ``how``, the clock starts, their program rows go."""
        self.dead[rows] = how
        self.clock[rows] = 0.0
        self._drop_programs(rows)

    def remove(self, mask: Mask) -> None:
        """Take cells out altogether, shape (n,), with their program rows."""
        if not mask.any():
            return
        self._drop_programs(np.flatnonzero(mask))
        kept = np.flatnonzero(~mask)
        for array in self._store.values():
            array[: len(kept)] = array[kept]
        self.n = len(kept)
        self._views()

    def transform(self, rows: Ints, kinds: npt.NDArray[np.int64], programs: Mapping[int, Floats]) -> None:
        """Living cells become cells of other kinds.

        Parameters
        ----------
        rows, kinds
            Cells (rising) and what they become, shape (m,).
        programs
            By new kind, their new states in the order of rows.
        """
        self._drop_programs(rows)
        self.kind[rows] = kinds
        for k in np.unique(kinds):
            had = self.of_kind(k)
            new = rows[kinds == k]
            self._resize(k, len(had) + len(new))
            place = np.searchsorted(new, had) + np.arange(len(had))  # where the old ones move, in id order
            self.programs[k][place] = self.programs[k][: len(had)].copy()
            self.row[had] = place
            fresh = np.searchsorted(had, new) + np.arange(len(new))
            self.programs[k][fresh] = programs[int(k)]
            self.row[new] = fresh

    def snapshot(self) -> dict[str, npt.NDArray[np.generic]]:
        """Everything a restart needs, as copies: columns by name, ``programs.K``, ``next_id``."""
        state: dict[str, npt.NDArray[np.generic]] = {name: getattr(self, name).copy() for name in COLUMNS}
        for k, matrix in enumerate(self.programs):
            state[f"programs.{k}"] = matrix.copy()
        state["next_id"] = np.asarray(self.next_id)
        return state

    def restore(self, state: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Become what `snapshot` saw."""
        count = len(state["id"])
        self._reserve(count)
        self.n, self.next_id = count, int(state["next_id"])
        for name in COLUMNS:
            self._store[name][: self.n] = state[name]
        self._views()
        for k in range(len(self.programs)):
            saved = state[f"programs.{k}"]
            self._resize(k, len(saved))
            self.programs[k][:] = saved

    def _reserve(self, count: int) -> None:
        """Room for ``count`` cells."""
        if count <= len(self._store["id"]):
            return
        room = _room(count, len(self._store["id"]))
        for name, old in self._store.items():
            new = np.empty(room, dtype=old.dtype)
            new[: self.n] = old[: self.n]
            self._store[name] = new

    def _resize(self, kind: int, count: int) -> None:
        """The matrix of a kind gets ``count`` rows; those it had keep their values."""
        old = self._rooms[kind]
        if count > len(old):
            new = np.empty((_room(count, len(old)), old.shape[1]))
            used = len(self.programs[kind])
            new[:used] = self.programs[kind]
            self._rooms[kind] = new
        self.programs[kind] = self._rooms[kind][:count]

    def _drop_programs(self, rows: npt.NDArray[np.int64]) -> None:
        """Program rows of these cells go; the rest close up in id order."""
        rows = rows[self.row[rows] >= 0]
        for k in np.unique(self.kind[rows]):
            gone = rows[self.kind[rows] == k]
            keep = np.ones(len(self.programs[k]), dtype=np.bool_)
            keep[self.row[gone]] = False
            self.row[gone] = -1
            count = _close_up(self.programs[k], keep)
            self._resize(k, count)
            self.row[self.of_kind(k)] = np.arange(count)

    def _views(self) -> None:
        """Point the columns at the rows in use."""
        for name, array in self._store.items():
            setattr(self, name, array[: self.n])


def _room(count: int, had: int) -> int:
    """Rows to make room for when ``count`` do not fit in ``had``: an eighth more than there were, or more."""
    return max(count, had * 9 // 8, 16)


def _close_up(matrix: Floats, keep: Mask) -> int:
    """Move the rows to keep to the front, in their order; how many they are."""
    kept = np.flatnonzero(keep)
    first = int(np.argmin(keep)) if len(kept) < len(keep) else len(kept)
    for begin in range(first, len(kept), _STRETCH):  # rows only move down, so stretches do not disturb others
        some = kept[begin : begin + _STRETCH]
        matrix[begin : begin + len(some)] = matrix[some]
    return len(kept)
