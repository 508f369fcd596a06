"""Which uncertain parameters move the answer: rank correlations over the draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.report.figures.common import Floats, Row
from vesiflux.report.style import FAINT, INK, MUTED, WIDTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Driver", "DriversData", "chance", "draw", "rank_correlations", "rows"]


@dataclass(frozen=True)
class Driver:
    """One parameter's Spearman rank correlation with the answer, in [-1, 1]."""

    parameter: str
    title: str
    correlation: float


@dataclass(frozen=True)
class DriversData:
    """The strongest drivers of some answers, strongest first, one panel per answer."""

    panels: tuple[tuple[str, tuple[Driver, ...]], ...]
    draws: int


def rank_correlations(parameters: Mapping[str, Floats], answer: Floats) -> dict[str, float]:
    """Spearman's rank correlation of every parameter that varies with `answer`, both of shape (draw,).

    Draws without a finite answer are left out; nothing is returned for fewer than eight.
    """
    good = np.isfinite(answer)
    # an answer that differs between draws by round-off alone has no drivers
    if good.sum() < 8 or np.ptp(answer[good]) <= 1e-6 * np.abs(answer[good]).max():
        return {}
    names = [n for n, v in parameters.items() if np.isfinite(v[good]).all() and np.ptp(v[good]) > 0]
    if not names:
        return {}
    ranks = np.stack([_ranks(v[good]) for v in (answer, *(parameters[n] for n in names))])
    ranks = (ranks - ranks.mean(axis=1, keepdims=True)) / ranks.std(axis=1, keepdims=True)
    return dict(zip(names, map(float, ranks[1:] @ ranks[0] / ranks.shape[1]), strict=True))


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing their mean rank; shape (draw,). SciPy's takes longer to import."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])


def chance(draws: int) -> float:
    """Rank correlation that unrelated numbers stay below in 95 % of cases."""
    return float(min(1.0, 1.96 / max(draws - 1, 1) ** 0.5))


def draw(data: DriversData) -> Figure:
    """Signed bars, one panel per answer; what chance alone would show is shaded."""
    from matplotlib.figure import Figure

    counts = [len(drivers) for _, drivers in data.panels]
    height = sum(0.31 * n + 0.85 for n in counts)
    figure = Figure(figsize=(WIDTH, height))
    panels, top = [], height
    for n in counts:
        panels.append(figure.add_axes((0.47, (top - 0.34 - 0.31 * n) / height, 0.48, 0.31 * n / height)))
        top -= 0.31 * n + 0.85
    by_chance = chance(data.draws)
    for panel, (title, drivers) in zip(panels, data.panels, strict=True):
        panel.axvspan(-by_chance, by_chance, color=FAINT, lw=0, zorder=0)
        panel.axvline(0, color=MUTED, lw=0.8)
        for i, driver in enumerate(drivers):
            colour = "#B35806" if driver.correlation > 0 else "#542788"
            panel.barh(i, driver.correlation, height=0.62, color=colour, alpha=0.85, lw=0)
            at = driver.correlation + (0.015 if driver.correlation > 0 else -0.015)
            panel.text(
                at, i, f"{driver.correlation:+.2f}".replace("-", "−"), va="center",
                ha="left" if driver.correlation > 0 else "right", fontsize=7,
            )  # fmt: skip
            transform = panel.get_yaxis_transform()
            label = driver.title if len(driver.title) < 62 else driver.title[:60] + "…"
            panel.text(
                -0.015, i - 0.17, label, transform=transform, ha="right", va="center", fontsize=7.4, color=INK
            )
            panel.text(
                -0.015,
                i + 0.24,
                driver.parameter,
                transform=transform,
                ha="right",
                va="center",
                fontsize=6.2,
                color=MUTED,
            )
        panel.set_xlim(-1.18, 1.18)
        panel.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
        panel.set_ylim(len(drivers) - 0.4, -0.6)
        panel.set_yticks([])
        panel.spines["left"].set_visible(False)
        panel.set_title(title, fontsize=8.2, pad=5)
    panels[-1].set_xlabel(
        "Spearman rank correlation over the draws (grey: what chance alone gives in 95 % of cases)"
    )
    return figure


def rows(data: DriversData) -> list[Row]:
    """One line per answer and parameter."""
    return [
        {"answer": title, "parameter": d.parameter, "spearman": d.correlation, "draws": data.draws}
        for title, drivers in data.panels
        for d in drivers
    ]
