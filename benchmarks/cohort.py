"""A virtual ward: seconds, and milliseconds per patient and arm, from nothing to the summary.

``python -m benchmarks.cohort`` runs the cohort of `sepsis-therapy` (``--model``) with 10,000 patients in the
first three of its arms into an empty store, and tells the seconds of the clock. What one processor works per
patient and arm is measured beside it on a twentieth of the patients in one thread: other work on the machine
lengthens the clock, and that hardly. Times the number of pairs, over the number of cores, it is what a quiet
machine takes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from typing import Any

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
if threads == 1:  # what is loaded and compiled only once
    vf.cohort(model, patients=64, arms=chosen, seed=2, threads=1, store=store).summary()
before = time.process_time()
study = vf.cohort(model, patients=patients, arms=chosen, threads=threads, store=store)
study.summary()
print(json.dumps({
    "worked": time.process_time() - before, "clock": time.perf_counter() - began,
    "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "arms": len(chosen), "days": study.patients.end / 24,
    "states": len(study.patients.run.compiled.program.states), "seconds": dict(study.seconds),
}))
"""


def study(model: str, patients: int, arms: int, threads: int) -> dict[str, Any]:
    """What a study takes in a process of its own, from an empty store."""
    with tempfile.TemporaryDirectory() as store:
        call = [sys.executable, "-c", STUDY, model, store, str(patients), str(arms), str(threads)]
        done = subprocess.run(call, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(model: str, patients: int, arms: int, threads: int) -> list[Row]:
    """Run the study, print what it took and return its rows."""
    few = max(256, patients // 20)
    alone = study(model, few, arms, 1)
    each = 1e3 * alone["worked"] / few / alone["arms"]
    quiet = 1e-3 * each * patients * alone["arms"] / threads
    case = f"{model}, {patients} patients, {alone['arms']} arms, {alone['days']:g} days"
    print(f"{case}, {alone['states']} states")
    print(f"a processor works {each:.2f} ms per patient and arm: {quiet:.0f} s on {threads} quiet cores")
    whole = study(model, patients, arms, threads)
    took = whole["seconds"]
    print(f"clock, {threads} threads: {whole['clock']:.0f} s, of it {took['run']:.0f} s to run ", end="")
    print(f"and {took['statistics']:.1f} s of statistics; {whole['memory']:.0f} MB")
    shared = "the machine was shared" if whole["clock"] > 1.5 * quiet + 10.0 else ""
    return [
        {"id": "cohort", "case": f"{case}: clock", "ours": whole["clock"], "unit": "s", "target": TARGET_S,
         "note": shared},
        {"id": "cohort", "case": f"{case}: processors over {threads} cores", "ours": quiet, "unit": "s",
         "target": TARGET_S},
        {"id": "cohort", "case": f"{case}: per patient and arm", "ours": each, "unit": "ms"},
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
