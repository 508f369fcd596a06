"""Fits the hazard of the ward's patients to courses, and foretells what was held out.

    python docs/assets/survival-fit-ward.py          # fit and predictions, a minute of one core
    python docs/assets/survival-fit-ward.py --score  # them and the first ones, against what has been read

``survival-fit.py`` takes a score for as long as a stay lasts. Patients' scores move, so that here a and b
of the hazard are fitted to whole courses under usual care: mortality by first-day score (Ferreira 2001) and
deaths at 28 days (two trials). They are then written into ``patient.set`` of `sepsis-therapy` by hand. Which
source is in which half stands in ``survival-ward.tsv``, what was read in ``survival-ward-read.tsv``.
Writes ``survival-ward-now.tsv``; with ``--score`` ``survival-ward-score.tsv``: what was read beside what the
model says now and what it said before anything held out was looked up, kept in ``survival-ward-foretold.tsv``
(patients without the cohort's correlations, a = -0.03, b = 0.74, uptake before the body's last fit).
"""

from __future__ import annotations

import copy
import csv
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HERE = Path(__file__).resolve().parent
DRAWS = 384
#: A first-day score of at least this is a patient in shock.
SHOCK = 8.0
#: Deaths at 28 days of the two trials, 448 and 199 patients.
TRIALS = (448 * 0.228 + 199 * 0.296) / 647
STAY = 154.0
MIDDLE = 9.0
FIXED = {"patient.ward.a": 0.0, "patient.ward.b": 0.5, "patient.ward.stay": f"{STAY} h"}


class Courses(NamedTuple):
    """Hours (time,), scores (patient, time) and frailties (patient,) of one arm."""

    hours: np.ndarray
    scores: np.ndarray
    frailty: np.ndarray


def courses(arm: str, days: int = 28, **settings: Any) -> Courses:
    """Scores of the cohort's patients in an arm; frailties are told from the hazard that they scale."""
    import vesiflux as vf
    from vesiflux.language import Model, load

    data = copy.deepcopy(load("sepsis-therapy").to_dict(whole=True))
    looked_at = "patient.ward.survival + 0 * patient.ward.sofa + 0 * patient.ward.hazard"
    data["run"]["for"] = f"{days} d"
    data["cohort"] = {
        "arms": [arm],
        "for": f"{days} d",
        "record": "6 h",
        "correlated": data["cohort"]["correlated"],
        "survival": looked_at,
    }
    given = {**FIXED, **{name.replace("__", "."): value for name, value in settings.items()}}
    with tempfile.TemporaryDirectory() as store:
        study = vf.cohort(Model.from_dict(data), patients=DRAWS, set=given, store=store)
        run = study.patients.run
        scores = run.course("patient.ward.sofa", arm)
        hazard = run.course("patient.ward.hazard", arm)
    return Courses(
        np.asarray(run.times), scores, (hazard * STAY / np.exp(0.5 * (scores - MIDDLE))).mean(axis=1)
    )


def alive(who: Courses, a: float, b: float) -> np.ndarray:
    """Chance to be alive (patient, time)."""
    hazard = who.frailty[:, None] * np.exp(a + b * (who.scores - MIDDLE)) / STAY
    steps = 0.5 * (hazard[:, 1:] + hazard[:, :-1]) * np.diff(who.hours)
    return np.exp(-np.concatenate([np.zeros((len(hazard), 1)), np.cumsum(steps, axis=1)], axis=1))


def at(who: Courses, values: np.ndarray, hour: float) -> np.ndarray:
    """A column of values, at an hour."""
    return np.asarray(values[:, np.argmin(np.abs(who.hours - hour))])


def strata() -> list[tuple[float, float, float]]:
    """First-day scores from and below, and the share that dies: Ferreira 2001."""
    with (HERE / "sofa-mortality.tsv").open(encoding="utf-8") as file:
        rows = [
            r for r in csv.DictReader((x for x in file if x[0] != "#"), delimiter="\t") if r["half"] == "fit"
        ]
    edges = [float(r["low"]) - 0.5 for r in rows] + [25.0]
    return [(edges[i], edges[i + 1], float(r["mortality"])) for i, r in enumerate(rows)]


