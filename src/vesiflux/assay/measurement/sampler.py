"""Draws from a posterior by an ensemble of walkers (Goodman & Weare 2010, stretch move)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vesiflux.errors import RunError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["sample"]

_STRETCH = 2.0


def sample(
    log_density: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    start: NDArray[np.float64],
    steps: int,
    seed: int,
) -> NDArray[np.float64]:
    """Points of the second half of ``steps`` rounds, shape (points, dimensions).

    Parameters
    ----------
    log_density
        Of points with shape (n, dimensions); -inf where impossible.
    start
        Walkers, shape (even number, dimensions), with a finite density.

    Raises
    ------
    RunError
        The walkers hardly move: the draws would not be ones of the posterior.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    walkers = start.copy()
    number, dimensions = walkers.shape
    half = number // 2
    level = log_density(walkers)
    kept, moved = [], 0
    for round_ in range(steps):
        for mine, others in ((slice(0, half), slice(half, number)), (slice(half, number), slice(0, half))):
            own, other = walkers[mine], walkers[others]
            z = ((_STRETCH - 1.0) * generator.random(half) + 1.0) ** 2 / _STRETCH
            partner = other[generator.integers(0, half, half)]
            proposal = partner + z[:, None] * (own - partner)
            there = log_density(proposal)
            accept = np.log(generator.random(half)) < (dimensions - 1) * np.log(z) + there - level[mine]
            own[accept] = proposal[accept]
            level[mine] = np.where(accept, there, level[mine])
            moved += int(accept.sum())
        if round_ >= steps // 2:
            kept.append(walkers.copy())
    if moved < 0.02 * steps * number:
        raise RunError("the inference did not converge on these data; are all rows from one sample?")
    return np.concatenate(kept)
