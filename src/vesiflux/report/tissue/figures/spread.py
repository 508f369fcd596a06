"""Cells and fields by their distance from the middle of the largest mass."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Row
from vesiflux.report.style import FAINT, INK, MUTED, WIDTH, log_axis, number
from vesiflux.report.tissue.figures.common import LINES, place, short
from vesiflux.report.tissue.palette import darker, type_colour
from vesiflux.report.tissue.radial import Profiles
from vesiflux.report.tissue.source import Floats, Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Radial", "draw", "rows"]


@dataclass(frozen=True)
class Radial:
    """Profiles of the first and the last frame of one arm; ``units``: field -> (title, unit)."""

    arm: str
    title: str
    kinds: tuple[Kind, ...]
    first: Profiles
    last: Profiles
    units: Mapping[str, tuple[str, str]]
    flat: bool


def draw(data: Sequence[Radial]) -> Figure:
    """Cell densities, one panel per arm, then one panel per field with a line per arm."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    names = list(data[0].units)
    count = len(data) + len(names)
    across = min(3, count)
    down = -(-count // across)
    head = 0.4
    made = Figure(figsize=(WIDTH, down * 2.2 + head))
    for k, arm in enumerate(data):
        axes = made.add_axes(place(k, across, down, made, head))
        for i, _ in enumerate(arm.kinds):
            colour = darker(type_colour(i), 0.12)
            axes.plot(arm.last.middles, arm.last.density[i], color=colour)
            axes.plot(arm.first.middles, arm.first.density[i], color=colour, lw=0.8, ls=":")
        axes.set_title("cells" + (f", {short(arm.title)}" if len(data) > 1 else ""), pad=4)
        axes.set_ylabel("per mm²" if arm.flat else "per mm³")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        _along(axes, arm.last, k >= count - across)
    for k, name in enumerate(names, len(data)):
        axes = made.add_axes(place(k, across, down, made, head))
        title, unit = data[0].units[name]
        seen = np.concatenate([p.fields[name] for d in data for p in (d.first, d.last) if name in p.fields])
        seen = seen[np.isfinite(seen) & (seen > 0)]
        last = [d.last.fields[name] for d in data if name in d.last.fields]
        wide = _positive_range(last)
        for a, arm in enumerate(data):
            if name not in arm.last.fields:
                continue
            axes.plot(arm.last.middles, arm.last.fields[name], LINES[a % 4], color=INK)
            if np.nanmax(arm.first.fields[name], initial=0) > 0:
                axes.plot(
                    arm.first.middles, arm.first.fields[name], LINES[a % 4], color=MUTED, lw=0.7, alpha=0.7
                )
        if wide is not None:
            axes.set_yscale("log")
            axes.set_ylim(wide[0] / 1.5, wide[1] * 1.5)
            log_axis(axes.yaxis, wide[0] / 1.5, wide[1] * 1.5, room=5)
        else:
            axes.set_ylim(0, max(float(seen.max()) * 1.1, 1e-300) if seen.size else 1)
            if seen.size:
                top = float(seen.max())
                axes.set_yticks([0, top / 2, top], ["0", number(top / 2), number(top)])
        axes.set_title("\n".join(textwrap.wrap(title, 40)[:2]), pad=4)
        axes.set_ylabel(f"{unit}/mL")
        _along(axes, data[0].last, k >= count - across)
    handles = [
        Line2D([], [], color=darker(type_colour(i), 0.12), label=k.title) for i, k in enumerate(data[0].kinds)
    ]
    handles.append(Line2D([], [], color=MUTED, ls=":", lw=0.8, label=f"at {number(data[0].first.time)} h"))
    if len(data) > 1:
        handles += [
            Line2D([], [], color=INK, ls=LINES[a % 4], label=short(d.title)) for a, d in enumerate(data)
        ]
    made.legend(
        handles=handles, loc="upper left", ncols=min(len(handles), 7), handlelength=1.8,
        bbox_to_anchor=(0.03, 1 - 0.02 / made.get_figheight()), columnspacing=1.2,
    )  # fmt: skip
    return made


def _along(axes: Axes, found: Profiles, low: bool) -> None:
    axes.set_xlim(0, found.edges[-1])
    axes.grid(color=FAINT, lw=0.8)
    if low:
        axes.set_xlabel("distance from the middle, µm")


def _positive_range(lines: Sequence[Floats]) -> tuple[float, float] | None:
    seen = np.concatenate([v[np.isfinite(v)] for v in lines]) if lines else np.zeros(0)
    if not seen.size or seen.min() < 0 or seen.max() <= 0:
        return None
    positive = seen[seen > 0]
    top = float(positive.max())
    low = max(float(positive.min()), top * 1e-6)
    return (low, top) if top / low > 20 else None


def rows(data: Sequence[Radial]) -> list[Row]:
    """One line per arm, frame, shell and quantity."""
    per = "1/mm^2" if data[0].flat else "1/mm^3"
    return [
        {
            "arm": d.arm, "time_h": p.time, "from_um": float(p.edges[i]), "to_um": float(p.edges[i + 1]),
            "quantity": name, "unit": unit, "value": float(v[i]),
        }
        for d in data
        for p in (d.first, d.last)
        for name, unit, v in [
            *((f"cells.{k.name}", per, p.density[j]) for j, k in enumerate(d.kinds)),
            *((n, f"{d.units[n][1]}/mL", v) for n, v in p.fields.items()),
        ]
        for i in range(len(v))
    ]  # fmt: skip
