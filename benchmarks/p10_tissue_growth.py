"""P10 and P9 of the whole engine: cells with 30 nodes each, vesicles and factors in 5 fields, one thread.

P10: microseconds per cell and step from 1e4 to 1e6 cells, all parts of a step included, and seconds per
simulated hour. The largest run is the one that has to fit: 1e6 cells, 5 fields, one simulated hour inside
24 GB, in a process that cannot have more. P9 (`benchmarks.p9_tissue_memory`) says what the memory goes to.

    python -m benchmarks.p10_tissue_growth [--cells 10000 100000 1000000]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._results import RESULTS, Row, save, show
from benchmarks._tissue import FIELDS, NODES, tissue

LIMIT_GB = 24.0
TARGET = 1.3


def hour(count: int) -> dict[str, float]:
    """One simulated hour of ``count`` cells: times and the process's peak of memory."""
    tissue(2000).step()  # kernels are loaded
    start = time.perf_counter()
    simulation = tissue(count)
    made = time.perf_counter() - start
    start, busy = time.perf_counter(), time.process_time()
    steps = round(1.0 / simulation.plan.step)
    simulation.step(steps)
    return {
        "made_s": made,
        "wall_s": time.perf_counter() - start,
        "cpu_s": time.process_time() - busy,
        "steps": steps,
        "cells": simulation.cells.n,
        "voxels": simulation.grid.n_voxels,
        "balance": max(simulation.balance().values()),
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def alone(count: int) -> dict[str, float]:
    """`hour` in a process of its own that cannot have more than the limit."""

    def confine() -> None:
        size = int(LIMIT_GB * 1e9)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    command = [sys.executable, "-m", "benchmarks.p10_tissue_growth", "--one", str(count)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True, preexec_fn=confine
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def peer_hour(count: int) -> float | None:
    """What P3 measured of pyphysicell, without vesicles and networks."""
    rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    known = [r["peer_value"] for r in rows if r["id"] == "P3" and str(count) in r["case"] and r["peer_value"]]
    return float(known[0]) if known else None


def rows_of(counts: list[int]) -> list[Row]:
    """P10, and the run that has to fit."""
    rows: list[Row] = []
    each: list[float] = []
    for count in counts:
        found = alone(count)
        each.append(1e6 * found["cpu_s"] / (found["steps"] * found["cells"]))
        note = (
            f"{found['cpu_s']:.1f} s per simulated hour (CPU), peak {found['peak_gb']:.2f} GB, "
            f"{found['voxels']:.0f} voxels, balance {found['balance']:.0e}"
        )
        theirs = peer_hour(count)
        if theirs is not None:
            note += f"; {found['cpu_s'] / theirs:.3f} of pyphysicell's hour of P3, which has neither"
        rows.append(
            {
                "id": "P10",
                "case": f"whole engine, {count} cells",
                "ours": each[-1],
                "unit": "us/cell and step (CPU)",
                "error_ours": found["balance"],
                "note": note,
            }
        )
        print(rows[-1]["case"], rows[-1]["note"], flush=True)
        if count == 1_000_000:
            rows.append(
                {
                    "id": "P9",
                    "case": f"{count} cells of {NODES} nodes, {FIELDS} fields, one simulated hour",
                    "ours": found["peak_gb"],
                    "unit": "GB at the peak",
                    "target": LIMIT_GB,
                    "note": f"{found['wall_s']:.0f} s, and {found['made_s']:.0f} s to place the cells",
                }
            )
    if len(each) > 1:
        rows.append(
            {
                "id": "P10",
                "case": f"whole engine, time per cell, {counts[0]} to {counts[-1]} cells",
                "ours": max(each) / min(each),
                "unit": "largest over smallest",
                "target": TARGET,
            }
        )
    return rows


def slice_row() -> Row:
    """The library's slice of a tumour, 48 h, as a user starts it: frames and checkpoints included."""
    command = [str(Path(sys.executable).with_name("vesiflux")), "run", "tumour-slice", "--threads", "2"]
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run([*command, "--out", folder, "--json"], check=True, capture_output=True)
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "id": "P10",
        "case": "vesiflux run tumour-slice, 5,000 cells, 48 h",
        "ours": wall,
        "unit": "s (wall), 2 threads",
        "target": 180.0,
        "note": f"{cpu:.0f} s CPU; kernels compiled before",
    }


def main() -> None:
    """Measure, print and keep."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--cells", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        print(json.dumps(hour(chosen.one)))
        return
    rows = [slice_row(), *rows_of(chosen.cells)]
    save(rows)
    show(rows)


if __name__ == "__main__":
    main()
