"""Held-out questions: what the model says before anybody looks for an answer.

Every question is one perturbation and one readout. Draws of all priors and all competing structures are
sampled jointly, one of each per lane; the fold is taken against the untreated cell of the same lane.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux.errors import InputError
from vesiflux.language.tsv import Row, read_table
from vesiflux.verify.bench import Bench, Lanes, Reading
from vesiflux.verify.foretold import Foretold, Prediction
from vesiflux.verify.limbs import THRESHOLD, Limb
from vesiflux.verify.perturbation import Perturbation, parse
from vesiflux.verify.plan import sampled, structures_in
from vesiflux.verify.subject import Readable, Subject

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.priors import Prior

__all__ = ["DRAWS", "Question", "held_out", "predict", "read_questions"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]

#: Lanes: draws of the priors, each with structures of its own.
DRAWS = 1024
QUESTIONS, NAMES = "held-out.tsv", "held-out-names.tsv"
COLUMNS = ("id", "kind", "title", "perturbation", "outcome", "compare", "note")
#: A limit counts as met at this share of its bound, and so does a ceiling.
MET = 0.95
#: Limits met in fewer lanes are not named.
SELDOM = 0.01
#: A fold below this is nothing at all: what is left is the tail of a decay.
NOTHING = 1e-6


@dataclass(frozen=True)
class Question:
    """One row of ``held-out.tsv``. ``read``: the readout as the model calls it."""

    id: str
    kind: str
    title: str
    written: str
    perturbation: Perturbation
    outcome: str
    read: str
    compare: str
    note: str


def read_questions(folder: Path, evidence: Evidence) -> list[Question]:
    """Questions beside a model.

    Raises
    ------
    InputError
        No such file; every cell that cannot be read.
    """
    renamed, half_doses = _names(folder / NAMES, evidence)
    table = read_table(folder / QUESTIONS, COLUMNS, ())
    found = [_question(row, renamed, half_doses) for row in table.rows]
    if problems := table.all_problems():
        raise InputError(problems)
    return found


def _question(row: Row, renamed: Mapping[str, str], half_doses: Mapping[str, Prior]) -> Question:
    perturbation = Perturbation()
    try:
        perturbation = parse(row.text("perturbation"), half_doses)
    except InputError as error:
        row.problem("perturbation", str(error))
    for column in ("id", "outcome"):
        if not row.text(column):
            row.problem(column, f"'{column}' is blank")
    id_, kind, title, written, outcome, compare, note = (row.text(column) for column in COLUMNS)
    read = renamed.get(outcome, outcome)
    return Question(id_, kind, title, written, perturbation, outcome, read, compare, note)


def _names(path: Path, evidence: Evidence) -> tuple[dict[str, str], dict[str, Prior]]:
    """What readouts are called in the model, and half doses of drugs; nothing without the table."""
    if not path.is_file():
        return {}, {}
    table = read_table(path, ("name", "kind", "means"), ("note",))
    readouts, doses = {}, {}
    for row in table.rows:
        name, kind, means = row.text("name"), row.text("kind"), row.text("means")
        if kind == "readout":
            readouts[name] = means
        elif kind == "dose":
            doses[name] = evidence.prior(means)
        else:
            row.problem("kind", f"'kind' is readout or dose, not {kind!r}")
    if problems := table.all_problems():
        raise InputError(problems)
    return readouts, doses


# ---------------------------------------------------------------- running them


def held_out(
    name: str | Path,
    *,
    draws: int = DRAWS,
    seed: int = 1,
    threads: int = 1,
    progress: Progress | None = None,
) -> Foretold:
    """Answers to the held-out questions of a review's model; ``name`` as for `verify`.

    Raises
    ------
    InputError
        No such review or model, or none with questions beside it; a table that cannot be read.
    """
    from vesiflux.evidence import Evidence
    from vesiflux.verify.claims import models_for
    from vesiflux.verify.switches import subject_of

    if draws < 2:
        raise InputError(f"draws must be at least 2, not {draws}")
    evidence = Evidence.load()
    _, models = models_for(name, evidence)
    for model in models:
        folder = None if model.origin is None else model.origin.parent
        if folder is not None and (folder / QUESTIONS).is_file():
            questions = read_questions(folder, evidence)
            subject = subject_of(model, evidence)
            return predict(subject, questions, draws=draws, seed=seed, threads=threads, progress=progress)
    raise InputError(f"{name}: nothing is held out; questions stand in {QUESTIONS} beside the model")


def predict(
    subject: Subject,
    questions: Sequence[Question],
    *,
    draws: int = DRAWS,
    seed: int = 1,
    threads: int = 1,
    progress: Progress | None = None,
) -> Foretold:
    """Median and 80 % interval of every question's fold, or why it cannot be asked.

    Factors on nodes hold from rest: the cells have settled under them before t = 0. Arms keep their own
    times and are read at the end of the run.

    Parameters
    ----------
    draws
        Lanes; of every prior one value and of every structure one option each.
    progress
        Called with (stage, done, total) lanes.
    """
    from vesiflux.store.keys import digest

    told = progress or (lambda stage, done, total: None)
    wanted = {q.id: q for q in questions}
    missing = {q.id: _missing(q, subject) for q in questions}
    done, total = 0, draws * sum(1 for reason in missing.values() if not reason)

    def solved(lanes: int) -> None:
        nonlocal done
        done += lanes
        told("held-out questions", min(done, total), total)

    bench = Bench(subject, draws, seed, threads, solved)
    lanes = sampled(subject, draws, seed)
    asked = {i: _Asked(bench, wanted[i], lanes) for i, reason in missing.items() if not reason}
    values = bench.read(r for a in asked.values() for r in a.readings())
    found = [
        asked[q.id].prediction(values) if q.id in asked else _unasked(q, missing[q.id]) for q in questions
    ]
    return Foretold(
        model=subject.model.name,
        hash=digest(subject.model.to_dict(whole=True)),
        draws=draws,
        structures=structures_in(subject, lanes),
        seed=seed,
        predictions=tuple(found),
    )


def _missing(question: Question, subject: Subject) -> str:
    found = question.perturbation.missing(subject)
    if question.read not in subject.readables:
        found.append(f"readout {question.read}")
    return f"the model has no {' and no '.join(found)}" if found else ""


def _unasked(question: Question, reason: str) -> Prediction:
    return Prediction(question.id, question.kind, question.title, question.outcome, note=reason)


class _Asked:
    """One question on its lanes: what to read, and what the readings come to."""

    def __init__(self, bench: Bench, question: Question, lanes: Lanes) -> None:
        self.question = question
        self.bench = bench
        subject = bench.subject
        self._read = subject.readable(question.read)
        self._limits = [
            (limit.title, Readable(limit.name, limit.output, limit.unit),
             Readable(f"{limit.name}.bound", limit.bound, limit.unit))
            for limit in subject.compiled.limits
            if not limit.untreated
        ]  # fmt: skip
        self._untreated = lanes
        self._limb, self._lanes = self._made(question.perturbation)
        self._parts = [self._made(part) for part in question.perturbation.singles()]
        self._hours = bench.hours(self._limb, self._read, None)

    def _made(self, perturbation: Perturbation) -> tuple[Limb, Lanes]:
        bench = self.bench
        switches = perturbation.switches(bench.subject, bench.seed, bench.draws)
        return Limb(arm=perturbation.arm), self._untreated.with_switches(switches)

    def _of(self, limb: Limb, lanes: Lanes, read: Readable | None = None) -> Reading:
        return Reading(limb, read or self._read, self._hours, lanes)

    def _control(self, limb: Limb, read: Readable | None = None) -> Reading:
        return self._of(self.bench.reference(limb), self._untreated, read)

    def readings(self) -> list[Reading]:
        """Everything that must be run for it."""
        pairs = [(self._limb, self._lanes), *self._parts]
        found = [r for limb, lanes in pairs for r in (self._of(limb, lanes), self._control(limb))]
        for _, read, bound in self._limits:
            found += [self._of(self._limb, self._lanes, r) for r in (read, bound)]
            found += [self._control(self._limb, r) for r in (read, bound)]
        if "ceiling" in self.bench.subject.readables:
            found.append(self._control(self._limb, self.bench.subject.readable("ceiling")))
        return found

    def prediction(self, values: Mapping[Reading, Floats]) -> Prediction:
        """What the lanes show."""
        fold = self._log2(values, self._limb, self._lanes)
        sound = ~np.isnan(fold)
        middle, low, high = _interval(fold[sound])
        q = self.question
        notes = [q.note] if q.note else []
        if not np.all(sound):
            notes.append(f"{np.sum(~sound)} of {len(fold)} lanes could not be solved")
        found = Prediction(
            q.id, q.kind, q.title, q.outcome,
            median=middle, low=low, high=high,
            up_share=float(np.mean(fold[sound] >= THRESHOLD)),
            down_share=float(np.mean(fold[sound] <= -THRESHOLD)),
            lanes=int(np.sum(sound)),
            limit=self._met(values, fold),
            note="; ".join(notes),
        )  # fmt: skip
        if not self._parts:
            return found
        together = fold - np.sum([self._log2(values, *part) for part in self._parts], axis=0)
        middle, low, high = _interval(together[np.isfinite(together)])
        return replace(found, synergy=middle, synergy_low=low, synergy_high=high)

    def _log2(self, values: Mapping[Reading, Floats], limb: Limb, lanes: Lanes) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log2(values[self._of(limb, lanes)] / values[self._control(limb)])

    def _met(self, values: Mapping[Reading, Floats], fold: Floats) -> str:
        """Limits of the cell that the treated one meets and the untreated one does not, and the ceiling."""
        shares: dict[str, float] = {}
        for title, read, bound in self._limits:
            after = values[self._of(self._limb, self._lanes, read)]
            before = values[self._control(self._limb, read)]
            most = values[self._of(self._limb, self._lanes, bound)]
            least = values[self._control(self._limb, bound)]
            shares[title] = float(np.mean((after >= MET * most) & (before < MET * least)))
        exosomes = "exosome" in " ".join(self._read.symbols)
        if exosomes and "ceiling" in self.bench.subject.readables:
            most = values[self._control(self._limb, self.bench.subject.readable("ceiling"))]
            shares["the ceiling 1/f of the fate steps"] = float(np.mean(2.0**fold >= MET * most))
        return "; ".join(f"{name} in {share:.0%}" for name, share in shares.items() if share >= SELDOM)


def _interval(log2: Floats) -> tuple[float, float, float]:
    """Median, 10 % and 90 % point of folds given as their log2; NaN where there are none."""
    if len(log2) == 0:
        return float("nan"), float("nan"), float("nan")
    folds = 2.0 ** np.quantile(log2, [0.1, 0.5, 0.9], method="inverted_cdf")
    low, middle, high = np.where(folds < NOTHING, 0.0, folds)
    return float(middle), float(low), float(high)
