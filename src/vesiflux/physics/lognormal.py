"""Log-normal diameters: a class of vesicles by its median and sigma (standard deviation of ln d)."""

from __future__ import annotations

import math

__all__ = ["fraction_above", "mean_lumen_volume_um3", "moment", "sigma_from_cv", "weighted_median"]


def moment(median: float, sigma: float, order: float) -> float:
    """E[d^order] = median^order exp(order^2 sigma^2 / 2); order 1 is the mean, 2 times pi the mean area."""
    return float(median**order * math.exp(0.5 * order * order * sigma * sigma))


def sigma_from_cv(cv: float) -> float:
    """Sigma of the log-normal with this coefficient of variation."""
    return math.sqrt(math.log1p(cv * cv))


def weighted_median(median: float, sigma: float, order: float) -> float:
    """Median diameter when each vesicle counts by d^order (2: membrane, 3: volume, 6: scattered light)."""
    return median * math.exp(order * sigma * sigma)


def fraction_above(limit: float, median: float, sigma: float) -> float:
    """Share of vesicles larger than ``limit`` (an instrument's floor); a step when sigma is 0."""
    if limit <= 0.0:
        return 1.0
    if sigma == 0.0:
        return 1.0 if median > limit else 0.0
    return 0.5 * math.erfc(math.log(limit / median) / (sigma * math.sqrt(2.0)))


def mean_lumen_volume_um3(median: float, sigma: float, membrane: float) -> float:
    """Mean volume inside membranes of thickness ``membrane`` (um) over the class, um^3.

    E[pi/6 (d - 2 t)^3; d > 2 t], by partial moments; larger than the lumen of the median vesicle.
    """
    shell = 2.0 * membrane
    if sigma == 0.0:
        inner = max(median - shell, 0.0)
        return math.pi / 6.0 * inner * inner * inner
    total = 0.0
    for order in range(4):
        weight = 1.0
        if 1 <= order <= 2:
            weight = 3.0
        share = 1.0
        if shell > 0.0:
            z = (math.log(median / shell) + order * sigma * sigma) / sigma
            share = 0.5 * math.erfc(-z / math.sqrt(2.0))
        partial = median**order * math.exp(0.5 * order * order * sigma * sigma) * share
        total += weight * (-shell) ** (3 - order) * partial
    return math.pi / 6.0 * total
