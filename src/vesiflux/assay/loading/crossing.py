"""How copies are spread over vesicles, and what that means for a cell that took some of them.

Three spreads of one mean m:

- **poisson**: every vesicle alike; what passive loading gives.
- **occupied**: a share p holds c copies each, the others none; m = p c.
- **negative binomial**: variance m + m^2 / size; in between, by ``size``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from vesiflux.errors import InputError
from vesiflux.physics import loading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Occupancy", "Spread", "crossing", "vesicles_needed"]

Spread = Literal["poisson", "occupied", "negative binomial"]

_POINTS = 2000
"""Numbers of escaped vesicles that are summed over at most; beyond, evenly chosen ones stand for all."""


@dataclass(frozen=True)
class Occupancy:
    """Copies per vesicle.

    Attributes
    ----------
    spread
        Which of the three.
    mean
        Copies per vesicle, m.
    copies
        Of an occupied vesicle, c; for ``occupied``.
    size
        For the negative binomial; 0.01 to 1 are its usual values.
    """

    spread: Spread
    mean: float
    copies: float | None = None
    size: float | None = None

    def __post_init__(self) -> None:
        if self.spread not in get_args(Spread):
            raise InputError(f"copies are spread as {', '.join(get_args(Spread))}; not {self.spread!r}")
        if not (math.isfinite(self.mean) and self.mean > 0.0):
            raise InputError(f"the mean copies per vesicle must be above 0, got {self.mean}")
        if self.spread == "occupied" and not (self.copies is not None and self.copies >= max(self.mean, 1.0)):
            raise InputError("an occupied vesicle needs its copies, 1 or more and not below the mean")
        if self.spread == "negative binomial" and not (self.size is not None and self.size > 0.0):
            raise InputError("a negative binomial needs its size, e.g. 0.1")

    @property
    def occupied(self) -> float:
        """Share of vesicles with at least one copy."""
        if self.spread == "occupied":
            return self.mean / (self.copies or 1.0)
        if self.spread == "negative binomial":
            return loading.occupied_negative_binomial(self.mean, self.size or 1.0)
        return loading.occupied_poisson(self.mean)

    @property
    def variance(self) -> float:
        """Variance of copies per vesicle."""
        if self.spread == "occupied":
            return loading.occupied_variance(self.occupied, self.copies or 1.0)
        if self.spread == "negative binomial":
            return loading.negative_binomial_variance(self.mean, self.size or 1.0)
        return self.mean


def crossing(occupancy: Occupancy, vesicles: int, threshold: float, escape: float = 1.0) -> float:
    """Probability that a cell which took ``vesicles`` has at least ``threshold`` copies where they act.

    Parameters
    ----------
    vesicles
        Taken up; each independent of the others.
    threshold
        Copies, above 0.
    escape
        Probability that a vesicle sets its content free; all of it or nothing.

    Notes
    -----
    Exact: sums of n vesicles are Poisson, binomial or negative binomial again. With an escape below 1 the
    number that escapes is binomial and is summed over (for the occupied it only thins the share).
    """
    import numpy as np
    from scipy.stats import binom

    if vesicles < 0 or threshold <= 0.0 or not 0.0 <= escape <= 1.0:
        raise InputError("vesicles from 0, a threshold above 0 and an escape from 0 to 1 are needed")
    if vesicles == 0 or escape == 0.0:
        return 0.0
    if occupancy.spread == "occupied":
        needed = math.ceil(threshold / (occupancy.copies or 1.0) - 1e-12)
        return float(binom.sf(needed - 1, vesicles, occupancy.occupied * escape))
    if escape == 1.0:
        return float(_at_least(occupancy, np.array([float(vesicles)]), threshold)[0])
    middle, far = vesicles * escape, 9.0 * math.sqrt(vesicles * escape * (1.0 - escape)) + 9.0
    low, high = max(0, math.floor(middle - far)), min(vesicles, math.ceil(middle + far))
    free = np.unique(np.linspace(low, high, min(high - low + 1, _POINTS)).round())
    weight = binom.pmf(free, vesicles, escape)
    weight /= weight.sum()
    return float(weight @ _at_least(occupancy, free, threshold))


def vesicles_needed(occupancy: Occupancy, threshold: float, chance: float = 0.5, escape: float = 1.0) -> int:
    """Least number of vesicles taken up with which a cell crosses with at least this chance."""
    if not 0.0 < chance < 1.0:
        raise InputError(f"a chance lies between 0 and 1, got {chance}")
    if escape <= 0.0:
        raise InputError("with an escape of 0 no number of vesicles is enough")
    low, high = 0, 1
    while crossing(occupancy, high, threshold, escape) < chance:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        enough = crossing(occupancy, middle, threshold, escape) >= chance
        low, high = (low, middle) if enough else (middle, high)
    return high


def _at_least(occupancy: Occupancy, vesicles: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Chance of ``threshold`` copies or more in a number of vesicles."""
    import numpy as np
    from scipy.special import betainc, gammainc

    copies = math.ceil(threshold - 1e-12)
    some = np.maximum(vesicles, 1e-300)
    if occupancy.spread == "negative binomial":
        size = occupancy.size or 1.0
        chance = betainc(copies, some * size, occupancy.mean / (occupancy.mean + size))
    else:
        chance = gammainc(copies, some * occupancy.mean)
    return np.where(vesicles > 0.0, chance, 0.0)
