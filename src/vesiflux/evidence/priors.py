"""A parameter as a distribution, with where it comes from.

How low, typical and high are read:

- **lognormal**, **normal**: low, typical and high are the 5, 50 and 95 % points exactly. Where they are not
  symmetric, each side of the median has its own width (a split distribution on the log or the plain scale).
  A side of no width puts half of the draws on the typical value.
- **logitnormal**: the same on the scale ln(x / (upper - x)), for shares and probabilities, which must not
  leave 0..upper. For small shares it is the log-normal.
- **loguniform**, **uniform**: low and high are the ends; the typical value is only quoted.
- **fixed**: the typical value. **lookup**, **switch**: no distribution; chosen by condition or hypothesis.

A missing side mirrors the other one; a low of 0 or a high of ``upper`` cannot be a 5 or 95 % point and
counts as missing. A single value has the 5-95 % range ``x ÷ 3`` to ``x · 3`` (of the odds for a share).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast, get_args

from vesiflux import units
from vesiflux.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["MARKS", "SINGLE_VALUE_SPREAD", "Kind", "Prior"]

Kind = Literal[
    "fixed", "lognormal", "normal", "logitnormal", "loguniform", "uniform", "lookup", "switch"
]  # fmt: skip

MARKS = {"verified": "read", "verified-qual": "assumed", "derived": "derived", "unverified": "assumed"}
"""Mark of a parameter table (the first word of its source) to the mark used everywhere else."""

SINGLE_VALUE_SPREAD = 3.0
"""A value given alone has a 5-95 % range of this factor to each side (assumed)."""

_SPLIT = ("lognormal", "normal", "logitnormal")
_Z95 = 1.6448536269514722  # 95 % point of the standard normal


@dataclass(frozen=True)
class Prior:
    """One parameter's distribution; see the module for how the three numbers are read.

    Attributes
    ----------
    kind
        Form of the distribution.
    low, typical, high
        In ``unit``; None where not stated.
    unit
        A unit of `vesiflux.units`.
    mark
        read, derived, assumed or calibrated.
    source, condition, note
        Where the number comes from, what it holds for, what to mind.
    upper
        Bound that a logit-normal stays below (1 for a share).
    spread_assumed
        The width is not from the source (single values, mirrored sides).
    """

    kind: Kind
    low: float | None
    typical: float | None
    high: float | None
    unit: str = "1"
    mark: str = "assumed"
    source: str = ""
    condition: str = ""
    note: str = ""
    upper: float | None = None
    spread_assumed: bool = False

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise InputError(f"'{self.kind}' is no form of a prior; use one of {', '.join(get_args(Kind))}")
        numbers = [x for x in (self.low, self.typical, self.high) if x is not None]
        if not all(map(math.isfinite, numbers)):
            raise InputError("low, typical and high must be finite numbers")
        if numbers != sorted(numbers):
            raise InputError(
                f"low, typical, high must rise, e.g. 1, 2, 5; got {self.low}, {self.typical}, {self.high}"
            )
        self._check_kind()

    def _check_kind(self) -> None:
        if self.kind == "fixed" and self.typical is None:
            raise InputError("a fixed parameter needs its typical value")
        if self.kind in ("lookup", "switch", "fixed"):
            return
        needs_median = self.kind in _SPLIT
        if self.low is None or self.high is None or (needs_median and self.typical is None):
            raise InputError(f"a {self.kind} prior needs low and high, e.g. low: 1, typical: 2, high: 5")
        if self.kind in ("lognormal", "loguniform", "logitnormal") and self.low <= 0:
            raise InputError(
                f"a {self.kind} prior needs numbers above 0, got {self.low:g}; use normal or uniform"
            )
        if self.kind == "logitnormal" and (self.upper is None or self.high >= self.upper):
            raise InputError(f"a logit-normal prior needs an upper bound above {self.high:g}")

    @classmethod
    def from_range(
        cls,
        low: float | None = None,
        typical: float | None = None,
        high: float | None = None,
        unit: str = "1",
        distribution: str | None = None,
        mark: str = "assumed",
        source: str = "",
        condition: str = "",
        note: str = "",
        *,
        upper: float | None = None,
        single: Literal["fixed", "spread"] = "fixed",
    ) -> Prior:
        """Prior from what is stated, the missing part filled in.

        Parameters
        ----------
        distribution
            By default log-normal where all numbers are positive (logit-normal with ``upper``), else normal.
        upper
            Bound of a share.
        single
            What one number alone means without a ``distribution``: itself, or itself with an assumed spread.
        """
        stated = [x for x in (low, typical, high) if x is not None]
        if not stated:
            raise InputError("a parameter needs a typical value, or low and high")
        kind = distribution
        if kind is None and len(stated) == 1 and single == "fixed":
            kind = "fixed"
        elif kind is None:
            positive = all(x > 0 for x in stated if x is not low) and (low is None or low >= 0)
            kind = "normal" if not positive else ("lognormal" if upper is None else "logitnormal")
        assumed = False
        if kind == "fixed" and typical is None:
            typical = sum(stated) / len(stated)
        elif kind in _SPLIT:
            given = (low, typical, high)
            low, typical, high = _fill(low, typical, high, kind, upper)
            assumed = any(new != old for new, old in zip((low, high), (given[0], given[2]), strict=True))
        return cls(
            cast("Kind", kind), low, typical, high, unit, mark, source, condition, note, upper, assumed
        )

    def to(self, unit: str) -> Prior:
        """Return the same prior in another unit of its dimension."""
        if unit == self.unit:
            return self
        low, typical, high = (
            None if x is None else units.convert(x, self.unit, unit)
            for x in (self.low, self.typical, self.high)
        )
        upper = None if self.upper is None else units.convert(self.upper, self.unit, unit)
        return replace(self, low=low, typical=typical, high=high, unit=unit, upper=upper)

    def quantile(self, u: ArrayLike) -> NDArray[np.float64]:
        """Values at probabilities ``u`` (0 < u < 1, any shape), in ``unit``.

        Raises
        ------
        InputError
            A look-up table or a switch has no distribution, or a probability is not between 0 and 1.
        """
        import numpy as np
        from scipy.special import ndtri

        p = np.asarray(u, dtype=np.float64)
        if not bool(np.all((p > 0) & (p < 1))):
            raise InputError("probabilities must lie between 0 and 1, both ends excluded")
        if self.kind in ("lookup", "switch"):
            raise InputError(
                f"a {self.kind} has no distribution; choose its value by condition ({self.note})"
            )
        if self.kind == "fixed":
            return np.full(p.shape, self.typical, dtype=np.float64)
        low, high = cast("float", self.low), cast("float", self.high)  # checked when made
        if self.kind == "uniform":
            return np.asarray(low + (high - low) * p)
        if self.kind == "loguniform":
            return np.asarray(low * np.exp(p * math.log(high / low)))
        typical = cast("float", self.typical)
        down, middle, up = (_there(x, self.kind, self.upper) for x in (low, typical, high))
        z = ndtri(p) / _Z95
        step = z * np.where(z < 0, middle - down, up - middle)
        if self.kind == "normal":
            return np.asarray(typical + step)
        if self.kind == "lognormal":
            return np.asarray(typical * np.exp(step))
        top = cast("float", self.upper)
        return np.asarray(top / (1.0 + (top - typical) / typical * np.exp(-step)))


def _there(x: float, kind: str, upper: float | None) -> float:
    """Return x on the scale on which the distribution is normal."""
    if kind == "normal":
        return x
    return math.log(x) if kind == "lognormal" or upper is None else math.log(x / (upper - x))


def _back(y: float, kind: str, upper: float | None) -> float:
    if kind == "normal":
        return y
    return math.exp(y) if kind == "lognormal" or upper is None else upper / (1.0 + math.exp(-y))


def _fill(
    low: float | None, typical: float | None, high: float | None, kind: str, upper: float | None
) -> tuple[float, float, float]:
    """Complete low, typical and high on the scale on which the distribution is normal."""
    if kind == "logitnormal" and upper is None:
        raise InputError("a logit-normal prior needs an upper bound, e.g. 1")
    if kind != "normal":
        if low is not None and low < 0:
            raise InputError(f"a {kind} prior needs numbers above 0, got {low:g}; use normal")
        low = low or None
    if upper is not None and high is not None and high >= upper:
        if high > upper:
            raise InputError(f"high is {high:g}, above the bound {upper:g} of a share")
        high = None
    for x in (typical, high):
        if kind != "normal" and x is not None and x <= 0:
            raise InputError(f"a {kind} prior needs numbers above 0, got {x:g}; use normal")
    if upper is not None and typical is not None and typical >= upper:
        raise InputError(f"typical is {typical:g}; a share must lie below {upper:g}")
    down, middle, up = (None if x is None else _there(x, kind, upper) for x in (low, typical, high))
    if [down, middle, up].count(None) >= 2 and kind == "normal":
        raise InputError("a normal prior needs two of low, typical and high, e.g. low: -2, high: 2")
    step = math.log(SINGLE_VALUE_SPREAD)
    if middle is None:
        if down is not None and up is not None:
            middle = (down + up) / 2
        else:  # "below up", "above down": the bound is the 95 or the 5 % point
            middle = up - step if up is not None else cast("float", down) + step
    if down is None and up is None:
        down, up = middle - step, middle + step
    elif down is None:
        down = 2 * middle - cast("float", up) if up != middle else middle - step
    elif up is None:
        up = 2 * middle - down if down != middle else middle + step
    return (
        low if low is not None else _back(down, kind, upper),
        typical if typical is not None else _back(middle, kind, upper),
        high if high is not None else _back(cast("float", up), kind, upper),
    )
