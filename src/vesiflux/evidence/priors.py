"""Priors: what is known of a number before a run, with its unit, mark and source.

``low`` and ``high`` are a 5-95 % range and ``typical`` the median. Where the three do not lie
symmetrically, each half gets its own spread ("split"), so that all three quantiles are met exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError

__all__ = ["Kind", "Mark", "Prior"]

Kind = Literal["fixed", "lognormal", "logitnormal", "normal", "loguniform", "uniform", "lookup", "switch"]
Mark = Literal["read", "derived", "assumed", "calibrated"]

#: Standard normal quantile at 95 %.
Z95 = 1.6448536269514722


@dataclass(frozen=True)
class Prior:
    """A distribution with its provenance. Numbers are in ``unit``.

    ``lookup`` (values by condition) and ``switch`` (hypotheses without a number) cannot be drawn.
    """

    kind: Kind
    typical: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    mark: Mark = "assumed"
    source: str = ""
    condition: str = ""
    note: str = ""

    @classmethod
    def from_range(
        cls,
        low: float | None,
        typical: float | None,
        high: float | None,
        *,
        unit: str = "1",
        distribution: str | None = None,
        mark: Mark = "assumed",
        source: str = "",
        condition: str = "",
        note: str = "",
    ) -> Prior:
        """The prior of a low / typical / high row.

        Without ``distribution``: fixed for a typical value alone; log-normal for positive ranges,
        logit-normal for dimensionless ranges inside (0, 1), which then never leave it; else normal.
        A missing typical value is the geometric mean of a positive range, else the mean.

        Raises `InputError` when low, typical and high are not in order, or there is no number.
        """
        if typical is None:
            if low is None or high is None:
                raise InputError("a value needs `typical`, or `low` and `high`")
            typical = math.sqrt(low * high) if low > 0 else 0.5 * (low + high)
        if low is None and high is None:
            kind: Kind = "fixed"
        elif distribution is not None:
            kind = distribution  # type: ignore[assignment]
        elif (low if low is not None else typical) <= 0:
            kind = "normal"
        elif unit == "1" and 0 < typical < 1 and (high if high is not None else typical) < 1:
            kind = "logitnormal"
        else:
            kind = "lognormal"
        if not (low if low is not None else typical) <= typical <= (high if high is not None else typical):
            raise InputError(f"low <= typical <= high does not hold: {low}, {typical}, {high}")
        if kind in ("lognormal", "loguniform") and (low if low is not None else typical) <= 0:
            raise InputError(f"a {kind} range must be positive, not {low}")
        return cls(kind, typical, low, high, unit, mark, source, condition, note)

    def quantile(self, u: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Values at probabilities ``u`` in (0, 1), elementwise, in ``unit``.

        Raises `InputError` for look-up tables and switches, which are no distributions.
        """
        p = np.asarray(u, dtype=float)
        if self.kind in ("lookup", "switch") or self.typical is None:
            raise InputError(f"a {self.kind} row has no single value to draw; name the condition wanted")
        low = self.typical if self.low is None else self.low
        high = self.typical if self.high is None else self.high
        if self.kind == "fixed" or low == high:
            return np.full(p.shape, float(self.typical))
        if self.kind == "uniform":
            return low + (high - low) * p
        if self.kind == "loguniform":
            return np.exp(math.log(low) + (math.log(high) - math.log(low)) * p)
        forward, back = _SCALES[self.kind]
        middle = forward(self.typical)
        z = _ndtri(p)
        spread = np.where(z < 0, middle - forward(low), forward(high) - middle) / Z95
        return back(middle + spread * z)

    def with_spread(self, fold: float, note: str) -> Prior:
        """The same value with a range of x/÷ ``fold``, its spread said to be assumed."""
        if self.typical is None or self.typical <= 0:
            return self
        return Prior(
            "lognormal", self.typical, self.typical / fold, self.typical * fold, self.unit, self.mark,
            self.source, self.condition, f"{self.note}; {note}" if self.note else note,
        )  # fmt: skip


def _ndtri(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    from scipy.special import ndtri

    return np.asarray(ndtri(p))


def _logit(x: float) -> float:
    return math.log(x / (1.0 - x))


def _expit(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _identity(x):  # type: ignore[no-untyped-def]
    return x


_SCALES = {
    "lognormal": (math.log, np.exp),
    "logitnormal": (_logit, _expit),
    "normal": (_identity, _identity),
}
