"""How few of the vesicles counted may be a tumour's and still be told from background: Poisson counting.

Of ``counted`` vesicles, ``background`` x of them are positive in a person without a tumour (markers on other
vesicles, labels that stick), with x between people gamma-distributed around 1 (coefficient of variation
``varies``), so that counts are Poisson or, mixed, negative binomial. A test is positive from the least count
that at most 1 - specificity of these people reach; a signal is detected if at least ``sensitivity`` of the
people who have it, background and all, reach it too. Without variation the least signal is closed:
the mean at which a Poisson count reaches k with that chance is the inverse regularised gamma function of k.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vesiflux.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["least_positive", "least_signal", "positive_chance"]

_QUADRATURE = 64
_BISECTIONS = 60


def least_positive(
    counted: ArrayLike, background: ArrayLike, specificity: float, varies: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """The count from which a test is positive.

    Parameters
    ----------
    counted
        Vesicles looked at.
    background
        Mean share of them that is positive without a tumour.
    specificity
        Share of people without a tumour that the test calls negative, at least; in 0..1.
    varies
        Coefficient of variation of the background between people, 0 or more.

    Returns
    -------
    numpy.ndarray
        Shape of the arguments together.
    """
    import numpy as np
    from scipy.stats import nbinom, poisson

    mean, spread = _mean(counted, background, varies)
    _share("specificity", specificity)
    mixed = np.maximum(spread, 1e-6)  # below it the mixture is the Poisson itself
    shape = mixed**-2
    found = np.where(
        spread > 1e-6,
        nbinom.ppf(specificity, shape, shape / (shape + mean)),
        poisson.ppf(specificity, mean),
    )
    return np.asarray(found + 1.0)


def positive_chance(
    signal: ArrayLike,
    counted: ArrayLike,
    background: ArrayLike,
    specificity: float,
    varies: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    """Chance that a test is positive when ``signal`` of the vesicles counted are a tumour's and positive.

    Parameters as in `least_positive`; ``signal`` is a share of the vesicles counted.
    """
    import numpy as np

    least = least_positive(counted, background, specificity, varies)
    mean, spread = _mean(counted, background, varies)
    extra = np.asarray(signal, dtype=np.float64) * np.asarray(counted, dtype=np.float64)
    return _reached(least, *np.broadcast_arrays(mean, spread, extra))


def least_signal(
    counted: ArrayLike,
    background: ArrayLike,
    specificity: float = 0.95,
    sensitivity: float = 0.95,
    varies: ArrayLike = 0.0,
) -> NDArray[np.float64]:
    """The least share of the vesicles counted that has to be a tumour's and positive to be detected.

    Parameters
    ----------
    sensitivity
        Share of people with this signal whose test is positive; in 0..1.

    Other parameters as in `least_positive`. A share above 1 is no share that can be: nothing is detected.

    Raises
    ------
    InputError
        Shares outside 0..1, nothing counted.
    """
    import numpy as np
    from scipy.special import gammaincinv

    _share("sensitivity", sensitivity)
    least = least_positive(counted, background, specificity, varies)
    looked = np.asarray(counted, dtype=np.float64)
    mean, spread = _mean(counted, background, varies)
    least, mean, spread, looked = np.broadcast_arrays(least, mean, spread, looked)
    # a Poisson count with mean m reaches k with chance P(k, m), the regularised gamma function
    total = gammaincinv(least, sensitivity)
    if not np.any(spread > 0.0):
        return np.asarray(np.maximum(total - mean, 0.0) / looked)
    low, high = np.zeros_like(total), total  # background only helps to reach it
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        enough = _reached(least, mean, spread, middle) >= sensitivity
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.asarray(high / looked)


def _reached(
    least: NDArray[np.float64],
    mean: NDArray[np.float64],
    spread: NDArray[np.float64],
    extra: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Chance that a count reaches ``least``, over the people's backgrounds, at ``extra`` more in the mean."""
    import numpy as np
    from scipy.special import gammainc, gammaincinv

    # one node in the middle of each of equally likely classes of people
    ranks = (np.arange(_QUADRATURE) + 0.5) / _QUADRATURE
    shape = np.maximum(spread, 1e-6)[..., None] ** -2
    people = np.where(spread[..., None] > 1e-6, gammaincinv(shape, ranks) / shape, 1.0)
    here = mean[..., None] * people + extra[..., None]
    return np.asarray(gammainc(least[..., None], here).mean(axis=-1))


def _mean(
    counted: ArrayLike, background: ArrayLike, varies: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean background count, and its coefficient of variation between people."""
    import numpy as np

    looked, share, spread = (np.asarray(x, dtype=np.float64) for x in (counted, background, varies))
    if not np.all(looked > 0.0):
        raise InputError("nothing is counted; vesicles counted must be more than 0")
    if not np.all((share >= 0.0) & (share <= 1.0)):
        raise InputError("the background is a share of the vesicles, between 0 and 1")
    if not np.all(spread >= 0.0):
        raise InputError("a coefficient of variation is 0 or more")
    mean, spread = np.broadcast_arrays(looked * share, spread)
    return mean, spread


def _share(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise InputError(f"{name} lies between 0 and 1, not {value:g}")
