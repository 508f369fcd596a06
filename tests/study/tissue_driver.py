"""A tissue run in a process of its own, to be killed: ``tissue_driver.py STORE HOURS SLEEP THREADS``.

Steps are logged to ``STORE.log``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import tissue_fake

from vesiflux.store.tissue import keys
from vesiflux.study import tissue_arm
from vesiflux.study.tissue import execute_tissue

CALL = {"arms": None, "seed": 1, "set": {}}


class Slow(tissue_fake.Fake):
    """Slow enough to be killed."""

    sleep, log = 0.0, Path()

    def step(self, n: int = 1) -> None:
        time.sleep(self.sleep)
        with self.log.open("a") as file:
            file.write(f"{self.plan.arm} {self.steps_done}\n")
        super().step(n)


if __name__ == "__main__":
    store, hours, sleep, threads = sys.argv[1], *map(float, sys.argv[2:])
    keys.engine_hash = lambda: "fake"  # sources may change while tests run; keys must not
    tissue_arm.CHECKPOINT_S, tissue_arm.CHECKPOINT_SHARE = 0.02, 0.0
    Slow.sleep, Slow.log = sleep, Path(store + ".log")
    plans = {arm: tissue_fake.plan(arm, hours) for arm in ("control", "drug")}
    run = execute_tissue(plans, CALL, store=store, threads=int(threads), engine=Slow)
    sys.stdout.write(f"{run.path}\n")
