"""A model's arms as one part of the page: the view, the figures, the tables, the sources."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vesiflux.report.knowledge import flat
from vesiflux.report.style import number
from vesiflux.report.tissue import picture
from vesiflux.report.tissue.contacts import contacts, touching
from vesiflux.report.tissue.embed import BUDGET, embedded
from vesiflux.report.tissue.figures import counts, nearby, sent, spread
from vesiflux.report.tissue.palette import FIELD_STOPS, VALUE_STOPS
from vesiflux.report.tissue.radial import middle, profiles
from vesiflux.report.tissue.source import Tissue, column

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

__all__ = ["Section", "Sheet", "part"]

_VECTOR = 12_000  # cells of a picture that is written as SVG too: more make a file nobody can open

COUNTS = "Living cells; states are shades of their type. The CSV has the numbers."
SPREAD = (
    "Means over shells about the middle of the densest large mass of cells of one type, {type}, at the "
    "last frame. Dotted and thin: the first frame about the same point. Shells with next to nothing of the "
    "tissue in them are left out."
)
SENT = (
    "Rows send, columns receive: what cells of a type took up during the whole run, all cells together. "
    "Colour: the logarithm within each panel. Senders are kept apart by the model, nothing is guessed "
    "from where a vesicle was found."
)
NEARBY = (
    "Touching pairs of cells over what the same places with shuffled types give ({shuffles} shuffles, keyed "
    "by the seed). Small: what chance gives in 95 % of shuffles. Vermilion: they seek each other, blue: they "
    "avoid each other."
)


class Sheet(Protocol):
    """Draws figures into the report's folder and keeps them for the page."""

    prefix: str
    folder: Path
    shown: dict[str, list[Any]]

    def add(
        self,
        section: str,
        module: ModuleType,
        data: Any,
        name: str,
        title: str,
        caption: str,
        folded: bool = ...,
    ) -> None:
        """Draw ``data`` with the figure ``module``."""
        ...


#: Of the larger value; smaller gaps are not listed.
GAP = 0.01


@dataclass(frozen=True)
class Section:
    """What the template of a tissue needs."""

    title: str
    summary: str
    prefix: str
    number: str
    sentences: tuple[str, ...]
    data: str
    cut: str
    figures: Mapping[str, Sequence[Any]]
    pictures: tuple[Mapping[str, str], ...]
    errors: tuple[Mapping[str, str], ...]
    coupling: str
    gaps: tuple[Mapping[str, str], ...]
    events: Mapping[str, Any]
    sources: tuple[Mapping[str, str], ...]
    marks: Mapping[str, int]
    provenance: tuple[tuple[str, str], ...]


def part(tissues: Sequence[Tissue], sheet: Sheet, budget: float = BUDGET) -> Section:
    """Draw the figures of the arms of one model and gather what the page says of them."""
    first = tissues[0]
    data, left_out = embedded(tissues, budget)
    data["fieldStops"], data["valueStops"] = FIELD_STOPS, VALUE_STOPS
    counted = [counts.counts(t) for t in tissues]
    _figures(tissues, counted, sheet)
    return Section(
        title=first.title,
        summary=first.summary,
        prefix=sheet.prefix,
        number=sheet.prefix.removeprefix("run").removesuffix("-"),
        sentences=tuple(_sentences(tissues, counted)),
        data=_json(data),
        cut=left_out,
        figures=sheet.shown,
        pictures=tuple(_picture(t, sheet) for t in tissues),
        errors=tuple(_errors(tissues)),
        coupling=_coupling(tissues),
        gaps=tuple(_gaps(tissues)),
        events=_events(tissues),
        sources=first.sources(),
        marks=first.marks,
        provenance=tuple(flat(first.provenance)),
    )


def _figures(tissues: Sequence[Tissue], counted: Sequence[counts.Counts], sheet: Sheet) -> None:
    if len(tissues[0].times) > 1:
        sheet.add("counts", counts, counted, "counts", "Living cells by type and state", COUNTS)
    for t in tissues:
        panels = sent.matrices(t)
        title = "What cells took up, by sender" + (f": {t.arm_title}" if len(tissues) > 1 else "")
        if panels:
            sheet.add("sent", sent, panels, f"sent-{t.arm}", title, SENT)
    radial, kinds = [], dict.fromkeys("")
    for t in tissues:
        centre, kind = middle(t)
        kinds[next((k.title for k in t.kinds if k.name == kind), "none")] = None
        radial.append(
            spread.Radial(
                t.arm, t.arm_title, t.kinds, profiles(t, 0, centre), profiles(t, -1, centre),
                {f.name: (f.title, f.unit) for f in t.fields}, t.shape[2] == 1,
            )
        )  # fmt: skip
    caption = SPREAD.format(type=", ".join(kinds))
    sheet.add("spread", spread, radial, "spread", "From the middle of the mass outwards", caption)
    grids = [g for g in map(_contacts, tissues) if g is not None]
    if grids:
        caption = NEARBY.format(shuffles=grids[0].found.shuffles)
        sheet.add("nearby", nearby, grids, "contacts", "Who touches whom, over chance", caption)


