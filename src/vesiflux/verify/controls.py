"""No-change controls: pairs of which measurement or a stated reason says that nothing should happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vesiflux.errors import InputError
from vesiflux.language.tsv import Row, read_table
from vesiflux.verify.basis import in_dish, leads
from vesiflux.verify.bench import Bench, Lanes
from vesiflux.verify.judge import ENOUGH, see
from vesiflux.verify.limbs import Condition, Experiment, Limb, Pair
from vesiflux.verify.paths import Paths
from vesiflux.verify.subject import Subject

__all__ = ["Control", "ControlSeen", "read_controls", "run_controls"]

COLUMNS = ("id", "agent", "factor", "start", "window", "outcome", "reason", "source", "claim")


@dataclass(frozen=True)
class Control:
    """One row of ``controls.tsv``; ``missing``: what of it the model does not have."""

    id: str
    agent: str
    outcome: str
    experiment: Experiment | None
    reason: str
    source: str
    claim: str
    missing: str = ""


@dataclass(frozen=True)
class ControlSeen:
    """What one control showed. ``path``: whether anything leads from agent to outcome in the model."""

    control: Control
    path: bool
    share: float
    fold: float

    @property
    def right(self) -> bool:
        """Nothing happened in enough lanes."""
        return self.share >= ENOUGH

    @property
    def counts(self) -> bool:
        """Controls that could go wrong count; without a path nothing can happen."""
        return self.path and not self.control.missing


def read_controls(path: Path, subject: Subject) -> list[Control]:
    """Controls of a model; none without the file. Raises `InputError` with every wrong cell."""
    if not path.is_file():
        return []
    table = read_table(path, COLUMNS, ())
    found = [_control(row, subject) for row in table.rows]
    if problems := table.all_problems():
        raise InputError(problems)
    return found


def _control(row: Row, subject: Subject) -> Control:
    factor = row.number("factor")
    if factor is None or factor < 0:
        row.problem("factor", "'factor' is what the agent is multiplied by, not negative")
        factor = 1.0
    start = row.text("start")
    if start not in ("before", "0 h"):
        row.problem("start", f"'start' is 'before' or '0 h', not {start!r}")
    window = _hours(row)
    missing = [
        f"{what} {name}"
        for what, name, look in (
            ("node", row.text("agent"), subject.handle),
            ("readout", row.text("outcome"), subject.readable),
        )
        if not _there(look, name)
    ]
    experiment = None
    if not missing:
        limb = Limb(factors=((row.text("agent"), factor),), start="0 h" if start == "0 h" else "before")
        condition = Condition(row.text("outcome"), Pair(limb, None, window), "0")
        experiment = Experiment(row.text("id"), "hand", (condition,))
    names = ("id", "agent", "outcome")
    texts = {name: row.text(name) for name in (*names, "reason", "source", "claim")}
    return Control(experiment=experiment, missing=", ".join(missing), **texts)


def _there(look: Callable[[str], object], name: str) -> bool:
    try:
        look(name)
    except InputError:
        return False
    return True


def _hours(row: Row) -> float | None:
    from vesiflux import units

    text = row.text("window")
    if not text:
        return None
    try:
        return float(units.parse(text, "h"))
    except InputError as error:
        row.problem("window", str(error))
        return None


def run_controls(bench: Bench, controls: Sequence[Control], lanes: Lanes) -> list[ControlSeen]:
    """Run all controls on the same lanes."""
    runnable = [c for c in controls if c.experiment is not None]
    seen = see(bench, [(c.experiment, lanes) for c in runnable if c.experiment is not None])
    results = {c.id: s[0] for c, s in zip(runnable, seen, strict=True)}
    paths = Paths(bench.subject.model)
    found = []
    for control in controls:
        if control.id not in results:
            found.append(ControlSeen(control, False, float("nan"), float("nan")))
            continue
        result = results[control.id]
        condition = control.experiment.conditions[0] if control.experiment is not None else None
        if condition is not None and in_dish(condition, bench.subject):
            path = leads(condition, bench.subject)
        else:
            path = paths.between([control.agent], control.outcome)
        found.append(ControlSeen(control, path, float(np.mean(result.right)), result.median))
    return found
