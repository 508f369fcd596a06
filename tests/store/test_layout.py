import json
from pathlib import Path

import pytest

from vesiflux.errors import InputError, RunError
from vesiflux.store.layout import Store
from vesiflux.store.run import Run


def test_made_where_missing_and_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        store = Store.open(tmp_path / "deep" / "store")
    assert json.loads((store.root / "store.json").read_text(encoding="utf-8")) == {
        "type": "vesiflux-store",
        "version": 1,
    }
    assert {p.name for p in store.root.iterdir()} == {"store.json", "blocks", "runs", "tmp", "locks"}


def test_foreign_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(RunError, match="not a vesiflux store, and not empty"):
        Store.open(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_files_and_newer_stores_are_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(RunError, match="not a vesiflux store"):
        Store.open(file)
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "store.json").write_text('{"type": "vesiflux-store", "version": 2}')
    with pytest.raises(RunError, match="format version 2"):
        Store.open(tmp_path / "s")


def test_what_dead_processes_left_is_cleared_and_what_live_ones_hold_is_not(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    dead = store.temporary("dead")
    (dead / "draws.parquet").touch()
    (tmp_path / "locks" / "claimed-by-the-dead").touch()
    claim = store.claim("live")
    assert claim is not None
    live = store.temporary("live")
    Store.open(tmp_path)
    assert list((tmp_path / "tmp").iterdir()) == [live]
    assert [p.name for p in (tmp_path / "locks").iterdir()] == ["live"]
    claim.release()
    Store.open(tmp_path)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_run_open_tells_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not a run: no run\.json"):
        Run.open(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(RunError, match="damaged: not JSON"):
        Run.open(tmp_path)
    (tmp_path / "run.json").write_text('{"type": "else"}')
    with pytest.raises(RunError, match="not a vesiflux-run file"):
        Run.open(tmp_path)