def by_score(who: Courses, a: float, b: float) -> list[tuple[float, float, int]]:
    """Share that dies by 28 days as read and here, of those alive on the first day, and how many patients."""
    first, chance = at(who, who.scores, 24), alive(who, a, b)
    found = []
    for low, high, read in strata():
        inside = (first >= low) & (first < high)
        ends = chance[inside, -1].sum() / max(at(who, chance, 24)[inside].sum(), 1e-9)
        found.append((read, 1 - ends, int(inside.sum())))
    return found


def fit(who: Courses) -> tuple[np.ndarray, np.ndarray, float]:
    """a and b, one standard deviation of each by the curvature of the fit, and how they go together."""
    from scipy.optimize import least_squares

    def off(x: np.ndarray) -> np.ndarray:
        by = [(here - read) * np.sqrt(min(n, 20) / 20) for read, here, n in by_score(who, *x)]
        return np.array([*by, 2 * (1 - alive(who, *x)[:, -1].mean() - TRIALS)])

    found = least_squares(off, [-0.5, 0.5], diff_step=1e-3)
    error = np.sum(found.fun**2) / (len(found.fun) - 2)
    covariance = error * np.linalg.inv(found.jac.T @ found.jac)
    spread = np.sqrt(np.diag(covariance))
    return found.x, spread, float(covariance[0, 1] / spread.prod())


def odds(early: float, late: float, hours: float) -> float:
    """Odds ratio of death per hour, from shares alive."""
    return float(((1 - late) / late / ((1 - early) / early)) ** (1 / hours))


def auc(score: np.ndarray, dies: np.ndarray) -> float:
    """Area under the curve of a score for deaths that are chances."""
    above = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    weight = dies[:, None] * (1 - dies[None, :])
    np.fill_diagonal(weight, 0.0)
    return float((above * weight).sum() / weight.sum())


def foretell(a: float, b: float) -> list[tuple[str, str, float]]:
    """Key, quantity, value: of what was fitted and of what was held out."""
    usual, none = courses("usual"), courses("untreated")
    wrong = courses("usual", patient__care__antibiotic=0)
    hours = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    delayed = [courses("usual", patient__care__delay=f"{h} h") for h in hours]
    first, chance = at(usual, usual.scores, 24), alive(usual, a, b)
    shock = at(delayed[-1], delayed[-1].scores, 24) >= SHOCK
    everyone = [alive(x, a, b)[:, -1].mean() for x in delayed]
    shocked = [alive(x, a, b)[shock, -1].mean() for x in delayed]
    milder = [alive(x, a, b)[~shock, -1].mean() for x in delayed]
    deaths = 1 - chance[:, -1].mean()
    change = at(usual, usual.scores, 72) - first
    lives, dies = chance[:, -1], at(usual, chance, 72) - chance[:, -1]
    found = [
        ("trials_28", "deaths at 28 d", deaths),
        ("trials_28", "first-day score, mean", first.mean()),
        ("trials_28", "first-day score, standard deviation", first.std()),
        ("kumar_2006_first_hour", "alive, in shock, antibiotic after half an hour", shocked[0]),
        ("kumar_2006_per_hour", "fall of survival per hour, in shock", (shocked[0] - shocked[-1]) / 6),
        ("kumar_2006_per_hour", "odds ratio per hour, in shock", odds(shocked[0], shocked[-1], 6)),
        ("beck_2014", "odds ratio per hour, in shock", odds(shocked[0], shocked[-1], 6)),
        ("ferrer_2014", "deaths, first hour", 1 - everyone[0]),
        ("ferrer_2014", "deaths, after more than six hours", 1 - everyone[-1]),
        ("seymour_2017", "odds ratio per hour", odds(everyone[1], everyone[-1], 5)),
        ("liu_2017", "odds ratio per hour", odds(everyone[0], everyone[-2], 5)),
        ("liu_2017", "odds ratio per hour, not in shock", odds(milder[0], milder[-2], 5)),
        ("liu_2017", "odds ratio per hour, in shock", odds(shocked[0], shocked[-2], 5)),
        ("kumar_2009", "alive in shock, wrong antibiotic for good", alive(wrong, a, b)[shock, -1].mean()),
        ("kumar_2009", "alive in shock, right antibiotic", chance[shock, -1].mean()),
        ("untreated_human", "deaths", 1 - alive(none, a, b)[:, -1].mean()),
        *(("course_human", f"share of the deaths by 28 d that have come by {d} d",
           (1 - at(usual, chance, 24 * d).mean()) / deaths) for d in (3, 7, 14)),
        ("turn", "score at 72 h less that of the first day, who lives", np.average(change, weights=lives)),
        ("turn", "score at 72 h less that of the first day, who dies later",
         np.average(change, weights=dies)),
        ("auc_score", "area of the first-day score for death by 28 d", auc(first, 1 - chance[:, -1])),
    ]  # fmt: skip
    mice = courses("untreated", 14, species="mouse")
    curve = alive(mice, a, b).mean(axis=0)[None, :]
    week = 1 - float(at(mice, curve, 168)[0])
    found += [
        ("mice_7", "alive at 7 d, untreated", 1 - week),
        *(("mice_course", f"share of the deaths by 7 d that have come by {h} h",
           (1 - float(at(mice, curve, h)[0])) / week) for h in (24, 48, 72)),
        ("mice_course", "median hours to death", float(np.interp(-0.5, -curve[0], mice.hours))),
    ]  # fmt: skip
    for start in (0, 3, 6, 12, 24):
        late = courses("usual", 14, species="mouse", patient__care__recognised=f"{start} h")
        key = "mice_7" if start == 3 else "mice_delay"
        found.append(
            (key, f"alive at 7 d, care from {start} h", float(at(late, alive(late, a, b), 168).mean()))
        )
    return [(key, what, float(value)) for key, what, value in found]


