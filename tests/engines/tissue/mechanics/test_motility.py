"""Walks: the mean squared displacement and the drift that theory gives."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.engines.tissue.mechanics import turn

N = 20_000


def walked(steps, dt, persistence, bias=0.0, toward=(0.0, 0.0, 0.0), flat=False, speed=12.0, threads=1, n=N):
    direction = (np.zeros(n), np.zeros(n), np.zeros(n))
    way = np.zeros((n, 3))
    drawn = np.tile(np.asarray(toward), (n, 1))
    for step in range(steps):
        way += dt * turn(
            np.arange(n), direction, np.full(n, speed), np.full(n, bias), np.full(n, persistence), drawn, dt,
            step, 5, flat, threads,
        )  # fmt: skip
    return way, direction


@pytest.mark.parametrize(("dt", "steps"), [(0.1, 20), (1.0, 2), (2.0, 1), (0.01, 40)])
@pytest.mark.parametrize("flat", [True, False])
def test_mean_squared_displacement_of_a_persistent_walk(dt, steps, flat):
    """2 v^2 p (t - p (1 - exp(-t/p))), for any step, also one longer than the persistence."""
    p, time = 0.25, dt * steps
    way, _ = walked(steps, dt, p, flat=flat)
    squared = (way**2).sum(1)
    expected = 2.0 * 12.0**2 * p * (time - p * (1.0 - np.exp(-time / p)))
    error = squared.std() / np.sqrt(N)
    assert abs(squared.mean() - expected) < 3.5 * error
    assert abs(way.mean(0)).max() < 4.0 * np.sqrt(squared.mean() / N)
    if flat:
        assert (way[:, 2] == 0.0).all()


@pytest.mark.parametrize("bias", [0.1, 0.3, 0.5, 0.8, 1.0])
def test_drift_up_and_down_a_gradient(bias):
    """In 3-D a unit vector along b g + (1 - b) u has 2b/(3(1-b)) of g on average, or 1 - (1-b)^2/(3 b^2)."""
    share = 2 * bias / (3 * (1 - bias)) if bias <= 0.5 else 1 - (1 - bias) ** 2 / (3 * bias**2)
    for sign in (1.0, -1.0):
        way, _ = walked(5, 0.4, 0.1, bias, (0.0, sign * 1e-9, 0.0))
        speed = sign * way[:, 1] / 2.0
        assert abs(speed.mean() - 12.0 * share) < 4.0 * speed.std() / np.sqrt(N) + 1e-9
        assert abs(way[:, 0].mean()) < 4.0 * way[:, 0].std() / np.sqrt(N) + 1e-9


def test_no_gradient_is_no_bias_and_no_speed_is_no_movement():
    way, _ = walked(3, 0.1, 0.1, bias=1.0)
    assert abs(way.mean(0)).max() < 0.1
    assert way.std() > 0.5
    way, direction = walked(1, 0.1, 0.1, speed=0.0)
    assert not way.any()
    assert not np.stack(direction).any()


def test_directions_are_unit_vectors_and_last():
    _, direction = walked(1, 0.1, 1e9)
    length = np.sqrt(sum(d**2 for d in direction))
    np.testing.assert_allclose(length, 1.0, rtol=1e-12)
    before = np.stack(direction).copy()
    one = np.ones(N)
    turn(np.arange(N), direction, one, 0 * one, 1e9 * one, np.zeros((N, 3)), 0.1, 9, 5, False)
    np.testing.assert_array_equal(before, np.stack(direction))


def test_keys_are_ids_not_rows_and_threads_change_nothing():
    a, _ = walked(3, 0.1, 0.1)
    b, _ = walked(3, 0.1, 0.1, threads=2)
    np.testing.assert_array_equal(a, b)
    ids = np.array([7, 3, 11])
    some = turn(
        ids, (np.zeros(3), np.zeros(3), np.zeros(3)), np.full(3, 12.0), np.zeros(3), np.full(3, 0.1),
        np.zeros((3, 3)), 0.1, 0, 5, False,
    )  # fmt: skip
    whole, _ = walked(1, 0.1, 0.1)
    np.testing.assert_allclose(0.1 * some, whole[ids], rtol=1e-14)
