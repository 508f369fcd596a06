"""What the figures share: bands and intervals over draws, and the rows of their CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Band", "Interval", "Row", "finite_range"]

Row = Mapping[str, str | float | int | None]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """Median and 90 % interval over draws. ``share``: finite draws behind it, of all."""

    median: float
    low: float
    high: float
    n: int = 0

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Interval:
        """Interval of the finite values, shape (draw,); all nan where there is none."""
        array = np.asarray(values, dtype=float).ravel()
        array = array[np.isfinite(array)]
        if not array.size:
            return cls(float("nan"), float("nan"), float("nan"), 0)
        low, median, high = np.quantile(array, (0.05, 0.5, 0.95))
        return cls(float(median), float(low), float(high), int(array.size))

    @property
    def known(self) -> bool:
        """Whether any finite draw stands behind it."""
        return self.n > 0 and bool(np.isfinite(self.median))


@dataclass(frozen=True)
class Band:
    """Median, 50 % and 90 % bands over draws at every time; each of shape (time,)."""

    median: Floats
    low50: Floats
    high50: Floats
    low90: Floats
    high90: Floats

    @classmethod
    def of(cls, values: npt.ArrayLike) -> Band:
        """Bands of values of shape (draw, time); draws that failed (nan) are left out."""
        array = np.asarray(values, dtype=float)
        whole = array[np.isfinite(array).all(axis=1)] if array.size else array
        if not len(whole):
            empty = np.full(array.shape[1], np.nan)
            return cls(empty, empty, empty, empty, empty)
        low90, low50, median, high50, high90 = np.quantile(whole, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
        return cls(median, low50, high50, low90, high90)

    def after(self, start: int) -> Band:
        """The band without its first `start` times."""
        return Band(*(x[start:] for x in (self.median, self.low50, self.high50, self.low90, self.high90)))


def finite_range(values: npt.ArrayLike, positive: bool = True) -> tuple[float, float] | None:
    """Smallest and largest finite (positive) value; None where there is none."""
    array = np.asarray(values, dtype=float).ravel()
    array = array[np.isfinite(array) & (array > 0 if positive else True)]
    return (float(array.min()), float(array.max())) if array.size else None
