"""Killed runs continue with nothing lost, nothing computed twice and the same bits."""

from __future__ import annotations

import atexit
import hashlib
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tiny
from driver import call

from vesiflux.store.blocks import read_head, read_table
from vesiflux.store.columns import values as column
from vesiflux.store.run import Run
from vesiflux.study import plan, pool
from vesiflux.study.run import execute

HERE = Path(__file__).parent
SOURCE = HERE.parent.parent / "src"


@cache
def lowered() -> Path:
    """The tiny model, lowered once for all drivers."""
    path = Path(tempfile.mkdtemp()) / "tiny.pickle"
    path.write_bytes(pickle.dumps(tiny.compiled()))
    atexit.register(shutil.rmtree, path.parent)
    return path


def start(
    store: Path, log: Path, draws: int, threads: int, block: int, sleep: float = 0.0
) -> subprocess.Popen:
    """The driver in a process group of its own."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(SOURCE), str(HERE)]),
        "FAKE_LOG": str(log),
        "FAKE_SLEEP": str(sleep),
    }
    return subprocess.Popen(
        [sys.executable, str(HERE / "driver.py"), *map(str, (lowered(), store, draws, threads, block))],
        env=environment, start_new_session=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def computed(log: Path) -> list[str]:
    """Lanes in the order they were computed, those of a torn last line left out."""
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True) if log.exists() else []
    return [line.split()[1] for line in lines if line.endswith("\n")]


def stored(store: Path) -> list[str]:
    """Keys of all finished blocks, each as often as it lies in the store."""
    return [k for block in store.glob("blocks/*/*") for k in read_head(block)["keys"]]


def lanes_stored(store: Path) -> set[str]:
    """The stored lanes as the engine's log calls them."""
    from fake_engine import lane_id

    found = set()
    for block in store.glob("blocks/*/*"):
        table = read_table(block)
        values = [column(table, n) for n in table.column_names if n.startswith("parameter:")]
        found |= {lane_id(row) for row in np.array(values).T}
    return found


def bits(path: Path) -> str:
    """Hash of every number of a run, in the order of its draws."""
    run = Run.open(path)
    total = hashlib.sha256()
    for arm in run.arms:
        table = run.table(arm).drop_columns(["draw", "replicate"])
        for name in table.column_names:
            total.update(name.encode() + str(table[name].to_pylist()).encode())
        for output in run.outputs(series=True):
            total.update(run.series(output, arm).to_numpy().tobytes())
    return total.hexdigest()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory):
    """Number of draws -> the bits of a run nobody disturbed."""
    known: dict[int, tuple[str, str]] = {}

    def make(draws: int) -> tuple[str, str]:
        if draws not in known:
            store = tmp_path_factory.mktemp("undisturbed")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(plan, "engine_hash", lambda: "fake")
                run = execute(
                    tiny.compiled(), call(draws), threads=1, store=store, solver="fake_engine:solve"
                )
            known[draws] = (run.path.name, bits(run.path))
        return known[draws]

    return make


def kill_and_resume(folder: Path, draws: int, threads: int, block: int, kills: int, seed: int) -> Path:
    """Kill a run's whole process group ``kills`` times while it computes, then let it finish."""
    store, log = folder / "store", folder / "log"
    chance = random.Random(seed)
    # slow enough that it is still at work when the last blow falls
    sleep = 0.05 if draws < 1000 else 0.0006 * block
    for _ in range(kills):
        before = lanes_stored(store)
        mark = len(computed(log))
        process = start(store, log, draws, threads, block, sleep)
        deadline = time.monotonic() + 60
        while len(computed(log)) == mark and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.25))
        assert process.poll() is None, "the run was over before it was killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        now = computed(log)[mark:]
        assert len(now) == len(set(now))
        assert not before & set(now), "a finished block was computed again"
    before = lanes_stored(store)
    mark = len(computed(log))
    last = start(store, log, draws, threads, block)
    output, _ = last.communicate(timeout=300)
    assert last.returncode == 0
    now = computed(log)[mark:]
    assert not before & set(now)
    assert len(before) + len(now) == draws
    return Path(output.strip())


