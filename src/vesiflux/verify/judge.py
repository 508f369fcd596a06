"""From readings to what was seen: which lanes show what a condition asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.verify.bench import Bench, Lanes, Reading
from vesiflux.verify.limbs import THRESHOLD, Condition, Experiment, Limb, Mark, Pair

__all__ = ["ENOUGH", "Seen", "see"]

Floats = npt.NDArray[np.float64]
Lookup = Callable[[Limb, float | None], Floats]

#: Share of lanes in which a claim must hold to count as reproduced.
ENOUGH = 0.9
#: Standard deviations of a rank correlation that chance passes in one of twenty cases.
_ONE_IN_TWENTY = 1.645


@dataclass(frozen=True)
class Seen:
    """What one condition showed.

    ``right``: (lanes,) it holds. ``size``: (lanes,) log2 of the fold judged, or the reading itself where
    ``folds`` is False. ``moves``: (lanes,) the size is no smaller than the threshold. ``signed``: a sign
    was asked for, so that turning signs can turn the outcome.
    """

    right: npt.NDArray[np.bool_]
    moves: npt.NDArray[np.bool_]
    size: Floats
    folds: bool
    signed: bool

    @property
    def median(self) -> float:
        """Median fold, infinite from nothing, or median reading; NaN when no lane gave one."""
        known = self.size[~np.isnan(self.size)]
        if len(known) == 0:
            return float("nan")
        with np.errstate(invalid="ignore"):
            middle = float(np.median(known))
        return 2.0**middle if self.folds else middle


def see(bench: Bench, experiments: Sequence[tuple[Experiment, Lanes]]) -> list[tuple[Seen, ...]]:
    """Run experiments, each on its lanes, side by side; what each of their conditions showed."""
    readings: list[Reading] = []
    for experiment, lanes in experiments:
        for condition in experiment.conditions:
            readings += [_reading(bench, condition, lanes, *need) for need in _needs(bench, condition)]
            if condition.along:
                pair = condition.pair
                readings.append(_reading(bench, condition, lanes, pair.limb, pair.window, condition.along))
    values = bench.read(readings)
    found = []
    for experiment, lanes in experiments:
        seen = []
        for condition in experiment.conditions:

            def look(
                limb: Limb, window: float | None, condition: Condition = condition, lanes: Lanes = lanes
            ) -> Floats:
                return values[_reading(bench, condition, lanes, limb, window)]

            if condition.along:
                pair = condition.pair
                other = _reading(bench, condition, lanes, pair.limb, pair.window, condition.along)
                seen.append(_correlated(look(pair.limb, pair.window), values[other], condition.expect))
                continue
            seen.append(_see(bench, condition, look))
        found.append(tuple(seen))
    return found


def _reading(
    bench: Bench, condition: Condition, lanes: Lanes, limb: Limb, window: float | None, other: str = ""
) -> Reading:
    read = bench.subject.readable(other or condition.read)
    return Reading(limb, read, _hours(bench, condition, window), lanes)


def _hours(bench: Bench, condition: Condition, window: float | None) -> float:
    """All limbs of a condition are read at one time, unless they say otherwise."""
    if window is not None:
        return window
    read = bench.subject.readable(condition.read)
    return max(bench.hours(limb, read, None) for limb, w in _needs(bench, condition) if w is None)


def _needs(bench: Bench, condition: Condition) -> Iterable[tuple[Limb, float | None]]:
    pair = condition.pair
    if condition.scan or condition.order:
        limbs = (*condition.scan, *condition.order)
        return [(x, pair.window) for limb in limbs for x in (limb, bench.reference(limb))]
    if condition.along or (condition.expect is None and not condition.fold):
        return [(pair.limb, pair.window)]
    needs = [(pair.limb, pair.window), (_against(bench, pair), pair.window)]
    if condition.than is not None:
        than = condition.than
        needs += [(than.limb, than.window), (_against(bench, than), than.window)]
    return needs + [(limb, pair.window) for limb in condition.singles]


def _against(bench: Bench, pair: Pair) -> Limb:
    return bench.reference(pair.limb) if pair.against is None else pair.against


def _see(bench: Bench, condition: Condition, look: Lookup) -> Seen:
    pair, window = condition.pair, condition.pair.window
    if condition.scan:
        folds = np.stack([_log2(look(x, window), look(bench.reference(x), window)) for x in condition.scan])
        both = (folds.max(axis=0) >= THRESHOLD) & (folds.min(axis=0) <= -THRESHOLD)
        spread = folds.max(axis=0) - folds.min(axis=0)
        return Seen(both, np.abs(spread) >= THRESHOLD, spread, True, False)
    if condition.order:
        folds = np.stack([_log2(look(x, window), look(bench.reference(x), window)) for x in condition.order])
        steps = folds[:-1] - folds[1:]
        least = steps.min(axis=0)
        return Seen(least > 0.0, np.abs(folds).max(axis=0) >= THRESHOLD, least, True, False)
    if condition.expect is None:
        value = look(pair.limb, window)
        if condition.fold:
            value = 2.0 ** _log2(value, look(_against(bench, pair), window))
        right = np.isfinite(value)
        if condition.above is not None:
            right &= value > condition.above
        if condition.below is not None:
            right &= value < condition.below
        return Seen(right, right, value, False, False)
    treated, untreated = look(pair.limb, window), look(_against(bench, pair), window)
    if condition.singles:
        together = np.zeros_like(treated)
        for limb in condition.singles:
            together = together + (look(limb, window) - untreated)
        size = _log2(*_same_way(treated - untreated, together))
    else:
        size = _log2(treated, untreated)
    if condition.than is not None:
        than = condition.than
        size = size - _log2(look(than.limb, than.window), look(_against(bench, than), than.window))
    return Seen(
        _holds(size, condition.expect), np.abs(size) >= THRESHOLD, size, True, condition.expect in "+-"
    )


def _correlated(read: Floats, along: Floats, expect: Mark | None) -> Seen:
    """A rank correlation over the lanes: it is there, for all of them, or it is not.

    It must be what chance alone gives in less than one of twenty cohorts of this size.
    """
    sound = np.isfinite(read) & np.isfinite(along)
    r = _ranks_together(read[sound], along[sound])
    least = max(THRESHOLD, _ONE_IN_TWENTY / max(np.sqrt(sound.sum() - 1.0), 1.0))
    right = (r if expect == "+" else -r) >= least
    everywhere = np.ones(len(read), dtype=np.bool_)
    return Seen(everywhere & right, everywhere & (abs(r) >= least), np.full(len(read), r), False, False)


def _ranks_together(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation; 0 where either is the same in all lanes."""
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic)


def _holds(size: Floats, expect: Mark) -> npt.NDArray[np.bool_]:
    if expect == "+":
        return np.greater_equal(size, THRESHOLD)
    if expect == "-":
        return np.less_equal(size, -THRESHOLD)
    if expect == "0":
        return np.less(np.abs(size), THRESHOLD)
    return np.greater_equal(np.abs(size), THRESHOLD)


def _same_way(change: Floats, together: Floats) -> tuple[Floats, Floats]:
    """Sizes of two changes; NaN where one goes up and the other down."""
    agree = np.sign(change) == np.sign(together)
    return np.where(agree, np.abs(change), np.nan), np.abs(together)


def _log2(above: Floats, below: Floats) -> Floats:
    """log2 of a ratio; NaN where either is not a positive number, infinite where only one has vanished."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((above < 0) | (below < 0), np.nan, np.log2(above / below))
