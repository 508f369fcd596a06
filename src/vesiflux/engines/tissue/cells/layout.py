"""Where cells start: random, packed, ring or given places, the same for the same seed."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells import kernels
from vesiflux.engines.tissue.cells.packing import kernels as packing
from vesiflux.engines.tissue.random import Purpose
from vesiflux.errors import InputError
from vesiflux.ir.tissue import CellKind, Layout, TissueSpace

__all__ = ["bins", "place", "walls"]

Floats = npt.NDArray[np.float64]

TRIES = 60  # places looked at per cell before the least bad one is taken
SWEEPS = 200  # rounds of pushing apart when some overlap
OPEN = (False, False, False)


def walls(space: TissueSpace) -> tuple[npt.NDArray[np.bool_], Floats, Floats, Floats]:
    """Walls as arrays: whether a ball, low corner or centre, high corner, radius."""
    found = [region for region in space.regions if region.wall]
    low = np.array([region.a for region in found], dtype=np.float64).reshape(-1, 3)
    high = np.array([region.b for region in found], dtype=np.float64).reshape(-1, 3)
    ball = np.array([region.shape == "ball" for region in found], dtype=np.bool_)
    low_corner = np.where(ball[:, None], low, np.minimum(low, high))
    return ball, low_corner, np.maximum(low, high), np.array([region.radius for region in found])


def bins(space: TissueSpace, reach: float, count: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Edges and numbers of bins at least ``reach`` wide, and not many more bins than cells."""
    size = np.array(space.size)
    used = size[: 2 if space.flat else 3]
    roomy = (used.prod() / (2.0 * count + 64.0)) ** (1.0 / len(used))
    counts = np.maximum((size / max(reach, roomy)).astype(np.int64), 1)
    if space.flat:
        counts[2] = 1
    return size / counts, counts


def place(
    kind: CellKind,
    space: TissueSpace,
    seed: int,
    taken: Floats | None = None,
    taken_radius: npt.ArrayLike | None = None,
    number: int = 0,
    periodic: tuple[bool, bool, bool] = OPEN,
) -> Floats:
    """Centres of a type's cells at the start, um, shape (count, 3); in a slab z is its middle.

    Parameters
    ----------
    kind
        Its count, radius and layout. ``at``: all points, whatever the count.
    space
        Box and walls; no centre lies outside the one or in the other.
    seed, number
        Key of the random numbers; ``number`` tells types apart.
    taken, taken_radius
        Cells already there: centres (m, 3) and radii (m,) or one for all (default the type's own).
    periodic
        Axes whose two sides are one, for overlaps.

    Cells do not overlap as long as there is room; where chance finds none each takes the
    best of `TRIES` places, and those that overlap are pushed apart as far as it goes.
    `InputError` when there is no place at all, or a given point is outside or in a wall.
    """
    there = np.zeros((0, 3)) if taken is None else np.asarray(taken, dtype=np.float64).reshape(-1, 3)
    own = kind.radius if taken_radius is None else taken_radius
    radii = np.broadcast_to(np.asarray(own, dtype=np.float64), (len(there),))
    room = _Room(kind, space, seed, there, radii, number, periodic)
    if kind.layout.kind == "at":
        return room.given(kind.layout)
    if kind.count == 0:
        return np.zeros((0, 3))
    if kind.layout.kind == "spheroid":
        return room.spheroid(kind.layout)
    return room.scattered(kind.layout)


