"""RODAS4, implicit, order 4: for what is stiff.

Source: Hairer & Wanner, Solving Ordinary Differential Equations II (coefficients, Gustafsson's step size
prediction, dense output).
"""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines import _numba
from vesiflux.engines._simd import absolute, choose, fma, load, maximum, root, splat, store
from vesiflux.engines.compartments.kernels import lu, steps
from vesiflux.engines.compartments.kernels.arrays import (
    AT_BOUNDARY,
    CHUNK,
    DONE,
    FRESH,
    LANES,
    MAX_STEPS,
    NOT_FINITE,
    NOT_STEADY,
    RUNNING,
    SERVE_AT,
    SINGULAR,
    STEP_TOO_SMALL,
)
from vesiflux.engines.compartments.kernels.lanes import quit_lane, serve, states_to_registers
from vesiflux.engines.compartments.kernels.lu import ROWS, factorise, solve
from vesiflux.engines.compartments.kernels.steps import (
    due,
    first_step,
    interpolate,
    record_due,
    trim,
    waiting,
)
from vesiflux.engines.compartments.kernels.tape import run_tape

SOURCES = (__file__, str(lu.__file__), *steps.SOURCES)

jit = _numba.compiler(*SOURCES)


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
_RATES, _NEW = np.int64(6), np.int64(7)  # rows of a state, after its stages; no literals, see `arrays`


@jit.inner
def take_rates(m, w, at, row, active):
    """Rates from the registers into a K row; held states do not move."""
    for i in range(m.n_states):
        d = (i * ROWS + row) * LANES
        for lo in range(0, LANES, CHUNK):
            store(w.K, d + lo, load(w.R, at[i] + lo) if active[i] else splat(0.0))


@jit.inner
def rodas4_stages(m, f, w, inverse_h, active):
    """Six stages and the new state, from the rates and the factors at X."""
    for stage in range(6):
        if stage > 0:
            for i in range(m.n_states):
                base = i * ROWS * LANES
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
            base = i * ROWS * LANES
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
        base = i * ROWS * LANES
        for lo in range(0, LANES, CHUNK):
            new = base + _NEW * LANES + lo
            store(w.K, new, load(w.K, new) + load(w.K, base + 5 * LANES + lo))


@jit.inner
def rodas4_error(m, w, error):
    """Root mean square of the scaled last increment."""
    for lo in range(0, LANES, CHUNK):
        store(error, lo, splat(0.0))
    rtol = splat(m.rtol)
    share = splat(1.0 / m.n_states)
    for i in range(m.n_states):
        base = i * ROWS * LANES
        atol = splat(m.atol[i])
        for lo in range(0, LANES, CHUNK):
            larger = maximum(
                absolute(load(w.X, i * LANES + lo)), absolute(load(w.K, base + _NEW * LANES + lo))
            )
            e = load(w.K, base + 5 * LANES + lo) / fma(rtol, larger, atol)
            store(error, lo, fma(e * share, e, load(error, lo)))
    for lo in range(0, LANES, CHUNK):
        store(error, lo, root(load(error, lo)))


@jit.inner
def rodas4_weights(theta, weight):
    """Weights of X, the stages and the new state for the state at t + theta h (order 3)."""
    for lane in range(LANES):
        q = max(theta[lane], 0.0)
        ends = q * (1.0 - q)
        weight[lane] = 1.0 - q
        for r in range(5):
            weight[(r + 1) * LANES + lane] = ends * (_H2[r] + q * _H3[r])
        weight[(_NEW + 1) * LANES + lane] = q


@jit.inner
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
            rate = abs(w.K[(i * ROWS + _RATES) * LANES + lane])
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
    weight = np.zeros((ROWS + 1) * LANES)
    taken = np.int64(0)
    while True:
        taken = serve(m, s, jobs, w, queue, taken, job, mode)
        for lane in range(LANES):
            if mode[lane] == FRESH:
                before_h[lane] = 0.0
                was_rejected[lane] = False
        first_step(m, s, jobs, w, job, mode, t, h, end, ROWS, _RATES, 4.0)
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
                    interpolate(m, w, ROWS, weight)
                    record_due(m, jobs, w, job, theta)
            for i in range(m.n_states):
                new = (i * ROWS + _NEW) * LANES
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
