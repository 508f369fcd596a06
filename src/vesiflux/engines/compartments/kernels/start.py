"""Before anything is solved: the states at the start, and how fast the fastest of them decays."""

from __future__ import annotations

from vesiflux.engines import _numba
from vesiflux.engines.compartments.kernels import lanes
from vesiflux.engines.compartments.kernels.arrays import LANES
from vesiflux.engines.compartments.kernels.lanes import load_lane, states_to_registers
from vesiflux.engines.compartments.kernels.tape import run_tape

SOURCES = (__file__, *lanes.SOURCES)

jit = _numba.compiler(*SOURCES)


@jit
def initial_states(m, code, at, jobs, queue, w):
    """x of each job from the tape of initial values, under its present inputs."""
    for first in range(0, queue.shape[0], LANES):
        count = min(LANES, queue.shape[0] - first)
        for lane in range(LANES):
            load_lane(m, jobs, w, lane, queue[first + min(lane, count - 1)])
        run_tape(m.prologue, w.R)
        run_tape(code, w.R)
        for lane in range(count):
            for i in range(m.n_states):
                jobs.x[queue[first + lane], i] = w.R[at[i] + lane]


@jit
def fastest_decay(m, diagonal, jobs, queue, w, rate):
    """rate[job] = largest |d(dx_i/dt)/dx_i| at its present state. ``diagonal``: indices into jacobian_at."""
    for first in range(0, queue.shape[0], LANES):
        count = min(LANES, queue.shape[0] - first)
        for lane in range(LANES):
            load_lane(m, jobs, w, lane, queue[first + min(lane, count - 1)])
        run_tape(m.prologue, w.R)
        states_to_registers(m, w)
        run_tape(m.jacobian, w.R)
        for lane in range(count):
            largest = 0.0
            for k in range(diagonal.shape[0]):
                largest = max(largest, abs(w.R[m.jacobian_at[diagonal[k]] + lane]))
            rate[queue[first + lane]] = largest
