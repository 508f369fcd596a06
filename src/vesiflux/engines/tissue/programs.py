"""The programs inside the cells: one lane per cell, run by the compartments engine's kernels.

The same tape as in a dish, advanced from step to step. A cell's numbers depend on nothing but its own states
and inputs, so neither threads nor the order of cells change them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.engines.compartments import Settings, solve
from vesiflux.engines.compartments import kernels as _kernels
from vesiflux.engines.compartments.prepare import Prepared, prepare
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
#: Cells below which threads are not worth starting.
SERIAL_BELOW = 256


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
        self._model = self._prepared.model(rtol, atol)
        self._view = prepare(kind.view) if kind.view is not None else None
        self._all = np.ones(self.n_states, dtype=np.bool_)

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
        jobs = _jobs(states, inputs, len(self.program.outputs))
        jobs.h[:] = dt
        schedule = self._prepared.schedule((), np.array([dt]))._replace(times=np.zeros(0))
        queue = np.arange(len(states), dtype=np.int64)
        self._spread(
            queue,
            False,
            lambda q, w: kernels.dopri5(self._model, schedule, jobs, q, w, MOST_STEPS, STIFF_STEPS),
        )
        stiff = queue[jobs.status == kernels.STIFF]
        if len(stiff):
            factor = self._prepared.factor(self._all)
            self._spread(
                stiff,
                True,
                lambda q, w: kernels.rodas4(
                    self._model, schedule, factor, jobs, q, w, MOST_STEPS, False, self._all
                ),
            )
        failed = np.flatnonzero(jobs.status != kernels.DONE)
        if len(failed):
            from vesiflux.engines.compartments.status import Status

            why = Status(int(jobs.status[failed[0]])).name.lower().replace("_", " ")
            raise RunError(f"the program of a cell of type {self.kind.name} cannot be integrated: {why}")
        final: Floats = jobs.final
        return final

    def outputs(self, states: Floats, inputs: Floats) -> Floats:
        """Outputs of the program as the cells stand, (cells, n_outputs)."""
        return self._look(self._prepared, self.program, states, inputs)

    def view(self, states: Floats, inputs: Floats) -> Floats:
        """What people look at, (cells, n_shown)."""
        if self._view is None or self.kind.view is None:
            return np.zeros((len(states), 0))
        return self._look(self._view, self.kind.view, states, inputs)

    def _look(self, prepared: Prepared, program: Program, states: Floats, inputs: Floats) -> Floats:
        jobs = _jobs(states.copy(), inputs, len(program.outputs))
        if len(program.outputs):
            schedule = prepared.schedule((), np.zeros(1))._replace(times=np.zeros(0))
            model = prepared.model(1e-6, 1e-9)
            work = prepared.work(False)
            kernels.dopri5(model, schedule, jobs, np.arange(len(states), dtype=np.int64), work, 1, 0.0)
        final: Floats = jobs.final
        return final

    def _spread(self, queue: npt.NDArray[np.int64], implicit: bool, work_on: object) -> None:
        assert callable(work_on)
        pieces = [queue]
        if self.threads > 1 and len(queue) >= SERIAL_BELOW:
            pieces = [q for q in np.array_split(queue, self.threads) if len(q)]
        if len(pieces) == 1:
            work_on(queue, self._prepared.work(implicit))
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(len(pieces)) as pool:
            for done in [pool.submit(work_on, q, self._prepared.work(implicit)) for q in pieces]:
                done.result()


def _jobs(states: Floats, inputs: Floats, n_outputs: int) -> Any:
    """Jobs of the kernels for cells that begin where they stand."""
    n = len(states)

    def whole(value: int) -> npt.NDArray[np.int64]:
        return np.full(n, value, dtype=np.int64)

    return kernels.Jobs(
        parameters=np.zeros((n, 0)),
        inputs=np.ascontiguousarray(inputs),
        x=states,
        t=np.zeros(n),
        h=np.zeros(n),
        segment=whole(0),
        fresh=whole(1),
        record=whole(0),
        status=whole(kernels.PENDING),
        steps=whole(0),
        rejected=whole(0),
        balance=np.zeros((n, 0)),
        size=np.zeros((n, 0)),
        drift=np.zeros(n),
        residual=np.full(n, np.nan),
        series=np.empty((n, 0, 0)),
        final=np.full((n, n_outputs), np.nan),
    )
