"""How many patients a trial of two arms of equal size takes, from the event shares of virtual patients.

Two proportions: the normal approximation without continuity correction, pooled under no difference (Fleiss,
Levin & Paik, Statistical Methods for Rates and Proportions). Log-rank: so many deaths as Schoenfeld (1983,
Biometrics 39:499) asks for, over the share that dies. The numbers are as good as the foretold effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.study.survival import Hazards, Paired, finite

__all__ = ["Sizes", "log_rank_deaths", "per_arm", "sizes"]

Floats = npt.NDArray[np.float64]


def per_arm(one: Floats | float, other: Floats | float, power: float = 0.8, alpha: float = 0.05) -> Floats:
    """Patients per arm to tell the shares ``one`` and ``other`` apart; infinite where they are alike.

    ``alpha``: two-sided level; ``power``: chance to find the difference.
    """
    from scipy.special import ndtri

    p, q = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    middle = 0.5 * (p + q)
    level, chance = float(ndtri(1.0 - alpha / 2.0)), float(ndtri(power))
    spread = level * np.sqrt(2.0 * middle * (1.0 - middle)) + chance * np.sqrt(p * (1.0 - p) + q * (1.0 - q))
    with np.errstate(divide="ignore", invalid="ignore"):
        number = np.ceil((spread / (p - q)) ** 2 - 1e-9)
    return np.where(p == q, np.inf, np.maximum(number, 2.0))


def log_rank_deaths(ratio: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """Deaths in both arms together by which a log-rank test finds a hazard ratio; infinite for 1."""
    from scipy.special import ndtri

    if ratio <= 0.0 or not np.isfinite(ratio) or ratio == 1.0:
        return np.inf if ratio == 1.0 else 0.0
    total = float(ndtri(1.0 - alpha / 2.0)) + float(ndtri(power))
    return float(4.0 * (total / np.log(ratio)) ** 2)


@dataclass(frozen=True)
class Sizes:
    """Patients per arm: by shares, with the interval that virtual patients leave open, and by log-rank."""

    shares: tuple[float, float, float]
    log_rank: float | None

    def plain(self) -> dict[str, Any]:
        """As JSON knows it; none: no number of patients finds a difference."""
        return {
            "patients_per_arm": [finite(v) for v in self.shares],
            "log_rank_patients_per_arm": finite(self.log_rank),
        }


def sizes(
    paired: Paired, found: Hazards | None, power: float, alpha: float, repeats: int = 4000, seed: int = 1
) -> Sizes:
    """A trial of an arm against the reference; ``found``: of deaths over the same time, where these count."""
    drawn = paired.shares(repeats, seed)
    ours, theirs = drawn[:, 0] + drawn[:, 1], drawn[:, 0] + drawn[:, 2]
    here, reference = float(ours[0]), float(theirs[0])
    numbers = per_arm(ours, theirs, power, alpha)
    least, most = np.quantile((ours - theirs)[1:], (0.025, 0.975))
    low, high = (float(q) for q in np.quantile(numbers[1:], (0.025, 0.975)))
    if least <= 0.0 <= most:
        high = np.inf  # there may be no difference to find
    number = float(numbers[0])
    by_time = None
    if found is not None and found.ratio is not None:
        dies = 0.5 * (here + reference)
        deaths = log_rank_deaths(found.ratio[0], power, alpha)
        by_time = float(np.maximum(np.ceil(0.5 * deaths / dies - 1e-9), 2.0)) if dies > 0.0 else np.inf
    return Sizes((number, min(low, number), max(high, number)), by_time)
