"""Median and 80 % interval of what comes out draw by draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Spread"]


@dataclass(frozen=True)
class Spread:
    """Median, 10 % and 90 % quantile of the finite values; NaN where there are none."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: npt.NDArray[np.float64]) -> Spread:
        """From values of shape (draw,)."""
        good = values[np.isfinite(values)]
        if good.size == 0:
            return cls(float("nan"), float("nan"), float("nan"))
        low, median, high = np.quantile(good, (0.1, 0.5, 0.9))
        return cls(float(median), float(low), float(high))

    def __str__(self) -> str:
        """``3.4 (2.4-5.0)``."""
        return f"{self.median:.2g} ({self.low:.2g}-{self.high:.2g})"

    def plain(self) -> dict[str, float | None]:
        """For JSON, which knows no NaN."""
        return {
            n: v if np.isfinite(v) else None
            for n, v in (("median", self.median), ("low", self.low), ("high", self.high))
        }
