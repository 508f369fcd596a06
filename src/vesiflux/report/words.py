"""Medians and 90 % intervals in words."""

from __future__ import annotations

import numpy.typing as npt

from vesiflux.report.figures.common import Interval
from vesiflux.report.style import number

__all__ = ["difference", "level", "percent", "span", "times"]


def span(value: Interval) -> str:
    """``201 (60–1,980)``; the median alone where the three read alike."""
    if not value.known:
        return "–"
    low, median, high = number(value.low), number(value.median), number(value.high)
    return median if low == median == high else f"{median} ({low}–{high})"


def times(value: Interval) -> str:
    """``×12 (6.3–27)``."""
    return "×" + span(value)


def level(value: Interval) -> str:
    """``0.84 (0.52–0.90)`` of something between 0 and 1; below a thousandth it is 0."""
    low, median, high = (v if not abs(v) < 1e-3 else 0.0 for v in (value.low, value.median, value.high))
    return span(Interval(median, low, high, value.n))


def percent(values: npt.ArrayLike) -> str:
    """``2.1 % (0.10–40)`` of shares over draws, shape (draw,)."""
    found = Interval.of(values)
    if not found.known:
        return "–"
    low, median, high = (_hundredths(v) for v in (found.low, found.median, found.high))
    return f"{median} %" if low == median == high else f"{median} % ({low}–{high})"


def _hundredths(share: float) -> str:
    """A share in percent; below a thousandth of a percent it is 0."""
    return number(100 * share) if abs(share) >= 1e-5 else "0"


def difference(change: Interval, points: bool = False) -> str:
    """``+0.10 (±0 to +0.20)``; ``points``: of a share, ``−3.0 points (−40 to ±0)``."""
    if not change.known:
        return "–"
    scale, unit = (100.0, " points") if points else (1.0, "")
    low, median, high = (_signed(scale * v) for v in (change.low, change.median, change.high))
    return f"{median}{unit}" if low == median == high else f"{median}{unit} ({low} to {high})"


def _signed(value: float) -> str:
    """With its sign; below a thousandth it is ±0."""
    if abs(value) < 1e-3:
        return "±0"
    return ("+" if value > 0 else "") + number(value)
