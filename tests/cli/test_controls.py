"""`vesiflux controls` and `vesiflux loading` as people and scripts call them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import vesiflux as vf
from vesiflux.cli import main


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["vesiflux", *arguments])
        with pytest.raises(SystemExit) as leaving:
            main.main()
        told = capsys.readouterr()
        return int(leaving.value.code or 0), told.out, told.err

    return called


def test_the_arms_in_general(call: Any) -> None:
    code, out, _ = call("controls")
    assert code == 0
    assert "serum blank: fresh medium with its serum" in out
    known = json.loads(call("controls", "--json")[1])["controls"]
    assert {"control", "done", "shows", "left"} == set(known[0])


def test_a_model_with_its_arms_is_written_and_loads(call: Any, tmp_path: Path) -> None:
    target = tmp_path / "with.yaml"
    code, out, _ = call("controls", "melanoma-cd8", "--arm", "dosed", "--to", str(target))
    assert code == 0
    assert "next: vesiflux run" in out
    assert "dosed_protease" in vf.Model.load(target).spec.arms
    told = json.loads(call("controls", "melanoma-cd8", "--json")[1])
    assert told["base"] == "control"
    assert "protease" in told["arms"]
    assert "not here: gradient" in call("controls", "melanoma-cd8")[1]


def test_loading_against_chance_and_a_threshold(call: Any) -> None:
    words = ("--copies-per-cell", "5e4", "--measured", "0.00825", "--threshold", "100")
    code, out, _ = call("loading", *words)
    assert code == 0
    assert "explained by chance" in out
    told = json.loads(call("loading", *words, "--json")[1])
    assert told["null"]["low"] < 0.0099 < told["null"]["high"]
    assert set(told["crossing"]["spreads"]) == {"poisson", "occupied", "negative binomial"}
    assert (
        json.loads(call("loading", "--mean", "2", "--threshold", "1", "--json")[1])["crossing"]["mean"] == 2
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("controls", "--arm", "x"), "need a MODEL"),
        (("controls", "melanoma-cd8", "--arm", "dosd"), "did you mean 'dosed'"),
        (("loading",), "give --copies-per-cell"),
        (("loading", "--measured", "1"), "needs --copies-per-cell"),
        (("loading", "--copies-per-cell", "-1"), "above 0"),
        (("loading", "--copies-per-cell", "5e4", "--threshold", "-3"), "a threshold above 0"),
    ],
)
def test_mistakes_are_told_in_a_line(call: Any, words: tuple[str, ...], message: str) -> None:
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
