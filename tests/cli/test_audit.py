"""`vesiflux audit`: options handed on, words and JSON printed. The audit itself is tested in its room."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from vesiflux.cli import audit
from vesiflux.errors import InputError

APP = typer.Typer()
APP.command()(audit.audit)


def run(*words: str) -> str:
    result = CliRunner().invoke(APP, [*words, "--draws", "200"])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_case_of_ones_own_in_words() -> None:
    text = run(
        "--donor", "tumour", "--recipient", "fibroblast", "--cargo", "miR-10b", "--setting", "dish",
        "--copies", "100", "--escape", "0.3", "--dose", "1e10 particles",
    )  # fmt: skip
    for word in (
        "miR-10b from tumour to fibroblast",
        "<- limits",
        "caught by cargo-knock-out donor",
        "given: copies 100, escape 0.3",
    ):
        assert word in text


def test_json_and_save(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.tsv"
    found = json.loads(run("tme-037", "--json", "--save", str(path)))
    assert found["vesicle_claims"] == 1
    assert found["details"][0]["claim"] == "tme-037"
    assert path.read_text(encoding="utf-8").startswith("claim\tverdict")


def test_a_review_as_a_table() -> None:
    text = run("nk")
    assert "25 name source, vesicle, cargo and recipient" in text
    assert "not judged" in text


def test_other_numbers() -> None:
    found = json.loads(run("tme-037", "--json", "--set", "threshold=1", "--set", "distance=20 um"))
    assert found["given"] == {"threshold": "1", "distance": "20 um"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tme-037", "--all"), "leave out"),
        (("tme-037", "--donor", "tumour"), "case of your own"),
        (("tme-037", "--set", "threshold"), "NUMBER=VALUE"),
    ],
)
def test_mistakes(words: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(APP, list(words))
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
