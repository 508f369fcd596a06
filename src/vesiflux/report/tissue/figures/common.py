"""What the tissue's figures share: places of panels, line styles of arms, boxes of numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.style import INK, WIDTH
from vesiflux.report.tissue.source import Floats

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

__all__ = ["LINES", "Matrix", "arm_key", "boxes", "place", "short"]

LINES = ("-", "--", ":", "-.")


@dataclass(frozen=True)
class Matrix:
    """Numbers of pairs, (rows, columns); nan: nothing to say. ``key``: columns of the CSV that name it."""

    title: str
    unit: str
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    values: Floats
    key: Mapping[str, str]


def boxes(
    data: Sequence[Matrix],
    share: Callable[[Matrix], Floats],
    text: Callable[[Matrix, int, int], str],
    shades: Colormap,
    line: float = 0.36,
) -> Figure:
    """Boxes of numbers beside each other, each as large as its rows and columns need."""
    from matplotlib.figure import Figure

    cell_w, cell_h, left, top, foot = 0.82, line, 1.25, 0.62, 0.12
    sizes = [(left + cell_w * len(m.recipients) + 0.25, top + cell_h * len(m.senders) + foot) for m in data]
    places: list[tuple[float, float]] = []
    x = y = tallest = 0.0
    for w, h in sizes:
        if x and x + w > WIDTH:
            x, y, tallest = 0.0, y + tallest, 0.0
        places.append((x, y))
        x, tallest = x + w, max(tallest, h)
    width = max([WIDTH / 2, *(p[0] + s[0] for p, s in zip(places, sizes, strict=True))])
    height = y + tallest
    made = Figure(figsize=(width, height))
    for m, (x, y), (_, h) in zip(data, places, sizes, strict=True):
        rows, columns = m.values.shape
        axes = made.add_axes(
            (
                (x + left) / width,
                1 - (y + h - foot) / height,
                cell_w * columns / width,
                cell_h * rows / height,
            )
        )
        shares = share(m)
        axes.imshow(
            np.nan_to_num(shares),
            cmap=shades,
            vmin=0,
            vmax=1,
            aspect="auto",
            alpha=np.isfinite(shares).astype(float),
        )
        for i in range(rows):
            for j in range(columns):
                if np.isfinite(shares[i, j]):
                    red, green, blue, _ = shades(shares[i, j])
                    dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.52
                    lines = text(m, i, j).split("\n")
                    for n, words in enumerate(lines):
                        at = i + 0.3 * (n - (len(lines) - 1) / 2)
                        axes.text(
                            j, at, words, ha="center", va="center", fontsize=7.6 if not n else 6.2,
                            color="white" if dark else INK,
                        )  # fmt: skip
        axes.set_xticks(range(columns), [_wrapped(r) for r in m.recipients], fontsize=7)
        axes.set_yticks(range(rows), [_wrapped(s, 17) for s in m.senders], fontsize=7)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="white", lw=1.5)
        axes.tick_params(which="minor", length=0)
        made.text(
            (x + 0.05) / width,
            1 - (y + 0.14) / height,
            short(m.title, 64),
            weight="bold",
            fontsize=8.5,
            va="center",
        )
    return made


def _wrapped(text: str, width: int = 11) -> str:
    return "\n".join(textwrap.wrap(text, width)[:2])


def short(text: str, width: int = 28) -> str:
    """The text, cut at a word where it is longer than ``width``."""
    return textwrap.shorten(text, width, placeholder="…")


def place(k: int, across: int, rows: int, made: Figure, head: float) -> tuple[float, float, float, float]:
    """Place of the k-th panel: its axes with room for labels, in shares of the figure."""
    w, h = made.get_size_inches()
    cell_w, cell_h = w / across, (h - head) / rows
    x, y = (k % across) * cell_w + 0.72, h - head - (k // across + 1) * cell_h + 0.45
    return (x / w, y / h, (cell_w - 0.9) / w, (cell_h - 0.8) / h)


def arm_key(made: Figure, titles: Sequence[str]) -> None:
    """A key of the arms' line styles along the top."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=INK, ls=LINES[a % 4], label=short(t)) for a, t in enumerate(titles)]
    made.legend(
        handles=handles, loc="upper left", ncols=min(len(handles), 5), handlelength=2.4,
        bbox_to_anchor=(0.03, 1 - 0.02 / made.get_figheight()),
    )  # fmt: skip
