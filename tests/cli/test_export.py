"""`vesiflux export`: which writer gets what, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny
from tissue_fake import Fake, plan
from typer.testing import CliRunner

import vesiflux as vf
from vesiflux.cli.main import app
from vesiflux.errors import InputError
from vesiflux.study.tissue import execute_tissue


@pytest.fixture(scope="module")
def tissue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    call = {"arms": None, "seed": 3, "set": {}}
    plans = {"control": plan("control", 1.0)}
    return execute_tissue(plans, call, store=tmp_path_factory.mktemp("t") / "s", engine=Fake).path


def export(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["export", *map(str, arguments)], catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_tissue_in_all_its_formats(tissue: Path, tmp_path: Path) -> None:
    assert export(tissue, "--to", "csv", "--out", tmp_path / "csv").strip() == str(tmp_path / "csv")
    assert (tmp_path / "csv" / "cells.csv").stat().st_size
    told = json.loads(export(tissue, "--to", "vtk", "--out", tmp_path / "vtk", "--arm", "control", "--json"))
    assert told == {"path": str(tmp_path / "vtk"), "format": "vtk"}
    assert (tmp_path / "vtk" / "control" / "cells.pvd").exists()
    export(tissue, "--to", "png", "--out", tmp_path / "p" / "a.png", "--frame", "0", "--field", "oxygen")
    assert (tmp_path / "p" / "a.png").read_bytes().startswith(b"\x89PNG")
    pytest.importorskip("anndata")
    export(tissue, "--to", "anndata", "--out", tmp_path / "a.h5ad")
    assert (tmp_path / "a.h5ad").stat().st_size


def test_options_that_say_nothing_are_refused(tissue: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--frame: says nothing about csv"):
        export(tissue, "--to", "csv", "--out", tmp_path / "x", "--frame", "1")
    with pytest.raises(InputError, match="--colour-by: says nothing about vtk"):
        export(tissue, "--to", "vtk", "--out", tmp_path / "x", "--colour-by", "state")


@pytest.mark.parametrize("to", ["vtk", "anndata", "png"])
def test_a_dish_has_no_places(tmp_path: Path, to: str) -> None:
    dish = vf.run(tiny.model(), draws=1, store=tmp_path, threads=1)
    with pytest.raises(InputError, match=f"is a run of a dish, without places to write as {to}; use csv"):
        export(dish.path, "--to", to, "--out", tmp_path / "x")
