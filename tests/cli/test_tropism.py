"""`vesiflux tropism`: from integrins to an organ."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from vesiflux.cli.main import app
from vesiflux.errors import InputError

runner = CliRunner()


def test_the_organ_is_foretold_as_json_and_as_text():
    found = runner.invoke(app, ["tropism", "a6b4", "avb5=0.1", "--draws", "8", "--json"])
    assert found.exit_code == 0, found.output
    facts = json.loads(found.output)
    assert facts["profile"] == {"a6b4": 1.0, "avb5": 0.1}
    lung = facts["organs"]["lung"]
    assert lung["low"] <= lung["odds"] <= lung["high"]
    assert sum(o["chance"] for o in facts["organs"].values()) + facts["chance_of_none"] == pytest.approx(1)
    text = runner.invoke(app, ["tropism", "a6b4", "--draws", "1"])
    assert "foretold: lung" in text.output


def test_ligands_can_be_those_of_rna():
    found = runner.invoke(app, ["tropism", "a6b4", "--draws", "1", "--ligands", "rna", "--json"])
    facts = json.loads(found.output)
    assert facts["ligands"] == "rna"
    assert facts["organ"] != "lung"
    wrong = runner.invoke(app, ["tropism", "a6b4", "--ligands", "protein"])
    assert isinstance(wrong.exception, InputError)
    assert "there are study, rna" in str(wrong.exception)


def test_no_integrins_foretell_nothing():
    assert "no organ is foretold" in runner.invoke(app, ["tropism", "--draws", "1"]).output


@pytest.mark.parametrize(("profile", "told"), [("a6b4=much", "a6b4=0.5"), ("a9b9", "there are a6b4")])
def test_what_is_no_integrin_is_refused(profile: str, told: str):
    found = runner.invoke(app, ["tropism", profile])
    assert isinstance(found.exception, InputError)
    assert told in str(found.exception)