class _Room:
    """What every layout of one type needs."""

    def __init__(
        self,
        kind: CellKind,
        space: TissueSpace,
        seed: int,
        taken: Floats,
        radii: Floats,
        number: int,
        periodic: tuple[bool, bool, bool],
    ) -> None:
        self.name, self.count, self.radius = kind.name, kind.count, kind.radius
        self.space, self.seed, self.number = space, seed, number
        self.taken, self.radii = taken, radii
        self.size = np.array(space.size)
        self.middle = self.size / 2.0
        self.periodic = np.array(periodic)
        self.walls = walls(space)
        widest = max(self.radius, float(radii.max(initial=0.0)))
        self.edges, self.counts = bins(space, self.radius + widest, self.count + len(taken))

    def given(self, layout: Layout) -> Floats:
        """The points of the model, checked."""
        points = np.array(layout.points if layout.points is not None else np.zeros((0, 3)), dtype=np.float64)
        points = points.reshape(-1, 3)
        if self.space.flat:
            points[:, 2] = self.middle[2]
        bad = np.flatnonzero(~self.free(points))
        if len(bad):
            x, y, z = points[bad[0]]
            raise InputError(
                f"layout of {self.name}: point {bad[0] + 1} ({x:g}, {y:g}, {z:g}) um lies outside the box or "
                "in a wall; move it, or change the box"
            )
        return points

    def scattered(self, layout: Layout) -> Floats:
        """Random places in a box, a ring (shell) or a ball."""
        low = np.zeros(3) if layout.a is None else np.minimum(layout.a, layout.b or self.size)
        high = self.size if layout.b is None else np.maximum(layout.b, layout.a or np.zeros(3))
        low, high = np.clip(low, 0.0, self.size), np.clip(high, 0.0, self.size)
        if self.space.flat:
            low[2] = high[2] = self.middle[2]
        outer = float(self.middle[:2].min()) if layout.radius is None else layout.radius
        xyz = np.vstack([self.taken, np.zeros((self.count, 3))])
        radii = np.concatenate([self.radii, np.zeros(self.count)])
        where = (
            low, high, self.centre(layout), layout.inner, outer, layout.kind != "random", self.space.flat,
            *self.walls, xyz, radii, len(self.taken), self.edges, self.counts, self.size, self.periodic,
        )  # fmt: skip
        done = packing.scatter(
            self.count, self.radius, self.seed, int(Purpose.LAYOUT), self.number, TRIES, *where
        )
        if done < self.count:
            raise InputError(
                f"layout of {self.name}: no place for cell {done + 1} of {self.count}; the layout lies "
                "outside the box or in a wall; make it larger or move it"
            )
        packing.spread(SWEEPS, *where)
        placed: Floats = xyz[len(self.taken) :]
        return placed

    def spheroid(self, layout: Layout) -> Floats:
        """Densest packing (hexagonal, face-centred cubic in 3-D) in a random orientation, loosened to fit."""
        tight = 2.0 * self.radius
        centre = self.centre(layout)
        if layout.radius is None:
            sites = self.outward(centre, tight)
            return sites if sites is not None else self.squeezed(layout, float(np.linalg.norm(self.size)))
        reach = layout.radius - self.radius if layout.radius > tight else layout.radius
        dimension = 2 if self.space.flat else 3
        density = 2.0 / math.sqrt(3.0) if dimension == 2 else math.sqrt(2.0)  # sites per spacing^dimension
        ball = math.pi * reach**2 if dimension == 2 else 4.0 / 3.0 * math.pi * reach**3
        spacing = (density * ball / self.count) ** (1.0 / dimension) * 1.05
        while spacing > 0.5 * self.radius:
            if len(self.taken) and spacing < tight:
                break
            sites = self.sites(centre, spacing, reach)
            if len(sites) >= self.count:
                return self.jittered(sites[: self.count], (spacing - tight) / 2.0, centre, reach)
            spacing *= 0.99
        return self.squeezed(layout, layout.radius)

    def squeezed(self, layout: Layout, radius: float) -> Floats:
        """Random places in the ball when a lattice finds no room between cells that are there."""
        return self.scattered(Layout("ring", centre=layout.centre, radius=radius))

    def outward(self, centre: Floats, spacing: float) -> Floats | None:
        """The free lattice sites nearest the centre; None when the box does not hold enough."""
        reach, end = spacing, 2.0 * float(np.linalg.norm(self.size))
        while reach < end:
            sites = self.sites(centre, spacing, reach)
            if len(sites) >= self.count:
                return sites[: self.count]
            reach *= 1.15
        return None

    def sites(self, centre: Floats, spacing: float, reach: float) -> Floats:
        """Free lattice sites within ``reach``, nearest first."""
        half = math.ceil(reach / spacing * 1.5) + 2
        steps = np.arange(-half, half + 1)
        u = kernels.draws4(self.seed, int(Purpose.LAYOUT), np.array([-1]), self.number, 0)[0]
        if self.space.flat:
            i, j = (a.ravel() for a in np.meshgrid(steps, steps, indexing="ij"))
            offsets = spacing * np.column_stack([i + 0.5 * j, math.sqrt(0.75) * j, np.zeros(len(i))])
            turn = _turn(np.array([0.0, 0.0, 1.0]), 2.0 * math.pi * u[0])
        else:
            i, j, k = (a.ravel() for a in np.meshgrid(steps, steps, steps, indexing="ij"))
            even = (i + j + k) % 2 == 0
            offsets = spacing / math.sqrt(2.0) * np.column_stack([i[even], j[even], k[even]])
            up = 2.0 * u[1] - 1.0
            side, angle = math.sqrt(1.0 - up * up), 2.0 * math.pi * u[2]
            axis = np.array([side * math.cos(angle), side * math.sin(angle), up])
            turn = _turn(axis, 2.0 * math.pi * u[0])
        distance = np.linalg.norm(offsets, axis=1)
        near = np.flatnonzero(distance <= reach)
        near = near[np.argsort(np.round(distance[near] / spacing, 9), kind="stable")]
        points = centre + offsets[near] @ turn.T
        if self.space.flat:
            points[:, 2] = self.middle[2]
        points = points[self.free(points)]
        if len(self.taken):
            points = points[self.gaps(points) >= -1e-9 * self.radius]
        return points

    def jittered(self, sites: Floats, most: float, centre: Floats, reach: float) -> Floats:
        """Sites moved by up to ``most``, where that leaves them free and within ``reach`` of the centre."""
        if most <= 0.0:
            return sites
        u = kernels.draws4(self.seed, int(Purpose.LAYOUT), np.arange(len(sites)), self.number, 1)
        up = np.zeros(len(sites)) if self.space.flat else 2.0 * u[:, 1] - 1.0
        side, angle = np.sqrt(1.0 - up * up), 2.0 * math.pi * u[:, 0]
        move = np.column_stack([side * np.cos(angle), side * np.sin(angle), up])
        moved = sites + most * np.cbrt(u[:, 2])[:, None] * move
        fine = self.free(moved) & (np.linalg.norm(moved - centre, axis=1) <= reach)
        if len(self.taken):
            fine &= self.gaps(moved) >= 0.0
        return np.where(fine[:, None], moved, sites)

    def free(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Which points lie in the box and in no wall."""
        inside = ((points >= 0.0) & (points < self.size)).all(axis=1)
        free: npt.NDArray[np.bool_] = inside & ~packing.walled_many(points, self.space.flat, *self.walls)
        return free

    def gaps(self, points: Floats) -> Floats:
        """Distance of a cell at each point to the surfaces of those that are there."""
        found: Floats = packing.gaps(
            points, self.radius, self.taken, self.radii, self.edges, self.counts, self.size, self.periodic
        )
        return found

    def centre(self, layout: Layout) -> Floats:
        """The layout's centre, or the middle of the box; in a slab in its middle plane."""
        centre = self.middle.copy() if layout.centre is None else np.array(layout.centre, dtype=np.float64)
        if self.space.flat:
            centre[2] = self.middle[2]
        return centre


def _turn(axis: Floats, angle: float) -> Floats:
    """The matrix that turns about an axis (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn: Floats = np.eye(3) + math.sin(angle) * cross + (1.0 - math.cos(angle)) * (cross @ cross)
    return turn
