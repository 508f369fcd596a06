"""Verdicts with their basis, shuffled signs and controls on the toy machinery."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vesiflux.errors import InputError
from vesiflux.verify.basis import fitted_to, removal_for
from vesiflux.verify.bench import Bench
from vesiflux.verify.controls import read_controls, run_controls
from vesiflux.verify.experiments import Asked
from vesiflux.verify.inmodel import verdicts_in
from vesiflux.verify.limbs import Experiment, Limb
from vesiflux.verify.plan import sampled
from vesiflux.verify.result import VERDICTS, Verdict, Verification
from vesiflux.verify.rule import experiment_of
from vesiflux.verify.run import _contradictions
from vesiflux.verify.shuffles import shuffle
from vesiflux.verify.subject import Element, Subject

HEAD = "id\tagent\tfactor\tstart\twindow\toutcome\treason\tsource\tclaim\n"


@pytest.fixture
def asked(evidence) -> Asked:
    return Asked(
        evidence, evidence.claims, frozenset(evidence.claims), draws=16, full=False, shuffles=50, seed=1,
        threads=1, progress=lambda stage, done, total: None,
    )  # fmt: skip


def in_folder(subject: Subject, folder: Path, **files: str) -> Subject:
    """The subject with files beside its model."""
    model = subject.model
    made = type(model)(model.written, model.spec, model.modules, model.positions, folder / "model.yaml")
    for name, text in files.items():
        (folder / name.replace("__", ".").replace("_", "-")).write_text(text)
    return replace(subject, model=made)


def listing(*claims: str) -> str:
    rows = "".join(f"{c}\tsecretion\tyes\t\n" for c in claims)
    return f"claim\tkind\tmachinery\treason\n{rows}"


def test_verdicts_and_what_they_rest_on(subject: Subject, asked: Asked, evidence, tmp_path: Path) -> None:
    found = verdicts_in(in_folder(subject, tmp_path, machinery_claims__tsv=listing(*evidence.claims)), asked)
    got = {c: (v.verdict, v.basis, v.how) for c, v in found.verdicts.items()}
    # what says the same as each prediction is what put it in
    assert {c for c, v in found.verdicts.items() if v.support} == {"toy-002", "toy-005", "secretion-006"}
    assert {v.support for v in found.verdicts.values()} == {"", "corroborated"}
    assert found.verdicts["toy-002"].reason.endswith("from claims that say the same it holds in 0%")
    assert got == {
        # wire_a rests on toy-001 alone; toy-001 and toy-003, toy-004 share a publication
        "toy-001": ("reproduced", "encoded", "rule"),
        # wire_b rests on two publications, so neither claim takes it out
        "toy-002": ("reproduced", "predicted", "rule"),
        "toy-005": ("reproduced", "predicted", "rule"),
        "toy-003": ("reproduced", "encoded", "rule"),  # nothing leads from IDLE to level
        "toy-004": ("not_reproduced", "", "rule"),
        "secretion-006": ("reproduced", "predicted", "rule"),
        "toy-007": ("not_judged", "", "rule"),
        "toy-008": ("inexpressible", "", "rule"),
        "toy-009": ("inexpressible", "", "rule"),
    }
    assert "without wire_a it holds in 0%" in found.verdicts["toy-001"].reason
    assert found.verdicts["toy-001"].fold == pytest.approx(0.1, rel=1e-4)


def test_a_prediction_that_nobody_told_is_mechanistic(subject: Subject, asked: Asked, tmp_path: Path) -> None:
    # the wire of B rests on claims about something else
    other = replace(subject.elements[1], claims=frozenset({"toy-001", "toy-007"}))
    there = replace(subject, elements=(subject.elements[0], other))
    there = in_folder(there, tmp_path, machinery_claims__tsv=listing("toy-002"))
    verdict = verdicts_in(there, replace(asked, shuffles=0)).verdicts["toy-002"]
    assert (verdict.basis, verdict.support) == ("predicted", "mechanistic")


def test_no_change_because_nothing_is_done_is_no_prediction(
    subject: Subject, asked: Asked, tmp_path: Path
) -> None:
    checks = """
checks:
  - claim: toy-001
    why: hardly anything happens
    all: [{read: level, perturb: {A: 0.99}, expect: "0"}]
"""
    there = in_folder(subject, tmp_path, machinery_claims__tsv=listing("toy-001"), checks__yaml=checks)
    verdict = verdicts_in(there, replace(asked, shuffles=0)).verdicts["toy-001"]
    assert (verdict.verdict, verdict.basis) == ("reproduced", "encoded")
    assert "nothing is done to the cell" in verdict.reason


def test_full_runs_every_structure(subject: Subject, asked: Asked, tmp_path: Path) -> None:
    checks = """
checks:
  - claim: toy-004
    why: only one of two structures shows it
    all: [{read: either, perturb: {A: 3}, expect: "+"}]
