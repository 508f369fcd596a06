"""Which cells are near which, as they lie at one moment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.mechanics.blocks import BLOCK, Stretch, Workers, stretches, workers
from vesiflux.engines.tissue.mechanics.forces import kernels as forces
from vesiflux.engines.tissue.mechanics.lists import kernels as lists
from vesiflux.engines.tissue.mechanics.walls import Box, box_of
from vesiflux.ir.tissue import TissueSpace

__all__ = ["TOUCH", "Neighbours", "PairLists", "pair_lists"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]

TOUCH = 1.1  # cells touch when their centres are at most this many sums of radii apart

#: First guess of pairs per cell; lists grow where it does not do.
_GUESS = 10


class PairLists:
    """Pairs nearer than the sum of their reaches, each once, by cells in the order of bins.

    Attributes
    ----------
    order
        Rows of the cells in the order of bins, (n,).
    bodies
        x, y, z, radius in that order, (n, 4), um.
    blocks
        Stretches of cells; every second one may be worked on at the same time, since what a cell is paired
        with lies in its own stretch or the next. So a sum over pairs has one order, for any thread count.
    near
        Per stretch (first, other): cell ``begin + k`` is paired with ``other[first[k] : first[k + 1]]``.
    far
        (first, other, who): pairs across periodic sides that lie far apart in the order; worked on last.
    """

    def __init__(
        self,
        order: Small,
        bodies: Floats,
        blocks: list[Stretch],
        near: list[tuple[Small, Small]],
        far: tuple[Small, Small, Small],
    ) -> None:
        self.order, self.bodies, self.blocks, self.near, self.far = order, bodies, blocks, near, far

    def parts(self) -> Iterator[tuple[int, int, Small, Small]]:
        """(begin, end, first, other) of all pairs, one after the other."""
        for (begin, end), (first, other) in zip(self.blocks, self.near, strict=True):
            yield begin, end, first, other
        first, across, who = self.far
        for k, i in enumerate(who):
            yield int(i), int(i) + 1, first[k : k + 2], across


def pair_lists(
    box: Box, x: Floats, y: Floats, z: Floats, radius: Floats, reach: Floats, skin: float, run: Workers
) -> PairLists:
    """Lists of pairs at most ``reach`` of both plus ``skin`` apart.

    Parameters
    ----------
    box
        Size, borders.
    x, y, z, radius, reach
        um, shape (n,).
    skin
        um; the lists hold until two cells may have come nearer by it.
    run
        Threads.
    """
    widest = 2.0 * float(reach.max()) + skin
    low, edge, bins = _bins(box, (x, y, z), widest)
    bin_ = lists.bin_of(x, y, z, low, edge, bins)
    start, order = lists.sort_bins(bin_, int(bins.prod()))
    bodies = lists.gather(order, x, y, z, radius)
    shares = reach[order] + 0.5 * skin
    sorted_bins = bin_[order]
    length = max(int(lists.longest_reach(start, bins)), BLOCK)
    blocks = stretches(len(x), length)

    def listed(stretch: Stretch) -> tuple[Small, Small, Ints]:
        begin, end = stretch
        first = np.empty(end - begin + 1, dtype=np.int32)
        room, far_room = _GUESS * (end - begin), 64
        while True:
            other = np.empty(room, dtype=np.int32)
            far = np.empty((far_room, 2), dtype=np.int64)
            found, found_far = lists.list_pairs(
                begin, end, bodies, shares, sorted_bins, start, bins, box.periodic, box.size, length,
                first, other, far,
            )  # fmt: skip
            if found <= room and found_far <= far_room:
                return first, other[:found].copy(), far[:found_far]  # no more room than it takes
            room, far_room = max(found, room), max(found_far, far_room)

    parts = run(listed, blocks)
    far = np.concatenate([part[2] for part in parts])
    first, who = forces.far_lists(far)
    near = [(part[0], part[1]) for part in parts]
    return PairLists(order, bodies, blocks, near, (first, far[:, 1].astype(np.int32), who))


def _bins(box: Box, places: tuple[Floats, ...], widest: float) -> tuple[Floats, Floats, Ints]:
    """(corner, edges, numbers) of bins at least ``widest`` wide, not many more of them than cells."""
    low, extent = np.zeros(3), box.size.copy()
    for axis, place in enumerate(places):
        if not box.periodic[axis]:
            low[axis] = place.min()
            extent[axis] = max(float(place.max()) - low[axis], 1e-9)
    numbers = np.maximum((extent / widest).astype(np.int64), 1)
    while numbers.prod() > 2 * len(places[0]) + 64:
        numbers = np.where(numbers > 1, np.maximum((numbers * 0.8).astype(np.int64), 1), 1)
    return low, extent / numbers, numbers


class Neighbours:
    """Contacts, pressure and touching pairs of cells.

    Parameters
    ----------
    space, periodic
        The box, and axes whose two sides are one.
    x, y, z
        Centres, um, shape (n,), inside the box.
    radius
        um, shape (n,).
    threads
        Threads; they change no number.
    """

    def __init__(
        self,
        space: TissueSpace,
        periodic: tuple[bool, bool, bool],
        x: Floats,
        y: Floats,
        z: Floats,
        radius: Floats,
        threads: int = 1,
    ) -> None:
        self.n = len(x)
        self._box = box_of(space, periodic)
        self._pairs: Ints | None = None
        if self.n:
            with workers(self.n, threads) as run:
                self._lists = pair_lists(self._box, x, y, z, radius, TOUCH * radius, 1e-9, run)

    def pairs(self) -> Ints:
        """Rows of cells that touch, shape (m, 2), the smaller first, in rising order.

        Two cells touch when their centres are at most `TOUCH` sums of radii apart.
        """
        if self._pairs is None:
            self._pairs = self._find() if self.n else np.zeros((0, 2), dtype=np.int64)
        return self._pairs

    def contacts(self, kind: npt.NDArray[np.integer], n_kinds: int) -> Ints:
        """How many cells of each kind touch each cell, shape (n, n_kinds); kinds below 0 do not count."""
        found = np.zeros((self.n, n_kinds), dtype=np.int64)
        forces.add_contacts(self.pairs(), kind, found)
        return found

    def pressure(self) -> Floats:
        """PhysiCell's simple pressure, shape (n,): 0 overlaps nobody, 1 is pressed by twelve."""
        sorted_ = np.zeros(self.n)
        if not self.n:
            return sorted_
        lists_, box = self._lists, self._box
        for begin, end, first, other in lists_.parts():
            forces.add_pressure(begin, end, lists_.bodies, first, other, box.periodic, box.size, sorted_)
        found = np.empty(self.n)
        found[lists_.order] = sorted_
        return found

    def _find(self) -> Ints:
        lists_, box = self._lists, self._box
        parts = []
        for begin, end, first, other in lists_.parts():
            room = np.empty((int(first[-1] - first[0]), 2), dtype=np.int64)
            count = forces.touching(
                begin, end, lists_.bodies, first, other, box.periodic, box.size, TOUCH, lists_.order, room
            )
            parts.append(room[:count])
        return lists.in_order(np.concatenate(parts), self.n)
