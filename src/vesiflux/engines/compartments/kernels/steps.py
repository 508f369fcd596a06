"""What both solvers need of a step: the first one, where it ends, and records within it."""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines import _numba
from vesiflux.engines._simd import absolute, choose, fma, load, splat, store
from vesiflux.engines.compartments.kernels import lanes
from vesiflux.engines.compartments.kernels.arrays import CHUNK, EMPTY, FRESH, LANES, RUNNING
from vesiflux.engines.compartments.kernels.lanes import record_lane, states_to_registers
from vesiflux.engines.compartments.kernels.tape import run_tape

SOURCES = (__file__, *lanes.SOURCES)

jit = _numba.compiler(*SOURCES)


@jit.inner
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


@jit.inner
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


@jit.inner
def trim(t, h, end, last):
    """End the step exactly at the end of the segment where it would reach it (or nearly so)."""
    for lane in range(LANES):
        last[lane] = t[lane] + 1.01 * h[lane] >= end[lane]
        if last[lane]:
            h[lane] = end[lane] - t[lane]


@jit.inner
def interpolate(m, w, rows, weight):
    """State registers = weight[0] X + sum over the K rows of weight[1 + row] K."""
    for i in range(m.n_states):
        base = i * rows * LANES
        for lo in range(0, LANES, CHUNK):
            x = load(weight, lo) * load(w.X, i * LANES + lo)
            for r in range(rows):
                x = fma(load(weight, (r + 1) * LANES + lo), load(w.K, base + r * LANES + lo), x)
            store(w.R, m.state_at + i * LANES + lo, x)


@jit.inner
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


@jit.inner
def record_due(m, jobs, w, job, theta):
    """Run the outputs tape on the interpolated states and keep the lanes that asked."""
    run_tape(m.outputs, w.R)
    for lane in range(LANES):
        if theta[lane] >= 0.0:
            record_lane(m, jobs, w, lane, job[lane])


@jit.inner
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
