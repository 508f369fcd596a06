"""A run in a process of its own, to be killed: ``driver.py MODEL STORE DRAWS THREADS BLOCK``.

MODEL: the lowered model, pickled, since lowering takes most of a short process's life.
"""

from __future__ import annotations

import pickle
import signal
import sys
from pathlib import Path

from vesiflux.study import plan, pool
from vesiflux.study.run import execute


def call(draws: int, **changes: object) -> dict[str, object]:
    """Arguments of a run."""
    plain = {
        "arms": ["control"],
        "draws": draws,
        "replicates": 1,
        "seed": 1,
        "set": {},
        "structures": "default",
    }
    return plain | changes


if __name__ == "__main__":
    # a shell that starts tests in the background has them ignore it, and so would we
    signal.signal(signal.SIGINT, signal.default_int_handler)
    compiled = pickle.loads(Path(sys.argv[1]).read_bytes())
    draws, threads, block = map(int, sys.argv[3:])
    plan.engine_hash = lambda: "fake"  # sources may change while tests run; keys must not
    pool.POOL_PAYS_S = 0.0  # a pool from the start
    pool.PRELOAD = ("vesiflux.study.work", "scipy.special", "pyarrow.parquet")  # no numba
    run = execute(
        compiled, call(draws), threads=threads, store=sys.argv[2], block=block, solver="fake_engine:solve"
    )
    sys.stdout.write(f"{run.path}\n")
