"""The section "What the recipients get": figure data, tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vesiflux.report.figures.common import Band, Interval
from vesiflux.report.figures.received import ReceivedData, ReceivedPanel, ReceivedPoint
from vesiflux.report.figures.responses import ResponseCurve, ResponseRow, ResponsesData
from vesiflux.report.reader import Reader
from vesiflux.report.recipients import AMOUNTS, Quantity, Recipients
from vesiflux.report.style import number, plain
from vesiflux.report.words import difference, level, percent, span, times

__all__ = ["Table", "answers", "received", "responses", "sentences", "tables"]

_ACROSS = 6  # arms beside each other
_STILL = 0.01  # change of a node or a share (0..1) below which nothing happened


@dataclass(frozen=True)
class Table:
    """A table of arms. ``columns``: (title, what else belongs to it); cells: (value, what else)."""

    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]  # arm, title, cells


# ---------------------------------------------------------------- figures


def received(found: Recipients) -> ReceivedData | None:
    """Delivered copies in every arm against what acts; None where no cargo has a recipient.

    What nothing senses is shown only where nothing is sensed at all.
    """
    reader = found.reader
    panels = []
    for quantity in found.sensed or found.copies:
        half, own = (x(quantity, _base(reader)) for x in (found.half, found.own))
        points = []
        for arm in reader.arms:
            share = found.share_of_half(quantity, arm)
            against = reader.reference(arm)
            points.append(
                ReceivedPoint(
                    arm, reader.title(arm), against, Interval.of(found.final(quantity, arm)),
                    None if share is None else Interval.of(share),
                    Interval.of(found.change(quantity, arm)) if against else None,
                )
            )  # fmt: skip
        panels.append(
            ReceivedPanel(
                quantity.key, quantity.title, None if half is None else Interval.of(half),
                None if own is None else Interval.of(own), tuple(points),
            )
        )  # fmt: skip
    return ReceivedData(tuple(panels)) if panels else None


def responses(found: Recipients) -> list[tuple[str, str, ResponsesData, list[str]]]:
    """Curves as (slug, title, data, titles of what does not move), arms six at a time."""
    reader = found.reader
    figures = []
    for slug, title, quantities in (
        ("arrives", "What reaches the cells", (*found.sensed, *found.medium)),
        ("responds", "What the cells do", (*found.shares, *found.nodes)),
    ):
        every = [
            ResponseRow(q.key, q.title, q.unit, q.kind in AMOUNTS, _curves(found, q)) for q in quantities
        ]
        moving = [row for row in every if _moves(row)]
        still = [row.title for row in every if not _moves(row)]
        for first in range(0, len(reader.arms) if moving else 0, _ACROSS):
            rows = tuple(
                ResponseRow(r.key, r.title, r.unit, r.log, r.curves[first : first + _ACROSS]) for r in moving
            )
            number_of = f"-{first // _ACROSS + 1}" if len(reader.arms) > _ACROSS else ""
            figures.append((slug + number_of, title, ResponsesData(reader.times, rows), still))
    return figures


def _curves(found: Recipients, quantity: Quantity) -> tuple[ResponseCurve, ...]:
    reader = found.reader
    curves = []
    for arm in reader.arms:
        own, against = found.series(quantity, arm), reader.reference(arm)
        behind = change = None
        if against:
            behind = Band.of(found.series(quantity, against, reader.reference_structure(arm)))
            with np.errstate(invalid="ignore"):
                paired = found.change(quantity, arm, found.series)
            if quantity.kind in AMOUNTS:
                paired[:, 0] = np.where(np.isfinite(paired[:, 0]), paired[:, 0], 1.0)  # 0 of 0 at the start
            change = Band.of(paired)
        curves.append(ResponseCurve(arm, reader.title(arm), against, Band.of(own), behind, change))
    return tuple(curves)


def _moves(row: ResponseRow) -> bool:
    """Whether anything is to be seen of a quantity: over time, between draws or between arms."""
    seen = np.concatenate([x for c in row.curves for x in (c.band.low90, c.band.high90)])
    seen = seen[np.isfinite(seen)]
    return bool(seen.size) and float(np.ptp(seen)) > 1e-3 * (float(np.abs(seen).max()) if row.log else 1.0)


# ---------------------------------------------------------------- tables


def tables(found: Recipients) -> tuple[Table, ...]:
    """Copies against what acts, responses, and the medium; at the end of the run."""
    hours = f"{plain(float(found.reader.times[-1]))} h"
    listed = (
        _table(found, f"Copies that vesicles brought, per cell at {hours}", found.copies),
        _table(found, f"What the cells do at {hours}", (*found.shares, *found.nodes)),
        _table(found, f"In the medium at {hours}, per mL", found.medium),
    )
    return tuple(t for t in listed if t.columns)


def _table(found: Recipients, title: str, quantities: Sequence[Quantity]) -> Table:
    reader = found.reader
    return Table(
        title,
        tuple((q.title, _levels(found, q)) for q in quantities),
        tuple(
            (arm, reader.title(arm), tuple(_cell(found, q, arm) for q in quantities)) for arm in reader.arms
        ),
    )


def _levels(found: Recipients, quantity: Quantity) -> str:
    if quantity.kind != "copies":
        return ""
    half, own = (x(quantity, _base(found.reader)) for x in (found.half, found.own))
    said = "nothing senses it" if half is None else f"half effect at {span(Interval.of(half))}"
    return said if own is None else f"{said}; own copies {span(Interval.of(own))}"


def _cell(found: Recipients, quantity: Quantity, arm: str) -> tuple[str, str]:
    values = found.final(quantity, arm)
    more = []
    share = found.share_of_half(quantity, arm) if quantity.kind == "copies" else None
    if share is not None:
        more.append(f"{percent(share)} of half effect")
    if found.reader.reference(arm):
        change = Interval.of(found.change(quantity, arm))
        more.append("×" + span(change) if quantity.kind in AMOUNTS else _changed(quantity, change))
    shown = {"share": percent(values), "node": level(Interval.of(values))}.get(quantity.kind)
    return shown or span(Interval.of(values)), " · ".join(more)


def _changed(quantity: Quantity, change: Interval) -> str:
    """A change against the reference: fold of an amount, points of a share, difference of a node."""
    if quantity.kind in AMOUNTS:
        return times(change)
    return difference(change, points=quantity.kind == "share")


# ---------------------------------------------------------------- sentences


def sentences(found: Recipients) -> list[str]:
    """What a reader wants first of a model with recipients."""
    said = [_of_copies(found, q) for q in found.sensed]
    said += [_of_share(found, q) for q in found.shares]
    still = []
    for cell in dict.fromkeys(q.cell for q in found.nodes):
        pairs = [(q, arm) for q in found.nodes if q.cell == cell and (arm := found.most_changed(q))]
        if not pairs:
            continue
        quantity, arm = _most_moved(found, pairs)
        if _felt(Interval.of(found.change(quantity, arm))):
            said.append(_of_node(found, quantity, arm))
        else:
            still.append(found.cell_title(cell))
    if still:
        said.append(f"No response node of {'; '.join(still)} changes by more than {_STILL:g} in any arm.")
    return [s for s in said if s]


def _base(reader: Reader) -> str:
    return reader.references[0] if reader.references else reader.arms[0]


def _of_copies(found: Recipients, quantity: Quantity) -> str:
    reader = found.reader
    base = _base(reader)
    medians = {a: Interval.of(found.final(quantity, a)).median for a in (base, *reader.arms)}
    most = next(a for a, m in medians.items() if not m < 0.95 * np.nanmax(list(medians.values())))
    own = found.own(quantity, base)
    beside = "" if own is None else f", beside {number(Interval.of(own).median)} of the cell's own"
    if all(found.changes_nothing(quantity, a) for a in reader.arms):
        return (
            f"{quantity.title}: {_copies(found, quantity, base)} in “{reader.title(base)}”"
            f"{_elsewhere(found, quantity, base, most)}{beside}: changes nothing in any arm."
        )
    half = found.half(quantity, base)
    assert half is not None  # only what is sensed has a sentence
    share = float(np.mean(found.final(quantity, base) >= half))
    above = f"{number(100 * share)} %" if share > 0 else "none"
    return (
        f"{quantity.title}: {_copies(found, quantity, base)} in “{reader.title(base)}”{beside}, "
        f"{percent(found.final(quantity, base) / half)} of the level at half effect, "
        f"{above} of the draws above it"
        f"{_elsewhere(found, quantity, base, most, share=True)}."
    )


def _copies(found: Recipients, quantity: Quantity, arm: str) -> str:
    what = "delivered copies" if quantity.own else "copies"
    return f"{span(Interval.of(found.final(quantity, arm)))} {what} per cell"


def _elsewhere(found: Recipients, quantity: Quantity, base: str, most: str, share: bool = False) -> str:
    if most == base:
        return ""
    values = found.share_of_half(quantity, most) if share else None
    of_it = "" if values is None else f", {percent(values)} of that level"
    amount = span(Interval.of(found.final(quantity, most)))
    return f"; the most is {amount}{of_it}, in “{found.reader.title(most)}”"


def _of_share(found: Recipients, quantity: Quantity) -> str:
    reader = found.reader
    base, hours = _base(reader), plain(float(reader.times[-1]))
    said = (
        f"{quantity.title}: {percent(found.final(quantity, base))} of them after {hours} h in "
        f"“{reader.title(base)}”"
    )
    values = found.final(quantity, base)
    if Interval.of(values).median < _STILL < Interval.of(values).high:
        said += f", more than 1 % in {number(100 * float(np.mean(values > _STILL)))} % of the draws"
    moved = found.most_changed(quantity)
    if not moved:
        return said + "."
    change = Interval.of(found.change(quantity, moved))
    if not _felt(change):
        return said + "; no arm changes that by more than a point."
    return (
        f"{said}. Changed most by “{reader.title(moved)}”: {_changed(quantity, change)} against "
        f"“{reader.title(reader.reference(moved))}”."
    )


def _felt(change: Interval) -> bool:
    return change.known and max(abs(change.low), abs(change.high)) > _STILL


def _most_moved(found: Recipients, pairs: Sequence[tuple[Quantity, str]]) -> tuple[Quantity, str]:
    """The node, with its arm, that moves most."""

    def moved(pair: tuple[Quantity, str]) -> float:
        values = found.change(*pair)
        return float(np.nanmean(np.abs(values))) if np.isfinite(values).any() else -1.0

    return max(pairs, key=moved)


def _of_node(found: Recipients, quantity: Quantity, arm: str) -> str:
    change = Interval.of(found.change(quantity, arm))
    values = Interval.of(found.final(quantity, arm))
    node = quantity.suffix.partition(".")[2]
    return (
        f"Largest change of a response node of {found.cell_title(quantity.cell)}: {node} in "
        f"“{found.reader.title(arm)}”, {_changed(quantity, change)} to {level(values)} on its scale from 0 "
        "to 1."
    )


def answers(found: Recipients) -> list[tuple[str, str, np.typing.NDArray[np.float64]]]:
    """What to explain by uncertain parameters, as (arm, title, values): copies that act, and states."""
    reader = found.reader
    base = _base(reader)
    acting = [q for q in found.sensed if not found.changes_nothing(q, base)]
    wanted = (*acting[:1], *found.shares[:1]) or found.nodes[:1]
    return [(base, f"{q.title}, {reader.title(base)}", found.final(q, base)) for q in wanted]
