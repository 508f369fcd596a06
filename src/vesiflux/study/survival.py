"""Deaths of virtual patients, and what they say of two arms.

A model gives each patient a chance to live that long, S(t). With luck u, uniform between 0 and 1, the patient
dies when S(t) falls to u (inverse transform); the same u in every arm makes the arms differ by what was done
and by nothing else. Between recorded times the hazard is constant.

Everybody is followed to the same end, so that nobody is censored before it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.study.calibration import wilson

if TYPE_CHECKING:
    from scipy.stats import CensoredData

__all__ = ["Curve", "Hazards", "Interval", "Paired", "death_times", "finite", "hazards", "kaplan_meier",
           "mean", "restricted_mean", "share", "told"]  # fmt: skip

Floats = npt.NDArray[np.float64]
#: (value, low, high) with a 95 % interval.
Interval = tuple[float, float, float]
_Z = 1.959963984540054
#: Patients added to the counts of pairs: both, only here, only in the reference, neither. Intervals then hold
#: the truth in 94 of 100 simulated cohorts or more, in nearly all where few patients differ.
UNSEEN = np.array((0.5, 1.0, 1.0, 0.5))
#: By so much a chance to live may rise, or lie above 1, through the solver's error.
SLACK = 1e-3


def death_times(survival: Floats, times: Floats, luck: Floats) -> Floats:
    """When each patient dies, h; infinite for who lives to the end. Shape (patients,).

    Parameters
    ----------
    survival
        Chance to live that long, (patients, times); NaN throughout in patients whose run failed.
    times
        h, ascending, (times,).
    luck
        Uniform numbers between 0 and 1, (patients,).

    Raises
    ------
    InputError
        A chance that is not 1 at the start, rises, or lies outside 0 to 1.
    """
    known = np.isfinite(survival).all(axis=1)
    seen = survival[known]
    if seen.size:
        _refuse(seen)
    with np.errstate(invalid="ignore", divide="ignore"):
        hazard = -np.log(np.maximum(np.minimum.accumulate(np.clip(survival, 0.0, 1.0), axis=1), 1e-300))
    goal = -np.log(luck)
    reached = hazard >= goal[:, None]
    dies = reached.any(axis=1)
    after = np.maximum(reached.argmax(axis=1), 1)
    rows = np.arange(len(luck))
    low, high = hazard[rows, after - 1], hazard[rows, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(high > low, (goal - low) / (high - low), 1.0)
    when = times[after - 1] + np.clip(part, 0.0, 1.0) * (times[after] - times[after - 1])
    return np.where(known, np.where(dies, when, np.inf), np.nan)


def _refuse(survival: Floats) -> None:
    first, least, most = survival[:, 0], survival.min(), survival.max()
    rise = float(np.max(np.diff(survival, axis=1), initial=0.0))
    cure = "survival is the chance to live that long: 1 at the start, never rising, never below 0"
    if np.abs(first - 1.0).max() > SLACK:
        worst = first[np.argmax(np.abs(first - 1.0))]
        raise InputError(
            f"survival begins at {worst:g} in some patients, not at 1; {cure}. Cells come to rest before the "
            "start unless the model says run: {equilibrate: false}"
        )
    if least < -SLACK or most > 1.0 + SLACK:
        raise InputError(f"survival lies between {least:g} and {most:g}; {cure}")
    if rise > SLACK:
        raise InputError(f"survival rises by {rise:g} from one time to the next; {cure}")


@dataclass(frozen=True)
class Curve:
    """Share alive at each time (h) with a 95 % band; all of one shape, the first time is 0."""

    times: Floats
    share: Floats
    low: Floats
    high: Floats


def censored(deaths: Floats, end: float) -> CensoredData:
    """Deaths up to ``end``; who lives longer is censored there."""
    from scipy.stats import CensoredData

    dead = deaths <= end
    return CensoredData(uncensored=deaths[dead], right=np.full(int((~dead).sum()), end))


def kaplan_meier(deaths: Floats, times: Floats) -> Curve:
    """Kaplan & Meier's curve at ``times`` (the last is the end), band by Greenwood's on the log-log scale."""
    from scipy.stats import ecdf

    sf = ecdf(censored(deaths, float(times[-1]))).sf
    share = sf.evaluate(times)
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where the formula has no value: see below
        band = sf.confidence_interval(method="log-log")
        low, high = band.low.evaluate(times), band.high.evaluate(times)
    # before the first death, and where nobody is left, the formula knows no error: the rule of three does
    least = 3.0 / max(len(deaths), 3)
    low = np.where(np.isfinite(low) & (share < 1.0), low, np.where(share >= 1.0, 1.0 - least, 0.0))
    high = np.where(np.isfinite(high), high, np.where(share > 0.0, 1.0, least))
    low, high = np.where(times <= 0.0, 1.0, low), np.where(times <= 0.0, 1.0, high)
    return Curve(np.asarray(times, dtype=np.float64), share, low, high)


def restricted_mean(deaths: Floats, end: float) -> Interval:
    """Mean time alive up to ``end``, h, with its 95 % interval."""
    return mean(np.minimum(deaths, end))


def mean(values: Floats) -> Interval:
    """Mean with its 95 % interval by the normal law."""
    middle = float(np.mean(values))
    half = _Z * float(np.std(values, ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else np.inf
    return middle, float(middle - half), float(middle + half)


@dataclass(frozen=True)
class Hazards:
    """Two arms as if their patients were different ones: hazard ratio with 95 % interval, log-rank p.

    ``ratio``: infinite or 0 where one of the arms has no death; `None` where neither has.
    """

    ratio: Interval | None
    log_rank_p: float | None


def hazards(deaths: Floats, reference: Floats, end: float) -> Hazards:
    """Hazard in an arm over that in the reference (Cox, ties by Breslow), and the log-rank test."""
    from scipy.stats import logrank

    events = int((deaths <= end).sum()), int((reference <= end).sum())
    if sum(events) == 0:
        return Hazards(None, None)
    test = logrank(censored(deaths, end), censored(reference, end))
    p = float(test.pvalue)
    if min(events) == 0:
        ratio = (0.0, 0.0, np.inf) if events[0] == 0 else (np.inf, 0.0, np.inf)
        return Hazards(ratio, p)
    return Hazards(_cox(deaths, reference, end), p)


def _cox(deaths: Floats, reference: Floats, end: float) -> Interval:
    """Newton's steps on the partial likelihood of one yes-or-no covariate."""
    moments = np.unique(np.concatenate((deaths[deaths <= end], reference[reference <= end])))
    ours, theirs = np.sort(deaths), np.sort(reference)
    at_risk = len(ours) - np.searchsorted(ours, moments, side="left")
    others = len(theirs) - np.searchsorted(theirs, moments, side="left")
    here = np.searchsorted(ours, moments, side="right") - np.searchsorted(ours, moments, side="left")
    there = np.searchsorted(theirs, moments, side="right") - np.searchsorted(theirs, moments, side="left")
    every, total = here + there, float(here.sum())
    beta = 0.0
    information = 0.0
    for _ in range(100):
        weight = at_risk * np.exp(beta)
        share = weight / (weight + others)
        information = float(np.sum(every * share * (1.0 - share)))
        if information <= 0.0:
            return float(np.exp(beta)), 0.0, np.inf  # one arm dies out before the other's first death
        step = (total - float(np.sum(every * share))) / information
        beta += float(np.clip(step, -2.0, 2.0))
        if abs(step) < 1e-10 or abs(beta) > 50.0:
            break
    half = _Z / np.sqrt(information)
    with np.errstate(over="ignore"):
        low, high = np.exp([beta - half, beta + half])
    return float(np.exp(beta)), float(low), float(high)


