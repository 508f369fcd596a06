"""Single cells: a few courses, what each cell released, and how large its bursts were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Floats, Row
from vesiflux.report.style import INK, MUTED, WIDTH, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ArmCells", "CellsData", "draw", "rows"]

TRACES = 6  # cells whose course is drawn


@dataclass(frozen=True)
class ArmCells:
    """One arm: released by each cell over time (cell, time), and the bursts' sizes with their cells."""

    arm: str
    title: str
    released: Floats
    sizes: Floats
    of_cell: Floats
    cv: float
    fano: float
    burst_fano: float


@dataclass(frozen=True)
class CellsData:
    """Arms in the order of the model; ``vesicle`` in the plural."""

    vesicle: str
    times: Floats
    arms: tuple[ArmCells, ...]


def draw(data: CellsData) -> Figure:
    """A row per arm: courses, numbers released, burst sizes. Columns share their axes."""
    from matplotlib.figure import Figure

    n = len(data.arms)
    height = 1.75 * n + 0.75
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(n, 3, squeeze=False, sharex="col")
    figure.subplots_adjust(
        left=0.075, right=0.985, top=1 - 0.55 / height, bottom=0.48 / height, wspace=0.24, hspace=0.5
    )
    ends = np.concatenate([a.released[:, -1] for a in data.arms])
    sizes = np.concatenate([a.sizes for a in data.arms])
    of_cells = np.linspace(0.0, max(float(ends.max(initial=1.0)), 1.0) * 1.02, 28)
    step = max(1, int(np.ceil(sizes.max(initial=1.0) / 40)))
    of_bursts = np.arange(-0.5, sizes.max(initial=1.0) + step + 0.5, step)
    for axes, arm in zip(grid, data.arms, strict=True):
        _courses(axes[0], data, arm)
        end = arm.released[:, -1]
        axes[1].hist(end, bins=of_cells, color="#0072B2", alpha=0.75)
        axes[1].axvline(end.mean(), color=INK, lw=1.0)
        _note(axes[1], f"{len(end)} cells\nmean {number(end.mean(), 3)}\nCV {number(arm.cv)}", end, of_cells)
        if len(arm.sizes):
            axes[2].hist(arm.sizes, bins=of_bursts, color="#D55E00", alpha=0.75)
            axes[2].axvline(arm.sizes.mean(), color=INK, lw=1.0)
            text = f"{len(arm.sizes)} bursts\nmean {number(arm.sizes.mean(), 3)}"
            text += f"\nE[B²]/E[B] {number(arm.burst_fano)}\nFano of cells {number(arm.fano)}"
            axes[2].text(0.98, 0.95, text, transform=axes[2].transAxes, ha="right", va="top", fontsize=7.0)
        axes[0].set_title(arm.title, loc="left", fontsize=8.2, weight="bold")
        axes[0].set_ylabel(data.vesicle, fontsize=7.4)
        for a in axes[1:]:
            a.set_yticks([])
            a.spines["left"].set_visible(False)
    for axis, title in zip(
        grid[-1],
        ("h", f"{data.vesicle} released by a cell in {number(float(data.times[-1]))} h", "size of a burst"),
        strict=True,
    ):
        axis.set_xlabel(title)
    heads = (f"{TRACES} cells", "how cells differ", "what one fusion sets free")
    for axis, head in zip(grid[0], heads, strict=True):
        x0 = axis.get_position().x0
        figure.text(x0, 1 - 0.2 / height, head, fontsize=8.0, color=MUTED)
    return figure


def _courses(axis: Axes, data: CellsData, arm: ArmCells) -> None:
    """Some cells over time, with the mean of all."""
    for course in arm.released[:TRACES]:
        axis.step(data.times, course, where="post", lw=0.9, color="#0072B2", alpha=0.55)
    axis.plot(data.times, arm.released.mean(axis=0), color=INK, lw=1.3)
    axis.set_xlim(0, float(data.times[-1]))
    axis.set_ylim(bottom=0)


def _note(axis: Axes, text: str, values: Floats, edges: Floats) -> None:
    """Text on the emptier side."""
    right = float(np.median(values)) < 0.5 * float(edges[-1])
    axis.text(
        0.98 if right else 0.02, 0.95, text, transform=axis.transAxes,
        ha="right" if right else "left", va="top", fontsize=7.0,
    )  # fmt: skip


def rows(data: CellsData) -> list[Row]:
    """One line per arm and cell."""
    found: list[Row] = []
    for arm in data.arms:
        for cell, released in enumerate(arm.released[:, -1]):
            mine = arm.sizes[arm.of_cell == cell]
            found.append(
                {
                    "arm": arm.arm,
                    "cell": cell,
                    "released": float(released),
                    "bursts": len(mine),
                    "mean_burst": float(mine.mean()) if len(mine) else None,
                    "largest_burst": float(mine.max()) if len(mine) else None,
                }
            )
    return found
