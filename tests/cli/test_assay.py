"""`vesiflux assay` as people and scripts call it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from vesiflux.cli import main


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["vesiflux", "assay", *arguments])
        with pytest.raises(SystemExit) as leaving:
            main.main()
        told = capsys.readouterr()
        return int(leaving.value.code or 0), told.out, told.err

    return called


def test_a_library_protocol_as_json(call: Any) -> None:
    code, out, err = call("uc-sec", "--draws", "30", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert [step["step"] for step in told["steps"]] == ["1 spin", "2 filter", "3 spin", "4 sec"]
    assert 0 < told["product"]["vesicle_recovery"]["low"] < told["product"]["vesicle_recovery"]["high"] < 1
    assert {"instrument", "quantity", "unit", "typical", "true"} <= set(told["readings"][0])
    assert "scale" not in told


def test_in_words(call: Any) -> None:
    code, out, _ = call("tff-sec", "--draws", "20")
    assert code == 0
    for words in (
        "share left after each step",
        "most is lost",
        "what instruments show",
        "for 1e+11 vesicles",
    ):
        assert words in out


def test_a_file_with_several_mistakes(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "sample: {from: plasma, volume: 1 mL}\nsteps:\n"
        "  - spin: {rotor: SW 99, rpm: 3, time: 1 h, keep: pellet}\n"
        "  - store: {temperature: 4 degC, time: -1 h}\n"
    )
    code, out, err = call(str(path))
    assert (code, out) == (2, "")
    assert "p.yaml:3:19: no rotor is called 'SW 99'" in err
    assert "p.yaml:4:40: 'time' is '-1 h'" in err
    assert "Traceback" not in err


def test_data_read_backwards(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("value\n20\n22\n21\n")
    code, out, _ = call("--invert", str(path), "--instrument", "protein", "--json")
    estimate = json.loads(out)["estimates"][0]
    assert code == 0
    assert estimate["low"] < 21 < estimate["high"]
    code, out, _ = call("--invert", str(path), "--instrument", "protein")
    assert "protein mass" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a PROTOCOL"),
        (("uc", "--invert", "x.csv"), "give a PROTOCOL"),
        (("nonsense",), "affinity-cd63"),
        (("--invert", "none.csv"), "no such file"),
        (("--invert", "none.csv", "--instrument", "ntb"), "did you mean 'nta'"),
        (("uc", "--dose", "3 mL", "--draws", "5"), "is a volume"),
        (("uc", "--dose", "1e10", "--draws", "5", "--culture", "pond"), "no culture is called 'pond'"),
    ],
)
def test_wrong_calls(call: Any, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = call(*arguments)
    assert code == 2
    assert message in err
    assert out == ""