@dataclass(frozen=True)
class Paired:
    """The same patients in two arms: who has an outcome in which. Counts of patients."""

    both: int
    only_here: int  # in the arm: harmed by it
    only_reference: int  # in the reference: spared by the arm
    neither: int

    @classmethod
    def of(cls, here: npt.NDArray[np.bool_], reference: npt.NDArray[np.bool_]) -> Paired:
        """From who has the outcome in the arm and in the reference, (patients,) each."""
        counts = (here & reference, here & ~reference, ~here & reference, ~here & ~reference)
        return cls(*(int(c.sum()) for c in counts))

    @property
    def patients(self) -> int:
        """All of them."""
        return self.both + self.only_here + self.only_reference + self.neither

    def shares(self, repeats: int, seed: int) -> Floats:
        """Shares of the four: as counted, then as they may be, (1 + repeats, 4).

        Drawn from what the counts leave open by Dirichlet's law: a bootstrap over patients that also knows
        that what was never seen may happen. `UNSEEN` is added to the counts.
        """
        counts = np.array([self.both, self.only_here, self.only_reference, self.neither], dtype=np.float64)
        generator = np.random.Generator(np.random.Philox(seed))
        return np.vstack((counts / self.patients, generator.dirichlet(counts + UNSEEN, repeats)))

    def summary(self, repeats: int = 4000, seed: int = 1) -> dict[str, Any]:
        """Risk difference and ratio, shares spared and harmed (by Wilson): [value, low, high] each."""
        drawn = self.shares(repeats, seed)
        here, reference = drawn[:, 0] + drawn[:, 1], drawn[:, 0] + drawn[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = here / reference
        return {
            "risk_difference": told(here - reference), "risk_ratio": told(ratio),
            "spared": share(self.only_reference, self.patients),
            "harmed": share(self.only_here, self.patients),
        }  # fmt: skip


def share(hits: int, of: int) -> list[float | None]:
    """[share, low, high] of so many patients, by Wilson."""
    return [hits / of, *wilson(hits, of)] if of else [None, None, None]


def told(values: Floats) -> list[float | None]:
    """[value, low, high]: the first of ``values``, and the 2.5 and 97.5 % points of the others around it."""
    value, low, high = values[0], *np.quantile(values[1:], (0.025, 0.975))
    return [finite(float(v)) for v in (value, np.fmin(low, value), np.fmax(high, value))]


def finite(value: float | None) -> float | None:
    """A number that JSON knows; else none."""
    return value if value is not None and np.isfinite(value) else None
