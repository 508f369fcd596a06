"""checks.yaml: what it says and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vesiflux.errors import InputError
from vesiflux.verify.checks import read_checks
from vesiflux.verify.limbs import Experiment
from vesiflux.verify.subject import Subject

KNOWN = {"toy-001", "toy-002"}


def read(text: str, subject: Subject, folder: Path) -> dict[str, Experiment | str]:
    path = folder / "checks.yaml"
    path.write_text(text)
    return read_checks(path, subject, KNOWN)


def test_reading(subject: Subject, tmp_path: Path) -> None:
    found = read(
        """
checks:
  - claim: toy-001
    why: two things at once
    all:
      - {perturb: {A: 0.1}, read: level, expect: "-"}
      - {arm: more_a, perturb: {B: 3}, against: {arm: more_a}, window: 6, read: level, expect: "-"}
      - {read: level, above: 0.5}
  - {claim: toy-002, why: nothing shows it, inexpressible: no readout shows it}
""",
        subject,
        tmp_path,
    )
    experiment = found["toy-001"]
    assert isinstance(experiment, Experiment)
    assert (experiment.how, experiment.arms, len(experiment.conditions)) == ("hand", ("more_a",), 3)
    assert str(experiment) == (
        "A x 0.1 -> level down; more_a and B x 3 against more_a over 6 h -> level down; "
        "level of untreated above 0.5"
    )
    assert found["toy-002"] == "no readout shows it"


def test_no_file_no_checks(subject: Subject, tmp_path: Path) -> None:
    assert read_checks(tmp_path / "checks.yaml", subject, KNOWN) == {}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{claim: toy-009, why: w, all: [{read: level, above: 1}]}", "no claim has the id 'toy-009'"),
        ("{claim: toy-001, why: w}", "conditions under 'all' or a reason"),
        ("{claim: toy-001, why: w, all: [{read: levle, above: 1}]}", "did you mean level"),
        ("{claim: toy-001, why: w, all: [{read: level, perturb: {AA: 1}, expect: '+'}]}", "did you mean A"),
        ("{claim: toy-001, why: w, all: [{read: level, arm: mor_a, expect: '+'}]}", "did you mean more_a"),
        ("{claim: toy-001, why: w, all: [{read: level}]}", "one of 'expect', 'scan', 'order', or the bounds"),
        ("{claim: toy-001, why: w, all: [{read: level, order: [{arm: more_a}]}]}", "two treatments or more"),
        ("{claim: toy-001, all: [{read: level, above: 1}]}", "why"),
        ("{claim: toy-001, why: w, all: [{read: level, perturb: {A: -1}, expect: '+'}]}", "0"),
    ],
)
def test_what_is_wrong(entry: str, told: str, subject: Subject, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"checks\.yaml:\d+:\d+: ") as caught:
        read(f"checks:\n  - {entry}\n", subject, tmp_path)
    assert told in str(caught.value)