def check_whole(path: Path, draws: int, undisturbed: tuple[str, str]) -> None:
    store = path.parent.parent
    keys = stored(store)
    assert len(keys) == draws
    assert len(set(keys)) == draws, "a key is stored twice"
    assert list((store / "tmp").iterdir()) == []
    assert (path.name, bits(path)) == undisturbed


def test_killed_three_times(tmp_path: Path, undisturbed) -> None:
    path = kill_and_resume(tmp_path, 300, threads=2, block=7, kills=3, seed=1)
    check_whole(path, 300, undisturbed(300))


@pytest.mark.slow
@pytest.mark.parametrize(("threads", "block"), [(1, 7), (2, 7), (1, 64), (2, 64), (1, 256), (2, 256)])
def test_ten_thousand_keys_killed_ten_times(tmp_path: Path, undisturbed, threads: int, block: int) -> None:
    path = kill_and_resume(tmp_path, 10_000, threads, block, kills=10, seed=threads * 1000 + block)
    check_whole(path, 10_000, undisturbed(10_000))


def test_two_processes_share_the_work_on_one_store(tmp_path: Path, undisturbed) -> None:
    store = tmp_path / "store"
    both = [start(store, tmp_path / f"log{i}", 300, 1, 7 + 3 * i, 0.01) for i in range(2)]
    paths = [Path(p.communicate(timeout=120)[0].strip()) for p in both]
    assert [p.returncode for p in both] == [0, 0]
    assert paths[0] == paths[1]
    check_whole(paths[0], 300, undisturbed(300))


def test_two_processes_with_the_same_blocks_compute_each_once(tmp_path: Path, undisturbed) -> None:
    store, log = tmp_path / "store", tmp_path / "log"
    both = [start(store, log, 300, 1, 10, 0.02) for _ in range(2)]
    paths = [Path(p.communicate(timeout=120)[0].strip()) for p in both]
    check_whole(paths[0], 300, undisturbed(300))
    lanes = computed(log)
    assert len(lanes) == len(set(lanes)) == 300
    workers = {line.split()[0] for line in log.read_text(encoding="utf-8").splitlines()}
    assert len(workers) == 2, "one of the two did everything"


def test_a_killed_worker_is_replaced(tmp_path: Path, undisturbed, monkeypatch: pytest.MonkeyPatch) -> None:
    order = tmp_path / "kill"
    order.touch()
    process = start_with(tmp_path, {"FAKE_KILL": str(order)})
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert not order.exists()
    check_whole(Path(output.strip()), 300, undisturbed(300))


def test_a_block_that_kills_every_worker_ends_the_run_with_one_line(tmp_path: Path) -> None:
    process = start_with(tmp_path, {"FAKE_KILL_ALWAYS": "1"})
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1
    last = told.strip().splitlines()[-1]
    assert last.startswith("vesiflux.errors.RunError: draws ")
    assert "ended their worker process 3 times (SIGKILL" in last
    assert "resume" in last


def start_with(folder: Path, environment: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, str(HERE / "driver.py"), str(lowered()), str(folder / "store"), "300", "2", "50"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(SOURCE), str(HERE)])} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_ctrl_c_stops_cleanly_and_the_run_continues(tmp_path: Path, undisturbed) -> None:
    store, log = tmp_path / "store", tmp_path / "log"
    process = start(store, log, 300, 2, 7, 0.1)
    deadline = time.monotonic() + 60
    while len(computed(log)) < 28 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=20)
    process.stdout.close()
    assert process.returncode == -signal.SIGINT
    finished = len(stored(store))
    assert 0 < finished < 300
    last = start(store, log, 300, 1, 7)
    output, _ = last.communicate(timeout=60)
    check_whole(Path(output.strip()), 300, undisturbed(300))


def test_the_pool_is_opened_only_when_it_pays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a pool for a moment's work")

    monkeypatch.setattr(pool, "_Pool", refused)
    run = execute(tiny.compiled(), call(60), threads=2, store=tmp_path, block=10, solver="fake_engine:solve")
    assert run.draws == 60
