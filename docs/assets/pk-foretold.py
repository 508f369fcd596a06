"""What pk foretells of conditions nobody had looked up, kept before the search, and its score afterwards.

    python docs/assets/pk-foretold.py            # what the model says now; the picture
    python docs/assets/pk-foretold.py --predict COMMIT   # wrote pk/predictions.tsv, before any look-up

``COMMIT``: the one whose model answers. The table that is kept is frozen: a test holds it.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import numpy as np

from vesiflux.library.pk_asked import Condition, conditions, measures, question, said
from vesiflux.library.pk_foretold import COLUMNS, Prediction, afterwards, now, pairs, predictions

HERE = Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "src" / "vesiflux" / "library" / "pk"
DRAWS = 200
#: Where an interval without an end ends in the picture.
WIDEST = 12.0
FIRST, SECOND = "#0072B2", "#D55E00"
TOLD = """\
# What the model says of published pharmacokinetics, before anybody looked: written before the first search,
# as a grid of conditions, so that no question was chosen for its answer. Median and 80 % interval (10 to 90
# % of the draws) of what the model does not know; how animals and methods of a study differ is not in it.
# committed: whose model it is. What counts as an answer was settled with it:
# - studies of which neither this model, nor its evidence base, nor its notes hold a number; found by
#   search, read as a number (a figure without numbers is not read). Every number that falls into a cell
#   counts, none is left out.
# - small vesicles of any cell, without what is meant to steer or hide them; red cells' have cells of their
#   own.
# - label: tracer for dyes and metals, iodine for radiohalogens, luciferase for enzymes that are lost with
#   the vesicle, none for vesicles counted themselves.
# - time: the nearest in the grid, no farther than 1.5-fold. A half-life of the first phase, or the only one
#   where it is below 2 h, is the first; one of a later phase the last. Blood per gram is whole blood;
#   organs at 1 g/mL.
# - shares of the signal of organs are brought to the six (liver, spleen, lung, kidney, heart, brain); where
#   one of the small ones (heart, brain) was not counted it is taken for nothing.
# - several plain kinds of vesicle or doses in one study and cell: their geometric mean.
"""


def command(condition: Condition, amount: str) -> str:
    """The run that holds the curves of a condition; ratios are to its control."""
    dose = "dose" if condition.arm == "intravenous" or condition.against else f"{condition.arm}_dose"
    parts = ["vesiflux run pk", f"--draws {DRAWS}", f"--set species={condition.species}"]
    parts += [f"--set label={condition.label}", f"--set donor={condition.donor}", f"--set {dose}={amount}"]
    arms = [condition.arm, condition.against] if condition.against else [condition.arm]
    return " ".join(parts + [f"--arm {arm}" for arm in arms])


def two_arms(model: str, output: str, times: list[float], arms: list[str]) -> list[np.ndarray]:
    """One output of a model in some arms; each of shape (time, draw)."""
    from vesiflux.engines.compartments import Settings, solve
    from vesiflux.ir.lowering import lower
    from vesiflux.language import load
    from vesiflux.study.draws import uniforms

    compiled = lower(load(model))
    at = [o.name for o in compiled.program.outputs if o.series].index(output)
    found = []
    for arm in arms:
        chosen = compiled.arms[arm]
        priors = [chosen.overrides.get(i, p.prior) for i, p in enumerate(compiled.parameters)]
        names = [p.name for p in compiled.parameters]
        drawn = [p.quantile(uniforms(1, n, 0, DRAWS)) for n, p in zip(names, priors, strict=True)]
        settings = Settings(rtol=1e-6, atol=1e-8)
        solved = solve(
            compiled.program, np.array(drawn), times=times, events=chosen.events, settings=settings
        )
        found.append(solved.outputs_series[at].T)
    return found


def neighbours() -> list[tuple[str, ...]]:
    """Rows of models that stand on pk; those of the vaccine are the ones it keeps, 90 % intervals."""
    from vesiflux.language.tsv import read_table
    from vesiflux.library.tumours import people

    rows = []

    def row(
        model: str, species: str, arm: str, measure: str, hour: str, unit: str, drawn: object, run: str
    ) -> None:
        low, middle, high = np.nanquantile(np.asarray(drawn), [0.1, 0.5, 0.9])
        name = "-".join(p for p in (model, species, arm, measure.replace(" ", "_"), hour and f"{hour}h") if p)
        numbers = tuple(f"{x:.3g}" for x in (middle, low, high))
        rows.append((name, model, species, "", "", arm, measure, "blood", hour, unit, *numbers, "80", run))

    left = two_arms(
        "repeat-dose", "organs.blood.dose", [0.0, 0.25, 1.0, 168.0, 168.25, 169.0], ["foreign", "self"]
    )
    run = f"vesiflux run repeat-dose --draws {DRAWS}"
    for arm, one in zip(("foreign", "self"), left, strict=True):
        for hour, first, second in (("0.25", 1, 4), ("1", 2, 5)):
            row(
                "repeat-dose",
                "mouse",
                arm,
                "second dose over first in blood",
                hour,
                "1",
                one[second] / one[first],
                run,
            )
    levels = two_arms(
        "sepsis-therapy", "medium.septic_exosome", [0.0, 24.0, 48.0], ["health", "untreated", "septic"]
    )
    run = f"vesiflux run sepsis-therapy --draws {DRAWS}"
    for arm, one in zip(("untreated", "septic"), levels[1:], strict=True):
        for at, hour in ((1, "24"), (2, "48")):
            measure = "vesicles in blood over those of a mild infection"
            row("sepsis-therapy", "human", arm, measure, hour, "1", one[at] / levels[0][at], run)
    for volume in (0.1, 0.5, 1.0):
        mice = people(DRAWS, species="mouse", volume=volume)
        level = mice.per_volume * volume
        run = f"vesiflux run tumour-detection --draws {DRAWS} --set species=mouse"
        run += f" --set tumour.growth.start_volume={volume}"
        arm = f"{volume:g} mL"
        row("tumour-detection", "mouse", arm, "tumour vesicles per mL of plasma", "", "1/mL", level, run)
        share = level / (level + mice.own)
        row("tumour-detection", "mouse", arm, "tumour vesicles among those of plasma", "", "1", share, run)
    columns = ("quantity", "unit", "second", "second_low", "second_high")
    others = ("first", "first_low", "first_high", "published", "source")
    for kept in read_table(MODEL.parent / "vaccine" / "predictions.tsv", columns, others).rows:
        if kept.text("published"):
            continue
        numbers = tuple(kept.text(c) for c in columns[2:])
        name = "vaccine-mouse-" + kept.text("quantity").replace(" *", "").replace(" ", "_")
        told = ("vaccine", "mouse", "", "", "boost", kept.text("quantity").replace(" *", ""), "blood", "")
        rows.append((name, *told, kept.text("unit"), *numbers, "90", "vesiflux run vaccine --draws 256"))
    return rows


def predict(commit: str) -> None:
    """Write the table."""
    amounts = {"mouse": "1e10", "rat": "1e11", "macaque": "2e12", "human": "3.3e13"}
    head = (*COLUMNS, "predicted", "low", "high", "interval", "command", "committed")
    lines = [TOLD.rstrip("\n"), "\t".join(head)]
    for c in conditions():
        for key, drawn in said(c, DRAWS).items():
            measure, organ, hour = key.split("|")
            low, middle, high = np.nanquantile(drawn, [0.1, 0.5, 0.9], method="nearest")
            name = question(c, key)
            cells = (
                name,
                "pk",
                c.species,
                c.label,
                c.donor,
                c.arm,
                measure,
                organ,
                hour,
                measures()[measure],
            )
            numbers = tuple(f"{x:.3g}" for x in (middle, low, high))
            lines.append("\t".join((*cells, *numbers, "80", command(c, amounts[c.species]), commit)))
    lines += ["\t".join((*row, commit)) for row in neighbours()]
    (MODEL / "predictions.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def table() -> None:
    """What the model says now beside what was foretold, question by question (those of pk alone)."""
    said_now = now(draws=DRAWS)
    frozen = [p for p in (*predictions(), *afterwards()) if p.model == "pk"]
    lines = [["id", "predicted", "low", "high", "now", "now_low", "now_high"]]
    for p in frozen:
        numbers = (p.predicted, p.low, p.high, *said_now[p.id])
        lines.append([p.id, *(f"{x:.3g}" for x in numbers)])
    with (HERE / "pk-foretold.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows(lines)


def draw() -> str:
    """Answers against what was foretold, as SVG text."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from vesiflux.report.style import INK, drawing, to_svg

    with (HERE / "pk-foretold.tsv").open(encoding="utf-8", newline="") as file:
        later = {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}
    groups = [("read", "near"), ("read", "asked afterwards"), ("second hand", "blind")]
    shown = [(kind, *pair) for kind in groups for pair in pairs(*kind)]
    with drawing():
        figure = Figure(figsize=(8.2, 0.3 * len(shown) + 1.4), layout="constrained")
        axes = figure.add_subplot()
        for row, (kind, measured, foretold) in enumerate(shown):
            low, high = foretold.low / measured.value, min(foretold.high / measured.value, WIDEST)
            ours = SECOND if kind[0] == "second hand" else FIRST
            axes.plot([low, high], [-row, -row], color=ours, lw=2.4, solid_capstyle="butt")
            axes.plot(foretold.predicted / measured.value, -row, "o", color=ours, ms=5)
            axes.plot(float(later[foretold.id]["now"]) / measured.value, -row, "|", color=INK, ms=9, mew=1.6)
            if math.isinf(foretold.high):
                axes.plot(WIDEST, -row, ">", color=ours, ms=5, clip_on=False)
        axes.axvline(1.0, color=INK, lw=0.8)
        axes.set_xscale("log")
        axes.set_xlim(0.03, WIDEST)
        ticks = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.minorticks_off()
        names = [f"{m.study}: {_what(p, m.condition)}" for _, m, p in shown]
        axes.set_yticks([-i for i in range(len(names))], names)
        axes.set_ylim(-len(names) + 0.4, 0.6)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("foretold over published: median and 80 % interval")
        keys = [
            Line2D([], [], marker="o", color=FIRST, label="published number read"),
            Line2D([], [], marker="o", color=SECOND, label="in somebody else's table"),
            Line2D([], [], marker="|", ls="", color=INK, mew=1.6, ms=9, label="model now"),
        ]
        figure.legend(handles=keys, loc="outside upper center", ncols=3)
        return to_svg(figure, "Foretold over published, with 80 % intervals, by study")


def _what(p: Prediction, condition: str) -> str:
    """Measure, organ and the study's time in a few words."""
    short = {
        "percent of dose": "% of dose,",
        "ratio": "with over without CD47,",
        "macrophage share": "macrophages' share,",
    }
    organ = "" if p.measure.endswith("half-life") else p.organ
    hour = condition.partition(" at ")[2].partition(",")[0]
    return " ".join(filter(None, (short.get(p.measure, p.measure), organ, hour)))


if __name__ == "__main__":
    if "--predict" in sys.argv[1:]:
        predict(sys.argv[2])
    else:
        table()
        (HERE / "pk-foretold.svg").write_text(draw(), encoding="utf-8")
