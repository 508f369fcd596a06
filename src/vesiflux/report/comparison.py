"""Reported folds and where they stand, and stimuli together: two tables, texts ready to print."""

from __future__ import annotations

from dataclasses import dataclass

from vesiflux.report.reader import Reader
from vesiflux.report.style import number
from vesiflux.store.numbers import Spread
from vesiflux.store.standing import Standing

__all__ = ["FoldLine", "PairLine", "folds_told", "pairs"]


@dataclass(frozen=True)
class FoldLine:
    """One reported fold. ``predicted``: (structure in words, median and 80 % interval), the default first.

    ``counted``: fold of what a count by size would have seen.
    """

    arm: str
    title: str
    reported: str
    window: str
    claim: str
    predicted: tuple[tuple[str, str], ...]
    counted: str
    standing: str
    remark: str
    doubt: str
    others: str


@dataclass(frozen=True)
class PairLine:
    """One combined arm and rate."""

    title: str
    structure: str
    quantity: str
    alone: tuple[tuple[str, str], ...]
    together: str
    product: str
    synergy: str
    verdict: str
    hindrance: str


def folds_told(reader: Reader, most: int = 4) -> tuple[FoldLine, ...]:
    """Every fold reported as a number; ``most``: competing structures shown per fold, the others counted."""
    return tuple(_fold(reader, s, most) for s in reader.standings)


def _fold(reader: Reader, one: Standing, most: int) -> FoldLine:
    shown = [
        (reader.structure_title(p.structure) if i else "", _spread(p.fold))
        for i, p in enumerate(one.predicted[:most])
    ]
    if len(one.predicted) > most:
        shown.append((f"and {len(one.predicted) - most} further structures", ""))
    window = f"in {one.window:g} h" if one.window is not None else ""
    doubt = f"{one.doubtful}: {one.doubt}" if one.doubt else ""
    return FoldLine(
        one.arm, one.title, one.reported.replace("-", "–"), window, one.claim, tuple(shown),
        "" if one.counted is None else _spread(one.counted), one.standing,
        one.remark, doubt, one.note,
    )  # fmt: skip


def pairs(reader: Reader) -> tuple[PairLine, ...]:
    """Every combined arm whose parts were run alone, by rate."""
    found = []
    for one in reader.synergies:
        alone = zip(one.parts, one.alone, strict=True)
        found.append(
            PairLine(
                title=one.title,
                structure=reader.structure_title(one.structure),
                quantity=reader.readout_title(one.quantity),
                alone=tuple((reader.title(part), _spread(fold)) for part, fold in alone),
                together=_spread(one.together),
                product=_spread(one.product),
                synergy=_spread(one.synergy),
                verdict=_verdict(one.synergy),
                hindrance=one.hindrance,
            )
        )
    return tuple(found)


def _verdict(ratio: Spread) -> str:
    """What the 80 % interval says of the product rule."""
    if ratio.low > 1.05:
        return "more than the product"
    if ratio.high < 1 / 1.05:
        return "less than the product"
    return "about the product"


def _spread(value: Spread) -> str:
    """``3.4 (2.4–5.0)``; the 80 % interval in brackets."""
    if value.median != value.median:
        return "–"
    return f"{number(value.median)} ({number(value.low)}–{number(value.high)})"
