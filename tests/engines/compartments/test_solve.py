"""Exact solutions, stiff references, conservation, failing lanes, independence of batch-mates."""

from __future__ import annotations

import lane_models as models
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from vesiflux.engines.compartments import DOPRI5, RODAS4, Settings, Status, solve
from vesiflux.errors import InputError

METHODS = ["dopri5", "rodas4", "auto"]
TIMES = np.linspace(0.0, 10.0, 41)
RATES = np.linspace(0.3, 1.5, 7)


@pytest.mark.parametrize("method", METHODS)
def test_decay_is_exponential(method):
    s = solve(models.decay(), RATES[None], times=TIMES, settings=Settings(method=method))
    exact = np.exp(-RATES[:, None] * TIMES)
    np.testing.assert_allclose(s.outputs_series[0], exact, rtol=0, atol=3e-6)
    np.testing.assert_array_equal(s.outputs_series[:, :, -1], s.outputs_final)
    np.testing.assert_array_equal(s.states_final, s.outputs_final)
    assert s.ok.all()
    assert (s.reached == 10.0).all()


@pytest.mark.parametrize("method", METHODS)
def test_logistic(method):
    s = solve(models.logistic(), RATES[None], times=TIMES, settings=Settings(method=method))
    grown = 0.01 * np.exp(RATES[:, None] * TIMES)
    np.testing.assert_allclose(s.outputs_series[0], grown / (0.99 + grown), rtol=3e-5)


@pytest.mark.parametrize(("method", "order"), [("dopri5", 5), ("rodas4", 4)])
def test_error_follows_the_tolerance_with_the_order_of_the_method(method, order):
    errors, steps = [], []
    for rtol in (1e-5, 1e-6, 1e-7, 1e-8):
        settings = Settings(rtol=rtol, atol=rtol, method=method)
        s = solve(models.oscillator(), np.ones((1, 1)), times=[20.0], settings=settings)
        errors.append(np.hypot(s.states_final[0, 0] - np.cos(20.0), s.states_final[1, 0] + np.sin(20.0)))
        steps.append(s.steps[0])
    observed = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert observed == pytest.approx(order, abs=0.5)


