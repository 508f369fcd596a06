"""Own movement of cells: persistent random walks that are drawn somewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.mechanics.blocks import BLOCK, Stretch, stretches, workers
from vesiflux.engines.tissue.mechanics.turning import kernels
from vesiflux.engines.tissue.random import Purpose

__all__ = ["turn"]

Floats = npt.NDArray[np.float64]


def turn(
    ids: npt.NDArray[np.int64],
    direction: tuple[Floats, Floats, Floats],
    speed: Floats,
    bias: Floats,
    persistence: Floats,
    toward: Floats,
    dt: float,
    step: int,
    seed: int,
    flat: bool,
    threads: int = 1,
) -> Floats:
    """Mean velocity of each cell's own movement over a step, um/h, shape (n, 3).

    Cells turn at random times, on average every ``persistence``, also several times in a step; between turns
    they go straight. Each new direction is ``bias`` g + (1 - ``bias``) u, made a unit vector: g along
    ``toward``, u random. So in 3-D a cell drifts at its speed times 2b/(3(1 - b)) for a bias b up to one half
    and 1 - (1 - b)^2/(3 b^2) above.

    Parameters
    ----------
    ids
        Keys of the random numbers, shape (n,).
    direction
        Unit vectors, three arrays (n,), changed: what a restart needs. Zero: not yet known.
    speed, bias, persistence
        um/h, 0 to 1, h, each shape (n,).
    toward
        Where each is drawn, shape (n, 3), of any length. Zero: nowhere.
    dt, step, seed
        h, number of the step, and the seed.
    flat
        Whether z is left alone.
    threads
        Threads; they change no number.
    """
    own = np.empty((len(ids), 3))

    def walk(stretch: Stretch) -> None:
        kernels.walk(
            *stretch, ids, *direction, speed, bias, persistence, toward, dt, step, seed, int(Purpose.TURNING),
            flat, own,
        )  # fmt: skip

    with workers(len(ids), threads) as run:
        run(walk, stretches(len(ids), BLOCK))
    return own
