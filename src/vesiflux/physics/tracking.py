"""Brownian particles seen by a camera: how long they stay in view, how well a track tells the diameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["diameter_bins", "seen_again", "staying", "track_counts"]

_OVERSHOOT = 0.5826
"""A wall looked at only in steps lies this many step widths further out (-zeta(1/2)/sqrt(2 pi))."""


def staying(step: float, width: float, frames: int) -> NDArray[np.float64]:
    """Probability that a particle, somewhere in a slab, is in it in L frames running; L = 1 to ``frames``.

    Parameters
    ----------
    step
        Standard deviation of the displacement between two frames along this axis.
    width
        Of the slab, in the same unit.

    Notes
    -----
    Steps below a twenty-fifth of the width: as long as few have left the two walls act alone, with
    Spitzer's mean maximum of a walk, step / sqrt(2 pi) * sum k^(-1/2); later (blended from 15 to 45 %
    left) the continuous series between walls moved out by `_OVERSHOOT`. Larger steps: eigenvalues of the
    step's kernel on midpoints.
    """
    import numpy as np

    relative = step / width
    if relative < 0.04:
        return _far_walls(relative, frames)
    cells = 64
    at = (np.arange(cells) + 0.5) / cells
    kernel = np.exp(-0.5 * ((at[:, None] - at[None, :]) / relative) ** 2)
    kernel /= relative * math.sqrt(2.0 * math.pi) * cells
    values, vectors = np.linalg.eigh(kernel)
    weight = vectors.sum(axis=0) ** 2 / cells
    powers = np.clip(values, 0.0, None)[None, :] ** np.arange(frames)[:, None]
    return np.asarray(powers @ weight)


def _far_walls(relative: float, frames: int) -> NDArray[np.float64]:
    import numpy as np

    k = np.arange(1, frames)
    left = 2.0 * relative / math.sqrt(2.0 * math.pi) * np.concatenate([[0.0], np.cumsum(1.0 / np.sqrt(k))])
    wide = 1.0 + 2.0 * _OVERSHOOT * relative
    odd = 2.0 * np.arange(6) + 1.0
    n = np.arange(frames)
    decay = np.exp(-0.5 * (math.pi * odd[None, :] * relative / wide) ** 2 * n[:, None])
    series = wide * (8.0 / (math.pi * odd[None, :]) ** 2 * decay).sum(axis=1)
    x = np.clip((left - 0.15) / 0.3, 0.0, 1.0)
    late = x * x * (3.0 - 2.0 * x)
    return np.asarray((1.0 - late) * (1.0 - left) + late * series)


def track_counts(
    diffusion: float, interval: float, box: tuple[float, float, float], frames: int, longest: int
) -> NDArray[np.float64]:
    """Expected tracks of exactly L frames in a film, per particle in view; L = 1 to ``longest``.

    Parameters
    ----------
    diffusion
        um^2/s.
    interval
        Between frames, s.
    box
        Field of view and depth, um.
    frames
        Of the film.

    Notes
    -----
    With U(L) the probability to stay for L frames, a track of exactly L frames begins in a frame with
    U(L) - 2 U(L+1) + U(L+2) (by time reversal); those cut by the film's ends add 2 (U(L) - U(L+1)), and a
    particle that never leaves is one track of the whole film. The frames of all tracks sum to ``frames``.
    """
    import numpy as np

    step = math.sqrt(2.0 * diffusion * interval)
    stay = np.ones(frames + 2)
    for width in box:
        stay = stay * staying(step, width, frames + 2)
    first, second, third = stay[:-2], stay[1:-1], stay[2:]
    length = np.arange(1, frames + 1)
    counts = np.maximum(frames - length - 1, 0) * (first - 2.0 * second + third) + 2.0 * (first - second)
    counts[-1] = first[-1]
    result = counts[:longest].copy()
    return np.asarray(np.maximum(result, 0.0))


def diameter_bins(
    diameter: float, displacements: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of tracks whose mean squared displacement tells a diameter in each bin, shape (tracks, bins).

    n displacements in two dimensions give D times a Gamma variable of shape n and mean 1; the diameter read
    is the true one over it. ``edges`` rise, in the unit of ``diameter``.
    """
    import numpy as np
    from scipy.special import gammaincc

    n = displacements[:, None]
    below = gammaincc(n, n * diameter / edges[None, :])  # diameter read < edge: variable > d / edge
    return np.asarray(np.diff(below, axis=1))


def seen_again(
    diffusion: float, box: tuple[float, float, float], seconds: float, tracks_per_second: float
) -> float:
    """Variance over mean of the number of tracks: one particle comes back and makes several.

    A particle in view is there again after t with p(t) = prod_i [erf(u) - (1 - exp(-u^2)) / (u sqrt(pi))],
    u = w_i / sqrt(4 D t), and then begins ``tracks_per_second`` tracks; independent particles in Poisson
    numbers give 1 + 2 int_0^T (1 - t/T) p(t) tracks_per_second dt. Diffusion in um^2/s, box in um.
    """
    import numpy as np
    from scipy.special import erf

    t = np.geomspace(1e-3, 1.0, 200) * seconds
    there = np.ones_like(t)
    for width in box:
        u = width / np.sqrt(4.0 * diffusion * t)
        there = there * (erf(u) + np.expm1(-u * u) / (u * math.sqrt(math.pi)))
    again = np.trapezoid((1.0 - t / seconds) * there, t)
    return 1.0 + 2.0 * tracks_per_second * float(again)
