"""A stand-in for the engine: a formula per lane, a log of what was computed, and mishaps on demand.

Environment: ``FAKE_LOG`` a file that gets one line per lane computed (process, hash of its parameters);
``FAKE_SLEEP`` seconds per call; ``FAKE_KILL`` a file: the worker that finds it removes it and kills itself;
``FAKE_KILL_ALWAYS``: every worker kills itself; ``FAKE_FAIL`` share of lanes that fail.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from vesiflux.engines.compartments.engine import Solution


def solve(
    program: Any, parameters: Any, *, times: Any, inputs: Any, inputs_before: Any, events: Any, settings: Any
) -> Solution:
    _mishaps()
    lanes = parameters.shape[1]
    if "FAKE_LOG" in os.environ:
        lines = [f"{os.getpid()} {lane_id(p)}\n" for p in parameters.T]
        with open(
            os.environ["FAKE_LOG"], "a", encoding="utf-8"
        ) as log:  # one write: lines of two workers do not mix
            log.write("".join(lines))
    time.sleep(float(os.environ.get("FAKE_SLEEP", "0")))
    base = (np.abs(parameters) + 1.0).prod(axis=0) ** 0.1 * (1.0 + inputs.sum())
    kept = sum(o.series for o in program.outputs)
    order = np.arange(1, len(program.outputs) + 1)
    final = order[:, None] * base
    series = order[:kept, None, None] * base[:, None] * (1.0 - np.exp(-times))
    status = np.zeros(lanes, dtype=np.int64)
    failed = np.arange(lanes) < float(os.environ.get("FAKE_FAIL", "0")) * lanes
    status[failed] = 2
    final[:, failed] = series[:, failed] = np.nan
    whole = np.zeros(lanes, dtype=np.int64)
    return Solution(
        times=times, outputs_series=series, outputs_final=final, states_final=final, reached=base,
        status=status, steps=whole, rejected=whole, method=whole, balance_error=np.zeros(lanes),
        residual=base,
    )  # fmt: skip


def lane_id(parameters: Any) -> str:
    """What tells one lane from another: a hash of its parameters."""
    return hashlib.sha256(np.ascontiguousarray(parameters).tobytes()).hexdigest()[:24]


def _mishaps() -> None:
    order = os.environ.get("FAKE_KILL")
    if "FAKE_KILL_ALWAYS" in os.environ or (order and Path(order).exists()):
        if order:
            Path(order).unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
