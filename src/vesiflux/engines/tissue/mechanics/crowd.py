"""Cells while they move: sorted, with lists of near pairs that are never stale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.mechanics.blocks import BLOCK, Stretch, Workers, stretches
from vesiflux.engines.tissue.mechanics.forces import kernels as forces
from vesiflux.engines.tissue.mechanics.laws import Law
from vesiflux.engines.tissue.mechanics.neighbours import pair_lists
from vesiflux.engines.tissue.mechanics.steps import kernels as steps
from vesiflux.engines.tissue.mechanics.walls import Box

__all__ = ["Crowd"]

Floats = npt.NDArray[np.float64]


class Crowd:
    """Positions of cells in the order of bins, and what their neighbours make them do.

    Parameters
    ----------
    box, law
        Where, and how they push and pull.
    places
        x, y, z, um, each (n,); `finish` writes the positions there.
    radius, kind
        um, and kind of each, (n,).
    own, before
        Velocities of their own (None: none), and of the step before, um/h, (n, 3).
    skin
        um; lists hold until two cells may have come nearer by this.
    run
        Threads.

    Attributes
    ----------
    bodies
        x, y, z, radius now, (n, 4), in the order of bins, as is ``before``.
    velocity
        What `look` found, um/h, (n, 3).
    """

    def __init__(
        self,
        box: Box,
        law: Law,
        places: tuple[Floats, Floats, Floats],
        radius: Floats,
        kind: npt.NDArray[np.integer],
        own: Floats | None,
        before: Floats,
        skin: float,
        run: Workers,
    ) -> None:
        self._box, self._law, self._run = box, law, run
        self._places, self._radius, self._kind, self._own = places, radius, kind, own
        self._reach = np.maximum(law.reach, 1.0)[kind] * radius
        self._skin = skin
        # who is put back from a wall that bends may go twice the way
        self._turns = 2.0 if len(box.walls.radius) else 1.0
        self._even = stretches(len(radius), BLOCK)
        self._forced = np.empty((len(radius), 4))
        self._spare = np.empty((len(radius), 4))
        self.velocity = np.empty((len(radius), 3))
        self._sort(before)

    def _sort(self, before: Floats) -> None:
        """Sort and list anew; ``before`` comes in the order of rows."""
        x, y, z = self._places
        lists = pair_lists(self._box, x, y, z, self._radius, self._reach, self._skin, self._run)
        self._lists, self.bodies = lists, lists.bodies
        self._kinds = self._kind[lists.order].astype(np.int32)
        self._free = self._law.free[self._kinds]
        self._sorted_own = np.zeros((0, 3)) if self._own is None else self._own[lists.order]
        self.before = before[lists.order]
        self._moved = 0.0

    @property
    def room(self) -> float:
        """How far every cell may go, um, while the lists hold."""
        return (0.5 * self._skin - self._moved) / self._turns

    def renew(self, ahead: float) -> None:
        """Make the lists anew unless they still hold after every cell went ``ahead`` um."""
        if ahead <= self.room:
            return
        before = np.empty_like(self.before)
        self.finish(before)
        del self._lists, self.bodies, self.before  # before there are new ones: a million cells are many
        self._sort(before)

    def look(self, at: Floats, velocity: Floats) -> tuple[float, float]:
        """Velocities at positions ``at`` (n, 4) into ``velocity``; (largest speed um/h, stiffness 1/h)."""
        box, law, lists, forced = self._box, self._law, self._lists, self._forced
        forced[:] = 0.0

        def pairs(b: int) -> None:
            begin, end = lists.blocks[b]
            first, other = lists.near[b]
            forces.add_forces(
                begin, end, at, self._kinds, first, other, law.reach, law.repulsion, law.adhesion,
                box.periodic, box.size, forced,
            )  # fmt: skip

        def rest(stretch: Stretch) -> tuple[float, float]:
            begin, end = stretch
            steps.push_from_walls(
                begin,
                end,
                at,
                self._kinds,
                law.repulsion,
                box.periodic,
                box.size,
                box.flat,
                box.walls,
                forced,
            )
            found: tuple[float, float] = steps.largest(
                begin, end, forced, self._sorted_own, self._free, box.flat, velocity
            )
            return found

        for colour in (0, 1):
            self._run(pairs, range(colour, len(lists.blocks), 2))
        first, other, who = lists.far
        forces.add_far_forces(
            at, self._kinds, first, other, who, law.reach, law.repulsion, law.adhesion, box.periodic,
            box.size, forced,
        )  # fmt: skip
        found = self._run(rest, self._even)
        return max(speed for speed, _ in found), max(stiff for _, stiff in found)

    def try_step(self, a: float, velocity: Floats, b: float, other: Floats) -> tuple[Floats, float]:
        """(Positions after a ``velocity`` + b ``other``, kept in the box; longest way of a cell, um)."""
        box, new = self._box, self._spare

        def go(stretch: Stretch) -> float:
            begin, end = stretch
            longest: float = steps.advance(begin, end, self.bodies, new, velocity, other, a, b)
            steps.keep_in(begin, end, new, box.periodic, box.size, box.flat, box.walls)
            return longest

        return new, max(self._run(go, self._even))

    def difference(self) -> float:
        """Largest difference between ``velocity`` and ``before``, um/h."""

        def between(stretch: Stretch) -> float:
            found: float = steps.largest_difference(*stretch, self.velocity, self.before)
            return found

        return max(self._run(between, self._even))

    def accept(self, longest: float) -> None:
        """Go where `try_step` tried, ``longest`` um for the one that went furthest."""
        self.bodies, self._spare = self._spare, self.bodies
        self._moved += self._turns * longest

    def finish(self, before: Floats) -> None:
        """Write positions, and velocities of the step before, by rows."""
        steps.scatter(self._lists.order, self.bodies, *self._places)
        before[self._lists.order] = self.before
