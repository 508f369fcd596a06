import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from vesiflux.store.locks import acquire, held


def test_taken_and_free_again(tmp_path: Path) -> None:
    first = acquire(tmp_path / "a", wait=False)
    assert first is not None
    assert acquire(tmp_path / "a", wait=False) is None
    assert acquire(tmp_path / "b", wait=False) is not None
    first.release()
    assert acquire(tmp_path / "a", wait=False) is not None


def test_a_removed_lock_file_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for _ in range(3):
        lock = acquire(path, wait=False)
        assert lock is not None
        lock.release(remove=True)
        assert not path.exists()


def test_a_dead_owner_holds_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; from vesiflux.store.locks import acquire;"
        "l = acquire(pathlib.Path(sys.argv[1]), wait=True); print('held', flush=True); time.sleep(60)"
    )
    source = str(Path(__file__).parents[2] / "src")
    owner = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "a")],
        stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": source},
    )  # fmt: skip
    with owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        assert acquire(tmp_path / "a", wait=False) is None
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    lock = acquire(tmp_path / "a", wait=False)
    assert lock is not None


def test_only_one_is_inside(tmp_path: Path) -> None:
    inside = 0
    most = 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(20):
            with held(tmp_path / "a"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
