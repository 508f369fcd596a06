"""Cell types and boxes small enough to know the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from vesiflux.engines.tissue.cells import Callbacks, Cells, Outcome, Rates, live
from vesiflux.ir.tissue import CellKind, Layout, Mechanics, Motility, TissueSpace

SLAB = TissueSpace((50, 50, 1), (20.0, 20.0, 20.0))
CUBE = TissueSpace((20, 20, 20), (20.0, 20.0, 20.0))


def kind(name: str = "a", count: int = 0, layout: Layout | None = None, **more: Any) -> CellKind:
    """A type of cells 8 um wide in radius with two states, the first an amount."""
    plain = CellKind(
        name=name,
        title=name,
        program=None,  # type: ignore[arg-type]  # nothing here runs a program
        count=count,
        radius=8.0,
        layout=layout or Layout("random"),
        mechanics=Mechanics(600.0, 24.0),
        motility=Motility(),
        halved=np.array([True, False]),
    )
    return replace(plain, **more)


def crowd(n: int, space: TissueSpace = SLAB, kinds: int = 1, which: Any = 0) -> Cells:
    """``n`` cells in the middle of the box, states (8, 3)."""
    cells = Cells([2] * kinds)
    places = np.tile(np.array(space.size) / 2.0, (n, 1))
    of = np.broadcast_to(np.asarray(which), (n,))
    states = {k: np.tile([8.0, 3.0], (int((of == k).sum()), 1)) for k in range(kinds)}
    cells.add(of, places, states, volume=2000.0, full_volume=2000.0)
    return cells


CALLBACKS = Callbacks(
    rebuild=lambda old, new, i, states: states + 100.0, initial=lambda k, i: np.array([1.0, 2.0])
)


def advance(
    cells: Cells,
    kinds: list[CellKind],
    rates: Rates,
    step: int = 0,
    seed: int = 1,
    dt: float = 0.1,
    pairs: Any = None,
    space: TissueSpace = SLAB,
    **more: Any,
) -> Outcome:
    """One step of events."""
    return live(cells, kinds, rates, pairs, dt, step, (step + 1) * dt, seed, CALLBACKS, space, **more)