@pytest.mark.parametrize(("method", "order"), [("dopri5", 4), ("rodas4", 3)])
def test_dense_output_is_as_accurate_as_it_should_be(method, order):
    # between steps, not at their ends: the error there falls with the power of the interpolant
    times = np.linspace(0.0, 20.0, 201)
    errors, steps = [], []
    for rtol in (1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
        settings = Settings(rtol=rtol, atol=rtol, method=method)
        s = solve(models.oscillator(), np.ones((1, 1)), times=times, settings=settings)
        errors.append(np.max(np.abs(s.outputs_series[0, 0] - np.cos(times))))
        steps.append(s.steps[0])
    assert -np.polyfit(np.log(steps), np.log(errors), 1)[0] > order - 0.3


def test_robertson_against_a_tight_reference():
    times = np.array([0.4, 4.0, 40.0, 400.0, 4000.0])
    rates = np.array([1e7, 3e7, 1e8])
    s = solve(models.robertson(), rates[None], times=times)
    assert (s.method == RODAS4).all()
    assert (s.steps < 1000).all()
    for lane, k in enumerate(rates):

        def f(_t, y, k=k):
            a, b, c = 0.04 * y[0], k * y[1] ** 2, 1e4 * y[1] * y[2]
            return [c - a, a - c - b, b]

        ref = solve_ivp(f, (0, 4000), [1.0, 0.0, 0.0], "Radau", times, rtol=1e-12, atol=1e-16).y
        np.testing.assert_allclose(s.outputs_series[:, lane], ref, rtol=2e-5)
    assert (s.balance_error < 1e-12).all()


def test_linear_invariants_hold_to_round_off():
    program, _ = models.make(
        lambda g, x, p, u: [p[0] * x[1] - x[0] * x[0], x[0] * x[0] - p[0] * x[1]],
        [3.0, 1e4],
        1,
        invariants=[("total", {0: 1.0, 1: 1.0})],
    )
    for method in METHODS:
        s = solve(program, RATES[None], times=[5.0], settings=Settings(method=method))
        assert (s.balance_error < 1e-13).all()
        assert (s.balance_error >= 0).all()


def test_a_broken_invariant_is_reported():
    program, _ = models.make(lambda g, x, p, u: [-0.1 * x[0]], [1.0], invariants=[("total", {0: 1.0})])
    s = solve(program, np.zeros((0, 2)), times=[1.0])
    np.testing.assert_allclose(s.balance_error, 1 - np.exp(-0.1), rtol=1e-6)


def test_both_methods_agree():
    tau = np.exp(np.random.default_rng(1).uniform(np.log(0.3), np.log(8.0), (8, 20)))
    a, b = (
        solve(
            models.ring(), tau, times=TIMES, settings=Settings(rtol=1e-8, atol=1e-10, method=m)
        ).outputs_series
        for m in ("dopri5", "rodas4")
    )
    np.testing.assert_allclose(a, b, atol=3e-7)


def _ensemble(lanes):
    # mild and stiff lanes side by side: some start as stiff, some are found to be
    rng = np.random.default_rng(2)
    tau = np.exp(rng.uniform(np.log(0.5), np.log(8.0), (8, lanes)))
    tau[0, ::3] = 0.004
    tau[1, 1::3] = 0.02
    return tau


@pytest.mark.parametrize("method", METHODS)
def test_a_lane_never_depends_on_its_mates(method):
    settings = Settings(method=method, rtol=1e-5)
    tau = _ensemble(90)
    whole = solve(models.ring(), tau, times=TIMES, settings=settings)
    order = np.random.default_rng(3).permutation(90)
    shuffled = solve(models.ring(), tau[:, order], times=TIMES, settings=settings)
    np.testing.assert_array_equal(whole.outputs_series[:, order], shuffled.outputs_series)
    np.testing.assert_array_equal(whole.steps[order], shuffled.steps)
    np.testing.assert_array_equal(whole.method[order], shuffled.method)
    for lane in (0, 1, 2, 89):
        alone = solve(models.ring(), tau[:, [lane]], times=TIMES, settings=settings)
        np.testing.assert_array_equal(whole.outputs_series[:, [lane]], alone.outputs_series)
    threads = solve(models.ring(), tau, times=TIMES, settings=Settings(method=method, rtol=1e-5, threads=2))
    np.testing.assert_array_equal(whole.outputs_series, threads.outputs_series)


def test_auto_sends_stiff_lanes_to_rodas4():
    s = solve(models.ring(), _ensemble(9), times=np.linspace(0, 48, 5))
    assert (s.method[::3] == RODAS4).all()
    assert (s.method[2::3] == DOPRI5).all()
    explicit = solve(
        models.ring(), _ensemble(9), times=np.linspace(0, 48, 5), settings=Settings(method="dopri5")
    )
    assert (s.steps[::3] < explicit.steps[::3] / 5).all()
    np.testing.assert_allclose(s.outputs_series, explicit.outputs_series, atol=2e-5)


def test_stiffness_that_shows_later_is_found_on_the_way():
    # slow until x has decayed, then x relaxes at 1e4 per hour towards a moving target
    program, _ = models.make(
        lambda g, x, p, u: [
            g.op(models.Op.LT, 1.0, x[1]) * 1e4 * (g.op(models.Op.SIN, x[1]) - x[0]),
            g.const(1.0),
        ],
        [0.5, 0.0],
    )
    s = solve(program, np.zeros((0, 1)), times=[0.5, 5.0])
    assert s.method[0] == RODAS4
    assert s.steps[0] < 2000
    # x' = L (sin t - x) follows sin(t) - cos(t) / L
    assert s.states_final[0, 0] == pytest.approx(np.sin(5.0) - np.cos(5.0) * 1e-4, abs=1e-6)


def test_a_failing_lane_fails_alone_and_says_why():
    # x' = p x^2 blows up at 1/p
    program, _ = models.make(lambda g, x, p, u: [p[0] * x[0] * x[0]], [1.0], 1)
    p = np.array([[0.05, 0.5, 0.05, np.nan]])
    for method in METHODS:
        s = solve(program, p, times=TIMES, settings=Settings(method=method))
        assert s.status[0] == s.status[2] == Status.OK
        assert s.status[1] in (Status.STEP_TOO_SMALL, Status.NOT_FINITE)
        assert s.status[3] == Status.NOT_FINITE
        assert s.reached[1] == pytest.approx(2.0, abs=1e-3)
        assert np.isnan(s.outputs_series[0, [1, 3]]).all()
        assert np.isnan(s.outputs_final[0, [1, 3]]).all()
        np.testing.assert_allclose(s.outputs_series[0, 0], 1 / (1 - 0.05 * TIMES), rtol=1e-5)
        np.testing.assert_array_equal(s.outputs_series[0, 0], s.outputs_series[0, 2])


def test_step_limit():
    s = solve(
        models.oscillator(), np.ones((1, 1)), times=[1e4], settings=Settings(max_steps=50, method="dopri5")
    )
    assert s.status[0] == Status.MAX_STEPS
    assert s.steps[0] + s.rejected[0] == 50


def test_a_singular_matrix_is_reported():
    # x' = x with h gamma = 1 cannot persist, but 0/0 in the Jacobian does
    program, _ = models.make(lambda g, x, p, u: [g.op(models.Op.DIV, x[0] - 1.0, x[0] - 1.0)], [1.0])
    s = solve(program, np.zeros((0, 1)), times=[1.0], settings=Settings(method="rodas4"))
    assert s.status[0] in (Status.NOT_FINITE, Status.SINGULAR)


def test_every_status_has_a_cure():
    for status in Status:
        assert status.sentence.endswith(".")
    assert len({s.sentence for s in Status}) == len(Status)


@pytest.mark.parametrize(
    ("kw", "words"),
    [
        ({"times": []}, "at least one"),
        ({"times": [1.0, 1.0]}, "ascending"),
        ({"times": [-1.0]}, "not negative"),
        ({"times": [1.0], "inputs": [1.0]}, "inputs must have shape"),
        ({"times": [1.0], "events": [models.event(-1.0)]}, "times start at 0"),
        ({"times": [1.0], "events": [models.event(1.0, [0])]}, "one tape result per state"),
    ],
)
def test_wrong_calls_say_what_is_wrong(kw, words):
    with pytest.raises(InputError, match=words):
        solve(models.decay(), np.ones((1, 3)), **kw)


def test_wrong_parameters_and_settings():
    with pytest.raises(InputError, match="parameters must have shape"):
        solve(models.decay(), np.ones((2, 3)), times=[1.0])
    with pytest.raises(InputError, match="unknown"):
        Settings(method="euler")
    with pytest.raises(InputError, match="rtol"):
        Settings(rtol=0.0)


def test_only_the_start_and_no_lanes():
    s = solve(models.decay(), np.ones((1, 2)), times=[0.0])
    np.testing.assert_array_equal(s.outputs_series[0], [[1.0], [1.0]])
    assert solve(models.decay(), np.ones((1, 0)), times=[0.0, 1.0]).outputs_series.shape == (1, 0, 2)
