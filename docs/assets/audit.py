"""Draws every audited claim: what arrives over what is needed, with its 95 % interval.

    python docs/assets/audit.py

Writes ``audit.svg`` beside it, from the kept result of the audit.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

COLOURS = {"plausible": "#009E73", "uncertain": "#E69F00", "implausible": "#B3261E"}
GAP = 4  # rows between groups


def draw() -> str:
    """The figure as SVG text."""
    from _generate.audit import found
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from vesiflux.audit.tables import rows
    from vesiflux.report.style import INK, drawing, to_svg

    words = {row["class"]: row["words"] for row in rows("classes")}
    groups: dict[str, list[dict]] = {}  # type: ignore[type-arg]
    for d in found()["details"]:
        if d["probability"] is not None:
            name = "vesicles come at all" if d["asks"] == "arrival" else words[d["cargo_class"]]
            groups.setdefault(name, []).append(d)
    ordered = sorted(groups.items(), key=lambda g: -_middle([d["median"] for d in g[1]]))
    with drawing():
        figure = Figure(figsize=(7.6, 6.6), layout="constrained")
        axes = figure.add_subplot()
        row, ticks = 0, []
        for name, claims in ordered:
            first = row
            for d in sorted(claims, key=lambda d: -d["median"]):
                colour = COLOURS[d["verdict"]]
                low, high = (max(math.log10(d[key]), -14.0) for key in ("low", "high"))
                axes.plot([low, high], [-row, -row], color=colour, lw=0.9, alpha=0.75, solid_capstyle="butt")
                axes.plot(max(math.log10(d["median"]), -14.0), -row, "o", color=colour, ms=1.7)
                row += 1
            ticks.append((-(first + row - 1) / 2, f"{name} ({len(claims)})"))
            row += GAP
        axes.axvline(0.0, color=INK, lw=1.0)
        axes.set_yticks([t for t, _ in ticks], [n for _, n in ticks])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(-row + 1, 2)
        axes.set_xticks(range(-14, 6, 2), ["1" if x == 0 else f"1e{x}" for x in range(-14, 6, 2)])
        axes.set_xlabel("delivered copies, or engaged ones, over those needed: median and 95 % interval")
        figure.legend(
            handles=[Line2D([], [], color=c, marker="o", ms=3, label=v) for v, c in COLOURS.items()],
            loc="outside upper center",
            ncols=3,
        )
        return to_svg(figure, "Audited claims: what arrives over what is needed, by kind of cargo")


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    (HERE / "audit.svg").write_text(draw(), encoding="utf-8")
