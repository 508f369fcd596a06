"""The vesicles of one class as individuals: set free, moved, taken up, counted.

Order of an advance: cells that moved push vesicles out; then substeps, each: decay and matrix binding that
fall due before its middle, Brownian motion and drift, borders, cells. The substep is such that a vesicle of
mean mobility moves by sqrt(2 D h) = ``FRACTION`` of the smallest cell's radius per axis, or of the
thickness, or (where regions differ) of half a voxel.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.engines.tissue.individuals import kernels, records, setting
from vesiflux.engines.tissue.individuals.emission import kernels as emission_kernels
from vesiflux.engines.tissue.individuals.ledger import Ledger, tally
from vesiflux.engines.tissue.individuals.meeting import kernels as meeting_kernels
from vesiflux.engines.tissue.individuals.storage import Storage
from vesiflux.engines.tissue.pool import pool
from vesiflux.errors import InputError
from vesiflux.ir.tissue import CargoDraw, Group, TissueSpace

__all__ = ["FRACTION", "Individuals", "Taken"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

drawing: Any = emission_kernels  # numba knows their types
meeting: Any = meeting_kernels
moving: Any = kernels

FRACTION = 0.25
BLOCK = 1024
_TASK = 16 * BLOCK  # vesicles a thread takes at once
_TAIL = 3.09  # of diameters: one vesicle in a thousand is smaller
_BORDER = 1.0 / 6.0  # step against the thickness: no path is reflected twice
_VOXEL = 0.25  # step against the edge of a voxel where voxels differ


@dataclass(frozen=True)
class Taken:
    """Vesicles taken up during an advance, in id order.

    ``cell_row`` (n,): row of the cell; ``sender`` (n,); ``copies`` (n, molecules); ``ident`` (n,).
    """

    cell_row: npt.NDArray[np.int32]
    sender: npt.NDArray[np.int32]
    copies: npt.NDArray[np.int32]
    ident: Ints


class Individuals:
    """Vesicles of ``group`` in ``space``, carrying ``molecules``.

    ``fraction``: see `FRACTION`; ``block``: vesicles at a time (no result depends on it, nor on ``threads``).
    Raises `InputError` for what only fields can do: supply by borders or blood vessels, boxes beyond 16 mm.
    """

    def __init__(
        self,
        space: TissueSpace,
        group: Group,
        molecules: Sequence[str] = (),
        seed: int = 1,
        threads: int = 1,
        *,
        fraction: float = FRACTION,
        block: int = BLOCK,
    ) -> None:
        self.space, self.group, self.molecules = space, group, tuple(molecules)
        self.threads, self.fraction, self.block = threads, fraction, block
        name = hashlib.blake2b(group.name.encode(), digest_size=8).digest()
        self._seed = np.uint64((seed ^ int.from_bytes(name, "little")) & (2**64 - 1))
        self._box = setting.box(space, group)
        self._places = setting.places(space, group)
        self._near: records.Near | None = None
        self._margin = 0.0
        self._held = Storage(len(self.molecules))
        self.ledger = Ledger(len(self.molecules))
        self.time = 0.0
        self._ticks = 0
        self._next = 0

    @property
    def count(self) -> int:
        """Vesicles there are, free or bound to the matrix."""
        return self._held.n

    @property
    def nbytes(self) -> int:
        """Bytes held for them, cargo apart."""
        return self._held.nbytes

    def emit(
        self,
        cell_ids: npt.ArrayLike,
        xyz: npt.ArrayLike,
        radii: npt.ArrayLike,
        numbers: npt.ArrayLike,
        draws: Sequence[CargoDraw],
        sender: int | npt.ArrayLike,
        step: int,
    ) -> Ints:
        """Set vesicles free at the surface of cells; number per cell, int64 (cells,).

        ``xyz`` (cells, 3) and ``radii`` (cells,), um; ``numbers`` (cells,): whole numbers as integers, or
        floats as means of Poisson numbers keyed by (cell id, step). ``draws``: cargo; molecules that it
        does not name are not carried. ``sender``: index, one for all or per cell. A cell of finite clearance
        takes back k_int / (k_int + k_D) of what it sets free in the open; one of infinite clearance all.
        """
        ids = np.atleast_1d(np.asarray(cell_ids, dtype=np.int64))
        wanted = np.atleast_1d(np.asarray(numbers))
        number: Ints
        if np.issubdtype(wanted.dtype, np.floating):
            number = drawing.poisson_numbers(wanted.astype(np.float64), ids, self._seed, step)
        else:
            number = wanted.astype(np.int64)
        rows = self._new(int(number.sum()), draws, step)
        at = np.asarray(xyz, dtype=np.float64).reshape(-1, 3)
        radius = np.atleast_1d(np.asarray(radii, dtype=np.float64))
        senders = np.broadcast_to(np.asarray(sender, dtype=np.int32), ids.shape)
        self._held["sender"][rows] = np.repeat(senders, number)
        drawing.places(
            self._held["x"], self._held["y"], self._held["z"], self._held["ident"], rows.start, number,
            at, radius, self._box.size, self._box.modes, self._seed,
        )  # fmt: skip
        self.ledger.add("emitted", self._held["sender"][rows], self._held.copies[rows])
        return number

    def place(
        self, xyz: npt.ArrayLike, draws: Sequence[CargoDraw], sender: int | npt.ArrayLike, step: int
    ) -> None:
        """Set vesicles free at given places (n, 3), um: a dose."""
        at = np.asarray(xyz, dtype=np.float32).reshape(-1, 3)
        rows = self._new(len(at), draws, step)
        for column, values in zip("xyz", at.T, strict=True):
            self._held[column][rows] = values
        self._held["sender"][rows] = sender
        self.ledger.add("emitted", self._held["sender"][rows], self._held.copies[rows])

    def _new(self, count: int, draws: Sequence[CargoDraw], step: int) -> slice:
        """Rows of new vesicles with all but place and sender."""
        rows = self._held.extend(count)
        ident = self._held["ident"][rows]
        ident[:] = np.arange(self._next, self._next + count)
        self._next += count
        self._held["born"][rows] = step
        self._held["fate"][rows] = records.FREE
        drawing.diameters(
            self._held["diameter"][rows], ident, self.group.median, self.group.sigma, self._seed
        )
        drawing.dues(
            self._held["due"][rows], ident, self.time, self.group.decay + self.group.binding[0], self._seed
        )
        mean, occupied = np.zeros(len(self.molecules)), np.ones(len(self.molecules))
        for draw in draws:
            at = self.molecules.index(draw.molecule)
            mean[at], occupied[at] = draw.mean, draw.occupied
        drawing.cargo(self._held.copies[rows], ident, mean, occupied, self._seed)
        return rows

    def substeps(self, dt: float, smallest: float | None = None) -> int:
        """Number of substeps in ``dt`` h with cells of at least ``smallest`` um radius (None: no cells)."""
        longest = _BORDER * float(self._box.size.min())
        if smallest is not None:
            longest = min(longest, self.fraction * smallest)
        if self._places.used:
            longest = min(longest, _VOXEL * min(self.space.voxel))
        return max(1, math.ceil(2.0 * self.group.diffusion * dt / longest**2 - 1e-9))

    def advance(
        self,
        dt: float,
        step: int,
        cell_xyz: npt.ArrayLike = (),
        cell_radius: npt.ArrayLike = (),
        cell_ids: npt.ArrayLike = (),
        clearance: npt.ArrayLike = (),
    ) -> Taken:
        """Move all by ``dt`` h among cells at rest; what they took.

        ``cell_xyz`` (cells, 3), ``cell_radius`` (cells,), um; ``clearance`` (cells,): intrinsic, mL/h, inf
        takes all that touches. ``step``: the coupling's, for messages; substeps are counted here.
        """
        radius = np.atleast_1d(np.asarray(cell_radius, dtype=np.float64))
        at = np.asarray(cell_xyz, dtype=np.float64).reshape(-1, 3)
        wanted = np.atleast_1d(np.asarray(clearance, dtype=np.float64))
        ids = np.atleast_1d(np.asarray(cell_ids, dtype=np.int64))
        if not len(at) == len(radius) == len(wanted) == len(ids):
            raise InputError(f"step {step}: places, radii, ids and clearances of cells differ in number")
        count = self.substeps(dt, float(radius.min()) if len(radius) else None)
        hours = dt / count
        box = self._box._replace(
            scale=self._box.scale * math.sqrt(hours),
            drift=(np.array(self.space.flow) * hours).astype(np.float32),
        )
        cells = np.column_stack([at, radius]) if self.count else np.zeros((0, 4))
        near = self._lists(cells, wanted[: len(cells)], ids[: len(cells)], hours)
        v = self._held.kernel()
        first = self._ticks

        def work(low: int) -> None:
            high = min(low + _TASK, self._held.n)
            if len(radius):
                meeting.expel(v, low, high, near, box)
            moving.advance(
                v, low, high, self.block, box, near, self._places, self._seed, first, count, self.time, hours
            )

        self._each(work)
        self._ticks += count
        self.time += dt
        return self._settle()

    def _each(self, work: Callable[[int], None]) -> None:
        starts = range(0, self._held.n, _TASK)
        if self.threads == 1 or len(starts) < 2:
            for low in starts:
                work(low)
            return
        list(pool(self.threads).map(work, starts))

    def _lists(self, cells: Floats, clearance: Floats, ids: Ints, hours: float) -> records.Near:
        """Lists of near cells, made anew when cells or substep changed."""
        largest = math.sqrt(2.0 * self.group.diffusion * hours)  # of nearly all vesicles
        largest *= math.exp(0.5 * _TAIL * self.group.sigma - 0.25 * self.group.sigma**2)
        margin = 3.0 * largest + 0.5 * hours * math.hypot(*self.space.flow)
        kappa = setting.reactivity(
            self.space, cells[:, :3], cells[:, 3], clearance, bool(self._box.modes[2] == records.PERIODIC)
        )
        old = self._near
        if old is None or self._margin != margin or not np.array_equal(old.cells, cells):
            old = setting.lists(self._box, cells, kappa, ids, margin)
        self._margin = margin
        self._near = old._replace(kappa=kappa, ident=ids)
        return self._near

    def _settle(self) -> Taken:
        """Count those that are gone, forget them, and tell which were taken."""
        fate, sender, copies = self._held["fate"], self._held["sender"], self._held.copies
        gone = {
            "decayed": records.DECAYED, "left": records.LEFT, "cleared": records.CLEARED
        }  # fmt: skip
        for name, code in gone.items():
            rows = np.flatnonzero(fate == code)
            self.ledger.add(name, sender[rows], copies[rows])
        rows = np.flatnonzero(fate >= 0)
        taken = Taken(fate[rows], sender[rows], copies[rows], self._held["ident"][rows])
        self.ledger.add("taken", taken.sender, taken.copies)
        self._held.clear()
        return taken

    def amounts(self) -> tuple[Ints, Ints]:
        """(vesicles there are per sender, their copies per sender and molecule)."""
        return tally(self._held["sender"], self._held.copies, self.ledger.senders)

    def bound(self) -> Ints:
        """Of those the ones bound to the matrix, per sender."""
        where = self._held["fate"] == records.BOUND
        return np.bincount(self._held["sender"][where], minlength=self.ledger.senders)

    def density(self, grid: Grid, molecule: str | None = None) -> Floats:
        """Free vesicles (or copies of ``molecule``) per mL, (senders, nz, ny, nx)."""
        free = self._held["fate"] == records.FREE
        voxel = grid.index(self._held["x"][free], self._held["y"][free], self._held["z"][free])
        senders = self.ledger.senders
        weights = None if molecule is None else self._held.copies[free, self.molecules.index(molecule)]
        counts = np.bincount(
            voxel + grid.n_voxels * self._held["sender"][free].astype(np.int64),
            weights,
            senders * grid.n_voxels,
        )
        found: Floats = counts.reshape(senders, *grid.array_shape) / grid.voxel_volume
        return found

    def table(self) -> dict[str, npt.NDArray[Any]]:
        """Columns for frames: id, sender, x, y, z and diameter (um), bound, born (step), copies.MOLECULE."""
        held = self._held
        found: dict[str, npt.NDArray[Any]] = {"id": held["ident"].copy()}
        for name in ("sender", "x", "y", "z", "diameter", "born"):
            found[name] = held[name].copy()
        found["bound"] = held["fate"] == records.BOUND
        for m, molecule in enumerate(self.molecules):
            found[f"copies.{molecule}"] = held.copies[:, m].copy()
        return found

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """All that the future depends on, by flat names."""
        clock = {"time": np.array(self.time), "ticks": np.array(self._ticks), "next": np.array(self._next)}
        return clock | self._held.arrays() | self.ledger.arrays()

    def restore(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Continue from a `state`: the same bits as without the stop."""
        arrays = dict(state)
        self.time, self._ticks, self._next = (
            float(state["time"]), int(state["ticks"]), int(state["next"])
        )  # fmt: skip
        self._held.set(arrays)
        self.ledger.set(arrays)