"""
    there = in_folder(subject, tmp_path, machinery_claims__tsv=listing("toy-004"), checks__yaml=checks)
    found = verdicts_in(there, replace(asked, full=True, draws=4, shuffles=0))
    verdict = found.verdicts["toy-004"]
    assert (verdict.how, verdict.share, verdict.verdict) == ("hand", 0.5, "not_reproduced")
    assert "8 lanes" in verdict.reason


def test_a_number_chosen_to_meet_the_claim_makes_it_calibrated(subject: Subject, evidence) -> None:
    row = Element("more_a", "stimulus", 0, frozenset({"secretion-006"}), fitted=True, owner="more_a")
    there = replace(subject, elements=(row,), fitted=(("toy.made", frozenset({"toy-001"})),))
    drug = experiment_of(evidence.claims["secretion-006"], there, evidence)
    assert isinstance(drug, Experiment)
    assert fitted_to(evidence.claims["secretion-006"], there, drug) == ("more_a",)
    assert fitted_to(evidence.claims["toy-001"], there, drug) == ("toy.made",)


def test_what_is_removed(subject: Subject, evidence) -> None:
    def removed(number: str, **changes: object) -> list[str]:
        wire = replace(subject.elements[0], **changes)
        there = replace(subject, elements=(wire, subject.elements[1]))
        return [e.name for e in removal_for(evidence.claims[number], there, evidence).elements]

    assert removed("toy-001") == ["wire_a"]
    assert removed("toy-004") == ["wire_a"]  # the same publication
    assert removed("toy-002") == []
    assert removed("toy-001", foreign=True) == []
    # what an intervention does to the claim's own agent is the experiment itself
    assert removed("toy-001", kind="stimulus", acts_on=("agent_a",)) == []


def test_shuffled_signs(subject: Subject, bench: Bench, evidence) -> None:
    experiments = [
        e
        for c in evidence.claims.values()
        if isinstance(e := experiment_of(c, subject, evidence), Experiment)
    ]
    found = shuffle(bench, experiments, 400, 2, 1)
    assert found is not None
    # four claims hang on two wires that are turned in half of the shuffles; nothing else moves
    assert (found.claims, found.shuffles, found.switches) == (5, 400, 2)
    assert found.moving == pytest.approx(4)
    assert found.share == pytest.approx(0.5, abs=0.06)
    assert found.expected
    assert found.deaf == 0
    still = shuffle(Bench(replace(subject, elements=()), 4, 1), experiments, 8, 2, 1)
    assert still is None


def test_claims_that_follow_from_mass_flow_are_told_apart(subject: Subject, evidence) -> None:
    there = replace(subject, elements=(subject.elements[1],))
    experiments = [experiment_of(evidence.claims[c], there, evidence) for c in ("toy-001", "toy-002")]
    found = shuffle(Bench(there, 4, 1), [e for e in experiments if isinstance(e, Experiment)], 100, 2, 1)
    assert found is not None
    assert found.deaf == 1
    assert found.share == pytest.approx(0.75, abs=0.1)
    assert "1 of 2 claims keep their sign in every shuffle" in found.why


def test_controls(subject: Subject, bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "controls.tsv"
    path.write_text(
        HEAD
        + "c-1\tA\t0.1\tbefore\t\tidle\tapart\tstated\t\n"
        + "c-2\tA\t0.1\t0 h\t0.01 h\tlevel\ttoo soon\tstated\t\n"
        + "c-3\tA\t0.1\tbefore\t\tlevel\twrong on purpose\tstated\t\n"
        + "c-4\tGONE\t0.1\tbefore\t\tlevel\tnot there\tstated\t\n"
    )
    seen = {
        c.control.id: c for c in run_controls(bench, read_controls(path, subject), sampled(subject, 16, 1))
    }
    assert [(c.path, c.right, c.counts) for c in seen.values()] == [
        (False, True, False),
        (True, True, True),
        (True, False, True),
        (False, False, False),
    ]
    assert seen["c-4"].control.missing == "node GONE"


def test_controls_with_errors(subject: Subject, tmp_path: Path) -> None:
    path = tmp_path / "controls.tsv"
    path.write_text(HEAD + "c-1\tA\tmuch\tlater\t3 apples\tidle\tr\ts\t\n")
    with pytest.raises(InputError) as caught:
        read_controls(path, subject)
    told = str(caught.value)
    assert "controls.tsv:2:7: 'factor' is a number" in told
    assert "'start' is 'before' or '0 h', not 'later'" in told
    assert "apples" in told


def test_contradicted_only_by_a_reproduced_opposite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vesiflux.verify.run.opposites", lambda: {"a": ("b",), "b": ("a",), "c": ("d",)})

    def verdict(claim: str, word: str) -> Verdict:
        return Verdict(claim, word, "", "none", "rule", "reason")

    words = {"a": "not_reproduced", "b": "reproduced", "c": "not_reproduced", "d": "not_reproduced"}
    found = _contradictions({c: verdict(c, w) for c, w in words.items()})
    assert {c: v.verdict for c, v in found.items()} == words | {"a": "contradicted"}
    assert found["a"].reason.endswith("the opposite, b, is reproduced")


def test_counts_add_up() -> None:
    details = tuple(
        Verdict(f"toy-{i}", word, "encoded" if word == "reproduced" else "", "none", "rule", "why",
                checkable=word != "not_judged")
        for i, word in enumerate(VERDICTS)
    )  # fmt: skip
    facts = Verification("m", "toy", "", 9, details, (), None, (), 16, 4, False, 1, 0, 0.0).to_dict()
    assert facts["reproduced"] + facts["contradicted"] + facts["not_reproduced"] == facts["expressible"] == 3
    assert facts["encoded"] + facts["calibrated"] + facts["predicted"] == facts["reproduced"]
    assert facts["checkable"] == 4
    assert facts["shuffled_share"] is None
    assert facts["controls_share"] is None


def test_limbs_read_as_sentences() -> None:
    assert str(Limb("a+b", (("A", 0.1),))) == "a+b and A x 0.1"
    assert str(Limb()) == "untreated"
