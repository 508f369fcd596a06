"""`vesiflux new`: starting models and copies of library models."""

from __future__ import annotations

from pathlib import Path

import pytest

from vesiflux.cli.new import new
from vesiflux.errors import InputError
from vesiflux.language import Model
from vesiflux.language.modules import library_models


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("source", library_models())
def test_a_copy_is_the_same_model_under_another_name(source: str) -> None:
    new("mine", source=source)
    copy, original = Model.load("mine"), Model.load(source)
    assert copy.name == "mine"
    assert copy.spec == original.spec.model_copy(update={"name": "mine"})
    assert {p.name for p in Path("mine").iterdir()} == {
        p.name for p in library_models()[source].parent.iterdir() if p.name != "__pycache__"
    }


def test_the_readme_of_a_copy_runs_the_copy() -> None:
    new("mine", source="secretion")
    text = Path("mine/README.md").read_text(encoding="utf-8")
    assert "vesiflux run mine" in text
    assert "vesiflux run secretion" not in text


def test_what_to_run_next_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    new("mine", source="secretion")
    assert capsys.readouterr().out == "mine written; next: vesiflux check mine, vesiflux run mine\n"


def test_nothing_is_overwritten(folder: Path) -> None:
    kept = folder / "mine" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(InputError, match="mine exists already"):
        new("mine", source="secretion")
    assert [p.name for p in kept.parent.iterdir()] == ["notes.txt"]


def test_unknown_library_model() -> None:
    with pytest.raises(InputError, match=r"no model 'secretoin'.*secretion"):
        new("mine", source="secretoin")
    assert not Path("mine").exists()


@pytest.mark.parametrize("name", ["../mine", "1st", "", "a b"])
def test_names_that_are_no_names(name: str) -> None:
    with pytest.raises(InputError, match="cannot name a model"):
        new(name, source="secretion")
