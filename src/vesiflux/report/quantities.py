"""What a body's blood and a model's modules show over time, for the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vesiflux.report.figures.common import Band, Interval
from vesiflux.report.figures.quantities import QuantitiesData, Quantity
from vesiflux.report.reader import Reader
from vesiflux.report.words import span

__all__ = ["answers", "caption", "ends", "watched"]

_CAPTION = (
    "Lines: medians over the draws; bands: 90 % of them, of the first three arms. An axis is logarithmic "
    "where medians differ more than thirtyfold."
)
#: Quantities and arms that are drawn; more than a reader can tell apart.
_DRAWN, _ARMS = 18, 6
#: Points of a curve.
_POINTS = 300
#: Readouts that the page tells first, of those in which its first arms differ.
_TOLD = 4
#: Of the most there was, what is left is nothing below this share.
_LEFT = 1e-3
#: Less than this over a run, between draws' medians and arms, is no change.
_STILL = 1e-3


def watched(reader: Reader) -> QuantitiesData | None:
    """Levels by sender in a body's blood, and readouts of modules without a diagram; None without any.

    What keeps one value in all arms is left out.
    """
    arms = reader.arms[:_ARMS]
    every = max(1, len(reader.times) // _POINTS)
    picked = np.unique(np.append(np.arange(0, len(reader.times), every), len(reader.times) - 1))
    found: list[Quantity] = []
    for output, title in _in_turn(_named(reader)):
        bands = {arm: Band.of(reader.series(output, arm)[:, picked]) for arm in arms}
        if _moves(bands):
            found.append(Quantity(output, title, reader.series_outputs[output], bands))
    if not found:
        return None
    titles = {arm: reader.title(arm) for arm in arms}
    return QuantitiesData(
        reader.times[picked], titles, tuple(found[:_DRAWN]), len(found[_DRAWN:]), len(reader.arms) - len(arms)
    )


def answers(reader: Reader, data: QuantitiesData | None) -> list[str]:
    """What the page says first of levels in the blood, by arm at the end of the run."""
    said = []
    shown = data.quantities if data else ()
    levels = [q for q in shown if q.output.startswith("blood.") and q.unit == "vesicle/mL"]
    for quantity in levels[:3]:
        ends = [
            f"{span(Interval.of(reader.series(quantity.output, arm)[:, -1]))} in “{reader.title(arm)}”"
            for arm in reader.arms[:3]
        ]
        said.append(f"At the end the blood has, per mL, {quantity.title}: {'; '.join(ends)}.")
    told = ((q, _ends_of(reader, q)) for q in shown if q not in levels)
    apart = [(q, by_arm) for q, by_arm in told if _apart(q, by_arm)]
    for quantity, by_arm in apart[:_TOLD]:
        ends = [f"{span(value)} in “{reader.title(arm)}”" for arm, value in by_arm.items()]
        said.append(f"At the end, {quantity.title}{_unit(quantity.unit)}: {'; '.join(ends)}.")
    return said


def _ends_of(reader: Reader, quantity: Quantity) -> dict[str, Interval]:
    return {arm: Interval.of(reader.series(quantity.output, arm)[:, -1]) for arm in reader.arms[:3]}


def _apart(quantity: Quantity, by_arm: dict[str, Interval]) -> bool:
    """Whether the first arms end a tenth apart in the median, and not with nothing of what there was."""
    medians = [value.median for value in by_arm.values() if value.known]
    most = max((float(np.nanmax(np.abs(band.median))) for band in quantity.bands.values()), default=0.0)
    top = max(map(abs, medians), default=0.0)
    return len(medians) > 1 and top > _LEFT * most and max(medians) - min(medians) > 0.1 * top


def ends(reader: Reader, data: QuantitiesData | None) -> dict[str, Any]:
    """Table of the end of the run: titles of arms, and a row of texts for each quantity that is drawn."""
    if data is None:
        return {}
    rows = [
        [
            f"{q.title}{_unit(q.unit)}",
            *(span(Interval.of(reader.series(q.output, a)[:, -1])) for a in data.arms),
        ]
        for q in data.quantities
    ]
    return {"arms": list(data.arms.values()), "rows": rows}


def caption(data: QuantitiesData) -> str:
    """Words below the figure, with what is not drawn."""
    more = [f"{n} more {what}" for n, what in ((data.more, "quantities"), (data.more_arms, "arms")) if n]
    return _CAPTION + (f" Not drawn: {' and '.join(more)}; `export --to csv` has all." if more else "")


def _named(reader: Reader) -> Iterator[tuple[str, str]]:
    """Outputs to look at and their titles: the blood first."""
    cells = reader.facts.get("cells", {})
    for output in reader.series_outputs:
        parts = output.split(".")
        if parts[0] == "blood" and len(parts) == 3 and reader.series_outputs[output] == "vesicle/mL":
            who = cells.get(parts[2], {}).get("title", parts[2])
            yield output, f"{reader.vesicle_title(parts[1])} of {who}"
    for path, module in reader.modules.items():
        if module["diagram"]:
            continue  # shown as a machinery
        cell, instance = path.split(".", 1)
        others = [other for other, m in reader.modules.items() if not m["diagram"] and other != path]
        who = cells.get(cell, {}).get("title", cell) if others else ""
        if any(other.startswith(f"{cell}.") for other in others):
            who = f"{who}, {instance}"  # a cell with several modules
        for name, readout in module["readouts"].items():
            output = f"{path}.{name}"
            if output in reader.series_outputs:
                yield output, f"{who}: {readout['title']}" if who else readout["title"]
    if not reader.modules:
        yield from reader.run.record.get("readouts", {}).items()  # cells that changed


def _in_turn(named: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Levels, the first of every module, then the second of each: the figure holds only some of them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for output, title in named:
        group = output if output.startswith("blood.") else output.rsplit(".", 1)[0]
        groups.setdefault(group, []).append((output, title))
    for rank in range(max(map(len, groups.values()), default=0)):
        yield from (group[rank] for group in groups.values() if rank < len(group))


def _unit(unit: str) -> str:
    return "" if unit == "1" else f", {unit}"


def _moves(bands: dict[str, Band]) -> bool:
    medians = np.array([band.median for band in bands.values()])
    finite = medians[np.isfinite(medians)]
    if not finite.size:
        return False
    low, high = float(finite.min()), float(finite.max())
    return high - low > _STILL * max(abs(low), abs(high))
