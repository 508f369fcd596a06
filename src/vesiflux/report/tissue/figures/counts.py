"""How many cells of each type and state there are over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Row
from vesiflux.report.style import FAINT, MUTED, WIDTH
from vesiflux.report.tissue.figures.common import LINES, arm_key, place
from vesiflux.report.tissue.palette import darker, lighter, type_colour
from vesiflux.report.tissue.source import Floats, Kind, Tissue, column

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Counts", "counts", "draw", "rows"]


@dataclass(frozen=True)
class Counts:
    """Living cells of one arm: ``by``: (type, state or "" for all) -> numbers over ``times`` (h)."""

    arm: str
    title: str
    times: Floats
    kinds: tuple[Kind, ...]
    by: Mapping[tuple[str, str], Floats]
    dead: Floats


def counts(tissue: Tissue) -> Counts:
    """Living cells by type and state at the record times, or at the frames where there is no series."""
    series = tissue.series()
    wanted = {(k.name, ""): f"{k.name}.count" for k in tissue.kinds}
    for k in tissue.kinds:
        wanted |= {(k.name, s): f"{k.name}.{s}.count" for s in (k.states if len(k.states) > 1 else ())}
    if not {"time", "dead", *wanted.values()} <= set(series):
        return _of_frames(tissue)
    by = {key: column(series, name) for key, name in wanted.items()}
    return Counts(
        tissue.arm, tissue.arm_title, column(series, "time"), tissue.kinds, by, column(series, "dead")
    )


def _of_frames(tissue: Tissue) -> Counts:
    by: dict[tuple[str, str], list[int]] = {}
    dead = []
    for frame in range(len(tissue.times)):
        cells = tissue.cells(frame)
        gone = column(cells, "dead") > 0
        kind = np.asarray(cells["kind"], dtype=int)
        state = column(cells, "state").astype(int)
        dead.append(int(gone.sum()))
        for i, facts in enumerate(tissue.kinds):
            mine = (kind == i) & ~gone
            by.setdefault((facts.name, ""), []).append(int(mine.sum()))
            for j, name in enumerate(facts.states if len(facts.states) > 1 else ()):
                by.setdefault((facts.name, name), []).append(int((mine & (state == j)).sum()))
    return Counts(
        tissue.arm, tissue.arm_title, tissue.times, tissue.kinds,
        {key: np.asarray(v, dtype=np.float64) for key, v in by.items()}, np.asarray(dead, dtype=np.float64),
    )  # fmt: skip


def draw(data: Sequence[Counts]) -> Figure:
    """One panel per cell type and one for the dead; arms by line, states by shade."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    kinds = data[0].kinds
    panels: list[Kind | None] = [*kinds]
    if any(d.dead.any() for d in data):
        panels.append(None)
    across = min(3, len(panels))
    down = -(-len(panels) // across)
    head = 0.4 if len(data) > 1 else 0.12
    height = down * 2.15 + head
    made = Figure(figsize=(WIDTH * (across / 3 if across < 3 else 1), height))
    for k, kind in enumerate(panels):
        axes = made.add_axes(place(k, across, down, made, head))
        tallest = 0.0
        for a, arm in enumerate(data):
            style = LINES[a % len(LINES)]
            if kind is None:
                axes.plot(arm.times, arm.dead, style, color=MUTED)
                tallest = max(tallest, float(arm.dead.max()))
                continue
            base = type_colour(kinds.index(kind))
            total = arm.by[kind.name, ""]
            tallest = max(tallest, float(total.max()))
            axes.plot(arm.times, total, style, color=darker(base, 0.25), lw=1.9)
            for j, state in enumerate(s for n, s in arm.by if n == kind.name and s):
                shade = _shade(base, j, len(kind.states))
                axes.plot(arm.times, arm.by[kind.name, state], style, color=shade, lw=1.2, zorder=1.5)
        stated = kind is not None and len(kind.states) > 1
        axes.set_ylim(0, max(tallest * (1.35 if stated else 1.1), 1))
        axes.set_xlim(data[0].times[0], max(data[0].times[-1], data[0].times[0] + 1e-9))
        axes.grid(color=FAINT, lw=0.8)
        axes.yaxis.set_major_formatter("{x:,.0f}" if tallest > 8 else "{x:g}")
        axes.set_title("dead, not yet gone" if kind is None else kind.title, pad=4)
        if k >= len(panels) - across:
            axes.set_xlabel("time, h")
        if k % across == 0:
            axes.set_ylabel("cells")
        if kind is not None and len(kind.states) > 1:
            base = type_colour(kinds.index(kind))
            handles = [Line2D([], [], color=darker(base, 0.25), lw=1.9, label="all")]
            handles += [
                Line2D([], [], color=_shade(base, j, len(kind.states)), lw=1.2, label=s.replace("_", " "))
                for j, s in enumerate(kind.states)
            ]
            axes.legend(
                handles=handles, loc="upper left", handlelength=1.2, columnspacing=0.9, borderaxespad=0.1,
                ncols=len(handles) if len(handles) < 4 else 2, fontsize=7,
            )  # fmt: skip
    if len(data) > 1:
        arm_key(made, [d.title for d in data])
    return made


def _shade(base: str, position: int, count: int) -> str:
    part = position / max(count - 1, 1)
    return lighter(base, 0.35 * (1 - 2 * part)) if part < 0.5 else darker(base, 0.55 * (2 * part - 1))


def rows(data: Sequence[Counts]) -> list[Row]:
    """One line per arm, time, type and state."""
    return [
        {"arm": d.arm, "time_h": float(t), "type": kind, "state": state or "all", "cells": int(v[i])}
        for d in data
        for (kind, state), v in d.by.items()
        for i, t in enumerate(d.times)
    ]
