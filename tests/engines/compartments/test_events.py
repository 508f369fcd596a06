"""Events: exact stops, values after the event, order, inputs; equilibration before t = 0."""

from __future__ import annotations

import lane_models as models
import numpy as np
import pytest

from vesiflux.engines.compartments import Settings, Status, solve

METHODS = ["dopri5", "rodas4", "auto"]


def dosed():
    """x' = u0 - p x; assignments: x + u1, and 2 x."""
    return models.make(
        lambda g, x, p, u: [u[0] - p[0] * x[0]],
        [1.0],
        1,
        inputs=[0.0, 5.0],
        assignments=lambda g, x, p, u: [[x[0] + u[1]], [2.0 * x[0]]],
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_dose_is_seen_at_its_own_time_and_decays_after(method):
    program, (add, _) = dosed()
    events = [models.event(t, [0], add, label=f"dose at {t}") for t in (0.0, 2.0, 4.5)]
    times = np.array([0.0, 1.0, 2.0, 3.0, 4.5, 6.0])
    p = np.array([[0.5, 1.0, 30.0]])
    s = solve(program, p, times=times, events=events, settings=Settings(method=method))
    for lane, k in enumerate(p[0]):
        exact = np.exp(-k * times)
        for dose in (0.0, 2.0, 4.5):
            exact = exact + 5.0 * np.exp(-k * (times - dose)) * (times >= dose)
        np.testing.assert_allclose(s.outputs_series[0, lane], exact, atol=1e-5)
    assert (s.outputs_series[0, :, 0] == 6.0).all()


def test_events_at_one_time_follow_one_another():
    program, (add, double) = dosed()
    for order, value in (((add, double), 12.0), ((double, add), 7.0)):
        s = solve(program, [[0.0]], times=[0.0, 1.0], events=[models.event(0.0, [0], tape) for tape in order])
        assert s.outputs_series[0, 0, 0] == value


def test_the_dose_event_reads_inputs_before_its_own_change():
    program, (add, _) = dosed()
    events = [models.event(1.0, [0], add, inputs={1: 100.0}), models.event(2.0, [0], add)]
    s = solve(program, [[0.0]], times=[0.0, 1.0, 2.0], events=events)
    np.testing.assert_array_equal(s.outputs_series[0, 0], [1.0, 6.0, 106.0])


@pytest.mark.parametrize("method", METHODS)
def test_inputs_switch_at_events(method):
    program, _ = dosed()
    on, off = models.event(1.0, inputs={0: 3.0}), models.event(3.0, inputs={0: 0.0})
    s = solve(program, [[1.0]], times=[1.0, 3.0, 4.0], events=[off, on], settings=Settings(method=method))
    at_1 = np.exp(-1.0)
    at_3 = 3.0 + (at_1 - 3.0) * np.exp(-2.0)
    np.testing.assert_allclose(s.outputs_series[0, 0], [at_1, at_3, at_3 * np.exp(-1.0)], rtol=1e-5)


def test_an_event_at_the_end_counts_and_one_after_the_end_does_not():
    program, (add, _) = dosed()
    late = [models.event(2.0, [0], add), models.event(2.5, [0], add)]
    s = solve(program, [[0.0]], times=[1.0, 2.0], events=late)
    np.testing.assert_array_equal(s.outputs_series[0, 0], [1.0, 6.0])
    assert s.outputs_final[0, 0] == 6.0


def test_many_events_in_many_lanes_leave_lanes_independent():
    program, (add, double) = dosed()
    events = [
        models.event(0.37 * i, [0], add if i % 3 else double, inputs={1: 1.0 / (i + 1)}) for i in range(25)
    ]
    p = np.exp(np.random.default_rng(0).uniform(-1, 5, (1, 100)))
    times = np.linspace(0, 10, 11)
    whole = solve(program, p, times=times, events=events)
    assert whole.ok.all()
    for lane in (0, 50, 99):
        alone = solve(program, p[:, [lane]], times=times, events=events)
        np.testing.assert_array_equal(whole.outputs_series[:, [lane]], alone.outputs_series)


def resting():
    """x: intracellular, made at u and lost at p x. y: outside, grows with x."""
    return models.make(
        lambda g, x, p, u: [u[0] - p[0] * x[0], x[0]],
        [7.0, 2.0],
        1,
        inputs=[1.0],
        intracellular=[True, False],
    )[0]


def test_equilibration_rests_the_cells_and_holds_the_rest():
    p = np.array([[0.01, 1.0, 100.0]])
    s = solve(resting(), p, times=[0.0, 1.0], settings=Settings(equilibrate=True))
    np.testing.assert_allclose(s.outputs_series[0, :, 0], 1.0 / p[0], rtol=1e-5)
    assert (s.outputs_series[1, :, 0] == 2.0).all()
    np.testing.assert_allclose(s.outputs_series[1, :, 1], 2.0 + 1.0 / p[0], rtol=1e-5)
    assert (s.residual < 1e-6).all()


def test_equilibration_sees_the_inputs_before_zero():
    s = solve(
        resting(),
        [[1.0]],
        times=[0.0, 3.0],
        inputs=[0.0],
        inputs_before=[4.0],
        settings=Settings(equilibrate=True),
    )
    np.testing.assert_allclose(s.outputs_series[0, 0], [4.0, 4.0 * np.exp(-3.0)], rtol=1e-5)


def test_what_never_rests_is_reported_in_its_lane_only():
    program, _ = models.make(lambda g, x, p, u: [1.0 - p[0] * x[0]], [0.0], 1, intracellular=[True])
    s = solve(program, [[0.0, 1.0]], times=[1.0], settings=Settings(equilibrate=True))
    assert list(s.status) == [Status.NOT_STEADY, Status.OK]
    assert np.isnan(s.outputs_final[0, 0])
    blow, _ = models.make(lambda g, x, p, u: [x[0] * x[0]], [1.0], intracellular=[True])
    s = solve(blow, np.zeros((0, 1)), times=[1.0], settings=Settings(equilibrate=True))
    assert s.status[0] == Status.EQUILIBRATION_FAILED
