"""Pictures of the models pk and repeat-dose: where a dose is, model against studies, weekly doses.

From the root of the repository, in an environment with vesiflux (a minute):

    .venv/bin/python docs/assets/pk.py

Writes ``pk.svg``, ``pk-fit.svg`` (from ``pk-fit.tsv``) and ``repeat-dose.svg`` beside it. Seed and draws are
the models' own: the same version gives the same pictures.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import vesiflux
from vesiflux.report import body
from vesiflux.report.figures import body as figure_of_body
from vesiflux.report.reader import Reader
from vesiflux.report.style import FAINT, INK, MUTED, drawing, log_axis, to_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HERE = Path(__file__).resolve().parent
ROUTES = ("intravenous", "clodronate", "subcutaneous", "inhaled")
FIT, HELD = "#009E73", "#0072B2"
FOREIGN, OWN = "#D55E00", "#0072B2"


def main() -> None:
    """Draw all three."""
    with drawing(), tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        run = vesiflux.run("pk", arms=list(ROUTES), store=store, threads=2)
        data = body.where(Reader(run))
        assert data is not None
        _write("pk", figure_of_body.draw(data), "Where a dose is: blood over time, and organs")
        _write("pk-fit", _studies(), "Model over measured, study by study")
        weekly = vesiflux.run("repeat-dose", store=store, threads=2)
        _write("repeat-dose", _weekly(weekly), "Antibodies, and what is left of each dose")


def _write(name: str, figure: Figure, title: str) -> None:
    (HERE / f"{name}.svg").write_text(to_svg(figure, title), encoding="utf-8", newline="\n")


def _studies() -> Figure:
    """Every counted number as model over measured: fitted, and held out."""
    from matplotlib.figure import Figure

    with (HERE / "pk-fit.tsv").open(encoding="utf-8", newline="") as file:
        kept = [row for row in csv.DictReader(file, delimiter="\t") if row["counted"] == "yes"]
    rows = [row for half in ("fit", "held out") for row in kept if row["half"] == half]
    figure = Figure(figsize=(8.0, 0.27 * len(rows) + 1.0))
    axes = figure.add_axes((0.44, 0.6 / figure.get_figheight(), 0.53, 1 - 0.95 / figure.get_figheight()))
    axes.axvspan(1 / 3, 3, color=FAINT, zorder=0)
    axes.axvline(1, color=MUTED, lw=0.8)
    for i, row in enumerate(rows):
        fold = float(row["fold"])
        fitted = row["half"] == "fit"
        colour, marker = (FIT, "s") if fitted else (HELD, "o")
        axes.plot([1, fold], [i, i], color=colour, lw=1.1, alpha=0.6)
        axes.plot([fold], [i], marker, color=colour, ms=5, mec="white", mew=0.6)
        where = f", {row['organ']}" if row["organ"] else ""
        axes.annotate(
            f"{row['study']}: {row['quantity']}{where}",
            (-0.02, i),
            xycoords=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=7.2,
            color=INK,
        )
    axes.set_xscale("log")
    axes.set_xlim(0.004, 12)
    axes.set_xticks([0.01, 0.1, 1 / 3, 1, 3, 10], ["0.01", "0.1", "1/3", "1", "3", "10"])
    axes.set_xticks([], minor=True)
    axes.set_ylim(len(rows) - 0.5, -0.7)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("model over measured (grey: within three-fold)")
    for word, colour, x in (("fitted", FIT, 0.02), ("held out", HELD, 0.14)):
        axes.annotate(word, (x, 1.01), xycoords="axes fraction", color=colour, weight="bold", fontsize=8)
    return figure


def _weekly(run: Any) -> Figure:
    """Left: antibodies in blood; right: share of each dose that is left 15 min after it."""
    from matplotlib.figure import Figure

    times = np.asarray(run.times)
    figure = Figure(figsize=(8.0, 2.6))
    left, right = figure.add_axes((0.09, 0.2, 0.4, 0.64)), figure.add_axes((0.6, 0.2, 0.38, 0.64))
    level = np.asarray(run.series("medium.anti_vesicle", "foreign"))
    low, median, high = np.quantile(level, (0.05, 0.5, 0.95), axis=0)
    days = times / 24
    left.fill_between(days[1:], np.maximum(low[1:], 1e8), high[1:], color=FOREIGN, alpha=0.16, lw=0)
    left.plot(days[1:], median[1:], color=FOREIGN, lw=1.6)
    left.axhline(1e12, color=MUTED, lw=0.8, ls=(0, (3, 2)))
    left.annotate("half effect", (11.8, 3.5e11), fontsize=7.2, color=MUTED)
    left.set_yscale("log")
    left.set_ylim(1e9, 3e14)
    log_axis(left.yaxis, 1e9, 3e14, room=6)
    left.set_xlim(0, 15)
    left.set_xticks([0, 7, 14])
    left.set_xlabel("day")
    left.set_title("antibodies in blood, molecules/mL")
    for place, (arm, colour, marker) in enumerate((("foreign", FOREIGN, "s"), ("self", OWN, "o"))):
        blood = np.asarray(run.series("organs.blood.dose", arm)) / 1e10
        for dose, day in enumerate((0, 7, 14)):
            after = int(np.argmin(np.abs(times - 24 * day - 0.25)))
            share = 100 * (blood[:, after] - (blood[:, after - 2] if day else 0.0))
            bottom, middle, top = np.quantile(share, (0.05, 0.5, 0.95))
            x = dose + 0.16 * (2 * place - 1)
            right.plot([x, x], [bottom, top], color=colour, lw=1.4)
            said = {"foreign": "foreign vesicles", "self": "the body's own kind"}[arm] if dose == 0 else None
            right.plot([x], [middle], marker, color=colour, ms=6, mec="white", label=said)
    right.set_xticks([0, 1, 2], ["first", "second", "third"])
    right.set_xlim(-0.5, 2.5)
    right.set_ylim(0, 100)
    right.set_title("% of the dose in blood, 15 min after it")
    right.legend(loc="upper right", fontsize=7.2, frameon=False)
    return figure


if __name__ == "__main__":
    main()
