"""The same experiments with the signs of wires and stimulus rows turned at random.

A model whose signs carry no knowledge would be right in about half of the claims that still move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.verify.bench import Bench, Lanes
from vesiflux.verify.judge import see
from vesiflux.verify.limbs import THRESHOLD, Experiment
from vesiflux.verify.plan import sampled
from vesiflux.verify.subject import Element

__all__ = ["EXPECTED", "Shuffled", "shuffle"]

Floats = npt.NDArray[np.float64]
#: Share of right signs to be expected when signs mean nothing.
EXPECTED = (0.35, 0.65)
#: Level of what nothing raises: that of names of the evidence without a cause.
BASAL = 0.25


@dataclass(frozen=True)
class Shuffled:
    """What the shuffles gave.

    ``share``: of the claims that still move, how many move as claimed, mean over shuffles; ``low`` and
    ``high``: 5 and 95 % of the shuffles. ``moving``: claims that move, mean over shuffles. ``claims``:
    those with a sign. ``deaf``: of them, those whose sign no shuffle ever turned: they follow from the
    flow of mass, not from wires. ``share_hearing``: ``share`` without these.
    """

    shuffles: int
    draws: int
    switches: int
    claims: int
    share: float
    low: float
    high: float
    moving: float
    deaf: int
    share_hearing: float

    @property
    def expected(self) -> bool:
        """Whether the share is what signs without meaning would give."""
        return EXPECTED[0] <= self.share <= EXPECTED[1]

    @property
    def why(self) -> str:
        """One sentence for a share outside the expected range; blank inside it."""
        if self.expected or not np.isfinite(self.share):
            return ""
        others = "no other claim moves the wrong way"
        if np.isfinite(self.share_hearing):
            others = f"among the others the share is {self.share_hearing:.0%}"
        return (
            f"{self.deaf} of {self.claims} claims keep their sign in every shuffle: they follow from the "
            f"flow of mass through the machinery, which has no sign to turn; {others}"
        )


def shuffle(
    bench: Bench,
    experiments: Sequence[Experiment],
    shuffles: int,
    per_shuffle: int,
    seed: int,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Shuffled | None:
    """Run the signed condition of every experiment under ``shuffles`` random signs.

    ``per_shuffle``: draws of each shuffle, `None` where nothing can be turned.
    """
    from vesiflux.study.draws import uniforms

    elements = bench.subject.elements
    signed = [_signed(e) for e in experiments]
    wanted = [e for e in signed if e is not None]
    if not elements or not wanted:
        return None
    lanes_per = shuffles * per_shuffle
    base = sampled(bench.subject, bench.draws, seed)
    pick = np.arange(lanes_per) % bench.draws
    signs = {
        e.index: np.repeat(
            np.where(uniforms(seed, f"shuffle\0{e.name}", 0, shuffles) < 0.5, -1.0, 1.0), per_shuffle
        )
        for e in elements
    }
    switches: dict[int, float | Floats] = {**signs, **_lifted(bench, elements, signs)}
    lanes = Lanes(base.draws[pick], {n: o[pick] for n, o in base.options.items()}, switches)
    sizes, right = [], []
    step = 64
    for start in range(0, len(wanted), step):
        batch = wanted[start : start + step]
        for experiment, seen in zip(batch, see(bench, [(e, lanes) for e in batch]), strict=True):
            size = _median(seen[0].size.reshape(shuffles, per_shuffle))
            up = experiment.conditions[0].expect == "+"
            sizes.append(size)
            right.append(size > 0 if up else size < 0)
        told(min(start + step, len(wanted)), len(wanted))
    return _told(np.array(sizes), np.array(right), len(elements), per_shuffle)


def _lifted(bench: Bench, elements: Sequence[Element], signs: Mapping[int, Floats]) -> dict[int, Floats]:
    """A level of their own for names that no arrow raises once signs are turned, as in any network here.

    Without it what was raised from nothing would stay at nothing, and could not move the other way.
    """
    by_target: dict[int, list[Element]] = {}
    for element in elements:
        if element.target is not None:
            by_target.setdefault(element.target, []).append(element)
    found = {}
    for target, arrows in by_target.items():
        if not np.any(bench.drawn(target) > 0.0):
            raised = np.any([(signs[e.index] > 0) == e.raises for e in arrows], axis=0)
            found[target] = np.where(raised, 0.0, BASAL)
    return found


def _signed(experiment: Experiment) -> Experiment | None:
    """The experiment with its first signed condition alone."""
    for condition in experiment.conditions:
        if condition.expect in ("+", "-"):
            return Experiment(experiment.claim, experiment.how, (condition,), arms=experiment.arms)
    return None


def _median(size: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Median over the draws of each shuffle; NaN where half of them or more gave nothing."""
    whole = np.isnan(size).sum(axis=1) * 2 < size.shape[1]
    middle = np.full(len(size), np.nan)
    if whole.any():
        middle[whole] = np.nanmedian(size[whole], axis=1)
    return middle


def _told(
    sizes: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], switches: int, per_shuffle: int
) -> Shuffled:
    """Shares from medians and hits, each (claims, shuffles)."""
    moves = np.abs(sizes) >= THRESHOLD
    hits = right & moves
    turned = (moves & ~right).any(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = hits.sum(axis=0) / moves.sum(axis=0)
        hearing = hits[turned].sum() / moves[turned].sum()
    shares = shares[np.isfinite(shares)]
    low, high = np.quantile(shares, [0.05, 0.95]) if len(shares) else (np.nan, np.nan)
    return Shuffled(
        shuffles=sizes.shape[1],
        draws=per_shuffle,
        switches=switches,
        claims=len(sizes),
        share=float(shares.mean()) if len(shares) else float("nan"),
        low=float(low),
        high=float(high),
        moving=float(moves.sum(axis=0).mean()),
        deaf=int((moves.any(axis=1) & ~turned).sum()),
        share_hearing=float(hearing),
    )
