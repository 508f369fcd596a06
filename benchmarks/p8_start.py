"""P8: how long until something is on the screen: help, cold compilation, fresh checkout to open report.

``python -m benchmarks.p8_start [--checkout]``; the checkout (clone, new environment, empty kernel
cache, ``make demo``) takes minutes and is left out without the flag.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._results import Row, save, show

ROOT = Path(__file__).parents[1]


def seconds(command: list[str], cwd: Path = ROOT, env: dict[str, str] | None = None) -> tuple[float, float]:
    """Wall and CPU seconds of a command that has to succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=env, check=True, capture_output=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def help_row() -> Row:
    """The command's help, median of seven."""
    command = [str(Path(sys.executable).with_name("vesiflux")), "--help"]
    figures = [seconds(command) for _ in range(7)]
    wall, cpu = (statistics.median(column) for column in zip(*figures, strict=True))
    return {
        "id": "P8",
        "case": "vesiflux --help",
        "ours": wall,
        "unit": "s (wall)",
        "target": 0.5,
        "note": f"{cpu:.2f} s CPU",
    }


def compile_row() -> Row:
    """Every kernel compiled with an empty cache."""
    code = "from vesiflux.engines.compartments import warm_up; warm_up()"
    with tempfile.TemporaryDirectory() as cache:
        wall, cpu = seconds([sys.executable, "-c", code], env=os.environ | {"XDG_CACHE_HOME": cache})
    return {
        "id": "P8",
        "case": "cold compilation",
        "ours": wall,
        "unit": "s (wall)",
        "target": 45.0,
        "note": f"{cpu:.0f} s CPU, start of Python included",
    }


def tissue_rows() -> list[Row]:
    """Every kernel of the library's tissue, its cells' programs included, with an empty cache.

    The second row is what other work on the machine does not change: the processor's time of the longer of
    the two processes, which is the wall time where both have a core to themselves.
    """
    code = (
        "import resource; from vesiflux.cli._io import load_model; "
        "from vesiflux.ir.lowering.tissue import lower_tissue; "
        "from vesiflux.engines.tissue.warm import warm_up; "
        "warm_up(lower_tissue(load_model('tumour-slice'))); "
        "both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]; "
        "print(*(used.ru_utime + used.ru_stime for used in both))"
    )
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"XDG_CACHE_HOME": cache},
            check=True,
            capture_output=True,
            text=True,
        )
        wall = time.perf_counter() - start
    own, other = (float(word) for word in done.stdout.split())
    case = "cold compilation, tissue"
    note = f"{own:.0f} and {other:.0f} s CPU of two processes, start of Python and reading the model included"
    load = f"; {os.getloadavg()[0]:.0f} processes wanted {os.cpu_count()} cores"
    row: Row = {"id": "P8", "target": 45.0, "note": note}
    return [
        row | {"case": case, "ours": wall, "unit": "s (wall)", "note": note + load},
        row | {"case": f"{case}: the longer process", "ours": max(own, other), "unit": "s (CPU)"},
    ]


def checkout_row() -> Row:
    """Clone, install, compile, run, report."""
    with tempfile.TemporaryDirectory() as folder:
        clone, cache = Path(folder) / "vesiflux", Path(folder) / "cache"
        environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
        environment.pop("VIRTUAL_ENV", None)
        start = time.perf_counter()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        seconds(["make", "demo"], cwd=clone, env=environment)
        wall = time.perf_counter() - start
        assert (clone / "vesiflux-report" / "index.html").is_file()
    return {
        "id": "P8",
        "case": "fresh checkout to report",
        "ours": wall,
        "unit": "s (wall)",
        "target": 180.0,
        "note": "installation, compilation and download included",
    }


def main() -> None:
    """Measure, print and keep."""
    rows = [help_row(), compile_row(), *tissue_rows()]
    if "--checkout" in sys.argv[1:]:
        rows.append(checkout_row())
    save(rows)
    show(rows)


if __name__ == "__main__":
    main()
