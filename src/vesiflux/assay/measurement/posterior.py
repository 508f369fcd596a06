"""One log-normal class behind counts in bins: concentration, median, sigma with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vesiflux.assay.measurement.sampler import sample
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Counts", "infer"]

Seen = Callable[..., "NDArray[np.float64]"]

_GRID_UM = (0.015, 2.5, 64)
_MEDIAN = Prior("lognormal", 0.045, 0.09, 0.25)
_ABOVE_UM = 0.07
_SIGMA = Prior("lognormal", 0.12, 0.33, 0.9)
_WALKERS, _STEPS = 32, 450
_Z95 = 1.6448536269514722


@dataclass(frozen=True)
class Counts:
    """Numbers in bins, shape (bins,), and how many a particle per mL of each diameter puts there.

    Attributes
    ----------
    numbers
        Shape (bins,): ``rows`` rows of diameters that rise.
    response
        ``response(diameters)`` has shape (diameters, bins).
    spread
        Variance over mean of the whole number counted: 1 where particles are counted once.
    repeats
        By how many the counts behind the distribution over the bins have to be divided to be independent.
    """

    numbers: NDArray[np.float64]
    response: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    spread: float = 1.0
    repeats: float = 1.0
    rows: int = 1


def infer(
    counts: Counts,
    limit: Prior,
    width: Prior,
    seen: Seen,
    dilution: float,
    errors: Mapping[str, float],
    seed: int,
    median: Prior = _MEDIAN,
) -> dict[str, Any]:
    """Posterior of a log-normal class of particles.

    Parameters
    ----------
    limit, width
        Of detection; split log-normals, um and 1.
    seen
        ``seen(diameters, limit, width)``: the share detected.
    dilution
        From the tube to the instrument.
    errors
        ``concentration_cv`` and ``size_cv``, shared by all particles.
    median
        Belief about the median diameter before the data, um: 45 to 250 nm, most likely 90 (assumed).

    Returns
    -------
    dict
        ``estimates``, ``misfit`` (chi-square per bin at the best point) and ``notes``.
    """
    import numpy as np
    from scipy.optimize import minimize

    if counts.numbers.sum() <= 0.0:
        raise InputError("nothing was counted; the data only say that there was less than the limit")
    d = np.geomspace(*_GRID_UM)
    table = counts.response(d)
    filled = counts.numbers > 0.0  # an empty bin tells only by the whole number expected
    numbers, columns, sums = counts.numbers[filled], np.ascontiguousarray(table[:, filled]), table.sum(axis=1)
    log_d = np.log(d)

    def visible(points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Particles per mL of each diameter times their chance to be seen, shape (points, diameters)."""
        ln_c, ln_median, ln_sigma, ln_limit, ln_width = points.T
        z = (log_d[None, :] - ln_median[:, None]) / np.exp(ln_sigma)[:, None]
        share = np.exp(-0.5 * z * z)
        share *= (np.exp(ln_c) / np.maximum(share.sum(axis=1), 1e-300))[:, None]
        chance = seen(d[None, :], np.exp(ln_limit)[:, None], np.exp(ln_width)[:, None])
        return np.asarray(share * chance)

    def log_density(points: NDArray[np.float64]) -> NDArray[np.float64]:
        share = visible(points)
        whole = np.maximum(share @ sums, 1e-300)
        part = np.maximum(share @ columns, 1e-300) / whole[:, None]
        value = (numbers.sum() * np.log(whole) - whole) / counts.spread
        value += (np.log(part) @ numbers) / counts.repeats
        _, ln_median, ln_sigma, ln_limit, ln_width = points.T
        believed = ((median, ln_median), (_SIGMA, ln_sigma), (limit, ln_limit), (width, ln_width))
        for prior, x in believed:
            value += _log_prior(prior, x)
        possible = (ln_median > log_d[0]) & (ln_median < log_d[-1]) & (ln_sigma < 0.4)
        return np.where(possible & (ln_sigma > math.log(0.03)), value, -np.inf)

    start = np.array([0.0, math.log(0.1), math.log(0.33), _middle(limit), _middle(width)])
    start[0] = math.log(counts.numbers.sum() / max(float(visible(start[None, :])[0] @ sums), 1e-300))

    def cost(point: NDArray[np.float64]) -> float:
        value = float(log_density(point[None, :])[0])
        return -value if math.isfinite(value) else 1e300

    best = minimize(cost, start, method="Nelder-Mead", options={"maxiter": 1500, "xatol": 1e-3}).x
    jitter = np.random.default_rng(seed).normal(0.0, 0.02, (_WALKERS, len(best)))
    drawn = sample(log_density, best[None, :] + jitter, _STEPS, seed)
    misfit = _misfit(counts, visible(best[None, :])[0] @ table)
    return _answer(drawn, misfit, dilution, errors, seed, seen)


