"""`vesiflux run`: what it hands to the study, and what it prints. The study itself is tested in its room."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from vesiflux.cli import _io, run

SUMMARY = {
    "run": "store/runs/abc",
    "seconds": 1.25,
    "balance_error": 2e-14,
    "arms": {
        "control": {
            "exosomes_per_cell_per_hour": 60.0,
            "microvesicles_per_cell_per_hour": 8.0,
            "mark": "read",
        },
        "gw4869": {"exosomes_per_cell_per_hour": 30.0, "microvesicles_per_cell_per_hour": 12.0},
    },
}
APP = typer.Typer()
APP.command()(run.run)


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand-ins for every room below the command; returns what the study was handed."""
    seen: dict[str, Any] = {}

    def study(model: object, **options: Any) -> SimpleNamespace:
        seen.update(options, model=model)
        options["progress"]("running", 1, 1)
        return SimpleNamespace(summary=lambda: dict(SUMMARY))

    def write(runs: list[object], folder: Path) -> Path:
        seen["reported"] = len(runs)
        return folder / "report.html"

    monkeypatch.setitem(sys.modules, "vesiflux.study.run", SimpleNamespace(run=study))
    monkeypatch.setitem(sys.modules, "vesiflux.report", SimpleNamespace(write=write))
    monkeypatch.setitem(
        sys.modules,
        "vesiflux.engines.compartments",
        SimpleNamespace(is_warm=lambda: False, warm_up=lambda progress: progress("k", 1.0)),
    )
    space = SimpleNamespace(kind="dish")
    monkeypatch.setattr(
        run, "load_model", lambda name: SimpleNamespace(name=name, spec=SimpleNamespace(space=space))
    )
    return seen


def test_defaults(handed: dict[str, Any]) -> None:
    done = CliRunner().invoke(APP, ["secretion"], catch_exceptions=False)
    assert done.exit_code == 0
    del handed["progress"]
    assert handed.pop("model").name == "secretion"
    assert handed == {
        "arms": None,
        "draws": None,
        "replicates": 1,
        "single_cells": None,
        "cell": None,
        "seed": 1,
        "set": {},
        "threads": _io.cores(),
        "store": Path("vesiflux-runs"),
        "resume": None,
        "structures": "default",
    }


def test_options_reach_the_study(handed: dict[str, Any]) -> None:
    arguments = shlex.split(
        "m --arm a --arm b --draws 3 --replicates 2 --seed 7 --set x=1 --set 'y=2 um' --threads 1"
        " --out s --resume r --structures all"
    )
    done = CliRunner().invoke(APP, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert (handed["arms"], handed["draws"], handed["replicates"], handed["seed"]) == (["a", "b"], 3, 2, 7)
    assert (handed["set"], handed["threads"], handed["structures"]) == ({"x": "1", "y": "2 um"}, 1, "all")
    assert (handed["store"], handed["resume"]) == (Path("s"), Path("r"))


def test_json_is_the_summary_and_nothing_else(handed: dict[str, Any]) -> None:
    done = CliRunner().invoke(APP, ["secretion", "--json"], catch_exceptions=False)
    assert json.loads(done.stdout) == SUMMARY
    assert "reported" not in handed


def test_the_table_shows_each_arm(handed: dict[str, Any]) -> None:
    lines = CliRunner().invoke(APP, ["secretion"], catch_exceptions=False).stdout.splitlines()
    assert lines[1].split() == ["control", "60", "8"]
    assert lines[2].split() == ["gw4869", "30", "12"]
    assert lines[-1] == "run: store/runs/abc"


def test_quiet_prints_only_paths(handed: dict[str, Any]) -> None:
    done = CliRunner().invoke(APP, ["secretion", "--quiet", "--report", "out"], catch_exceptions=False)
    assert done.stdout.splitlines() == ["store/runs/abc", str(Path("out/report.html"))]
    assert handed["reported"] == 1
