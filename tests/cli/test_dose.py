"""`vesiflux dose` as people and scripts call it."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from vesiflux.cli import main


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["vesiflux", "dose", *arguments])
        with pytest.raises(SystemExit) as leaving:
            main.main()
        told = capsys.readouterr()
        return int(leaving.value.code or 0), told.out, told.err

    return called


def test_json_keys_that_stay(call: Any) -> None:
    code, out, err = call("50 ug", "--to", "particles", "--prep", "uc", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert {"median", "low", "high", "unit"} <= set(told)
    assert told["unit"] == "particles"
    assert 50 * 1e8 < told["low"] < told["median"] < told["high"] < 50 * 1e11


def test_for_people(call: Any) -> None:
    well = ("--vessel", "6-well", "--volume", "2 mL", "--hours", "24", "--cells", "2e5")
    code, out, _ = call("50 ug", "--prep", "uc", "--species", "mouse", *well, "--draws", "500")
    assert code == 0
    for words in (
        "50 ug = 1.",
        "100%  particles per ug protein, uc: 3e+08 / 3e+09 / 2e+10 [assumed]",
        "in the vessel, 2.1 mm deep:",
        "particles per cell, taken",
        "vesicles in the plasma of a mouse",
    ):
        assert words in out, out


def test_units_need_no_quotes(call: Any) -> None:
    well = ("--vessel", "6-well", "--hours", "24", "--cells", "2e5", "--draws", "500", "--json")
    _, quoted, _ = call("50 ug", "--prep", "uc", "--volume", "2 mL", *well)
    for words in (
        ("50", "ug", "--volume", "2", "mL"),
        ("--volume", "2", "mL", "50 ug"),
        ("50 ug", "--volume", "2"),
    ):
        code, out, err = call(*words, "--prep", "uc", *well)
        assert (code, err) == (0, "")
        assert out == quoted


def test_too_much_for_a_mouse_is_warned_of_in_both_forms(call: Any) -> None:
    code, out, _ = call("1e15 particles in a mouse", "--draws", "500")
    assert code == 0
    assert out.startswith("warning: ")
    _, out, _ = call("1e15 particles", "--species", "mouse", "--draws", "500", "--json")
    assert "times the vesicles in the plasma of a mouse" in json.loads(out)["warnings"][0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-50 ug", "--prep", "uc"), "'-50 ug': a dose must be above 0, e.g. '50 ug'"),
        (("--json", "--", "-5 h"), "'-5 h': a dose must be above 0"),
        (("-50", "ug", "--prep", "uc"), "'-50 ug': a dose must be above 0"),
        (("1e308 particles",), "nobody can give"),
        (("1e9 particles in 0 mL",), "what stands behind 'in' must be above 0"),
        (("50 ug", "--volume", "-2 mL"), "the volume must be above 0"),
        (("50 ug", "--prep", "ucc"), "no preparation is called 'ucc'; did you mean 'uc'?"),
        (("50 elephants",), "no unit of dose is called 'elephants'"),
        (("50 ug", "--species", "mose"), "did you mean 'mouse'"),
    ],
)
def test_a_mistake_is_one_line(call: Any, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
