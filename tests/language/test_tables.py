from __future__ import annotations

from pathlib import Path

import pytest

from vesiflux.errors import InputError
from vesiflux.language import Model

MODEL = """vesiflux: 1
name: tables
space: {kind: dish, volume: 2 mL}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
choices:
  cell: {title: cell type, default: slow, scope: donor}
cells:
  donor: {is: tumour_cell, count: 1e6, secretes: {exosome: {rate: 60 vesicle/cell/h}}}
tables: {stimuli: stimuli.tsv, choices.cell: cells.tsv}
run: {for: 24 h}
"""
RATE = "donor.secretes.exosome.rate"
HEADER = (
    "stimulus\ttitle\tcell\ttarget\tlow\ttypical\thigh\talternative\tdefault_alternative\tstart\tdose\treadout\t"
    "reported_low\treported_high\treported_sign\twindow\tclaim\tsource\tmark"
)
OUT = "exosomes_per_cell_per_hour"
STIMULI = [
    HEADER,
    f"drug\ta drug\t\t{RATE}\t0.3\t0.5\t0.8\trate\tyes\t6 h\t10 uM\t{OUT}\t0.4\t0.6\t-\t24 h\tsecretion-041"
    "\ta test\tpredicted",
    "drug\t\t\tdonor.count\t\t0.9\t\tcount\tno\t\t\t\t\t\t\t\t\ta test",
    "# a comment",
    f"hypoxia\tlow oxygen\tfast\t{RATE}\t1.2\t1.5\t2\t\t\tbefore\t\t{OUT}\t1.5\t1.5\t+\t\t\tassumed\tassumed",
    f"moon\tmoonlight\t\t\t\t\t\t\t\t\t\t{OUT}\t2\t3\t+\t\t\ta test\tassumed",
]
CELLS = [
    "option\ttitle\tparameter\tlow\ttypical\thigh\tunit\tsource\tmark",
    "slow\tslow cells\tsecretes.exosome.rate\t10\t20\t40\tvesicle/cell/h\ta test\tassumed",
    "fast\tfast cells\tsecretes.exosome.rate\t100\t200\t400\tvesicle/cell/h\ta test\tassumed",
    "fast\t\tcount\t\t2e6\t\tcell\ta test\tassumed",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "stimuli.tsv").write_text("\n".join(STIMULI) + "\n", encoding="utf-8")
    (tmp_path / "cells.tsv").write_text("\n".join(CELLS) + "\n", encoding="utf-8")
    return tmp_path


def test_stimuli_become_arms_and_interventions(folder: Path):
    spec = Model.load(folder).spec
    assert list(spec.arms) == ["control", "control@fast", "drug", "hypoxia"]
    assert spec.arms["hypoxia"].set == {"cell": "fast"}
    assert spec.arms["hypoxia"].against == "control@fast"
    assert spec.arms["control@fast"].set == {"cell": "fast"}
    assert spec.arms["control"].mark == "control"
    drug = spec.arms["drug"]
    assert (drug.against, drug.mark, drug.title) == ("control", "predicted", "a drug")
    assert "dose: 10 uM" in drug.note
    (reported,) = drug.reported
    assert (reported.low, reported.high, reported.sign, reported.claim) == (0.4, 0.6, "-", "secretion-041")
    assert reported.window is not None
    assert spec.interventions["hypoxia"].start == "before"
    assert [e.alternative for e in spec.interventions["hypoxia"].effects] == [""]


def test_competing_alternatives_are_a_structure(folder: Path):
    spec = Model.load(folder).spec
    assert list(spec.structures) == ["drug"]
    structure = spec.structures["drug"]
    assert (structure.default, list(structure.options), structure.concerns) == (
        "rate",
        ["rate", "count"],
        ("drug",),
    )
    effects = spec.interventions["drug"].effects
    assert [(e.target, e.alternative, e.factor.typical) for e in effects] == [
        (RATE, "rate", 0.5),
        ("donor.count", "count", 0.9),
    ]


def test_unassigned_stimuli_are_listed_not_run(folder: Path):
    model = Model.load(folder)
    assert list(model.unassigned) == ["moon"]
    assert "moon" not in model.spec.arms
    assert model.unassigned["moon"].reported[0].high == 3


def test_choices_are_filled(folder: Path):
    choice = Model.load(folder).spec.choices["cell"]
    assert list(choice.options) == ["slow", "fast"]
    assert choice.titles == {"slow": "slow cells", "fast": "fast cells"}
    assert choice.options["fast"]["count"].typical == 2e6


def test_the_original_form_is_saved_and_the_whole_stands_alone(folder: Path, tmp_path: Path):
    model = Model.load(folder)
    again = Model.load(model.save(tmp_path / "elsewhere" / "m.yaml"))
    assert again == model
    assert again.text == MODEL
    assert Model.from_text(model.to_text(whole=True)) == model


@pytest.mark.parametrize(
    ("row", "column", "old", "new", "message"),
    [
        (1, 32, "0.3\t", "0.9\t", None),
        (4, 20, "fast", "fst", "did you mean 'fast'?"),
        (1, 84, "10 uM", "10 uM", None),
    ],
)
def test_problems_stand_in_the_table(
    folder: Path, row: int, column: int, old: str, new: str, message: str | None
):
    lines = list(STIMULI)
    lines[row] = lines[row].replace(old, new, 1)
    (folder / "stimuli.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if old == new:
        Model.load(folder)
        return
    with pytest.raises(InputError) as caught:
        Model.load(folder)
    problem = caught.value.problems[0]
    assert problem.file.endswith("stimuli.tsv")
    assert problem.line == row + 1
    assert lines[row][problem.column - 1 :].startswith(new.strip())
    assert message is None or message in problem.message
