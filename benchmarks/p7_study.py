"""P7: what a study costs beside its runs, and the time and memory of 10,000 draws of the secretion model.

A run that does nothing but wait (1,000 of them) shows the overhead: keys, blocks on disk, the pool. Waiting
rather than computing keeps other work on the machine out of the figure. Kernels are compiled beforehand.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._results import Row, save, show

RUNS = 1000
WAIT_MS = 50.0
EMPTY, WAITING = "benchmarks.p7_study:empty", "benchmarks.p7_study:waiting"

MODEL = """
vesiflux: 1
name: p7
space: {kind: dish, vessel: 6-well, volume: 2 mL}
vesicles: {exosome: {origin: mvb, diameter: {median: 90 nm}}}
cells:
  donor:
    is: tumour_cell
    count: 1e5 cell
    secretes: {exosome: {rate: {typical: 100, low: 50, high: 200, unit: vesicle/cell/h}}}
arms: {control: {}}
run: {for: 72 h, record: 1 h}
"""

SECRETION = """
import sys, time
began = time.perf_counter()
import vesiflux
draws, threads, store = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
run = vesiflux.run("secretion", arms=["control"], draws=draws, threads=threads, store=store)
summary = run.summary()
failed = summary["arms"]["control"].get("failed_lanes", 0)
print(time.perf_counter() - began, failed)
"""


def empty(program: Any, parameters: Any, *, times: Any, **_: Any) -> Any:
    """The engine's signature; no time at all."""
    from vesiflux.engines.compartments import Solution

    lanes = parameters.shape[1]
    final = np.ones((len(program.outputs), lanes))
    series = np.ones((sum(o.series for o in program.outputs), lanes, len(times)))
    whole, real = np.zeros(lanes, dtype=np.int64), np.zeros(lanes)
    return Solution(times, series, final, final, real, whole, whole, whole, whole, real, real)


def waiting(program: Any, parameters: Any, *, settings: Any, **rest: Any) -> Any:
    """The same after `WAIT_MS` for every lane, shared among the threads."""
    time.sleep(WAIT_MS / 1000.0 * parameters.shape[1] / settings.threads)
    return empty(program, parameters, **rest)


def study_seconds(solver: str, threads: int, block: int) -> float:
    """Wall time of `RUNS` runs."""
    from vesiflux.ir.lowering import lower
    from vesiflux.language import Model
    from vesiflux.study.run import execute

    compiled = lower(Model.from_text(MODEL))
    call = {"arms": None, "draws": RUNS, "replicates": 1, "seed": 1, "set": {}, "structures": "default"}
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        execute(compiled, call, threads=threads, store=Path(folder) / "store", block=block, solver=solver)
        return time.perf_counter() - began


def secretion(draws: int, threads: int) -> tuple[float, float, int]:
    """Seconds from the import of vesiflux to the summary, peak memory of all processes (MB), failed draws."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", SECRETION, str(draws), str(threads), str(Path(folder) / "store")],
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, session_megabytes(process.pid))
            time.sleep(0.1)
        output = process.communicate()[0]
    if process.returncode:
        raise SystemExit(f"the secretion run failed with exit code {process.returncode}")
    seconds, failed = output.split()
    return float(seconds), peak, int(failed)


def session_megabytes(session: int) -> float:
    """Memory of all processes of a session, pages they share counted once; 0 where there is no /proc."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[3]) == session:
                rollup = (stat.parent / "smaps_rollup").read_text(encoding="utf-8")
                total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        except (OSError, StopIteration):  # it ended while we looked
            continue
    return total / 1024.0


def row(case: str, ours: float, unit: str, target: float | None, note: str) -> Row:
    """A row without a peer: the target is an absolute figure."""
    return {
        "id": "P7", "case": case, "ours": ours, "peer": None, "peer_value": None, "ratio": None, "unit": unit,
        "error_ours": None, "error_peer": None, "target": target, "note": note,
    }  # fmt: skip


def main() -> None:
    """Measure, print and save."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--draws", type=int, default=10_000)
    chosen = options.parse_args()
    threads = chosen.threads
    on = f"{threads} threads"
    rows = []
    for case, block, target in (
        ("overhead, blocks of 256", 256, 5.0),
        ("overhead, every run a block of its own", 1, None),
    ):
        seconds = study_seconds(EMPTY, threads, block)
        rows.append(row(f"1,000 runs: {case}", 1000 * seconds / RUNS, "ms/run", target, f"empty runs, {on}"))
    for block in (256, 64):
        seconds = study_seconds(WAITING, threads, block)
        busy = 100.0 * RUNS * WAIT_MS / 1000.0 / threads / seconds
        case = f"1,000 runs of 50 ms: cores busy, blocks of {block}"
        rows.append(row(case, busy, "%", 90.0, f"at least; waiting runs, {on}"))
    secretion(64, threads)  # compiles, where nothing did before
    seconds, peak, failed = secretion(chosen.draws, threads)
    name = f"{chosen.draws:,} draws of secretion, 72 h"
    rows.append(row(name, seconds, "s", 60.0, f"import to summary, {on}, {failed} draws failed"))
    rows.append(row(f"{name}: peak memory", peak, "MB", 2000.0, "all processes"))
    show(rows)
    save(rows)


if __name__ == "__main__":
    main()
