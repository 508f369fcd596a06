"""What a particle counter sees: a share of the particles of each diameter, at diameters somewhat off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["REFERENCE_INDEX", "blurred", "relative_scatter", "seen_by_scatter", "seen_by_size"]

REFERENCE_INDEX = 1.39
"""Refractive index (of an exosome) for which limits of scatter instruments hold."""

_WATER = 1.33


def relative_scatter(index: float) -> float:
    """Rayleigh scatter of a particle over that of an equally large one of `REFERENCE_INDEX`, in water."""

    def strength(n: float) -> float:
        m = (n / _WATER) ** 2
        return ((m - 1.0) / (m + 2.0)) ** 2

    return strength(index) / strength(REFERENCE_INDEX)


def seen_by_scatter(
    diameters: ArrayLike, limit: ArrayLike, width: ArrayLike, index: float = REFERENCE_INDEX
) -> NDArray[np.float64]:
    """Share seen where scatter (d^6 times contrast) must pass a threshold.

    ``limit`` (unit of ``diameters``) is seen in half of the cases at `REFERENCE_INDEX`; ``width`` is the
    standard deviation of ln scatter between particles of one diameter. Arrays broadcast.
    """
    import numpy as np
    from scipy.special import ndtr

    d, at, wide = np.asarray(diameters), np.asarray(limit), np.asarray(width)
    return np.asarray(ndtr((6.0 * np.log(d / at) + np.log(relative_scatter(index))) / wide))


def seen_by_size(diameters: ArrayLike, limit: ArrayLike, width: ArrayLike) -> NDArray[np.float64]:
    """Share seen where the particle's volume makes the signal, whatever its index; ``width`` of ln d."""
    import numpy as np
    from scipy.special import ndtr

    return np.asarray(ndtr(np.log(np.asarray(diameters) / np.asarray(limit)) / np.asarray(width)))


def blurred(
    diameters: NDArray[np.float64], edges: NDArray[np.float64], size_cv: float
) -> NDArray[np.float64]:
    """Share of particles of each diameter read into each bin, shape (diameters, bins); log-normal error."""
    import numpy as np
    from scipy.special import ndtr

    z = np.log(edges[None, :] / diameters[:, None]) / size_cv
    return np.asarray(np.diff(ndtr(z), axis=1))
