"""Claims in one whole model: experiments, verdicts, what they rest on, controls and shuffles."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from vesiflux.verify.basis import Removal, alike, fitted_to, put_in, removal_for, shortened
from vesiflux.verify.bench import Bench, Lanes
from vesiflux.verify.choose import Choice
from vesiflux.verify.claims import is_dish
from vesiflux.verify.controls import ControlSeen, read_controls, run_controls
from vesiflux.verify.dose import dose_classes
from vesiflux.verify.experiments import Asked, experiments_for
from vesiflux.verify.judge import ENOUGH, Seen, see
from vesiflux.verify.limbs import Experiment
from vesiflux.verify.paths import Paths
from vesiflux.verify.plan import all_structures, sampled, structures_in, without
from vesiflux.verify.result import Verdict
from vesiflux.verify.shuffles import Shuffled, shuffle
from vesiflux.verify.subject import Subject

if TYPE_CHECKING:
    pass

__all__ = ["Found", "verdicts_in"]

#: Experiments run side by side: on the same lanes, and where each has lanes of its own for every structure.
TOGETHER, TOGETHER_FULL = 256, 16
#: Draws of every shuffle, of a machinery and of a dish of cells.
DRAWS_PER_SHUFFLE, DRAWS_PER_SHUFFLE_OF_DISH = 4, 1

Item = TypeVar("Item")


@dataclass
class Found:
    """What one model answered."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    controls: list[ControlSeen] = field(default_factory=list)
    shuffled: Shuffled | None = None
    lanes: int = 0
    structures: int = 1
    seconds: dict[str, float] = field(default_factory=dict)


def verdicts_in(subject: Subject, asked: Asked) -> Found:
    """Verdicts on the claims that are this model's: its list's; all, where it is the whole model of its
    review; else those it names or tests by hand.

    Raises
    ------
    InputError
        A table beside the model is wrong.
    """
    found = Found()
    clock = _Clock(found.seconds)
    beside = None if subject.model.origin is None else subject.model.origin.parent
    choice = Choice(subject, asked.evidence)
    experiments, found.verdicts = experiments_for(asked, choice)
    clock("choosing experiments")
    bench = Bench(subject, asked.draws, asked.seed, asked.threads, quick=is_dish(subject))
    seen = _see_all(bench, asked, list(experiments.values()))
    for claim_id, (_, shown) in seen.items():
        verdict = _judged(experiments[claim_id], shown)
        found.verdicts[claim_id] = verdict
    clock("experiments")
    _at_doses(bench, asked, experiments, found.verdicts)
    clock("doses")
    _rest_on(bench, asked, experiments, found.verdicts, choice)
    clock("basis")
    if beside is not None:
        controls = read_controls(beside / "controls.tsv", subject)
        if controls:
            asked.progress("no-change controls", 0, len(controls))
            lanes = sampled(subject, asked.draws, asked.seed)
            found.controls = run_controls(bench, controls, lanes)
            asked.progress("no-change controls", len(controls), len(controls))
    clock("controls")
    if asked.shuffles:
        found.shuffled = shuffle(
            bench,
            list(experiments.values()),
            asked.shuffles,
            DRAWS_PER_SHUFFLE_OF_DISH if is_dish(subject) else DRAWS_PER_SHUFFLE,
            asked.seed,
            lambda done, total: asked.progress("shuffled signs", done, total),
        )
    clock("shuffles")
    found.lanes = bench.lanes_run
    drawn = sampled(subject, asked.draws, asked.seed)
    every = all_structures(subject, Experiment("", "hand", ()), 1, asked.seed)
    found.structures = structures_in(subject, every if asked.full else drawn)
    return found


