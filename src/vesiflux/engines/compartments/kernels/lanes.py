"""Lanes and the jobs in them: what goes in and comes out, events, and the queue."""

from __future__ import annotations

import numpy as np

from vesiflux.engines import _numba
from vesiflux.engines._simd import load, store
from vesiflux.engines.compartments.kernels import tape
from vesiflux.engines.compartments.kernels.arrays import AT_BOUNDARY, CHUNK, DONE, EMPTY, FRESH, LANES
from vesiflux.engines.compartments.kernels.tape import run_tape

SOURCES = (__file__, *tape.SOURCES)

jit = _numba.compiler(*SOURCES)


@jit.inner
def copy_rows(source, at, target, first, stride):
    """target row (first + i * stride) = source row at offset at[i]."""
    for i in range(at.shape[0]):
        a = at[i]
        d = (first + i * stride) * LANES
        for lo in range(0, LANES, CHUNK):
            store(target, d + lo, load(source, a + lo))


@jit
def states_to_registers(m, w):
    """Put the states X into the state registers."""
    for k in range(0, m.n_states * LANES, CHUNK):
        store(w.R, m.state_at + k, load(w.X, k))


@jit.inner
def load_lane(m, jobs, w, lane, j):
    """Parameters, inputs and states of job j into a lane."""
    for p in range(jobs.parameters.shape[1]):
        w.R[m.parameter_at + p * LANES + lane] = jobs.parameters[j, p]
    for p in range(jobs.inputs.shape[1]):
        w.R[m.input_at + p * LANES + lane] = jobs.inputs[j, p]
    for i in range(m.n_states):
        w.X[i * LANES + lane] = jobs.x[j, i]


@jit.inner
def save_lane(m, jobs, w, lane, j):
    """Inputs and states of a lane back into job j."""
    for p in range(jobs.inputs.shape[1]):
        jobs.inputs[j, p] = w.R[m.input_at + p * LANES + lane]
    for i in range(m.n_states):
        jobs.x[j, i] = w.X[i * LANES + lane]


@jit.inner
def record_lane(m, jobs, w, lane, j):
    """Keep the series outputs, which the outputs tape has just computed."""
    r = jobs.record[j]
    for o in range(m.series.shape[0]):
        jobs.series[j, r, o] = w.R[m.outputs_at[m.series[o]] + lane]
    jobs.record[j] = r + 1


@jit.inner
def balance_lane(m, jobs, w, lane, j, start):
    """Compare the linear invariants with their values at the start of the segment; ``start`` sets those."""
    for v in range(m.invariant_from.shape[0] - 1):
        total = 0.0
        size = 0.0
        for k in range(m.invariant_from[v], m.invariant_from[v + 1]):
            part = m.invariant_weight[k] * w.X[m.invariant_state[k] * LANES + lane]
            total += part
            size += abs(part)
        if start:
            jobs.balance[j, v] = total
            jobs.size[j, v] = size
        else:
            size = max(size, jobs.size[j, v])
            if size > 0.0:
                jobs.drift[j] = max(jobs.drift[j], abs(total - jobs.balance[j, v]) / size)


@jit.inner
def apply_events(m, s, jobs, w, job, mode, b):
    """Events of boundary b, one after the other, for the lanes that stand at it. X holds the states."""
    n = s.result_at.shape[0]
    values = np.empty((n, LANES))
    for v in range(s.event_from[b], s.event_from[b + 1]):
        states_to_registers(m, w)
        run_tape(s.code[s.code_from[v] : s.code_from[v + 1]], w.R)
        for k in range(s.result_from[v], s.result_from[v + 1]):
            for lane in range(LANES):
                values[k, lane] = w.R[s.result_at[k] + lane]
        for lane in range(LANES):
            if mode[lane] != AT_BOUNDARY or jobs.segment[job[lane]] != b:
                continue
            for k in range(s.result_from[v], s.result_from[v + 1]):
                w.X[s.result_state[k] * LANES + lane] = values[k, lane]
            for k in range(s.input_from[v], s.input_from[v + 1]):
                w.R[m.input_at + s.input_index[k] * LANES + lane] = s.input_value[k]
        if s.input_from[v + 1] > s.input_from[v]:
            run_tape(m.prologue, w.R)


@jit.inner
def finish_boundary(m, s, jobs, w, job, mode, b):
    """After the events of boundary b: record if asked, end the job or start its next segment."""
    states_to_registers(m, w)
    run_tape(m.outputs, w.R)
    for lane in range(LANES):
        j = job[lane]
        if mode[lane] != AT_BOUNDARY or jobs.segment[j] != b:
            continue
        r = jobs.record[j]
        if r < s.times.shape[0] and s.times[r] == s.boundary[b]:
            record_lane(m, jobs, w, lane, j)
        if b == s.boundary.shape[0] - 1:
            for o in range(m.outputs_at.shape[0]):
                jobs.final[j, o] = w.R[m.outputs_at[o] + lane]
            save_lane(m, jobs, w, lane, j)
            jobs.t[j] = s.boundary[b]
            jobs.status[j] = DONE
            mode[lane] = EMPTY
        else:
            balance_lane(m, jobs, w, lane, j, True)
            jobs.t[j] = s.boundary[b]
            jobs.h[j] = 0.0
            jobs.fresh[j] = 0
            mode[lane] = FRESH


@jit.inner
def serve(m, s, jobs, w, queue, taken, job, mode):
    """Fill empty lanes from the queue and take lanes over their boundaries, until all can run.

    ``taken``: how many of the queue are gone. Returns it anew.
    """
    while True:
        changed = False
        for lane in range(LANES):
            if mode[lane] == EMPTY and taken < queue.shape[0]:
                j = queue[taken]
                taken += 1
                job[lane] = j
                load_lane(m, jobs, w, lane, j)
                mode[lane] = AT_BOUNDARY if jobs.fresh[j] else FRESH
                changed = True
        if changed:
            run_tape(m.prologue, w.R)
        b = -1
        for lane in range(LANES):
            if mode[lane] == AT_BOUNDARY:
                b = jobs.segment[job[lane]]
                break
        if b < 0:
            return taken
        for lane in range(LANES):
            if mode[lane] == AT_BOUNDARY and jobs.segment[job[lane]] == b and b > 0:
                balance_lane(m, jobs, w, lane, job[lane], False)
        apply_events(m, s, jobs, w, job, mode, b)
        finish_boundary(m, s, jobs, w, job, mode, b)


@jit.inner
def quit_lane(m, jobs, w, lane, job, mode, t, h, status):
    """Give a job back with a status and the point it reached."""
    j = job[lane]
    save_lane(m, jobs, w, lane, j)
    jobs.t[j] = t[lane]
    jobs.h[j] = h[lane]
    jobs.status[j] = status
    mode[lane] = EMPTY