def write(name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table beside this script."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        out.writerow(head)
        out.writerows(rows)


def read(name: str) -> list[dict[str, str]]:
    """A table beside this script, without its remarks."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader((x for x in file if x[0] != "#"), delimiter="\t"))


def score() -> None:
    """Predictions that are kept beside all that has been read of them."""
    halves = {r["key"]: r for r in read("survival-ward.tsv")}
    known: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in read("survival-ward-read.tsv"):
        known.setdefault((row["key"], row["quantity"]), []).append(row)
    now = {(r["key"], r["quantity"]): r["now"] for r in read("survival-ward-now.tsv")}
    rows = []
    for row in read("survival-ward-foretold.tsv"):
        half = halves[row["key"]]
        none = {"source": half["source"], "read": "", "n": "", "listed": "yes"}
        for found in known.get((row["key"], row["quantity"]), [none]):
            where = half["half"] if found["listed"] == "yes" else "met on the way"
            said = [row["foretold"], now[row["key"], row["quantity"]]]
            who = [found["read"], found["n"], found["source"]]
            rows.append([where, half["recalled"], row["quantity"], *said, *who])
    order = ["fit", "held out", "met on the way"]
    rows.sort(key=lambda r: order.index(r[0]))
    head = ["half", "recalled", "quantity", "foretold", "now", "read", "n", "source"]
    write("survival-ward-score.tsv", head, rows)


def main() -> None:
    """Fit and foretell, or score."""
    if "--score" in sys.argv[1:]:
        score()
        return
    who = courses("usual")
    (a, b), (sa, sb), r = fit(who)
    sys.stdout.write(f"a {a:.3f} +- {sa:.3f}, b {b:.3f} +- {sb:.3f}, correlation {r:.2f}\n")
    for read_, here, n in by_score(who, a, b):
        sys.stdout.write(f"died {read_:.3f}, here {here:.3f}, {n} patients\n")
    rows = foretell(a, b)
    for row in rows:
        sys.stdout.write("\t".join(map(str, row)) + "\n")
    write(
        "survival-ward-now.tsv",
        ["key", "quantity", "now"],
        [[k, q, f"{v:.3g}"] for k, q, v in rows],
    )


if __name__ == "__main__":
    main()