class _Clock:
    """Seconds since the last call, by what was done in them."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds, self._last = seconds, time.perf_counter()

    def __call__(self, what: str) -> None:
        now = time.perf_counter()
        self._seconds[what] = now - self._last
        self._last = now


def _see_all(
    bench: Bench,
    asked: Asked,
    experiments: Sequence[Experiment],
    removals: Mapping[str, Removal] = {},
    stage: str = "experiments",
) -> dict[str, tuple[Lanes, tuple[Seen, ...]]]:
    """Run experiments, each in the model less its removal, if it has one."""
    found: dict[str, tuple[Lanes, tuple[Seen, ...]]] = {}
    shared = sampled(bench.subject, asked.draws, asked.seed)
    # those that do the same, or lack the same, side by side, so that it is done once
    known: dict[str, Lanes] = {}
    ordered = sorted(
        experiments, key=lambda e: (_all_of(removals.get(e.claim)), str(e.conditions[0].pair.limb))
    )
    for batch in _batches(ordered, TOGETHER_FULL if asked.full else TOGETHER):
        asked.progress(stage, len(found), len(experiments))
        lanes = [_lanes(bench, asked, e, removals.get(e.claim), shared, known) for e in batch]
        shown = see(bench, list(zip(batch, lanes, strict=True)))
        found |= {e.claim: (x, s) for e, x, s in zip(batch, lanes, shown, strict=True)}
    if experiments:
        asked.progress(stage, len(experiments), len(experiments))
    return found


def _all_of(removal: Removal | None) -> str:
    """Everything that is taken out, as a text that is the same for the same."""
    if removal is None:
        return ""
    options = sorted((group, *out) for group, out in removal.options.items())
    return f"{sorted(e.index for e in removal.elements)} {options}"


def _lanes(
    bench: Bench,
    asked: Asked,
    experiment: Experiment,
    removal: Removal | None,
    shared: Lanes,
    known: dict[str, Lanes],
) -> Lanes:
    """Lanes of an experiment; ``known``: those of removals met before, where they are the same for all."""
    if not asked.full and removal is not None:
        name = _all_of(removal)
        if name not in known:
            known[name] = _lanes_without(bench, asked, experiment, removal, shared)
        return known[name]
    return _lanes_without(bench, asked, experiment, removal, shared)


def _lanes_without(
    bench: Bench, asked: Asked, experiment: Experiment, removal: Removal | None, shared: Lanes
) -> Lanes:
    left_out = removal.options if removal is not None else {}
    if asked.full:
        lanes = all_structures(bench.subject, experiment, asked.draws, asked.seed, left_out)
    else:
        lanes = sampled(bench.subject, asked.draws, asked.seed, left_out) if left_out else shared
    return without(lanes, [e.index for e in removal.elements]) if removal is not None else lanes


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


# ---------------------------------------------------------------- verdicts


def _judged(experiment: Experiment, seen: Sequence[Seen]) -> Verdict:
    right = np.logical_and.reduce([s.right for s in seen])
    share = float(np.mean(right))
    worst = min(range(len(seen)), key=lambda i: float(np.mean(seen[i].right)))
    parts = []
    for i, (condition, shown) in enumerate(zip(experiment.conditions, seen, strict=True)):
        if i in (0, worst):
            parts.append(f"{condition} ({_size(shown)}, right in {np.mean(shown.right):.0%})")
    more = len(seen) - len(parts)
    tail = f"; {more} more" if more else ""
    lanes = len(right)
    reason = f"{'; '.join(parts)}{tail}; holds in {share:.0%} of {lanes} lanes"
    return Verdict(
        experiment.claim,
        "reproduced" if share >= ENOUGH else "not_reproduced",
        "",
        "none",
        experiment.how,
        reason,
        share,
        seen[0].median,
        str(experiment),
    )


def _size(seen: Seen) -> str:
    if not math.isfinite(seen.median):
        return "from nothing" if math.isinf(seen.median) else "no reading"
    return f"{'fold' if seen.folds else 'median'} {seen.median:.3g}"


# ---------------------------------------------------------------- what they rest on


def _at_doses(
    bench: Bench,
    asked: Asked,
    experiments: Mapping[str, Experiment],
    verdicts: dict[str, Verdict],
) -> None:
    """Add the dose class to every verdict."""
    classes = dose_classes(
        bench,
        list(experiments.values()),
        {c for c, v in verdicts.items() if v.verdict == "reproduced"},
        sampled(bench.subject, asked.draws, asked.seed),
        lambda done, total: asked.progress("doses", done, total),
    )
    for claim, there in classes.items():
        verdict = verdicts[claim]
        reason = f"{verdict.reason}; {there}" if str(there) else verdict.reason
        verdicts[claim] = replace(verdict, dose=there.name, least_factor=there.least_factor, reason=reason)


def _rest_on(
    bench: Bench,
    asked: Asked,
    experiments: Mapping[str, Experiment],
    verdicts: dict[str, Verdict],
    choice: Choice,
) -> None:
    """Add the basis to every reproduced claim, running it again without what rests on it alone."""
    paths = Paths(bench.subject.model)
    held = [c for c, v in verdicts.items() if v.verdict == "reproduced"]
    removals = {c: removal_for(asked.claims[c], bench.subject, asked.evidence) for c in held}
    given = {c: put_in(experiments[c], bench.subject, paths, removals[c]) for c in held}
    waiting = [experiments[c] for c in held if removals[c].can_run and not given[c]]
    again = _see_all(bench, asked, waiting, removals, "without what rests on the claim alone")
    for claim_id in held:
        verdict = verdicts[claim_id]
        basis, told = "predicted", "nothing that it needs rests on its publication alone"
        if given[claim_id]:
            basis, told = "encoded", given[claim_id]
        elif claim_id in again:
            share, inert = _left(experiments[claim_id], again[claim_id][1], bench.noise)
            survives = share >= ENOUGH and not inert
            basis = "predicted" if survives else "encoded"
            told = f"without {removals[claim_id]} it {'still ' * survives}holds in {share:.0%}"
            if inert:
                told = f"without {removals[claim_id]} nothing is done to the cell, so that nothing changes"
        numbers = fitted_to(asked.claims[claim_id], bench.subject, experiments[claim_id])
        if numbers:
            basis, told = "calibrated", f"{told}; chosen to meet it: {shortened(list(numbers))}"
        verdicts[claim_id] = replace(verdict, basis=basis, reason=f"{verdict.reason}; {told}")
    _told_by_others(bench, asked, experiments, verdicts, paths, choice)


def _left(experiment: Experiment, seen: Sequence[Seen], noise: float) -> tuple[float, bool]:
    """Share of lanes in which it holds, and whether that is only because nothing is done any more."""
    share = float(np.mean(np.logical_and.reduce([s.right for s in seen])))
    unchanged = all(c.expect == "0" for c in experiment.conditions)
    return share, unchanged and all(np.nanmax(np.abs(s.size), initial=0.0) < noise for s in seen)


def _told_by_others(
    bench: Bench,
    asked: Asked,
    experiments: Mapping[str, Experiment],
    verdicts: dict[str, Verdict],
    paths: Paths,
    choice: Choice,
) -> None:
    """Tell predictions that follow from the mechanism from those that another publication puts in."""
    subject, evidence = bench.subject, asked.evidence
    predicted = [c for c, v in verdicts.items() if v.basis == "predicted"]
    removals = {}
    for c in predicted:
        told = alike(asked.claims[c], experiments[c], choice)
        removals[c] = removal_for(asked.claims[c], subject, evidence, told)
    whose = "were written from claims that say the same"
    given = {c: put_in(experiments[c], subject, paths, removals[c], whose) for c in predicted}
    waiting = [experiments[c] for c in predicted if removals[c].can_run and not given[c]]
    again = _see_all(bench, asked, waiting, removals, "without what says the same")
    for c in predicted:
        support, why = "mechanistic", "no part of the model was written from it or from what says the same"
        if given[c]:
            support, why = "corroborated", given[c]
        elif c in again:
            share, inert = _left(experiments[c], again[c][1], bench.noise)
            support = "mechanistic" if share >= ENOUGH and not inert else "corroborated"
            why = f"without all that was written from claims that say the same it holds in {share:.0%}"
        verdicts[c] = replace(verdicts[c], support=support, reason=f"{verdicts[c].reason}; {why}")
    _by_assumption(bench, asked, experiments, verdicts, removals)


def _by_assumption(
    bench: Bench,
    asked: Asked,
    experiments: Mapping[str, Experiment],
    verdicts: dict[str, Verdict],
    removals: Mapping[str, Removal],
) -> None:
    """Tell what follows from the mechanism from what hangs on arrows that no claim stands behind."""
    unsaid = tuple(e for e in bench.subject.elements if e.kind == "arrow" and not e.claims)
    if not unsaid:
        return
    mechanistic = [c for c, v in verdicts.items() if v.support == "mechanistic"]
    without_them = {c: replace(removals[c], elements=(*removals[c].elements, *unsaid)) for c in mechanistic}
    waiting = [experiments[c] for c in mechanistic]
    for c, (_, shown) in _see_all(bench, asked, waiting, without_them, "without what nobody said").items():
        share, inert = _left(experiments[c], shown, bench.noise)
        if share < ENOUGH or inert:
            reason = f"{verdicts[c].reason}; without arrows that name no claim it holds in {share:.0%}"
            verdicts[c] = replace(verdicts[c], support="assumed", reason=reason)
