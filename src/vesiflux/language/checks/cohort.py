"""A cohort: arms, outputs, outcomes and markers that exist, seen within its time, and told apart by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from vesiflux.errors import InputError
from vesiflux.language.checks.context import Context, typical
from vesiflux.language.checks.structure import NAME, unknown
from vesiflux.language.measures import By, Formula, Measure
from vesiflux.language.outputs import output_names
from vesiflux.language.positions import Finding, Path
from vesiflux.language.schema import Cohort, Outcome, Tissue
from vesiflux.language.together import parts_of
from vesiflux.language.words import meant

__all__ = ["check_cohort", "check_markers", "check_outcomes"]

T = TypeVar("T")


def check_cohort(context: Context) -> Iterator[Finding]:
    """Patients are of a dish or a body, in arms that exist; times lie within the run."""
    cohort = context.spec.cohort
    if cohort is None:
        if "cohort" in context.data and context.data["cohort"] is None:
            yield Finding(("cohort",), "nothing stands after 'cohort:'; write it or leave it out", key=True)
        return
    about = ("outcomes", "survival", "markers", "detection")
    if not isinstance(context.spec.space, Tissue) and not any(
        _written(context, "cohort", key) for key in about
    ):
        message = "a cohort is about outcomes: outcomes: {NAME: {measure: OUTPUT @ 5 d, above: 3}}"
        yield Finding(("cohort",), message, key=True)
    if isinstance(context.spec.space, Tissue):
        yield Finding(("cohort",), "a cohort is of a model of a dish or a body; this is a tissue", key=True)
        return
    for i, arm in enumerate(cohort.arms):
        for name in parts_of(arm) or (arm,):
            yield from unknown(("cohort", "arms", i), "arm", name, context.names("arms"))
        if arm in cohort.arms[:i]:
            yield Finding(("cohort", "arms", i), f"the arm {arm!r} stands there twice")
    length, most = typical(cohort.duration, "h"), typical(context.spec.run.duration, "h")
    if length is not None and most is not None and length > most * (1 + 1e-9):
        message = f"patients are followed for {length:g} h; the run lasts {most:g} h (run.for)"
        yield Finding(("cohort", "for"), message)
    span, step = _length(context, cohort), typical(cohort.record, "h")
    if span is not None and step is not None and step > span:
        yield Finding(("cohort", "record"), f"a point every {step:g} h is less than one in {span:g} h")
    for i, pair in enumerate(cohort.correlated):
        at: Path = ("cohort", "correlated", i, "between")
        if len(pair.between) != 2 or pair.between[0] == pair.between[-1]:
            yield Finding(at, "two parameters go together: between: [ONE, OTHER]")
            continue
        for k, name in enumerate(pair.between):
            yield from _parameter(context, (*at, k), name)
        before = [set(other.between) for other in cohort.correlated[:i]]
        if set(pair.between) in before:
            yield Finding(at, f"{' and '.join(pair.between)} stand there twice; keep one")
    if cohort.survival:
        formula = Formula(cohort.survival)
        named, wrong = _read(("cohort", "survival"), lambda: formula.outputs)
        yield from wrong
        yield from _outputs(context, ("cohort", "survival"), formula, named)


def check_outcomes(context: Context) -> Iterator[Finding]:
    """An outcome is one of its three kinds, with what that needs."""
    cohort = context.spec.cohort
    if cohort is None:
        return
    for name, outcome in cohort.outcomes.items():
        path: Path = ("cohort", "outcomes", name)
        yield from _name(path, name)
        whole = ("cohort", "outcomes", name)
        kinds = [k for k in ("event", "measure") if context.written(*whole, k)]
        kinds += [k for k in ("event", "measure") if k not in kinds and getattr(outcome, k) is not None]
        kinds += ["between"] if outcome.between else []
        if len(kinds) != 1:
            said = f"has {' and '.join(kinds)}" if kinds else "says nothing"
            yield Finding(path, f"{name} {said}; it has one of event, measure or between", key=True)
            continue
        if outcome.event is not None:
            yield from _event(context, path, outcome.event, cohort)
        if outcome.measure is not None:
            yield from _measured(context, path, outcome.measure, cohort)
        yield from _bounds(context, path, outcome, kinds[0])
        for i, arm in enumerate(outcome.between):
            yield from unknown((*path, "between", i), "arm", arm, context.names("arms"))
        if outcome.between and (len(outcome.between) != 2 or outcome.between[0] == outcome.between[-1]):
            yield Finding(
                (*path, "between"), "cases and controls are in two arms: between: [CONTROLS, CASES]"
            )
    if cohort.trial is not None:
        at: Path = ("cohort", "trial", "outcome")
        yield from unknown(at, "outcome", cohort.trial.outcome, context.names("cohort", "outcomes"))
        meant_one = cohort.outcomes.get(cohort.trial.outcome)
        if meant_one is not None and meant_one.between:
            message = "a trial has an outcome of every patient (event or measure), not one between arms"
            yield Finding(at, message)


def check_markers(context: Context) -> Iterator[Finding]:
    """Markers can be read in time; panels and detection are of markers; somebody has an outcome."""
    cohort = context.spec.cohort
    if cohort is None:
        return
    known = context.names("cohort", "markers")
    for name, marker in cohort.markers.items():
        path: Path = ("cohort", "markers", name)
        yield from _name(path, name)
        yield from _measured(context, path, marker.measure, cohort)
        if marker.through is not None:
            yield from _unit(context, path, marker.measure, marker.through.unit)
    for name, members in cohort.panels.items():
        path = ("cohort", "panels", name)
        yield from _name(path, name)
        if name in known:
            yield Finding(path, f"{name!r} is a marker already; give the panel another name", key=True)
        if len(set(members)) < 2:
            yield Finding(path, "a panel is of two markers or more", key=True)
        for i, member in enumerate(members):
            yield from unknown((*path, i), "marker", member, known)
    if cohort.detection is not None:
        listed = isinstance(_written(context, "cohort", "detection"), list | tuple)
        below: Path = ("cohort", "detection") if listed else ("cohort", "detection", "markers")
        for i, member in enumerate(cohort.detection.markers):
            yield from unknown((*below, i), "marker", member, known)
        if cohort.detection.outcome:
            at: Path = ("cohort", "detection", "outcome")
            yield from unknown(at, "outcome", cohort.detection.outcome, context.names("cohort", "outcomes"))
    if (cohort.markers or cohort.detection) and not context.names("cohort", "outcomes"):
        key = "markers" if cohort.markers else "detection"
        message = "markers tell of an outcome: outcomes: {death: {event: death by 14 d}}"
        yield Finding(("cohort", key), message, key=True)


# ---------------------------------------------------------------- parts of them


def _event(context: Context, path: Path, text: str, cohort: Cohort) -> Iterator[Finding]:
    by, wrong = _read((*path, "event"), lambda: By.read(text))
    yield from wrong
    span = _length(context, cohort)
    if by is not None and span is not None and not 0 < by.time <= span * (1 + 1e-9):
        yield Finding((*path, "event"), f"{by.time:g} h is not within the {span:g} h that patients are seen")
    if not cohort.survival and not _written(context, "cohort", "survival"):
        message = "deaths are drawn from the chance to live: survival: OUTPUT beside the outcomes"
        yield Finding((*path, "event"), message)


def _bounds(context: Context, path: Path, outcome: Outcome, kind: str) -> Iterator[Finding]:
    bounds = [k for k in ("above", "below") if getattr(outcome, k) is not None]
    own = ("cohort", "outcomes", str(path[-1]))
    if not bounds and any(context.written(*own, key) for key in ("above", "below")):
        return  # wrong itself, and said where shapes are checked
    if kind == "measure" and len(bounds) != 1:
        yield Finding(
            path, "an outcome that is measured needs one of above or below, e.g. above: 11", key=True
        )
    if kind != "measure":
        for key in (*bounds, *(["dead"] if "dead" in outcome.model_fields_set else [])):
            yield Finding((*path, key), f"'{key}' goes with 'measure'", key=True)


def _measured(context: Context, path: Path, text: str, cohort: Cohort) -> Iterator[Finding]:
    """The measure of an outcome or marker."""
    at = (*path, "measure")
    measure, wrong = _read(at, lambda: Measure.read(text))
    yield from wrong
    if measure is None:
        return
    outputs, wrong = _read(at, lambda: measure.formula.outputs)
    yield from wrong
    yield from _outputs(context, at, measure.formula, outputs)
    span = _length(context, cohort)
    for time in measure.times:
        if span is not None and not 0 <= time <= span * (1 + 1e-9):
            yield Finding(at, f"{time:g} h is not within the {span:g} h that patients are seen")


def _read(path: Path, make: Callable[[], T]) -> tuple[T | None, list[Finding]]:
    """What can be read, and what is wrong with what cannot."""
    try:
        return make(), []
    except InputError as error:
        return None, [Finding(path, str(error))]


def _outputs(
    context: Context, path: Path, formula: Formula, named: dict[str, int] | None
) -> Iterator[Finding]:
    """Outputs that the model has."""
    if named is None:
        return
    known = output_names(context)
    for name, column in named.items():
        if name in known or any(context.guesswork(cell) for cell in context.spec.cells):
            continue
        # most of the names are long: what ends alike is what was meant
        ends = {n.rsplit(".", 1)[-1]: n for n in known}
        whole = [n for n in known if n.endswith("." + name)]
        near = f"did you mean {' or '.join(map(repr, whole[:3]))}?" if whole else meant(name, [*known, *ends])
        cure = near if near.startswith("did") else "outputs are called e.g. " + ", ".join(list(known)[:3])
        yield Finding(path, f"no output is called {name!r}; {cure}", column)


def _parameter(context: Context, path: Path, name: str) -> Iterator[Finding]:
    hits = context.find_parameter(name)
    if len(hits) > 1:
        yield Finding(path, f"{name!r} may be {' or '.join(hits[:4])}; write the whole name")
    elif not hits:
        short = dict.fromkeys(full.rsplit(".", 1)[-1] for full in context.parameters)
        cure = meant(name, [*context.parameters, *short])
        cure = (
            cure
            if cure.startswith("did")
            else "parameters are called e.g. " + ", ".join(list(context.parameters)[:3])
        )
        yield Finding(path, f"no parameter is called {name!r}; {cure}")


def _unit(context: Context, path: Path, text: str, unit: str | None) -> Iterator[Finding]:
    """What an instrument reads is one output, or its unit is said."""
    try:
        only = Measure.read(text).formula.only
    except InputError:
        return  # said already
    if only is None and unit is None:
        message = "what is read is more than one output: say its unit, e.g. unit: vesicle/mL"
        yield Finding((*path, "through"), message, key=True)


def _name(path: Path, name: str) -> Iterator[Finding]:
    if not NAME.fullmatch(name):
        message = (
            f"the name {name!r} has a dot, a space or another sign in it; write letters, digits, - and _"
        )
        yield Finding(path, message, key=True)


def _length(context: Context, cohort: Cohort) -> float | None:
    """How long patients are followed, h; None where that is nothing."""
    hours = typical(cohort.duration if cohort.duration is not None else context.spec.run.duration, "h")
    return hours if hours is not None and hours > 0.0 else None


def _written(context: Context, *path: str) -> object:
    at: object = context.data
    for step in path:
        at = at.get(step) if isinstance(at, dict) else None
    return at
