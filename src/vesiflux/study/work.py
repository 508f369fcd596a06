"""What one worker does with one block: claim it, compute what is missing, store it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vesiflux._version import __version__
from vesiflux.store.blocks import Block, GroupIndex, block_name, commit
from vesiflux.store.keys import lane_keys
from vesiflux.store.layout import Store

if TYPE_CHECKING:
    from vesiflux.study.plan import Plan, Slot

__all__ = ["SOLVER", "Outcome", "Task", "Worker"]

#: The engine's `solve`, by name, so that a worker imports it and nothing is sent.
SOLVER = "vesiflux.engines.compartments:solve"


@dataclass(frozen=True)
class Task:
    """One block: lanes ``lanes`` of slot ``slot``, all within draws ``start`` to ``stop - 1``."""

    slot: int
    start: int
    stop: int
    lanes: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """``stored``: computed and stored. ``found``: was there. ``busy``: another process computes it."""

    kind: Literal["stored", "found", "busy"]
    lanes: int


class Worker:
    """Computes and stores blocks of one plan in one store; the engine may use ``threads`` threads."""

    def __init__(self, plan: Plan, store: Path, solver: str = SOLVER, threads: int = 1) -> None:
        self._threads = threads
        self._plan = plan
        self._store = Store(store)
        module, _, name = solver.partition(":")
        self._solve: Callable[..., Any] = getattr(import_module(module), name)
        self._indices: dict[str, GroupIndex] = {}

    def run(self, task: Task) -> Outcome:
        """Do one block. Raises `RunError` when the store refuses it."""
        slot = self._plan.slots[task.slot]
        values = self._plan.values(slot, task.start, task.stop)
        lanes = np.array(task.lanes)
        keys = lane_keys(slot.group, values[:, lanes - task.start * self._plan.replicates])
        claim = self._store.claim(block_name(keys))
        if claim is None:
            return Outcome("busy", 0)
        finished = False
        try:
            index = self._indices.setdefault(slot.group, GroupIndex(self._store, slot.group)).refresh()
            missing = [i for i, key in enumerate(keys) if key not in index.where]
            if missing:
                left = lanes[missing]
                parameters = values[:, left - task.start * self._plan.replicates]
                block = self._compute(slot, left, [keys[i] for i in missing], parameters)
                commit(self._store, block, index, claimed=block_name(keys))
            finished = True
        finally:
            claim.release(remove=finished)
        return Outcome("stored" if missing else "found", len(task.lanes))

    def _compute(self, slot: Slot, lanes: Any, keys: list[str], parameters: Any) -> Block:
        from vesiflux.engines.compartments import Settings

        plan = self._plan
        program = plan.compiled.program
        began, clock = datetime.now(UTC), time.perf_counter()
        solution = self._solve(
            program,
            parameters,
            times=np.asarray(plan.compiled.times),
            inputs=slot.inputs,
            inputs_before=slot.inputs_before,
            events=slot.events,
            settings=Settings(**plan.settings, threads=self._threads),
        )
        return Block(
            group=slot.group,
            keys=tuple(keys),
            columns={
                "draw": lanes // plan.replicates,
                "replicate": lanes % plan.replicates,
                "status": solution.status,
                "method": solution.method,
                "steps": solution.steps,
                "rejected": solution.rejected,
                "balance_error": solution.balance_error,
            },
            final=solution.outputs_final,
            final_names=tuple((o.name, o.unit) for o in program.outputs),
            parameters=parameters,
            parameter_names=tuple((p.name, p.unit) for p in program.parameters),
            series=solution.outputs_series,
            series_names=tuple((o.name, o.unit) for o in program.outputs if o.series),
            times=np.asarray(plan.compiled.times),
            bursts=getattr(solution, "bursts", None),
            burst_names=getattr(program, "content_names", ()),
            provenance={
                "model": plan.compiled.name,
                "arm": slot.arm,
                "structure": slot.structure,
                "seed": plan.seed,
                "began": began.isoformat(timespec="seconds"),
                "seconds": time.perf_counter() - clock,
                "host": platform.node(),
                "process": os.getpid(),
                "vesiflux": __version__,
                "numpy": np.__version__,
            },
        )
