"""Every compiled function of the compartments engine, in one file.

Layout. A *row* is 32 float64, one per lane; a lane integrates one parameter set. Registers, states,
stage vectors and matrix entries are rows of flat arrays, and tapes hold row offsets (register * 32).
All arithmetic on rows is elementwise, every lane has its own clock, step size, event counter and
record counter, and a lane that is done takes the next job from a queue. So a job's numbers cannot
depend on which other jobs share its batch.

Sources: Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I (DOPRI5: coefficients,
error control, dense output, stiffness test) and Hairer & Wanner II (RODAS: coefficients, Gustafsson's
step size prediction, dense output).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from vesiflux.engines import _numba, _simd
from vesiflux.engines._simd import (
    absolute,
    choose,
    exp,
    fma,
    fnma,
    hill,
    hill_dx,
    less,
    less_equal,
    load,
    load_wide,
    log,
    maximum,
    minimum,
    power,
    root,
    splat,
    store,
)

SOURCES = (__file__, str(_simd.__file__))

LANES = 32  # measured on 150 states: 64 lanes are 10 % slower, their factors no longer fit a 1 MB cache
CHUNK = _simd.WIDTH
WIDE = _simd.WIDE
SERVE_AT = 4  # lanes that wait for an event or a new job before the batch pauses to serve them

# Operations of the engine's own, made by `tapes.fuse`: a Hill term used once, and the gate it feeds.
HILL_OR, HILL_ANDNOT = 32, 33  # p + hill - p hill and p (1 - hill); p is the sixth operand

# What a lane is doing.
EMPTY, AT_BOUNDARY, FRESH, RUNNING = 0, 1, 2, 3

# Job status: the numbers of `status.Status`.
PENDING, DONE, STIFF, MAX_STEPS, STEP_TOO_SMALL, NOT_FINITE, SINGULAR, NOT_STEADY = -1, 0, 1, 2, 3, 4, 5, 6

Array = Any  # numpy arrays; kernels are typed by numba


class Model(NamedTuple):
    """A program as the kernels read it. Offsets are in float64 of the register array."""

    prologue: Array  # tapes: int32 (instructions, 8)
    rhs: Array
    jacobian: Array  # computes rates and derivatives together
    outputs: Array
    rhs_at: Array  # offsets of results
    jacobian_rhs_at: Array
    jacobian_at: Array
    outputs_at: Array
    series: Array  # which outputs are kept at every record time
    parameter_at: int
    input_at: int
    state_at: int
    n_states: int
    atol: Array  # (n_states,)
    rtol: float
    invariant_from: Array
    invariant_state: Array
    invariant_weight: Array


class Schedule(NamedTuple):
    """Boundaries of the smooth segments, the events at each, and the record times."""

    times: Array  # record times, ascending
    boundary: Array  # boundary times, ascending; the last is the end
    event_from: Array  # events of boundary b: event_from[b] .. event_from[b + 1]
    code: Array  # tapes of all events, one after the other
    code_from: Array
    result_from: Array
    result_state: Array
    result_at: Array
    input_from: Array
    input_index: Array
    input_value: Array


class Factor(NamedTuple):
    """The sparse LU of 1/(h gamma) - J with its fixed pattern; see `sparse.analyse`."""

    order: Array  # pivot k -> state
    source: Array  # entry -> index into jacobian_at, or -1
    row_from: Array  # entries of row k: row_from[k] .. row_from[k + 1], columns ascending
    diagonal: Array  # entry of the diagonal of row k
    column: Array  # entry -> column
    pair_from: Array  # updates of an entry
    pair: Array  # (updates, 2): entries of L and U


class Jobs(NamedTuple):
    """One row per parameter set: what goes in, where it stands, what comes out."""

    parameters: Array
    inputs: Array
    x: Array
    t: Array
    h: Array
    segment: Array
    fresh: Array  # 1: the boundary at the start of the segment has not been handled yet
    record: Array
    status: Array
    steps: Array
    rejected: Array
    balance: Array  # (jobs, invariants): value at the start of the segment
    size: Array
    drift: Array
    residual: Array
    series: Array
    final: Array


class Work(NamedTuple):
    """Aligned scratch rows of one batch."""

    R: Array
    X: Array
    K: Array
    LU: Array
    Y: Array


jit = _numba.compiler(*SOURCES)


@jit
def run_tape(code, R):
    """Run a tape over all lanes. ``code``: (n, 8), operation and row offsets; ``R``: flat registers."""
    for i in range(code.shape[0]):
        op = code[i, 0]
        d = np.int64(code[i, 1])
        a = np.int64(code[i, 2])
        b = np.int64(code[i, 3])
        c = np.int64(code[i, 4])
        e = np.int64(code[i, 5])
        if op == 13:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, hill(load(R, a + lo), load(R, b + lo), load(R, c + lo), load(R, e + lo)))
        elif op == 0:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo) + load(R, b + lo))
        elif op == 1:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo) - load(R, b + lo))
        elif op == 2:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo) * load(R, b + lo))
        elif op == 3:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo) / load(R, b + lo))
        elif op == 4:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, splat(-0.0) - load(R, a + lo))
        elif op == 5:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, power(load(R, a + lo), load(R, b + lo)))
        elif op == 6:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, exp(load(R, a + lo)))
        elif op == 7:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, log(load(R, a + lo)))
        elif op == 8:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, root(load(R, a + lo)))
        elif op == 9:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, minimum(load(R, a + lo), load(R, b + lo)))
        elif op == 10:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, maximum(load(R, a + lo), load(R, b + lo)))
        elif op == 11:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, absolute(load(R, a + lo)))
        elif op == 12:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, fma(load(R, a + lo), load(R, b + lo), load(R, c + lo)))
        elif op == HILL_OR:
            f = np.int64(code[i, 6])
            for lo in range(0, LANES, CHUNK):
                p = load(R, f + lo)
                q = hill(load(R, a + lo), load(R, b + lo), load(R, c + lo), load(R, e + lo))
                store(R, d + lo, fnma(p, q, p + q))
        elif op == HILL_ANDNOT:
            f = np.int64(code[i, 6])
            for lo in range(0, LANES, CHUNK):
                p = load(R, f + lo)
                q = hill(load(R, a + lo), load(R, b + lo), load(R, c + lo), load(R, e + lo))
                store(R, d + lo, fnma(p, q, p))
        elif op == 14:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, hill_dx(load(R, a + lo), load(R, b + lo), load(R, c + lo), load(R, e + lo)))
        elif op == 15:
            for lo in range(0, LANES, CHUNK):
                p = load(R, a + lo)
                q = load(R, b + lo)
                store(R, d + lo, fnma(p, q, p + q))
        elif op == 16:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, fnma(load(R, a + lo), load(R, b + lo), load(R, a + lo)))
        elif op == 17:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, (load(R, a + lo) * load(R, b + lo) - load(R, c + lo)) * load(R, e + lo))
        elif op == 18:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, less(load(R, a + lo), load(R, b + lo)))
        elif op == 19:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, less_equal(load(R, a + lo), load(R, b + lo)))
        elif op == 20:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, choose(load(R, a + lo), load(R, b + lo), load(R, c + lo)))
        elif op == 21:
            for lo in range(0, LANES, CHUNK):
                store(R, d + lo, load(R, a + lo))
        elif op == 22:
            for lo in range(LANES):
                R[d + lo] = math.sin(R[a + lo])
        elif op == 23:
            for lo in range(LANES):
                R[d + lo] = math.cos(R[a + lo])


@jit
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


@jit
def load_lane(m, jobs, w, lane, j):
    """Parameters, inputs and states of job j into a lane."""
    for p in range(jobs.parameters.shape[1]):
        w.R[m.parameter_at + p * LANES + lane] = jobs.parameters[j, p]
    for p in range(jobs.inputs.shape[1]):
        w.R[m.input_at + p * LANES + lane] = jobs.inputs[j, p]
    for i in range(m.n_states):
        w.X[i * LANES + lane] = jobs.x[j, i]


@jit
def save_lane(m, jobs, w, lane, j):
    """Inputs and states of a lane back into job j."""
    for p in range(jobs.inputs.shape[1]):
        jobs.inputs[j, p] = w.R[m.input_at + p * LANES + lane]
    for i in range(m.n_states):
        jobs.x[j, i] = w.X[i * LANES + lane]


@jit
def record_lane(m, jobs, w, lane, j):
    """Keep the series outputs, which the outputs tape has just computed."""
    r = jobs.record[j]
    for o in range(m.series.shape[0]):
        jobs.series[j, r, o] = w.R[m.outputs_at[m.series[o]] + lane]
    jobs.record[j] = r + 1


@jit
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


@jit
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


@jit
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


@jit
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


@jit
def quit_lane(m, jobs, w, lane, job, mode, t, h, status):
    """Give a job back with a status and the point it reached."""
    j = job[lane]
    save_lane(m, jobs, w, lane, j)
    jobs.t[j] = t[lane]
    jobs.h[j] = h[lane]
    jobs.status[j] = status
    mode[lane] = EMPTY


@jit
def scaled_square(m, w, V, first, stride, total):
    """total row = mean over states of (V_i / (atol_i + rtol |X_i|))^2."""
    for lo in range(0, LANES, CHUNK):
        store(total, lo, splat(0.0))
    rtol = splat(m.rtol)
    share = splat(1.0 / m.n_states)
    for i in range(m.n_states):
        atol = splat(m.atol[i])
        for lo in range(0, LANES, CHUNK):
            q = load(V, (first + i * stride) * LANES + lo) / fma(
                rtol, absolute(load(w.X, i * LANES + lo)), atol
            )
            store(total, lo, fma(q * share, q, load(total, lo)))


@jit
def first_step(m, s, jobs, w, job, mode, t, h, end, rows, f_row, order):
    """Rates and a first step size for fresh lanes (Hairer's HINIT). Running lanes are left alone.

    ``rows``: rows per state in K; ``f_row``: the row that takes the rates at X.
    """
    any_fresh = False
    for lane in range(LANES):
        any_fresh = any_fresh or mode[lane] == FRESH
    if not any_fresh:
        return
    n = m.n_states
    fresh = np.zeros(LANES)
    for lane in range(LANES):
        fresh[lane] = 1.0 if mode[lane] == FRESH else 0.0
    states_to_registers(m, w)
    run_tape(m.rhs, w.R)
    for i in range(n):
        k = (i * rows + f_row) * LANES
        for lo in range(0, LANES, CHUNK):
            store(w.K, k + lo, choose(load(fresh, lo), load(w.R, m.rhs_at[i] + lo), load(w.K, k + lo)))
    d0 = np.zeros(LANES)
    d1 = np.zeros(LANES)
    scaled_square(m, w, w.X, 0, 1, d0)
    scaled_square(m, w, w.K, f_row, rows, d1)
    h0 = np.zeros(LANES)
    for lane in range(LANES):
        if mode[lane] == FRESH:
            j = job[lane]
            t[lane] = jobs.t[j]
            end[lane] = s.boundary[jobs.segment[j] + 1]
            small = d0[lane] < 1e-10 or d1[lane] < 1e-10
            h0[lane] = min(1e-6 if small else 0.01 * math.sqrt(d0[lane] / d1[lane]), end[lane] - t[lane])
    for i in range(n):
        k = (i * rows + f_row) * LANES
        for lo in range(0, LANES, CHUNK):
            store(
                w.R,
                m.state_at + i * LANES + lo,
                fma(load(h0, lo), load(w.K, k + lo), load(w.X, i * LANES + lo)),
            )
    run_tape(m.rhs, w.R)
    for i in range(n):
        k = (i * rows + f_row) * LANES
        for lo in range(0, LANES, CHUNK):
            store(w.Y, i * LANES + lo, load(w.R, m.rhs_at[i] + lo) - load(w.K, k + lo))
    d2 = np.zeros(LANES)
    scaled_square(m, w, w.Y, 0, 1, d2)
    for lane in range(LANES):
        if mode[lane] == FRESH:
            j = job[lane]
            steepest = max(math.sqrt(d1[lane]), math.sqrt(d2[lane]) / h0[lane])
            if steepest <= 1e-15:
                h1 = max(1e-6, h0[lane] * 1e-3)
            else:
                h1 = math.exp(math.log(0.01 / steepest) / order)
            guess = min(100.0 * h0[lane], h1)
            if not guess > 0.0:
                guess = 1e-6  # rates are not finite: the first step finds out and says so
            h[lane] = min(jobs.h[j] if jobs.h[j] > 0.0 else guess, end[lane] - t[lane])
            mode[lane] = RUNNING


@jit
def trim(t, h, end, last):
    """End the step exactly at the end of the segment where it would reach it (or nearly so)."""
    for lane in range(LANES):
        last[lane] = t[lane] + 1.01 * h[lane] >= end[lane]
        if last[lane]:
            h[lane] = end[lane] - t[lane]


@jit
def interpolate(m, w, rows, weight):
    """State registers = weight[0] X + sum over the K rows of weight[1 + row] K."""
    for i in range(m.n_states):
        base = i * rows * LANES
        for lo in range(0, LANES, CHUNK):
            x = load(weight, lo) * load(w.X, i * LANES + lo)
            for r in range(rows):
                x = fma(load(weight, (r + 1) * LANES + lo), load(w.K, base + r * LANES + lo), x)
            store(w.R, m.state_at + i * LANES + lo, x)


@jit
def due(s, jobs, job, accepted, t, h, end, theta):
    """theta = place of the next record time within the accepted step, or -1. Boundaries record themselves."""
    found = False
    for lane in range(LANES):
        theta[lane] = -1.0
        if accepted[lane] == 0.0:
            continue
        r = jobs.record[job[lane]]
        if r < s.times.shape[0] and s.times[r] <= t[lane] + h[lane] and s.times[r] < end[lane]:
            theta[lane] = (s.times[r] - t[lane]) / h[lane]
            found = True
    return found


@jit
def record_due(m, jobs, w, job, theta):
    """Run the outputs tape on the interpolated states and keep the lanes that asked."""
    run_tape(m.outputs, w.R)
    for lane in range(LANES):
        if theta[lane] >= 0.0:
            record_lane(m, jobs, w, lane, job[lane])


@jit
def waiting(mode, more):
    """(lanes that run, lanes that want to be served)."""
    running = 0
    idle = 0
    for lane in range(LANES):
        if mode[lane] == RUNNING:
            running += 1
        elif mode[lane] != EMPTY or more:
            idle += 1
    return running, idle


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


# ---------------------------------------------------------------- DOPRI5

_A5 = np.array(
    [
        [1 / 5, 0, 0, 0, 0, 0],
        [3 / 40, 9 / 40, 0, 0, 0, 0],
        [44 / 45, -56 / 15, 32 / 9, 0, 0, 0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]
)
_E5 = np.array([71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])
_D5 = np.array(
    [
        -12715105075 / 11282082432,
        0,
        87487479700 / 32700410799,
        -10690763975 / 1880347072,
        701980252875 / 199316789632,
        -1453857185 / 822651844,
        69997945 / 29380423,
    ]
)
_ROWS5 = 7
_BETA = 0.04  # PI control
_EXPONENT5 = 0.2 - 0.75 * _BETA


@jit
def dopri5_stages(m, w, h):
    """Stages 2 to 7; the last state is the new one and stays in the state registers."""
    for stage in range(6):
        for i in range(m.n_states):
            base = i * _ROWS5 * LANES
            for lo in range(0, LANES, CHUNK):
                slope = splat(_A5[stage, 0]) * load(w.K, base + lo)
                for r in range(1, stage + 1):
                    slope = fma(splat(_A5[stage, r]), load(w.K, base + r * LANES + lo), slope)
                store(w.R, m.state_at + i * LANES + lo, fma(load(h, lo), slope, load(w.X, i * LANES + lo)))
        run_tape(m.rhs, w.R)
        copy_rows(w.R, m.rhs_at, w.K, stage + 1, _ROWS5)


@jit
def dopri5_error(m, w, h, error, slope_gap, state_gap):
    """Mean square of the scaled error, and of the two gaps of the stiffness test: between the last two
    stages, in slope times h and in state. Their ratio estimates (h times the fastest rate) squared.

    The new state is moved into the row of stage 2, whose slope nothing after this reads.
    """
    for lo in range(0, LANES, CHUNK):
        store(error, lo, splat(0.0))
        store(slope_gap, lo, splat(0.0))
        store(state_gap, lo, splat(0.0))
    rtol = splat(m.rtol)
    share = splat(1.0 / m.n_states)
    for i in range(m.n_states):
        base = i * _ROWS5 * LANES
        atol = splat(m.atol[i])
        for lo in range(0, LANES, CHUNK):
            new = load(w.R, m.state_at + i * LANES + lo)
            larger = maximum(absolute(load(w.X, i * LANES + lo)), absolute(new))
            inverse = splat(1.0) / fma(rtol, larger, atol)
            e = splat(0.0)
            # y7 - y6 of the stages, both at t + h
            gap = splat(0.0)
            for r in range(6):
                k = load(w.K, base + r * LANES + lo)
                e = fma(splat(_E5[r]), k, e)
                gap = fma(splat(_A5[5, r] - _A5[4, r]), k, gap)
            k6 = load(w.K, base + 5 * LANES + lo)
            k7 = load(w.K, base + 6 * LANES + lo)
            step = load(h, lo) * inverse
            e = fma(splat(_E5[6]), k7, e) * step
            gap = gap * step
            slope = (k7 - k6) * step
            store(error, lo, fma(e * share, e, load(error, lo)))
            store(state_gap, lo, fma(gap, gap, load(state_gap, lo)))
            store(slope_gap, lo, fma(slope, slope, load(slope_gap, lo)))
            store(w.K, base + LANES + lo, new)


@jit
def dopri5_weights(theta, h, weight):
    """Weights of X and the seven slopes for the state at t + theta h (order 4)."""
    for lane in range(LANES):
        q = max(theta[lane], 0.0)
        q1 = 1.0 - q
        ends = q * q1
        skew = q * ends
        weight[lane] = 1.0
        for r in range(7):
            b = _A5[5, r] if r < 6 else 0.0
            v = (q - ends + 2.0 * skew) * b + skew * q1 * _D5[r]
            if r == 0:
                v += ends - skew
            elif r == 6:
                v -= skew
            weight[(r + 1) * LANES + lane] = h[lane] * v


@jit
def dopri5(m, s, jobs, queue, w, max_steps, stiff_steps):
    """Integrate the queued jobs. A job leaves as STIFF when stability has limited its last 15 steps and
    more than ``stiff_steps`` of them would be left (0: never).
    """
    job = np.zeros(LANES, dtype=np.int64)
    mode = np.zeros(LANES, dtype=np.int64)
    t = np.zeros(LANES)
    h = np.zeros(LANES)
    end = np.ones(LANES)
    last = np.zeros(LANES, dtype=np.bool_)
    error = np.zeros(LANES)
    growth = np.zeros(LANES)
    factor = np.zeros(LANES)
    history = np.full(LANES, 1e-4)
    slope_gap = np.zeros(LANES)
    state_gap = np.zeros(LANES)
    accepted = np.zeros(LANES)
    theta = np.zeros(LANES)
    was_rejected = np.zeros(LANES, dtype=np.bool_)
    stiff_count = np.zeros(LANES, dtype=np.int64)
    calm_count = np.zeros(LANES, dtype=np.int64)
    weight = np.zeros((_ROWS5 + 1) * LANES)
    horizon = s.boundary[s.boundary.shape[0] - 1]
    taken = 0
    while True:
        taken = serve(m, s, jobs, w, queue, taken, job, mode)
        for lane in range(LANES):
            if mode[lane] == FRESH:
                history[lane] = 1e-4
                was_rejected[lane] = False
                stiff_count[lane] = 0
                calm_count[lane] = 0
        first_step(m, s, jobs, w, job, mode, t, h, end, _ROWS5, 0, 5.0)
        running, idle = waiting(mode, False)
        if running == 0:
            return
        while running > 0 and idle < SERVE_AT:
            trim(t, h, end, last)
            dopri5_stages(m, w, h)
            dopri5_error(m, w, h, error, slope_gap, state_gap)
            for lo in range(0, LANES, CHUNK):
                e = root(load(error, lo))
                store(error, lo, e)
                grown = power(maximum(e, splat(1e-10)), splat(_EXPONENT5))
                store(growth, lo, grown)
                store(factor, lo, grown / power(load(history, lo), splat(_BETA)))
            for lane in range(LANES):
                accepted[lane] = 1.0 if mode[lane] == RUNNING and error[lane] <= 1.0 else 0.0
            while due(s, jobs, job, accepted, t, h, end, theta):
                dopri5_weights(theta, h, weight)
                interpolate(m, w, _ROWS5, weight)
                record_due(m, jobs, w, job, theta)
            for i in range(m.n_states):
                base = i * _ROWS5 * LANES
                for lo in range(0, LANES, CHUNK):
                    yes = load(accepted, lo)
                    store(
                        w.X,
                        i * LANES + lo,
                        choose(yes, load(w.K, base + LANES + lo), load(w.X, i * LANES + lo)),
                    )
                    store(w.K, base + lo, choose(yes, load(w.K, base + 6 * LANES + lo), load(w.K, base + lo)))
            for lane in range(LANES):
                if mode[lane] != RUNNING:
                    continue
                j = job[lane]
                old = h[lane]
                if accepted[lane] == 0.0:
                    jobs.rejected[j] += 1
                    was_rejected[lane] = True
                    h[lane] = old / min(5.0, growth[lane] / 0.9) if error[lane] < np.inf else 0.1 * old
                    if h[lane] < 1e-14 * max(abs(t[lane]), 1e-2):
                        bad = not error[lane] < np.inf
                        quit_lane(m, jobs, w, lane, job, mode, t, h, NOT_FINITE if bad else STEP_TOO_SMALL)
                        continue
                else:
                    jobs.steps[j] += 1
                    t[lane] = end[lane] if last[lane] else t[lane] + old
                    new = old / max(0.1, min(5.0, factor[lane] / 0.9))
                    h[lane] = min(new, old) if was_rejected[lane] else new
                    history[lane] = max(error[lane], 1e-4)
                    was_rejected[lane] = False
                    if slope_gap[lane] > 3.25 * 3.25 * state_gap[lane] and state_gap[lane] > 0.0:
                        calm_count[lane] = 0
                        stiff_count[lane] += 1
                    else:
                        calm_count[lane] += 1
                        if calm_count[lane] == 6:
                            stiff_count[lane] = 0
                    if last[lane]:
                        jobs.segment[j] += 1
                        jobs.fresh[j] = 1
                        mode[lane] = AT_BOUNDARY
                        continue
                    if stiff_steps > 0 and stiff_count[lane] >= 15 and horizon - t[lane] > stiff_steps * old:
                        quit_lane(m, jobs, w, lane, job, mode, t, h, STIFF)
                        continue
                if jobs.steps[j] + jobs.rejected[j] >= max_steps:
                    quit_lane(m, jobs, w, lane, job, mode, t, h, MAX_STEPS)
            running, idle = waiting(mode, taken < queue.shape[0])


# ---------------------------------------------------------------- RODAS4

_GAMMA = 0.25
_A4 = np.array(
    [
        [0, 0, 0, 0, 0],
        [1.544, 0, 0, 0, 0],
        [0.9466785280815826, 0.2557011698983284, 0, 0, 0],
        [3.314825187068521, 2.896124015972201, 0.9986419139977817, 0, 0],
        [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 0],
        [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1],
    ]
)
_C4 = np.array(
    [
        [0, 0, 0, 0, 0],
        [-5.6688, 0, 0, 0, 0],
        [-2.430093356833875, -0.2063599157091915, 0, 0, 0],
        [-0.1073529058151375, -9.594562251023355, -20.47028614809616, 0, 0],
        [7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160, 0],
        [8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054],
    ]
)
_H2 = np.array(
    [10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662]
)
_H3 = np.array(
    [-0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872]
)
_ROWS4 = 8  # six stages, rates at X, new state
_RATES, _NEW = 6, 7


@jit
def factorise(m, f, w, inverse_h, smallest):
    """LU of 1/(h gamma) - J in the fixed pattern, without pivoting; diagonals are stored inverted.

    ``smallest`` = least absolute pivot of each lane.
    """
    R, LU = w.R, w.LU
    shift = splat(1.0 / _GAMMA)
    for lo in range(0, LANES, CHUNK):
        store(smallest, lo, splat(1e300))
    for k in range(m.n_states):
        diagonal = f.diagonal[k]
        for e in range(f.row_from[k], f.row_from[k + 1]):
            target = np.int64(e) * LANES
            source = f.source[e]
            if source >= 0:
                at = m.jacobian_at[source]
                for lo in range(0, LANES, CHUNK):
                    store(LU, target + lo, splat(-0.0) - load(R, at + lo))
            else:
                for lo in range(0, LANES, CHUNK):
                    store(LU, target + lo, splat(0.0))
            if e == diagonal:
                for lo in range(0, LANES, CHUNK):
                    store(LU, target + lo, fma(shift, load(inverse_h, lo), load(LU, target + lo)))
            first, stop = f.pair_from[e], f.pair_from[e + 1]
            if first < stop or e < diagonal:
                inverse_at = f.diagonal[f.column[e]] * LANES
                for lo in range(0, LANES, WIDE):
                    value = load_wide(LU, target + lo)
                    for p in range(first, stop):
                        value = fnma(
                            load_wide(LU, f.pair[p, 0] * LANES + lo),
                            load_wide(LU, f.pair[p, 1] * LANES + lo),
                            value,
                        )
                    if e < diagonal:
                        value = value * load_wide(LU, inverse_at + lo)
                    store(LU, target + lo, value)
            if e == diagonal:
                for lo in range(0, LANES, CHUNK):
                    pivot = load(LU, target + lo)
                    store(smallest, lo, minimum(load(smallest, lo), absolute(pivot)))
                    store(LU, target + lo, splat(1.0) / pivot)


@jit
def solve(m, f, w, stage):
    """Solve for the stage whose right-hand side is in its own K rows, in place."""
    K, LU, Y = w.K, w.LU, w.Y
    n = m.n_states
    for k in range(n):
        b = (f.order[k] * _ROWS4 + stage) * LANES
        first, stop = f.row_from[k], f.diagonal[k]
        for lo in range(0, LANES, WIDE):
            value = load_wide(K, b + lo)
            for e in range(first, stop):
                value = fnma(load_wide(LU, e * LANES + lo), load_wide(Y, f.column[e] * LANES + lo), value)
            store(Y, k * LANES + lo, value)
    for k in range(n - 1, -1, -1):
        b = (f.order[k] * _ROWS4 + stage) * LANES
        diagonal, stop = f.diagonal[k], f.row_from[k + 1]
        for lo in range(0, LANES, WIDE):
            value = load_wide(Y, k * LANES + lo)
            for e in range(diagonal + 1, stop):
                value = fnma(load_wide(LU, e * LANES + lo), load_wide(Y, f.column[e] * LANES + lo), value)
            value = value * load_wide(LU, diagonal * LANES + lo)
            store(Y, k * LANES + lo, value)
            store(K, b + lo, value)


@jit
def take_rates(m, w, at, row, active):
    """Rates from the registers into a K row; held states do not move."""
    for i in range(m.n_states):
        d = (i * _ROWS4 + row) * LANES
        for lo in range(0, LANES, CHUNK):
            store(w.K, d + lo, load(w.R, at[i] + lo) if active[i] else splat(0.0))


@jit
def rodas4_stages(m, f, w, inverse_h, active):
    """Six stages and the new state, from the rates and the factors at X."""
    for stage in range(6):
        if stage > 0:
            for i in range(m.n_states):
                base = i * _ROWS4 * LANES
                for lo in range(0, LANES, CHUNK):
                    x = load(w.X, i * LANES + lo)
                    for r in range(stage):
                        x = fma(splat(_A4[stage, r]), load(w.K, base + r * LANES + lo), x)
                    store(w.R, m.state_at + i * LANES + lo, x)
                    if stage == 5:
                        store(w.K, base + _NEW * LANES + lo, x)
            run_tape(m.rhs, w.R)
            take_rates(m, w, m.rhs_at, stage, active)
        for i in range(m.n_states):
            base = i * _ROWS4 * LANES
            for lo in range(0, LANES, CHUNK):
                if stage == 0:
                    store(w.K, base + lo, load(w.K, base + _RATES * LANES + lo))
                else:
                    c = splat(0.0)
                    for r in range(stage):
                        c = fma(splat(_C4[stage, r]), load(w.K, base + r * LANES + lo), c)
                    k = base + stage * LANES + lo
                    store(w.K, k, fma(load(inverse_h, lo), c, load(w.K, k)))
        solve(m, f, w, stage)
    for i in range(m.n_states):
        base = i * _ROWS4 * LANES
        for lo in range(0, LANES, CHUNK):
            new = base + _NEW * LANES + lo
            store(w.K, new, load(w.K, new) + load(w.K, base + 5 * LANES + lo))


@jit
def rodas4_error(m, w, error):
    """Root mean square of the scaled last increment."""
    for lo in range(0, LANES, CHUNK):
        store(error, lo, splat(0.0))
    rtol = splat(m.rtol)
    share = splat(1.0 / m.n_states)
    for i in range(m.n_states):
        base = i * _ROWS4 * LANES
        atol = splat(m.atol[i])
        for lo in range(0, LANES, CHUNK):
            larger = maximum(
                absolute(load(w.X, i * LANES + lo)), absolute(load(w.K, base + _NEW * LANES + lo))
            )
            e = load(w.K, base + 5 * LANES + lo) / fma(rtol, larger, atol)
            store(error, lo, fma(e * share, e, load(error, lo)))
    for lo in range(0, LANES, CHUNK):
        store(error, lo, root(load(error, lo)))


@jit
def rodas4_weights(theta, weight):
    """Weights of X, the stages and the new state for the state at t + theta h (order 3)."""
    for lane in range(LANES):
        q = max(theta[lane], 0.0)
        ends = q * (1.0 - q)
        weight[lane] = 1.0 - q
        for r in range(5):
            weight[(r + 1) * LANES + lane] = ends * (_H2[r] + q * _H3[r])
        weight[(_NEW + 1) * LANES + lane] = q


@jit
def end_steady(m, jobs, w, job, mode, t, h):
    """Steady mode: let go of lanes whose states would move less than the tolerance over their step
    (at least 1 h). ``residual`` = largest relative rate left, per hour.
    """
    for lane in range(LANES):
        if mode[lane] != RUNNING:
            continue
        j = job[lane]
        movement = 0.0
        residual = 0.0
        for i in range(m.n_states):
            x = abs(w.X[i * LANES + lane])
            rate = abs(w.K[(i * _ROWS4 + _RATES) * LANES + lane])
            movement = max(movement, rate / (m.atol[i] + m.rtol * x))
            residual = max(residual, rate * m.rtol / (m.atol[i] + m.rtol * x))
        jobs.residual[j] = residual
        if jobs.steps[j] > 0 and movement * max(h[lane], 1.0) <= 1.0:
            quit_lane(m, jobs, w, lane, job, mode, t, h, DONE)


@jit
def rodas4(m, s, f, jobs, queue, w, max_steps, steady, active):
    """Integrate the queued jobs; ``steady``: stop as soon as nothing moves, and never record."""
    job = np.zeros(LANES, dtype=np.int64)
    mode = np.zeros(LANES, dtype=np.int64)
    t = np.zeros(LANES)
    h = np.ones(LANES)
    end = np.ones(LANES)
    last = np.zeros(LANES, dtype=np.bool_)
    inverse_h = np.zeros(LANES)
    smallest = np.zeros(LANES)
    error = np.zeros(LANES)
    accepted = np.zeros(LANES)
    theta = np.zeros(LANES)
    before_h = np.zeros(LANES)
    before_error = np.zeros(LANES)
    was_rejected = np.zeros(LANES, dtype=np.bool_)
    weight = np.zeros((_ROWS4 + 1) * LANES)
    taken = 0
    while True:
        taken = serve(m, s, jobs, w, queue, taken, job, mode)
        for lane in range(LANES):
            if mode[lane] == FRESH:
                before_h[lane] = 0.0
                was_rejected[lane] = False
        first_step(m, s, jobs, w, job, mode, t, h, end, _ROWS4, _RATES, 4.0)
        running, idle = waiting(mode, False)
        if running == 0:
            return
        while running > 0 and idle < SERVE_AT:
            states_to_registers(m, w)
            run_tape(m.jacobian, w.R)
            take_rates(m, w, m.jacobian_rhs_at, _RATES, active)
            if steady:
                end_steady(m, jobs, w, job, mode, t, h)
            trim(t, h, end, last)
            for lane in range(LANES):
                inverse_h[lane] = 1.0 / h[lane] if mode[lane] == RUNNING else 1.0
            factorise(m, f, w, inverse_h, smallest)
            rodas4_stages(m, f, w, inverse_h, active)
            rodas4_error(m, w, error)
            for lane in range(LANES):
                accepted[lane] = 1.0 if mode[lane] == RUNNING and error[lane] <= 1.0 else 0.0
            if not steady:
                while due(s, jobs, job, accepted, t, h, end, theta):
                    rodas4_weights(theta, weight)
                    interpolate(m, w, _ROWS4, weight)
                    record_due(m, jobs, w, job, theta)
            for i in range(m.n_states):
                new = (i * _ROWS4 + _NEW) * LANES
                for lo in range(0, LANES, CHUNK):
                    x = load(w.X, i * LANES + lo)
                    store(w.X, i * LANES + lo, choose(load(accepted, lo), load(w.K, new + lo), x))
            for lane in range(LANES):
                if mode[lane] != RUNNING:
                    continue
                j = job[lane]
                old = h[lane]
                e = error[lane]
                if accepted[lane] == 0.0:
                    jobs.rejected[j] += 1
                    was_rejected[lane] = True
                    h[lane] = old / min(5.0, math.sqrt(math.sqrt(e)) / 0.9) if e < np.inf else 0.1 * old
                    if h[lane] < 1e-14 * max(abs(t[lane]), 1e-2):
                        status = STEP_TOO_SMALL
                        if smallest[lane] == 0.0:
                            status = SINGULAR
                        elif not e < np.inf:
                            status = NOT_FINITE
                        quit_lane(m, jobs, w, lane, job, mode, t, h, status)
                        continue
                else:
                    jobs.steps[j] += 1
                    t[lane] = end[lane] if last[lane] else t[lane] + old
                    shrink = max(1.0 / 6.0, min(5.0, math.sqrt(math.sqrt(e)) / 0.9))
                    if before_h[lane] > 0.0:
                        # Gustafsson: look also at how the error grew from the step before
                        ahead = before_h[lane] / old * math.sqrt(math.sqrt(e * e / before_error[lane])) / 0.9
                        shrink = max(shrink, max(1.0 / 6.0, min(5.0, ahead)))
                    before_h[lane] = old
                    before_error[lane] = max(1e-2, e)
                    h[lane] = min(old, old / shrink) if was_rejected[lane] else old / shrink
                    was_rejected[lane] = False
                    if last[lane]:
                        if steady:
                            quit_lane(m, jobs, w, lane, job, mode, t, h, NOT_STEADY)
                        else:
                            jobs.segment[j] += 1
                            jobs.fresh[j] = 1
                            mode[lane] = AT_BOUNDARY
                        continue
                if jobs.steps[j] + jobs.rejected[j] >= max_steps:
                    quit_lane(m, jobs, w, lane, job, mode, t, h, MAX_STEPS)
            running, idle = waiting(mode, taken < queue.shape[0])
