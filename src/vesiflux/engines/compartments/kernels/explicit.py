"""DOPRI5, explicit, order 5: for what is not stiff.

Source: Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I (coefficients, error control,
dense output, stiffness test).
"""

from __future__ import annotations

import numpy as np

from vesiflux.engines import _numba
from vesiflux.engines._simd import absolute, choose, fma, load, maximum, power, root, splat, store
from vesiflux.engines.compartments.kernels import steps
from vesiflux.engines.compartments.kernels.arrays import (
    AT_BOUNDARY,
    CHUNK,
    FRESH,
    LANES,
    MAX_STEPS,
    NOT_FINITE,
    RUNNING,
    SERVE_AT,
    STEP_TOO_SMALL,
    STIFF,
)
from vesiflux.engines.compartments.kernels.lanes import copy_rows, quit_lane, serve
from vesiflux.engines.compartments.kernels.steps import (
    due,
    first_step,
    interpolate,
    record_due,
    trim,
    waiting,
)
from vesiflux.engines.compartments.kernels.tape import run_tape

SOURCES = (__file__, *steps.SOURCES)

jit = _numba.compiler(*SOURCES)


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
_ROWS5, _RATES5 = np.int64(7), np.int64(0)  # of a state, and the one of its rates; no literals, see `arrays`
_BETA = 0.04  # PI control
_EXPONENT5 = 0.2 - 0.75 * _BETA


@jit.inner
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


@jit.inner
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


@jit.inner
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
    taken = np.int64(0)
    while True:
        taken = serve(m, s, jobs, w, queue, taken, job, mode)
        for lane in range(LANES):
            if mode[lane] == FRESH:
                history[lane] = 1e-4
                was_rejected[lane] = False
                stiff_count[lane] = 0
                calm_count[lane] = 0
        first_step(m, s, jobs, w, job, mode, t, h, end, _ROWS5, _RATES5, 5.0)
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
