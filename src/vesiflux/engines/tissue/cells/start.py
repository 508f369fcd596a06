"""The cells of a plan at its start: placed, in their states, of spread ages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.cells import kernels
from vesiflux.engines.tissue.cells.arrivals import shares
from vesiflux.engines.tissue.cells.container import Cells, sphere_volume
from vesiflux.engines.tissue.cells.layout import place
from vesiflux.engines.tissue.random import Purpose
from vesiflux.ir.tissue import CellKind, TissueSpace

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

    ``initial(kind, count)`` gives the states of a kind's first cells, shape (count, n_states). States of
    life come in exact numbers by the kind's shares, dealt out by key. Cells have their full volume; ages are
    exponential with the time in which volume grows back (1/``growth``), and steer nothing.
    """
    programs = [initial(k, 0) for k in range(len(kinds))]
    cells = Cells([states.shape[1] for states in programs])
    for k, kind in enumerate(kinds):
        taken, radius = cells.positions, cells.radius
        points = place(kind, space, seed, taken, radius, k, periodic)
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


def _dealt(share: Floats, u: Floats) -> npt.NDArray[np.int32]:
    """States in exact numbers (largest remainders), in the order of the cells' numbers."""
    exact = share * len(u)
    counts = np.floor(exact + 1e-9).astype(np.int64)
    short = len(u) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
    states = np.empty(len(u), dtype=np.int32)
    states[np.argsort(u, kind="stable")] = np.repeat(np.arange(len(share), dtype=np.int32), counts)
    return states
