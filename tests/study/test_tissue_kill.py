"""A tissue run killed at any moment goes on and ends with the same bytes as one that was left alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tissue_driver import CALL
from tissue_fake import Fake, plan

from vesiflux.store.tissue import TissueRun, keys
from vesiflux.study.tissue import execute_tissue

HERE = Path(__file__).parent
SOURCE = HERE.parent.parent / "src"
HOURS = 6.0


def start(store: Path, sleep: float, threads: int) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(SOURCE), str(HERE)])}
    return subprocess.Popen(
        [sys.executable, str(HERE / "tissue_driver.py"), *map(str, (store, HOURS, sleep, threads))],
        env=environment, start_new_session=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def exported(run: TissueRun, folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in run.to_csv(folder).iterdir()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "engine_hash", lambda: "fake")
        plans = {arm: plan(arm, HOURS) for arm in ("control", "drug")}
        run = execute_tissue(plans, CALL, store=tmp_path_factory.mktemp("straight") / "s", engine=Fake)
    return exported(run, tmp_path_factory.mktemp("csv"))


def steps(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def test_killed_ten_times_and_resumed(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    store, chance = tmp_path / "store", random.Random(5)
    log = tmp_path / "store.log"
    for turn in range(10):
        mark = len(steps(log))
        process = start(store, 0.04, 1 + turn % 2)
        deadline = time.monotonic() + 30
        while len(steps(log)) == mark and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.6))
        assert process.poll() is None, "the run was over before it was killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    before = len(steps(log))
    last = start(store, 0.0, 2)
    output, _ = last.communicate(timeout=60)
    assert last.returncode == 0
    assert before < len(steps(log)) < 2 * 60 + 10 * 12, "most steps are done once"
    run = TissueRun.open(output.strip())
    assert run.status == "complete"
    assert not list(run.path.rglob(".tmp-*"))
    assert not list(run.path.rglob("checkpoint*"))
    assert exported(run, tmp_path / "csv") == undisturbed
