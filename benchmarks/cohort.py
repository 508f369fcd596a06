"""A virtual ward: seconds, and milliseconds per patient and arm, from nothing to the summary.

``python -m benchmarks.cohort`` runs the cohort of `sepsis-therapy` (``--model``) with 10,000 patients in the
first three of its arms into an empty store. Beside the seconds of the clock stand those that processors
worked, which other work on the machine does not lengthen; over the number of cores they are what a quiet
machine takes at least.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile

from benchmarks._results import Row, save, show

#: Seconds for 10,000 patients, 14 days, three arms, on 2 cores.
TARGET_S = 120.0

STUDY = """
import json, resource, sys, time
began = time.perf_counter()
import vesiflux as vf
from vesiflux.engines.compartments import warm_up
name, store = sys.argv[1], sys.argv[2]
patients, arms, threads = (int(word) for word in sys.argv[3:])
warm_up()
model = vf.Model.load(name)
chosen = list(model.spec.cohort.arms or model.spec.run.arms or model.spec.arms)[:arms]
study = vf.cohort(model, patients=patients, arms=chosen, threads=threads, store=store)
study.summary()
wall = time.perf_counter() - began
worked = sum(getattr(resource.getrusage(w), t) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
             for t in ("ru_utime", "ru_stime"))
memory = max(resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
print(json.dumps({
    "wall": wall, "worked": worked, "memory": memory, "arms": len(chosen), "days": study.patients.end / 24,
    "states": len(study.patients.run.compiled.program.states), "left_out": int((~study.patients.kept).sum()),
    "seconds": dict(study.seconds),
}))
"""


def measure(model: str, patients: int, arms: int, threads: int) -> list[Row]:
    """Run the study in a process of its own, print what it took and return its rows."""
    with tempfile.TemporaryDirectory() as store:
        call = [sys.executable, "-c", STUDY, model, store, str(patients), str(arms), str(threads)]
        done = subprocess.run(call, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    pairs, clock, worked = patients * found["arms"], found["wall"], found["worked"]
    took = found["seconds"]
    case = f"{model}, {patients} patients, {found['arms']} arms, {found['days']:g} days"
    print(f"{case}, {found['states']} states")
    print(f"clock, {threads} threads: {clock:.0f} s, of it {took['run']:.0f} s to run and ", end="")
    print(f"{took['statistics']:.1f} s of statistics")
    print(f"processors worked {worked:.0f} s: {1e3 * worked / pairs:.2f} ms per patient and arm, ", end="")
    print(f"{worked / threads:.0f} s on {threads} quiet cores")
    print(f"{found['memory']:.0f} MB in the largest process, {found['left_out']} patients left out")
    shared = "the machine was shared" if clock * threads > 1.3 * worked else ""
    figures = {
        "clock": (clock, "s", TARGET_S),
        f"processors over {threads} cores": (worked / threads, "s", TARGET_S),
        "per patient and arm": (1e3 * worked / pairs, "ms", None),
    }  # fmt: skip
    return [
        {"id": "cohort", "case": f"{case}: {what}", "ours": ours, "unit": unit, "target": target,
         "note": shared if what == "clock" else ""}
        for what, (ours, unit, target) in figures.items()
    ]  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="sepsis-therapy")
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--arms", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="print only, keep no result")
    given = parser.parse_args()
    rows = measure(given.model, given.patients, given.arms, given.threads)
    if not given.dry:
        save(rows)
        show(rows)
