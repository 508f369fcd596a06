"""`vesiflux cohort` from the shell."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from vesiflux.cli.main import app
from vesiflux.errors import InputError

MODEL = """
vesiflux: 1
name: dying
space: {kind: dish, volume: 1 mL}
cells:
  a:
    is: tumour_cell
    count: 1e5
    life: {apoptosis: {low: 0.05, typical: 0.1, high: 0.2, unit: /h}}
arms: {control: {}}
run: {for: 40 h, record: 10 h}
"""


@pytest.fixture
def call(tmp_path):
    (tmp_path / "m.yaml").write_text(MODEL, encoding="utf-8")

    def run(*more, event="above 0.02"):
        words = [
            "cohort", str(tmp_path / "m.yaml"), "--score", "a.count @ 10 h over 0 h", "--outcome",
            "a.count @ 40 h over 0 h", "--event", event, "--patients", "32", "--out", str(tmp_path / "store"),
        ]  # fmt: skip
        return CliRunner().invoke(app, [*words, *more])

    return run


def test_words_and_table(call, tmp_path):
    table = tmp_path / "patients.tsv"
    done = call("--table", str(table))
    assert done.exit_code == 0, done.output
    assert "32 patients" in done.stdout
    assert "area under the ROC curve 1.00" in done.stdout
    rows = table.read_text(encoding="utf-8").splitlines()
    assert rows[0].split("\t") == ["score", "outcome", "case"]
    assert len(rows) == 33


def test_json(call):
    done = call("--json")
    assert json.loads(done.stdout)["auc"] == 1.0


def test_a_wrong_correlation_is_told(call):
    done = call("--correlate", "a.count=0.5")
    assert isinstance(done.exception, InputError)
    assert "PARAMETER~PARAMETER" in str(done.exception)


def test_everybody_has_it(call):
    assert isinstance(call(event="above -1").exception, InputError)


WARD = """
vesiflux: 1
name: small-ward
space: {kind: dish, volume: 1 mL}
modules:
  ward:
    vesiflux_module: 1
    name: ward
    parameters:
      hazard: {low: 0.001, typical: 0.004, high: 0.016, unit: 1/h, mark: assumed, source: test}
      level: {low: 1e9, typical: 1e10, high: 1e11, unit: vesicle/mL, mark: assumed, source: test}
    nodes: {CARE: {value: 1}}
    species: {CHANCE: {unit: "1", initial: 1, kind: activity}}
    reactions: {death: {rate: hazard * CARE * CHANCE, moves: {CHANCE: -1}, unit: 1/h}}
    readouts:
      survival: {expression: CHANCE, unit: "1"}
      danger: {expression: hazard, unit: 1/h}
      vesicles: {expression: level, unit: vesicle/mL}
cells:
  patient: {is: patient, count: 1, modules: {ward: ward}}
interventions:
  care: {scales: ward.CARE, factor: 0.5}
arms:
  usual: {title: usual care}
  halved: {title: half the danger, interventions: [care], against: usual}
run: {for: 10 d, record: 1 d, equilibrate: false}
cohort:
  patients: 200
  survival: patient.ward.survival
  outcomes: {death: {event: death by 10 d}}
  markers:
    danger: {measure: patient.ward.danger @ 12 h}
    counted:
      measure: patient.ward.vesicles @ 12 h
      through: {fluid: plasma, sample: 0.5 mL, isolation: sec, instrument: nta}
  panels: {both: [danger, counted]}
  detection: [danger]
  trial: {outcome: death}
"""


@pytest.fixture
def ward(tmp_path):
    path = tmp_path / "ward.yaml"
    path.write_text(WARD, encoding="utf-8")

    def run(*more):
        words = ["cohort", str(path), "--out", str(tmp_path / "store"), "--threads", "1"]
        return CliRunner().invoke(app, [*words, *more])

    return run


def test_a_whole_study_is_one_command(ward, tmp_path):
    table, report = tmp_path / "patients.tsv", tmp_path / "report"
    done = ward("--table", str(table), "--report", str(report))
    assert done.exit_code == 0, done.output
    for words in (
        "small-ward: 200 patients, 10 d", "against usual", "sensitivity at 95 %", "no evidence about real",
        f"report: {report / 'index.html'}", f"table: {table}",
    ):  # fmt: skip
        assert words in done.stdout
    assert len(table.read_text(encoding="utf-8").splitlines()) == 201
    assert (report / "index.html").is_file()


def test_json_of_a_whole_study_and_fewer_patients(ward):
    done = ward("--json", "--patients", "60", "--arm", "halved", "--seed", "2")
    found = json.loads(done.stdout)
    assert (found["patients"], found["reference"], list(found["arms"])) == (60, "halved", ["halved"])
    assert found["markers"]["danger"][0]["outcome"] == "death"


def test_a_wrong_instrument_is_told_at_its_place(tmp_path, ward):
    path = tmp_path / "ward.yaml"
    path.write_text(WARD.replace("instrument: nta", "instrument: ntb"), encoding="utf-8")
    (problem,) = ward().exception.problems
    assert "counted: 'instrument' cannot be 'ntb'" in problem.message
    assert CliRunner().invoke(app, ["check", str(path)]).exception.problems == (problem,)
    assert path.read_text(encoding="utf-8").splitlines()[problem.line - 1].strip().startswith("through:")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--score", "a.count @ 1 h"), "--outcome and --event is missing"),
        (("--arm", "halvd"), "did you mean 'halved'"),
    ],
)
def test_what_does_not_go(ward, more, words):
    assert words in str(ward(*more).exception)


def test_a_model_without_a_cohort_says_how_to_write_one(tmp_path):
    (tmp_path / "m.yaml").write_text(MODEL, encoding="utf-8")
    done = CliRunner().invoke(app, ["cohort", str(tmp_path / "m.yaml")])
    assert "cohort: {survival" in str(done.exception)
