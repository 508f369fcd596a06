"""What an item that is not reported costs: the final number with and without it, by Monte Carlo.

The final number is a function of the items: vesicles that come from an isolation (`dosed.py`), or copies that
come out of a well (`delivered.py`). An item that is not reported brings in the prior of its factor; one that
is, what is left uncertain once it was measured. The function is no product, so what gaps cost together is
run, not multiplied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.assay.dose.estimate import Interval
from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vesiflux.evidence.priors import Prior

__all__ = ["Cost", "Costs", "Factor", "Number", "costs", "spread"]

Number = Callable[[Mapping[str, "NDArray[np.float64]"], Mapping[str, bool]], "NDArray[np.float64]"]
"""The final number from draws of the factors, by item, and which items are reported."""


@dataclass(frozen=True)
class Factor:
    """An item's factor: its prior where the item is not reported, and where it is."""

    unknown: Prior
    known: Prior


@dataclass(frozen=True)
class Cost:
    """The final number with an item reported and not, all others as they are (95 % intervals)."""

    reported: Interval
    missing: Interval

    @property
    def fold(self) -> float:
        """How many times wider the interval is, high over low, without the item."""
        return spread(self.missing) / spread(self.reported)


@dataclass(frozen=True)
class Costs:
    """The final number as things are and with every item reported, and what each item costs."""

    now: Interval
    complete: Interval
    each: Mapping[str, Cost]


def spread(interval: Interval) -> float:
    """High over low."""
    return interval.high / interval.low if interval.low > 0.0 else float("inf")


def costs(
    number: Number,
    factors: Mapping[str, Factor],
    filled: Mapping[str, bool],
    draws: int = 20_000,
    seed: int = 1,
) -> Costs:
    """Run ``number`` with the items as they are, with each one changed, and with all reported.

    Draws are keyed by item, so that an item that is changed changes nothing else.
    """

    def run(state: Mapping[str, bool]) -> Interval:
        drawn = {
            name: (f.known if state[name] else f.unknown).quantile(
                uniforms(seed, f"checklist {name}", 0, draws)
            )
            for name, f in factors.items()
        }
        return Interval.of(number(drawn, state))

    now, complete = run(filled), run(dict.fromkeys(factors, True))
    each = {}
    for name in factors:
        other = run({**filled, name: not filled[name]})
        each[name] = Cost(now, other) if filled[name] else Cost(other, now)
    return Costs(now, complete, each)
