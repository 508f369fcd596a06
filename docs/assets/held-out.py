"""Draws the held-out questions that were answered elsewhere: what was predicted, and which way it went.

    python docs/assets/held-out.py

Writes ``held-out.svg`` beside it, from the predictions and measurements that are kept with the model.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

#: Where an interval that reaches nothing at all ends on the logarithmic axis.
LEAST = 0.05
RIGHT, WRONG, OPEN = "#009E73", "#B3261E", "#5f6b7a"  # as in the reports
MARKS = {"+": "^", "-": "v", "0": "o", "?": "x"}


def draw() -> str:
    """The figure as SVG text."""
    from _generate.heldout import compared, questions
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from vesiflux.report.style import INK, drawing, fold_axis, to_svg

    answers: dict[str, list] = {}  # type: ignore[type-arg]
    for one in compared():
        answers.setdefault(one.published.id, []).append(one)
    with drawing():
        figure = Figure(figsize=(7.6, 0.22 * len(answers) + 1.3), layout="constrained")
        axes = figure.add_subplot()
        fold_axis(axes, LEAST, 12.0)
        for row, found in enumerate(answers.values()):
            p = found[0].prediction
            low = max(p.low, LEAST)
            axes.plot([low, p.high], [-row, -row], color=INK, lw=2.2, solid_capstyle="butt", zorder=2)
            axes.plot(max(p.median, LEAST), -row, "o", color=INK, ms=4.5, zorder=3)
            if p.low < LEAST:
                axes.plot(LEAST, -row, "<", color=INK, ms=4, zorder=3)
            for place, c in enumerate(found):
                colour = {"right": RIGHT, "": OPEN}.get(c.sign, WRONG)
                filled = colour if not c.published.known and c.published.mark == "read" else "white"
                axes.plot(
                    1.03 + 0.035 * place, -row, MARKS[c.published.sign], color=colour, markerfacecolor=filled,
                    ms=6, clip_on=False, transform=axes.get_yaxis_transform(),
                )  # fmt: skip
        names = [_name(**questions()[i]) for i in answers]
        axes.set_yticks([-i for i in range(len(names))], names)
        axes.set_ylim(-len(names) + 0.4, 0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("fold against the untreated cell: predicted median and 80 % interval")
        shown = [
            Line2D([], [], marker=m, ls="", color=OPEN, label=label)
            for m, label in (("^", "published up"), ("v", "down"), ("o", "unchanged"), ("x", "not resolved"))
        ]
        shown += [
            Line2D([], [], marker="s", ls="", color=RIGHT, label="sign right"),
            Line2D([], [], marker="s", ls="", color=WRONG, label="sign missed"),
            Line2D([], [], marker="s", ls="", color=OPEN, markerfacecolor="white", label="known or recalled"),
        ]
        figure.legend(
            handles=shown, loc="outside upper center", ncols=7, columnspacing=0.9, handletextpad=0.2
        )
        return to_svg(figure, "Held-out predictions with their 80 % intervals, and the published signs")


def _name(title: str, outcome: str, **_: str) -> str:
    """What was done and what was read, without the same words twice."""
    words = {
        "exosome_rate": "exosomes", "microvesicle_rate_now": "microvesicles", "mvb_total": "MVBs per cell",
        "docked_mvb": "docked MVBs", "small_ectosome_rate": "small ectosomes",
    }  # fmt: skip
    short = title.split(" (")[0]
    return short if short.endswith(words[outcome]) else f"{short}: {words[outcome]}"


if __name__ == "__main__":
    (HERE / "held-out.svg").write_text(draw(), encoding="utf-8")
