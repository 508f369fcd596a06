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
