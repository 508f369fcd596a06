"""The cells of a plan at its start: placed, in their states, of spread ages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells import kernels
from vesiflux.engines.tissue.cells.arrivals import shares
from vesiflux.engines.tissue.cells.container import Cells, sphere_volume
from vesiflux.engines.tissue.cells.layout import place
from vesiflux.engines.tissue.random import Purpose
from vesiflux.ir.tissue import CellKind, Layout, TissueSpace

__all__ = ["settle"]

Floats = npt.NDArray[np.float64]


def settle(
    kinds: Sequence[CellKind],
    space: TissueSpace,
    seed: int,
    initial: Callable[[int, int], Floats],
    periodic: tuple[bool, bool, bool] = (False, False, False),
) -> Cells:
    """All cells of all kinds, kind by kind, each placed clear of those before it.

    Types packed into one spheroid (same centre and radius) are mixed evenly: packed together, then dealt out.
    ``initial(kind, count)`` gives the states of a kind's first cells, shape (count, n_states). States of
    life come in exact numbers by the kind's shares, dealt out by key. Cells have their full volume; ages are
    exponential with the time in which volume grows back (1/``growth``), and steer nothing.
    """
    programs = [initial(k, 0) for k in range(len(kinds))]
    cells = Cells([states.shape[1] for states in programs])
    for k, (kind, points) in enumerate(zip(kinds, _placed(kinds, space, seed, periodic), strict=True)):
        count = len(points)
        ids = cells.next_id + np.arange(count)
        u = kernels.draws4(seed, int(Purpose.START), ids, 0, 0)
        size = sphere_volume(kind.radius)
        age = -np.log(u[:, 0]) / kind.growth if kind.growth > 0.0 else np.zeros(count)
        cells.add(
            k,
            points,
            {k: initial(k, count)},
            state=_dealt(shares(kind), u[:, 1]),
            volume=size,
            full_volume=size,
            age=age,
        )
    return cells


def _placed(
    kinds: Sequence[CellKind], space: TissueSpace, seed: int, periodic: tuple[bool, bool, bool]
) -> list[Floats]:
    """Centres of every kind's cells."""
    places: dict[int, Floats] = {}
    for k, kind in enumerate(kinds):
        if k in places:
            continue
        alike = [j for j in range(k, len(kinds)) if j == k or _together(kind.layout, kinds[j].layout)]
        counts = [kinds[j].count for j in alike]
        joint = replace(kind, count=sum(counts), radius=max(kinds[j].radius for j in alike))
        taken = np.vstack([np.zeros((0, 3)), *places.values()])
        radii = np.concatenate([np.full(len(p), kinds[j].radius) for j, p in places.items()] or [np.zeros(0)])
        points = place(joint, space, seed, taken, radii, k, periodic)
        if len(alike) > 1:
            u = kernels.draws(seed, int(Purpose.LAYOUT), np.arange(len(points)), k, 2)
            points = points[np.argsort(u, kind="stable")]
            places.update(zip(alike, np.split(points, np.cumsum(counts)[:-1]), strict=True))
        else:
            places[k] = points
    return [places[k] for k in range(len(kinds))]


def _together(one: Layout, other: Layout) -> bool:
    """Whether two layouts are one spheroid."""
    return one.kind == other.kind == "spheroid" and one.centre == other.centre and one.radius == other.radius


def _dealt(share: Floats, u: Floats) -> npt.NDArray[np.int32]:
    """States in exact numbers (largest remainders), in the order of the cells' numbers."""
    exact = share * len(u)
    counts = np.floor(exact + 1e-9).astype(np.int64)
    short = len(u) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
    states = np.empty(len(u), dtype=np.int32)
    states[np.argsort(u, kind="stable")] = np.repeat(np.arange(len(share), dtype=np.int32), counts)
    return states
