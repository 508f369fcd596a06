"""What a converted dose says: a distribution, what its width comes from, and what it compares with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vesiflux.evidence import Prior

__all__ = ["Comparison", "DoseEstimate", "Driver", "Interval", "WellEstimate"]


@dataclass(frozen=True)
class Interval:
    """Median and 95 % interval of draws."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: NDArray[np.float64]) -> Interval:
        """Interval of an array of draws."""
        import numpy as np

        low, median, high = np.quantile(draws, (0.025, 0.5, 0.975))
        return cls(float(median), float(low), float(high))

    def to_dict(self) -> dict[str, float]:
        """Keys median, low, high."""
        return {"median": self.median, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Driver:
    """One uncertain factor of a conversion, and its share of the variance of the logarithm.

    Attributes
    ----------
    name
        In words.
    share
        0 to 1; shares of a conversion add up to 1.
    prior
        The distribution, with source and mark.
    """

    name: str
    share: float
    prior: Prior

    def to_dict(self) -> dict[str, Any]:
        """Plain data: name, share, low, typical, high, unit, mark, source."""
        p = self.prior
        return {
            "name": self.name,
            "share": self.share,
            "low": p.low,
            "typical": p.typical,
            "high": p.high,
            "unit": p.unit,
            "mark": p.mark,
            "source": p.source,
        }


@dataclass(frozen=True)
class Comparison:
    """The dose over something known: the vesicles already in the blood, or a published dose.

    Attributes
    ----------
    with_what
        In words.
    ratio
        Dose over the other's typical value; over the draws of the pool where it is the pool.
    place
        below, within or above the other's range.
    mark, source
        Where the other's number comes from.
    """

    with_what: str
    ratio: Interval
    place: str
    mark: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "with": self.with_what,
            **self.ratio.to_dict(),
            "place": self.place,
            "mark": self.mark,
            "source": self.source,
        }


@dataclass(frozen=True)
class WellEstimate:
    """What of a dose in a vessel reaches and enters the cells at its bottom.

    Attributes
    ----------
    depth_mm
        Height of the medium.
    reach
        Share that has touched the bottom: what perfect absorbers would have.
    taken
        Share that cells of a finite clearance have taken; None without cells.
    nominal_per_cell, reach_per_cell, taken_per_cell
        Particles per cell; None without cells.
    settled
        Share brought by settling alone; part of ``reach``, not of ``taken``.
    """

    depth_mm: float
    reach: Interval
    settled: Interval
    taken: Interval | None = None
    nominal_per_cell: Interval | None = None
    reach_per_cell: Interval | None = None
    taken_per_cell: Interval | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data; parts that are None are left out."""
        named = {k: v.to_dict() for k, v in vars(self).items() if isinstance(v, Interval)}
        return {"depth_mm": self.depth_mm, **named}


@dataclass(frozen=True)
class DoseEstimate:
    """A dose in another unit.

    Attributes
    ----------
    median, low, high
        Median and 95 % interval, in ``unit``.
    unit
        The unit asked for.
    draws
        All draws, shape (draws,).
    drivers
        The uncertain factors, widest first; empty where the conversion is exact.
    notes, warnings
        Assumptions that were made; what is physically or biologically out of the ordinary.
    compared
        With the pool in the blood and with published doses.
    well
        What reaches the cells, where a vessel was named.
    """

    median: float
    low: float
    high: float
    unit: str
    draws: NDArray[np.float64] = field(repr=False)
    drivers: tuple[Driver, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    compared: tuple[Comparison, ...] = ()
    well: WellEstimate | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: all but the draws."""
        return {
            "median": self.median,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "drivers": [driver.to_dict() for driver in self.drivers],
            "notes": list(self.notes),
            "warnings": list(self.warnings),
            "compared": [one.to_dict() for one in self.compared],
            **({} if self.well is None else {"well": self.well.to_dict()}),
        }