def _answer(
    drawn: NDArray[np.float64],
    misfit: float,
    dilution: float,
    errors: Mapping[str, float],
    seed: int,
    seen: Seen,
) -> dict[str, Any]:
    import numpy as np
    from scipy.special import ndtr

    generator = np.random.default_rng(seed + 1)
    ln_c, ln_median, ln_sigma, ln_limit, ln_width = drawn.T
    sigma = np.exp(ln_sigma)
    off = generator.normal(size=len(drawn)) * math.sqrt(math.log1p(errors["concentration_cv"] ** 2))
    scale = generator.normal(size=len(drawn)) * errors["size_cv"]
    concentration = np.exp(ln_c + off) * dilution
    median = np.exp(ln_median + scale) * 1000.0
    d = np.geomspace(*_GRID_UM)
    z = (np.log(d)[None, :] - ln_median[:, None]) / sigma[:, None]
    share = np.exp(-0.5 * z * z)
    share /= share.sum(axis=1, keepdims=True)
    visible = (share * seen(d[None, :], np.exp(ln_limit)[:, None], np.exp(ln_width)[:, None])).sum(axis=1)
    above = ndtr((ln_median - math.log(_ABOVE_UM)) / sigma)
    estimates = [
        _estimate("concentration", "1/mL", concentration),
        _estimate(f"concentration above {_ABOVE_UM * 1000:.0f} nm", "1/mL", concentration * above),
        _estimate("share that is seen", "1", visible),
        _estimate("median diameter", "nm", median),
        _estimate("sigma of ln d", "1", sigma),
        _estimate("mean diameter", "nm", median * np.exp(0.5 * sigma * sigma)),
    ]
    notes = []
    if misfit > 2.5:
        notes.append(
            f"one log-normal class does not fit (chi-square per bin {misfit:.1f}); mind two populations, "
            "aggregates or settings of the film that are not those of the file"
        )
    if float(np.median(visible)) < 0.3:
        notes.append("most particles are below the limit of detection: the number rests on the assumed form")
    return {"estimates": estimates, "misfit": misfit, "notes": notes}


def _estimate(quantity: str, unit: str, values: NDArray[np.float64]) -> dict[str, Any]:
    import numpy as np

    low, median, high = np.quantile(values, [0.025, 0.5, 0.975])
    return {
        "quantity": quantity,
        "unit": unit,
        "median": float(median),
        "low": float(low),
        "high": float(high),
    }


def _middle(prior: Prior) -> float:
    return math.log(prior.typical or 1.0)


def _log_prior(prior: Prior, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log density in ln x of a split log-normal, up to a constant (its two halves join at the median)."""
    import numpy as np

    middle = _middle(prior)
    below = (middle - math.log(prior.low or 1.0)) / _Z95
    above = (math.log(prior.high or 1.0) - middle) / _Z95
    wide = np.where(x < middle, below, above)
    return np.asarray(-0.5 * ((x - middle) / wide) ** 2)


def _misfit(counts: Counts, mean: NDArray[np.float64]) -> float:
    """Chi-square per bin of diameter read, bins put together until five independent counts are expected."""
    import numpy as np

    seen = counts.numbers.reshape(counts.rows, -1).sum(axis=0)
    wanted = mean.reshape(counts.rows, -1).sum(axis=0)
    bin_ = np.floor(np.cumsum(wanted) / (5.0 * counts.repeats)).astype(np.int64)
    total, expected = np.bincount(bin_, seen), np.bincount(bin_, wanted)
    used = expected > 2.0 * counts.repeats
    chi = (total - expected)[used] ** 2 / (expected[used] * counts.repeats)
    return float(chi.mean()) if chi.size else 0.0
