"""`checks.yaml` beside a model: claims put to the test by hand, where the rule cannot say it.

One entry per claim, with why a hand was needed and one condition, or several under ``all``::

    checks:
      - claim: secretion-130
        why: loss and rescue are two experiments
        all:
          - {perturb: {ISG15: 3}, read: exosome_rate, expect: "-"}
          - {perturb: {ISG15: 3, LYSOSOME: 0.1}, against: {perturb: {ISG15: 3}}, read: exosome_rate,
             expect: "+"}
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from vesiflux.errors import InputError, Problem
from vesiflux.language.positions import Finding
from vesiflux.language.schema import Part
from vesiflux.language.validate import validate
from vesiflux.language.yaml import read_text, read_yaml
from vesiflux.verify.limbs import Condition, Experiment, Limb, Pair
from vesiflux.verify.subject import Subject

__all__ = ["Check", "Checks", "Placed", "read_checks"]

Factor = Annotated[float, Field(ge=0.0, le=1e3)]


class Treatment(Part):
    """Arms (``a+b``) and factors on nodes or species."""

    arm: str = ""
    perturb: dict[str, Factor] = Field(default_factory=dict)

    def limb(self) -> Limb:
        """As a limb."""
        return Limb(self.arm, tuple(self.perturb.items()))


class Compared(Treatment):
    """A treatment and what it is compared with."""

    against: Treatment | None = None
    window: Annotated[float, Field(gt=0.0)] | None = None  # h

    def pair(self) -> Pair:
        """As a pair."""
        against = None if self.against is None else self.against.limb()
        return Pair(self.limb(), against, self.window)


class Sought(Compared):
    """One thing that must be seen."""

    read: str
    expect: Literal["+", "-", "0", "differs"] | None = None
    than: Compared | None = None
    singles: tuple[Treatment, ...] = ()
    scan: tuple[Treatment, ...] = ()
    order: tuple[Treatment, ...] = ()
    above: float | None = None
    below: float | None = None
    fold: bool = False  # the bounds are of the fold

    def condition(self) -> Condition:
        """As a condition."""
        return Condition(
            self.read,
            self.pair(),
            self.expect,
            None if self.than is None else self.than.pair(),
            tuple(t.limb() for t in self.singles),
            tuple(t.limb() for t in self.scan),
            tuple(t.limb() for t in self.order),
            self.above,
            self.below,
            self.fold,
        )


class Placed(Part):
    """One thing that must be seen in a tissue: a reading of ``arm``, compared with another arm or reading.

    What can be read: `vesiflux.verify.place`.
    """

    arm: str
    read: str
    against: str = ""
    over: str = ""
    expect: Literal["+", "-", "0"]

    def __str__(self) -> str:
        word = {"+": "more", "-": "less", "0": "the same"}[self.expect]
        if self.over:
            return f"{self.read} of {self.arm} {word} than its {self.over}"
        return f"{self.read} of {self.arm} {word} than of {self.against}"


class Check(Part):
    """How one claim is tested by hand. ``inexpressible``: why it cannot be, instead.

    ``place``: in a tissue, not in a dish.
    """

    claim: str
    why: str
    all: tuple[Sought, ...] = ()
    place: tuple[Placed, ...] = ()
    inexpressible: str = ""


class Checks(Part):
    """The whole file."""

    checks: tuple[Check, ...]


def read_checks(path: Path, subject: Subject, known: set[str]) -> dict[str, Experiment | str]:
    """Experiments by claim; a text instead says why a claim cannot be tested. Nothing without the file.

    Parameters
    ----------
    path
        ``checks.yaml``; need not exist.
    subject
        The model, whose names the checks use.
    known
        Claims there are.

    Raises
    ------
    InputError
        Everything wrong in the file, each with line and column.
    """
    if not path.is_file():
        return {}
    data, positions, problems = read_yaml(read_text(path), str(path))
    checks, findings = validate(data, Checks, "a file of checks")
    found: dict[str, Experiment | str] = {}
    for i, check in enumerate(checks.checks if checks is not None else ()):
        at = ("checks", i)
        if check.claim not in known:
            findings.append(Finding((*at, "claim"), f"no claim has the id {check.claim!r}"))
        if check.claim in found:
            findings.append(Finding((*at, "claim"), f"{check.claim} stands here a second time; keep one"))
        if bool(check.all) == bool(check.inexpressible):
            findings.append(Finding(at, "a check has conditions under 'all' or a reason 'inexpressible'"))
        if check.place:
            findings.append(
                Finding((*at, "place"), "a dish has no place; put this beside the model of a tissue")
            )
        for j, sought in enumerate(check.all):
            findings += [Finding((*at, "all", j), message) for message in _wrong(sought, subject)]
        if check.inexpressible:
            found[check.claim] = check.inexpressible
        else:
            conditions = tuple(s.condition() for s in check.all)
            treated = [t.arm for s in check.all for t in _treatments(s)]
            arms = dict.fromkeys(part.strip() for arm in treated for part in arm.split("+") if part.strip())
            found[check.claim] = Experiment(check.claim, "hand", conditions, check.why, tuple(arms))
    wrong: list[Problem] = [*problems, *positions.problems(findings)]
    if wrong:
        raise InputError(wrong)
    return found


def _treatments(sought: Sought) -> Iterator[Treatment]:
    compared = [sought] if sought.than is None else [sought, sought.than]
    for one in compared:
        yield one
        if one.against is not None:
            yield one.against
    yield from (*sought.singles, *sought.scan, *sought.order)


def _wrong(sought: Sought, subject: Subject) -> Iterator[str]:
    """What is wrong with one condition, in words."""
    ways = [sought.expect is not None, bool(sought.scan), bool(sought.order)]
    ways.append(sought.above is not None or sought.below is not None)
    if sum(ways) != 1:
        yield "a condition says one of 'expect', 'scan', 'order', or the bounds 'above' and 'below'"
    if (sought.than is not None or sought.singles) and sought.expect is None:
        yield "'than' and 'singles' need 'expect'"
    if 0 < len(sought.scan) < 2 or 0 < len(sought.order) < 2:
        yield "'scan' and 'order' need two treatments or more"
    for look, name in [(subject.readable, sought.read)] + [
        (subject.handle, node) for t in _treatments(sought) for node in t.perturb
    ]:
        try:
            look(name)
        except InputError as error:
            yield str(error)
    for treatment in _treatments(sought):
        if treatment.arm:
            try:
                subject.arms_of(treatment.arm)
            except InputError as error:
                yield str(error)
