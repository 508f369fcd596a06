"""The programs inside the cells: one lane per cell, run by the compartments engine's kernels.

The same tape as in a dish, advanced from step to step. A cell's numbers depend on nothing but its own states
and inputs, so neither threads nor the order of cells change them.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vesiflux.engines.compartments import Settings, solve
from vesiflux.engines.compartments import kernels as _kernels
from vesiflux.engines.compartments.prepare import Prepared, prepare
from vesiflux.engines.tissue.pool import pool
from vesiflux.errors import RunError
from vesiflux.ir.program import Program

if TYPE_CHECKING:
    from vesiflux.ir.tissue import CellKind

__all__ = ["KindProgram"]

Floats = npt.NDArray[np.float64]

kernels: Any = _kernels  # typed by numba

#: Steps that a cell's program may take within one step of the tissue.
MOST_STEPS = 20_000
#: Explicit steps left in half a step of the tissue above which the implicit method takes over.
STIFF_STEPS = 12.0
#: Tolerances of a cell's program over those of a dish. The error estimate is that of a method of order 4;
#: with steps as short as half a step of the tissue that of order 5 errs ten times less than it (measured).
SLACK = 10.0
#: Cells of one piece of work; pieces are the same for any number of threads.
BLOCK = 1024


class _Bench:
    """What one piece of work needs beside the cells: scratch of the kernels, and a place per cell.

    Each thread takes one, works, and puts it back.
    """

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self.explicit = prepared.work(False)
        self._implicit: Any = None
        self.queue = np.arange(BLOCK)
        self._whole = np.zeros((5, BLOCK), dtype=np.int64)
        self._real = np.zeros((4, BLOCK))

    @property
    def implicit(self) -> Any:
        """Scratch for the implicit method."""
        if self._implicit is None:
            self._implicit = self._prepared.work(True)
        return self._implicit

    def jobs(self, states: Floats, inputs: Floats, outputs: Floats, dt: float) -> Any:
        """Jobs of the kernels for at most `BLOCK` cells, which begin where they stand.

        ``dt``: first step to try, h; 0: the outputs alone are wanted.
        """
        n = len(states)
        self._whole[:], self._real[:] = 0, 0.0
        fresh, segment, record, steps, rejected = self._whole[:, :n]
        t, h, drift, residual = self._real[:, :n]
        h[:] = dt
        # a job that is not fresh has left the boundary at its start and takes the step it is given
        fresh[:] = dt == 0.0
        return kernels.Jobs(
            parameters=np.zeros((n, 0)),
            inputs=inputs,
            x=states,
            t=t,
            h=h,
            segment=segment,
            fresh=fresh,
            record=record,
            status=np.full(n, kernels.PENDING, dtype=np.int64),
            steps=steps,
            rejected=rejected,
            balance=np.zeros((n, 0)),
            size=np.zeros((n, 0)),
            drift=drift,
            residual=residual,
            series=np.empty((n, 0, 0)),
            final=outputs,
        )


Benches: TypeAlias = "SimpleQueue[_Bench]"


class KindProgram:
    """The program of one cell type, for all its cells at once.

    ``inputs``: default input values of one cell, shape (n_inputs,).
    """

    def __init__(self, kind: CellKind, rtol: float, atol: float, threads: int = 1) -> None:
        self.kind = kind
        self.program = kind.program
        self.n_states = len(kind.program.states)
        self.inputs = np.array([p.value for p in kind.program.inputs], dtype=np.float64)
        self.threads = threads
        self._prepared = prepare(kind.program)
        self._model = self._prepared.model(SLACK * rtol, SLACK * atol)
        self._view = prepare(kind.view) if kind.view is not None else None
        self._all = np.ones(self.n_states, dtype=np.bool_)
        self._benches = _benches(self._prepared, threads)
        self._kept: tuple[float, Any] = (-1.0, None)

    def at_rest(self, inputs: Floats, settle: bool) -> Floats:
        """States of a cell at the start, shape (n_states,), under ``inputs``; at rest if ``settle``."""
        if not self.n_states:
            return np.zeros(0)
        settle = settle and any(s.intracellular for s in self.program.states)
        found = solve(
            self.program,
            np.zeros((0, 1)),
            times=[0.0],
            inputs=inputs,
            inputs_before=inputs,
            settings=Settings(equilibrate=settle),
        )
        if found.status[0] != 0:
            raise RunError(f"cells of type {self.kind.name} find no rest before t = 0")
        states: Floats = found.states_final[:, 0]
        return states

    def advance(self, states: Floats, inputs: Floats, dt: float) -> Floats:
        """Advance ``states``, shape (cells, n_states), in place by ``dt`` h; outputs, (cells, n_outputs).

        ``inputs``: (cells, n_inputs), constant over the step. Raises `RunError` naming a cell that cannot be
        integrated.
        """
        if not self.n_states:
            return self.outputs(states, inputs)
        schedule = self._schedule(dt)

        def work(bench: _Bench, x: Floats, u: Floats, found: Floats) -> None:
            jobs, queue = bench.jobs(x, u, found, dt), bench.queue[: len(x)]
            kernels.dopri5(self._model, schedule, jobs, queue, bench.explicit, MOST_STEPS, STIFF_STEPS)
            stiff = queue[jobs.status == kernels.STIFF]
            if len(stiff):
                factor = self._prepared.factor(self._all)
                kernels.rodas4(
                    self._model, schedule, factor, jobs, stiff, bench.implicit, MOST_STEPS, False, self._all
                )
            failed = np.flatnonzero(jobs.status != kernels.DONE)
            if len(failed):
                from vesiflux.engines.compartments.status import Status

                why = Status(int(jobs.status[failed[0]])).name.lower().replace("_", " ")
                raise RunError(f"the program of a cell of type {self.kind.name} cannot be integrated: {why}")

        return self._spread(self._benches, states, inputs, len(self.program.outputs), work)

    def outputs(self, states: Floats, inputs: Floats) -> Floats:
        """Outputs of the program as the cells stand, (cells, n_outputs)."""
        return self._look(self._prepared, self._benches, self.program, states, inputs)

    def view(self, states: Floats, inputs: Floats) -> Floats:
        """What people look at, (cells, n_shown)."""
        if self._view is None or self.kind.view is None:
            return np.zeros((len(states), 0))
        benches = _benches(self._view, self.threads)
        return self._look(self._view, benches, self.kind.view, states, inputs)

    def _look(
        self, prepared: Prepared, benches: Benches, program: Program, states: Floats, inputs: Floats
    ) -> Floats:
        if not len(program.outputs):
            return np.zeros((len(states), 0))
        schedule = prepared.schedule((), np.zeros(1))._replace(times=np.zeros(0))
        model = prepared.model(1e-6, 1e-9)

        def work(bench: _Bench, x: Floats, u: Floats, found: Floats) -> None:
            jobs = bench.jobs(x, u, found, 0.0)
            kernels.dopri5(model, schedule, jobs, bench.queue[: len(x)], bench.explicit, 1, 0.0)

        return self._spread(benches, states, inputs, len(program.outputs), work)

    def _schedule(self, dt: float) -> Any:
        """One segment of ``dt`` h without events or records; the last length is remembered."""
        if self._kept[0] != dt:
            made = self._prepared.schedule((), np.array([dt]))._replace(times=np.zeros(0))
            self._kept = (dt, made)
        return self._kept[1]

    def _spread(
        self,
        benches: Benches,
        states: Floats,
        inputs: Floats,
        n_outputs: int,
        work: Callable[[_Bench, Floats, Floats, Floats], None],
    ) -> Floats:
        """Do ``work`` for all cells, block by block; what it wrote as outputs, (cells, n_outputs)."""
        found = np.empty((len(states), n_outputs))
        inputs = np.ascontiguousarray(inputs)

        def block(start: int) -> None:
            some = slice(start, start + BLOCK)
            bench = benches.get()
            try:
                work(bench, states[some], inputs[some], found[some])
            finally:
                benches.put(bench)

        starts = range(0, len(states), BLOCK)
        if self.threads > 1 and len(starts) > 1:
            list(pool(self.threads).map(block, starts))
        else:
            for start in starts:
                block(start)
        return found


def _benches(prepared: Prepared, threads: int) -> Benches:
    """One for each thread."""
    benches: Benches = SimpleQueue()
    for _ in range(max(threads, 1)):
        benches.put(_Bench(prepared))
    return benches
