"""What every step of the chain of fates can still give: 1 / the share that passes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.report.figures.common import Interval, Row
from vesiflux.report.style import FAINT, INK, MUTED, WIDTH, log_axis, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["StepGain", "StepsData", "draw", "rows", "saturated", "sentence"]


@dataclass(frozen=True)
class StepGain:
    """One step in one arm: ``passes`` in [0, 1], ``gain`` = 1 / passes, over draws."""

    step: str
    title: str
    nodes: tuple[str, ...]
    arm: str
    arm_title: str
    passes: Interval
    gain: Interval


@dataclass(frozen=True)
class StepsData:
    """Steps in the order of the chain, for the reference arm and one other."""

    gains: tuple[StepGain, ...]


def sentence(data: StepsData, arm: str) -> str:
    """Which step of `arm` has the least left (saturated, if next to nothing) and which the most."""
    own = [g for g in data.gains if g.arm == arm and g.gain.known]
    if not own:
        return ""
    least = min(own, key=lambda g: g.gain.median)
    most = max(own, key=lambda g: g.gain.median)
    if least is most:
        return f"{_name(least)} can still give ×{number(least.gain.median)}."
    word = "Saturated" if saturated(least) else "Least left"
    return (
        f"{word}: {_name(least)} ({number(100 * least.passes.median)} % pass, "
        f"at most ×{number(least.gain.median, 3)} left). "
        f"Most left: {_name(most)} ({number(100 * most.passes.median)} % pass, "
        f"up to ×{number(most.gain.median)})."
    )


def saturated(gain: StepGain) -> bool:
    """Whether a step can give less than another tenth."""
    return gain.gain.known and gain.gain.median < 1.1


def _name(gain: StepGain) -> str:
    return gain.title or gain.step


def draw(data: StepsData) -> Figure:
    """Dot plot on a log axis from 1: the nearer to 1, the more saturated."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    steps = list(dict.fromkeys(g.step for g in data.gains))
    arms = list(dict.fromkeys(g.arm for g in data.gains))
    height = 0.26 * len(steps) * max(1, len(arms)) ** 0.6 + 1.15
    figure = Figure(figsize=(WIDTH, height))
    panel = figure.add_axes((0.36, 0.5 / height, 0.46, 1 - 0.9 / height))
    top = max((g.gain.high for g in data.gains if g.gain.known), default=2.0)
    top = min(max(top, 2.0), 1e4) * 1.15
    panel.set_xscale("log")
    panel.set_xlim(0.93, top)
    log_axis(panel.xaxis, 0.93, top)
    panel.axvline(1, color=MUTED, lw=0.8)
    panel.grid(axis="x", color=FAINT, lw=0.8)
    colours = ("#5f6b7a", "#B35806", "#0072B2")
    for i, step in enumerate(steps):
        for k, arm in enumerate(arms):
            gain = next((g for g in data.gains if g.step == step and g.arm == arm), None)
            if gain is None or not gain.gain.known:
                continue
            y = i + (k - (len(arms) - 1) / 2) * 0.36
            panel.plot(
                [gain.gain.low, min(gain.gain.high, top)], [y, y], color=colours[k % 3], lw=1.5, alpha=0.8
            )
            panel.plot([gain.gain.median], [y], "o", color=colours[k % 3], ms=5, mec="white", mew=0.6)
            text = f"×{number(gain.gain.median)} ({number(gain.gain.low)}–{number(gain.gain.high)})"
            panel.text(
                1.02,
                y,
                text,
                transform=panel.get_yaxis_transform(),
                va="center",
                fontsize=7.0,
                color=colours[k % 3],
            )
        first = next(g for g in data.gains if g.step == step)
        panel.text(
            -0.03,
            i - 0.14,
            first.title or step,
            transform=panel.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=7.6,
            weight="bold",
        )
        if first.nodes:
            nodes = ", ".join(first.nodes)
            nodes = nodes if len(nodes) < 52 else nodes[:50] + "…"
            panel.text(
                -0.03,
                i + 0.22,
                nodes,
                transform=panel.get_yaxis_transform(),
                ha="right",
                va="center",
                fontsize=6.6,
                color=MUTED,
            )
    panel.set_ylim(len(steps) - 0.4, -0.6)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
    panel.set_xlabel("what the step can still give if nothing is lost at it (1 / share that passes)")
    handles = [
        Line2D([], [], marker="o", color=colours[k % 3], ms=5, mec="white", lw=1.5,
               label=next(g.arm_title for g in data.gains if g.arm == arm))
        for k, arm in enumerate(arms)
    ]  # fmt: skip
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.35, 1 - 0.02 / height), ncols=3)
    figure.text(0.835, 1 - 0.32 / height, "median (90 %)", fontsize=7.2, weight="bold", color=INK)
    return figure


def rows(data: StepsData) -> list[Row]:
    """One line per step and arm."""
    return [
        {
            "arm": g.arm,
            "step": g.step,
            "nodes": ";".join(g.nodes),
            "passes_median": g.passes.median,
            "passes_q05": g.passes.low,
            "passes_q95": g.passes.high,
            "gain_left_median": g.gain.median,
            "gain_left_q05": g.gain.low,
            "gain_left_q95": g.gain.high,
        }
        for g in data.gains
    ]
