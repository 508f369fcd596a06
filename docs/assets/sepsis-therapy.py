"""Doses, times of start and survival curves of the virtual sepsis ward.

    python docs/assets/sepsis-therapy.py            # runs (some minutes), writes the tables and draws
    python docs/assets/sepsis-therapy.py --arrival  # what arrives alone
    python docs/assets/sepsis-therapy.py --draw     # draws from the tables that are kept

Writes ``sepsis-therapy-doses.tsv`` (every treatment from its usual dose to 1e5 times it, human and mouse,
on top of usual care),
``sepsis-therapy-arrival.tsv`` (copies in the cells they act in, over those that act),
``sepsis-therapy-starts.tsv`` (time of start against dose), ``sepsis-therapy-curves.tsv`` (survival) and
``sepsis-therapy.svg``. The same draws of the priors stand in every row, so that differences are paired.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
MODEL = "sepsis-therapy"
DRAWS = 64
#: Arm -> the parameter of its dose. All are compared with the arm that the model names.
DOSES = {
    "linezolid_exo": "linezolid_exo_dose",
    "linezolid_mannose": "linezolid_mannose_dose",
    "vancomycin_exo": "vancomycin_exo_dose",
    "vancomycin_mannose": "vancomycin_mannose_dose",
    "lysostaphin_mannose": "lysostaphin_mannose_dose",
    "fat": "fat_dose",
    "circ_fryl": "circ_fryl_dose",
    "let7i": "let7i_dose",
    "mir126": "mir126_dose",
    "hspa12b": "hspa12b_dose",
    "srikb": "srikb_dose",
}
USUAL = {"human": 1e12, "mouse": 1e10}
FACTORS = [10.0**k for k in range(6)]
#: Curves are those of these arms.
CURVES = ["untreated", "usual", "late", "fat", "fat_hundred"]
#: Points that were read: species -> arm, day, share alive (survival-ward-read.tsv).
READ = {
    "human": [("usual", 28.0, 0.751), ("untreated", 28.0, 0.18)],
    "mouse": [("untreated", 7.0, 0.06), ("usual", 7.0, 0.73)],
}
#: Map: arm -> parameter of the time, of the dose, unit, usual dose, factors, and what it is compared with.
MAPS: dict[str, tuple[str, str, str, float, list[float], dict[str, str]]] = {
    "usual": (
        "patient.care.delay",
        "patient.care.dose",
        "",
        1.0,
        [0.01, 0.1, 1.0, 10.0],
        {"patient.care.antibiotic": "0"},
    ),
    "fat": (
        "fat_dose.at",
        "fat_dose",
        " vesicle",
        1e12,
        [1.0, 10.0, 100.0, 1000.0],
        {"fat_dose": "0 vesicle"},
    ),
}
#: Arm -> where its molecule acts, and the copies there that have half an effect.
TARGETS = {
    "linezolid_exo": ("kupffer", "drug", 7e6),
    "linezolid_mannose": ("kupffer", "drug", 7e6),
    "vancomycin_exo": ("kupffer", "drug", 8e5),
    "vancomycin_mannose": ("kupffer", "drug", 8e5),
    "lysostaphin_mannose": ("kupffer", "drug", 1300.0),
    "circ_fryl": ("alveolar", "payload", 1000.0),
    "let7i": ("hepatocyte", "payload", 1000.0),
    "mir126": ("endothelium", "payload", 1000.0),
    "hspa12b": ("kupffer", "payload", 1e4),
    "srikb": ("kupffer", "payload", 1e4),
}
STARTS = [0.0, 3.0, 6.0, 12.0, 24.0, 48.0]
Rows = list[dict[str, Any]]


def run(arms: Sequence[str], settings: Mapping[str, Any], store: str) -> Any:
    """A run of the ward with times and doses set."""
    import vesiflux as vf
    from vesiflux.language import load
    from vesiflux.language.timing import with_times

    model, rest = with_times(load(MODEL), settings)
    return vf.run(model, arms=list(arms), draws=DRAWS, set=rest, store=store)


def at_end(found: Any, name: str, arm: str) -> np.ndarray:
    """Values after fourteen days."""
    return np.asarray(found.series(name, arm).to_numpy()[:, -1])


def doses(store: str) -> Rows:
    """Effects by dose."""
    from vesiflux.language import load

    against = {arm: load(MODEL).spec.arms[arm].against for arm in DOSES}
    rows: Rows = []
    for species, usual in USUAL.items():
        for factor in FACTORS:
            settings = dict.fromkeys(DOSES.values(), f"{usual * factor} vesicle")
            arms = ["untreated", "usual", *DOSES]
            found = run(arms, {"species": species, **settings}, store)
            for arm in DOSES:
                other = str(against[arm])
                gain = at_end(found, "patient.ward.survival", arm)
                gain = gain - at_end(found, "patient.ward.survival", other)
                inside = [found.series("kupffer.inside.load", a).to_numpy()[:, 28] for a in (arm, other)]
                rows.append(
                    {
                        "species": species,
                        "arm": arm,
                        "against": other,
                        "factor": f"{factor:g}",
                        "dose": f"{usual * factor:g}",
                        "alive_more": f"{gain.mean():.4f}",
                        "low": f"{np.percentile(gain, 5):.4f}",
                        "high": f"{np.percentile(gain, 95):.4f}",
                        "inside_over_none": f"{np.median(inside[0] / inside[1]):.4f}",
                    }
                )
    return rows


def curves(store: str) -> Rows:
    """Survival over 28 days at the usual dose, human and mouse."""
    import vesiflux as vf
    from vesiflux.language import Model, load

    data = load(MODEL).to_dict(whole=True)
    data["run"] |= {"for": "28 d", "record": "12 h"}
    rows: Rows = []
    for species in USUAL:
        found = vf.run(
            Model.from_dict(data), arms=CURVES, draws=4 * DRAWS, set={"species": species}, store=store
        )
        days = np.asarray(found.times) / 24.0
        for arm in CURVES:
            alive = found.series("patient.ward.survival", arm).to_numpy().mean(axis=0)
            rows += [
                {"species": species, "arm": arm, "day": f"{day:g}", "alive": f"{share:.4f}"}
                for day, share in zip(days, alive, strict=True)
            ]
    return rows


def arrival(store: str) -> Rows:
    """The most copies there ever are in a cell they act in, at the usual dose, over those that act."""
    rows: Rows = []
    for species, usual in USUAL.items():
        settings = dict.fromkeys(DOSES.values(), f"{usual} vesicle")
        found = run(["untreated", *TARGETS], {"species": species, **settings}, store)
        for arm, (cell, cargo, half) in TARGETS.items():
            copies = found.series(f"{cell}.copies.{cargo}.cytosol", arm).to_numpy().max(axis=1)
            low, middle, high = (f"{x:.3g}" for x in np.percentile(copies, [5, 50, 95]))
            rows.append(
                {
                    "species": species,
                    "arm": arm,
                    "cell": cell,
                    "copies": middle,
                    "low": low,
                    "high": high,
                    "half": f"{half:g}",
                    "short_by": f"{half / np.median(copies):.2g}",
                }
            )
    return rows


def starts(store: str) -> Rows:
    """Share alive more after fourteen days than with the rest of care alone, by start and dose."""
    rows: Rows = []
    for arm, (time, name, unit, usual, factors, without) in MAPS.items():
        none = at_end(run([arm], without, store), "patient.ward.survival", arm)
        for start in STARTS:
            for factor in factors:
                times = {time: f"{start} h", name: f"{usual * factor}{unit}"}
                found = at_end(run([arm], times, store), "patient.ward.survival", arm)
                rows.append(
                    {
                        "arm": arm,
                        "start": f"{start:g}",
                        "factor": f"{factor:g}",
                        "alive_more": f"{(found - none).mean():.4f}",
                    }
                )
    return rows


def write(name: str, rows: Rows) -> None:
    """A table beside this script."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, rows[0], delimiter="\t", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def read(name: str) -> list[dict[str, str]]:
    """A table kept beside this script."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def main() -> None:
    """Run if asked to, and draw."""
    if "--draw" not in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as store:
            write("sepsis-therapy-arrival.tsv", arrival(store))
            if "--arrival" in sys.argv[1:]:
                return
            write("sepsis-therapy-doses.tsv", doses(store))
            write("sepsis-therapy-curves.tsv", curves(store))
            write("sepsis-therapy-starts.tsv", starts(store))
    (HERE / "sepsis-therapy.svg").write_text(draw(), encoding="utf-8")


COLOURS = ["#000000", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999"]


def draw() -> str:
    """The figure as SVG text: curves, doses, and starts against doses."""
    from matplotlib.figure import Figure

    from vesiflux.report.style import drawing, to_svg

    with drawing():
        figure = Figure(figsize=(10.0, 8.4), layout="constrained")
        axes = figure.subplots(3, 2)
        lines, rows, found = (read(f"sepsis-therapy-{k}.tsv") for k in ("curves", "doses", "starts"))
        for here, species in zip(axes[0], USUAL, strict=True):
            for colour, arm in zip(COLOURS, CURVES, strict=False):
                line = [r for r in lines if r["species"] == species and r["arm"] == arm]
                here.plot(
                    [float(r["day"]) for r in line],
                    [float(r["alive"]) for r in line],
                    color=colour,
                    lw=1.2,
                    label=arm,
                )
                for _, day, share in (r for r in READ[species] if r[0] == arm):
                    here.plot(day, share, "o", color=colour, ms=5, clip_on=False)
            here.set(
                title=f"{species}, 1e{round(np.log10(USUAL[species]))} vesicles a day",
                xlabel="days",
                ylim=(0, 1),
            )
        axes[0][0].set_ylabel("chance to be alive")
        axes[0][0].legend(fontsize=6)
        kinds = [
            ("inside_over_none", "bacteria in macrophages"),
            ("alive_more", "alive more at 14 d"),
        ]
        for here, (key, label) in zip(axes[1], kinds, strict=True):
            loaded = [a for a in DOSES if "linezolid" in a or "vanco" in a or "lyso" in a]
            shown = (
                loaded if key[0] == "i" else [*(a for a in DOSES if a not in loaded), "lysostaphin_mannose"]
            )
            for colour, arm in zip(COLOURS, shown, strict=False):
                for species, style in (("human", "-"), ("mouse", ":")):
                    line = [r for r in rows if r["species"] == species and r["arm"] == arm]
                    here.semilogx(
                        [float(r["factor"]) for r in line],
                        [float(r[key]) for r in line],
                        style,
                        color=colour,
                        lw=1.2,
                        label=arm if species == "human" else None,
                    )
            here.set_xticks(FACTORS, ["1" if x == 1 else f"1e{round(np.log10(x))}" for x in FACTORS])
            here.minorticks_off()
            here.set(xlabel="dose over the usual (dotted: mouse)", ylabel=label)
            if key[0] == "a":  # room for the legend
                here.set_ylim(top=0.33)
                here.legend(fontsize=6, loc="upper left", ncols=2)
            else:
                here.legend(fontsize=6, loc="upper right")
        for here, arm in zip(axes[2], MAPS, strict=True):
            factors = MAPS[arm][4]
            grid = [
                [
                    next(float(r["alive_more"]) for r in found if _is(r, arm, start, factor))
                    for start in STARTS
                ]
                for factor in factors
            ]
            shown_map = here.imshow(grid, origin="lower", aspect="auto", cmap="viridis", vmin=0.0)
            here.set_xticks(range(len(STARTS)), [f"{x:g}" for x in STARTS])
            here.set_yticks(range(len(factors)), [f"{x:g}" for x in factors])
            here.set(
                title=arm,
                xlabel="start after recognition, h" if arm == "usual" else "start, h",
                ylabel="dose over the usual",
            )
            figure.colorbar(shown_map, ax=here, label="alive more at 14 d")
        return to_svg(figure, "Survival, doses and times of start in the virtual sepsis ward")


def _is(row: Mapping[str, str], arm: str, start: float, factor: float) -> bool:
    return row["arm"] == arm and float(row["start"]) == start and float(row["factor"]) == factor


if __name__ == "__main__":
    main()
