"""The page: figures drawn and written, tables in words, what the patients are and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vesiflux.report.cohort import areas, detected, rocs, survival
from vesiflux.report.cohort.tables import against, arms, days, detection, markers, number, share
from vesiflux.report.knowledge import knowledge
from vesiflux.report.page import Sheet, environment, folder_of
from vesiflux.report.reader import Reader
from vesiflux.report.style import drawing

if TYPE_CHECKING:
    from vesiflux.study.cohort_study import CohortStudy

__all__ = ["write"]

_CURVES = (
    "Left: share alive of the deaths drawn, with a 95 % band. Right: of 100 patients those who have the "
    "outcome in one of the two arms alone; lines are 95 % intervals."
)
_AREAS = "Dots with 95 % intervals (DeLong); panels in bold, foretold of patients they were not learned from."
_ROCS = (
    "The best markers of each outcome. Right: patients in groups of like foretold probability, with 95 % "
    "intervals of what came (Wilson)."
)
_DETECTED = "Left: bands are 95 % intervals. Few are left late, and they are not those of the start."


def write(study: CohortStudy, folder: str | Path) -> Path:
    """Write the page of a study to a folder; see `vesiflux.report.cohort.write`."""
    from vesiflux._version import __version__

    target = folder_of(folder)
    summary = study.summary()
    spec, model = study.patients.spec, study.model.spec
    page = target / "index.html"
    text = environment().get_template("cohort.html.j2").render(
        title=model.title or model.name, summary=model.summary, honest=summary["note"],
        reference=summary["reference"], sentences=list(_sentences(study, summary)),
        facts=list(_facts(summary)), figures=_figures(study, target),
        tables={
            "arms": arms(summary), "against": against(summary), "markers": markers(summary),
            "detection": detection(summary),
        },
        trial=summary.get("trial"), panels=list(_panels(summary)), instruments=list(_instruments(study)),
        specificity="" if spec.detection is None else f"{100 * spec.detection.specificity:g} %",
        names=list(_names(study)), drawn=list(_drawn(study)),
        k=knowledge(Reader(study.patients.run)), version=__version__,
    )  # fmt: skip
    page.write_text(text, encoding="utf-8", newline="\n")
    return page


def _figures(study: CohortStudy, target: Path) -> dict[str, Any]:
    sheet = Sheet("", target)
    with drawing():
        if study.patients.spec.survival:
            sheet.add("survival", survival, study, "survival", "Who is alive", _CURVES)
        if areas.tells(study):
            sheet.add("markers", areas, study, "areas", "How well markers tell", _AREAS)
            sheet.add("markers", rocs, study, "rocs", "The best of them", _ROCS)
        if detected.found(study):
            sheet.add("detection", detected, study, "detection", "Over time", _DETECTED)
    return {name: sheet.shown.get(name, []) for name in ("survival", "markers", "detection")}


def _sentences(study: CohortStudy, summary: dict[str, Any]) -> Iterator[str]:
    """What came out, in a few sentences."""
    first = summary["arms"][summary["reference"]]
    span = days(summary["hours"])
    if "alive" in first:
        alive = f"{share(first['alive'])} of {first['patients']} patients"
        yield f"{alive} are alive after {span} in {summary['reference']}."
    for name, arm in summary["against"].items():
        for outcome, pair in list(arm["outcomes"].items())[:1]:
            points = number([100.0 * v for v in pair["risk_difference"]], "+.1f")
            said = (
                f"{name}: {outcome} changes by {points} in 100 patients; {share(pair['spared'])} are spared, "
                f"{share(pair['harmed'])} harmed"
            )
            if "chance_gained" in arm:
                gained = number([100.0 * v for v in arm["chance_gained"]], "+.1f")
                hours = number(arm["restricted_mean_gained_h"], "+.0f")
                said += (
                    f". The mean chance to live changes by {gained} in 100, the mean time alive by {hours} h"
                )
            yield f"{said}."
    for outcome, every in areas.tells(study).items():
        best = every[0]
        area = number([best.roc.auc, best.roc.low, best.roc.high], ".2f")
        yield f"{outcome} is told best by {best.name}: area under the ROC curve {area}."


def _facts(summary: dict[str, Any]) -> Iterator[tuple[str, str]]:
    lost, took = summary["left_out"], summary["seconds"]
    left_out = f", {lost} of them left out, whose run failed in some arm" if lost else ""
    yield "patients", f"{summary['patients']}{left_out}"
    yield "followed for", days(summary["hours"])
    yield "arms", str(len(summary["arms"]))
    yield "seed", str(summary["seed"])
    yield (
        "time",
        f"{took['run']:.0f} s to run it or to find it in the store, {took['statistics']:.0f} s of statistics",
    )
    yield "run", summary["run"]


def _panels(summary: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for name, panel in summary["panels"].items():
        for told in panel["tells"]:
            if told["auc"] is not None:
                weights = ", ".join(f"{m} {w:+.2f}" for m, w in told["weights"].items())
                over = told["over_best"]
                difference = number(over["auc_difference"], "+.3f")
                yield name, told["outcome"], weights, f"{difference} over {over['marker']}"


def _names(study: CohortStudy) -> Iterator[tuple[str, str, str]]:
    """What arms, outcomes and markers are called for short, and what they are."""
    spec, model = study.patients.spec, study.model.spec
    for arm in study.patients.arms:
        if arm in model.arms and model.arms[arm].title:
            yield "arm", arm, model.arms[arm].title
    for name, outcome in spec.outcomes.items():
        if outcome.title:
            yield "outcome", name, outcome.title
    for name, marker in spec.markers.items():
        if marker.title:
            yield "marker", name, marker.title
    for name, members in spec.panels.items():
        yield "panel", name, " and ".join((", ".join(members[:-1]), members[-1]))


def _instruments(study: CohortStudy) -> Iterator[tuple[str, str, str]]:
    from vesiflux.language.dump import to_plain

    for name, marker in study.patients.spec.markers.items():
        if marker.through is None:
            how = "without error"
        else:
            how = ", ".join(f"{k} {v}" for k, v in to_plain(marker.through).items())
        yield name, marker.measure, how + ("; low readings speak for it" if marker.speaks == "low" else "")


def _drawn(study: CohortStudy) -> Iterator[str]:
    """What a patient is."""
    spec, run = study.patients.spec, study.patients.run
    own = run.record["arms"][study.patients.reference]
    varied = len(own["structures"][own["default"]]["drawn"])
    yield (
        f"A patient is one draw of the {varied} parameters that have a range, the same in every arm; what an "
        "arm sets, and nothing else, differs."
    )
    pairs = run.record["call"]["correlated"]
    if pairs:
        told = ", ".join(f"{a} and {b} ({r:+g})" for a, b, r in pairs)
        yield f"Going together from patient to patient, by the correlation of their normal scores: {told}."
    else:
        yield "Parameters are drawn each on its own; in real patients many go together."
    if spec.survival:
        yield (
            f"The chance to live that long is {spec.survival}. Each patient has one number of luck, the same "
            "in every arm, and dies when the chance has fallen to it."
        )
    for name, outcome in spec.outcomes.items():
        if outcome.event is not None:
            text = outcome.event
        elif outcome.between:
            controls, cases = outcome.between
            text = f"cases in the arm {cases}, controls in {controls}, half of the patients each"
        else:
            bound = f"above {outcome.above:g}" if outcome.above is not None else f"below {outcome.below:g}"
            text = f"{outcome.measure} {bound}; who dies before is {outcome.dead}"
        yield f"{name}{': ' + outcome.title if outcome.title else ''} ({text})."
