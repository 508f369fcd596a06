"""Numbers as small integers: what a page holds of a field or of a value in cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["FIELD_LEVELS", "VALUE_LEVELS", "Scale"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint16]

FIELD_LEVELS = 4095  # of fields: many voxels, smooth; the upper byte of neighbours' differences is mostly 0
VALUE_LEVELS = 65535
_DECADES = 6.0  # a logarithmic scale begins this far below its end
_WIDE = 50.0  # positive numbers that span more than this factor are coded by their logarithm


@dataclass(frozen=True)
class Scale:
    """Code 0 is not a number. Linear: codes 1..levels span ``low``..``high``. Logarithmic: code 1 is 0 (or
    below ``low``), codes 2..levels span ``low``..``high`` by their logarithms.

    ``shown``: the range a colour map spans; ``shown_log``: the same on a logarithmic map.
    """

    log: bool
    low: float
    high: float
    levels: int
    shown: tuple[float, float]
    shown_log: tuple[float, float]

    @classmethod
    def of(cls, parts: Iterable[npt.ArrayLike], levels: int) -> Scale:
        """A scale that holds every finite number of `parts`."""
        found = [np.asarray(p, dtype=np.float64).ravel() for p in parts]
        values = np.concatenate(found) if found else np.zeros(0)
        values = values[np.isfinite(values)]
        if not values.size:
            return cls(False, 0.0, 1.0, levels, (0.0, 1.0), (0.1, 1.0))
        low, high = float(values.min()), float(values.max())
        positive = values[values > 0]
        log = low >= 0 and positive.size > 0 and high > _WIDE * max(low, high * 10**-_DECADES)
        bottom, top = (float(v) for v in np.quantile(values, (0.001, 0.999)))
        if low >= 0 and bottom < 0.6 * top:
            bottom = 0.0
        if top <= bottom:
            top = bottom + (abs(bottom) or 1.0)
        last = float(np.quantile(positive, 0.999)) if positive.size else 1.0
        first = float(np.quantile(positive, 0.02)) if positive.size else 0.1
        first = min(max(first, last * 1e-4), last / 2)
        if log:
            low = max(float(positive.min()), high * 10**-_DECADES)
        if high <= low:
            high = low + (abs(low) or 1.0)
        return cls(log, low, high, levels, (bottom, top), (first, last))

    def encode(self, values: npt.ArrayLike) -> Codes:
        """Codes of `values`, the same shape; what is outside the scale takes its end."""
        array = np.asarray(values, dtype=np.float64)
        known = np.isfinite(array)
        filled = np.where(known, array, self.low)
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.log(filled / self.low) / np.log(self.high / self.low)
            codes = 2 + np.rint(np.clip(share, 0, 1) * (self.levels - 2))
            codes[filled < self.low * (1 - 1e-12)] = 1
        else:
            share = np.clip((filled - self.low) / (self.high - self.low), 0, 1)
            codes = 1 + np.rint(share * (self.levels - 1))
        return np.where(known, codes, 0).astype(np.uint16)

    def decode(self, codes: npt.ArrayLike) -> Floats:
        """The numbers that codes stand for, as the page reads them."""
        array = np.asarray(codes, dtype=np.float64)
        if self.log:
            values = self.low * (self.high / self.low) ** ((array - 2) / (self.levels - 2))
            values = np.where(array == 1, 0.0, values)
        else:
            values = self.low + (array - 1) / (self.levels - 1) * (self.high - self.low)
        return np.where(array == 0, np.nan, values)

    def as_json(self) -> dict[str, object]:
        """What the page needs of it; numbers with the digits that a reader could see."""
        return {
            "log": self.log,
            "low": _short(self.low),
            "high": _short(self.high),
            "levels": self.levels,
            "shown": [_short(v) for v in self.shown],
            "shownLog": [_short(v) for v in self.shown_log],
        }


def _short(value: float) -> float:
    return float(f"{value:.12g}")
