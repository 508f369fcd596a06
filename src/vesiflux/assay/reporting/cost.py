"""What an item that is not reported costs: the interval of what comes of a dose, with and without it.

What comes of a dose is a product of factors, one per item (`items.tsv`): vesicles given, what is left of
them, what reaches and enters the cells, copies, release. An item that is not reported brings in the prior
of its factor; one that is, what is left uncertain once it was measured. All factors are independent and
log-normal or logit-normal (shares); the interval is the 95 % one of the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.study.draws import uniforms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vesiflux.evidence.priors import Prior

__all__ = ["Cost", "Factor", "costs"]


@dataclass(frozen=True)
class Factor:
    """An item's factor: its prior where the item is not reported, and where it is; ``power`` of it counts."""

    unknown: Prior
    known: Prior
    power: float = 1.0


@dataclass(frozen=True)
class Cost:
    """Width of the interval, high over low, with an item reported and not, all others as they are."""

    reported: float
    missing: float

    @property
    def fold(self) -> float:
        """How many times wider the interval is without the item."""
        return self.missing / self.reported


def costs(
    factors: Mapping[str, Factor], filled: Mapping[str, bool], draws: int = 20_000, seed: int = 1
) -> tuple[float, dict[str, Cost]]:
    """Width of the interval as things are, and the cost of every item."""
    import numpy as np

    def logs(name: str, prior: Prior) -> NDArray[np.float64]:
        drawn = prior.quantile(uniforms(seed, f"checklist {name}", 0, draws))
        found: NDArray[np.float64] = factors[name].power * np.log(drawn)
        return found

    def width(total: NDArray[np.float64]) -> float:
        low, high = np.quantile(total, (0.025, 0.975))
        return float(np.exp(high - low))

    now = {name: logs(name, f.known if filled[name] else f.unknown) for name, f in factors.items()}
    total = sum(now.values(), np.zeros(draws))
    found = {}
    for name, factor in factors.items():
        rest = total - now[name]
        found[name] = Cost(width(rest + logs(name, factor.known)), width(rest + logs(name, factor.unknown)))
    return width(total), found