def _contacts(tissue: Tissue) -> nearby.Grid | None:
    cells = tissue.cells(len(tissue.times) - 1)
    alive = column(cells, "dead") == 0
    if alive.sum() < 2:
        return None
    xyz = np.stack([column(cells, n)[alive] for n in "xyz"], axis=1)
    pairs = touching(xyz, column(cells, "radius")[alive])
    found = contacts(np.asarray(cells["kind"])[alive], pairs, len(tissue.kinds), tissue.seed)
    return nearby.Grid(tissue.arm, tissue.arm_title, float(tissue.times[-1]), tissue.kinds, found)


def _sentences(tissues: Sequence[Tissue], counted: Sequence[counts.Counts]) -> list[str]:
    first, said = tissues[0], []
    edges = [number(v, 3) for v in first.size[: 2 if first.shape[2] == 1 else 3]]
    voxels = int(np.prod(first.shape))
    said.append(
        f"{' × '.join(edges)} µm of tissue in {voxels:,} voxels with {len(first.fields)} fields, "
        f"{number(float(first.times[-1]))} h, seed {first.seed}."
    )
    said += [t.note for t in tissues if t.note]
    for t, c in zip(tissues, counted, strict=True):
        alive = {k.title: (c.by[k.name, ""][0], c.by[k.name, ""][-1]) for k in t.kinds}
        words = ", ".join(f"{n} {a:,.0f} → {b:,.0f}" for n, (a, b) in alive.items())
        said.append(f"{t.arm_title}: living cells, at first and at last: {words}.")
        rows = [r for r in t.received() if r.quantity == "vesicles"]
        if any(r.amount for r in rows):
            top = max(rows, key=lambda r: r.amount)
            titles = {k.name: k.title for k in t.kinds}
            said.append(
                f"{t.arm_title}: cells took up {number(sum(r.amount for r in rows))} vesicles; the largest "
                f"share, {number(top.amount)}, went from {titles.get(top.sender, top.sender)} to "
                f"{titles.get(top.recipient, top.recipient)} ({top.vesicle.replace('_', ' ')}s)."
            )
    return said


def _picture(tissue: Tissue, sheet: Sheet) -> Mapping[str, str]:
    name = f"{sheet.prefix}tissue-{tissue.arm}".replace("/", "-")
    path = picture.draw(tissue, path=sheet.folder / f"{name}.png")
    drawn = len(tissue.cells(len(tissue.times) - 1)["x"]) <= _VECTOR
    if drawn:
        picture.draw(tissue, path=sheet.folder / f"{name}.svg")
    text = base64.b64encode(path.read_bytes()).decode("ascii")
    return {
        "name": name,
        "svg": "yes" if drawn else "",
        "title": tissue.arm_title,
        "data": f"data:image/png;base64,{text}",
    }


def _errors(tissues: Sequence[Tissue]) -> list[Mapping[str, str]]:
    titles = {f.name: f.title for t in tissues for f in t.fields}
    return [
        {
            "arm": t.arm_title,
            "field": titles.get(e.field, e.field),
            "balance": f"{e.balance:.1e}" if np.isfinite(e.balance) else "–",
            "error": f"{100 * e.error:.2g} %" if np.isfinite(e.error) else "–",
        }
        for t in tissues
        for e in t.errors
    ]


def _coupling(tissues: Sequence[Tissue]) -> str:
    worst = max((t.coupling_error for t in tissues), default=float("nan"))
    return f"{100 * worst:.2g} %" if np.isfinite(worst) else ""


def _gaps(tissues: Sequence[Tissue]) -> list[Mapping[str, str]]:
    """Values in which a dish of mean cells would be off by more than `GAP`, the furthest first."""
    found: list[Mapping[str, str]] = []
    for t in tissues:
        titles = {k.name: k.title for k in t.kinds}
        for gap in sorted(t.gaps, key=lambda g: -abs(g.relative)):
            if np.isfinite(gap.relative) and abs(gap.relative) > GAP:
                found.append(
                    {
                        "arm": t.arm_title,
                        "kind": titles.get(gap.kind, gap.kind),
                        "value": gap.value,
                        "cells": number(gap.cells),
                        "alone": number(gap.alone),
                        "relative": f"{100 * gap.relative:+.2g} %",
                    }
                )
    return found


def _events(tissues: Sequence[Tissue]) -> Mapping[str, Any]:
    names = sorted({n for t in tissues for n in t.events})
    rows = [{"arm": t.arm_title, "counts": [f"{t.events.get(n, 0):,}" for n in names]} for t in tissues]
    return {"names": [n.replace("_", " ") for n in names], "rows": rows}


def _json(data: Mapping[str, Any]) -> str:
    # nothing in the text can end the script element it stands in
    return json.dumps(data, separators=(",", ":"), ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")
