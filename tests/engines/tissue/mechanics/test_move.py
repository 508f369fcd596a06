"""Cells push and pull: against the equations solved by others, exact sums, borders, threads."""

from __future__ import annotations

import numpy as np
import pytest
from crowds import CLOSED, gaps, kind, scattered, space
from scipy.integrate import solve_ivp

from vesiflux.engines.tissue.mechanics import blocks, move
from vesiflux.ir.tissue import Region

R, REACH = 8.0, 1.25


def pair(gap, z=10.0):
    return np.array([50.0 - gap / 2, 50.0 + gap / 2]), np.full(2, 50.0), np.full(2, z)


def relaxed(gap, time, other=1.0):
    """Distance of two cells after a time, by scipy."""

    def slope(_, d):
        push = 600.0 * np.maximum(1.0 - d / (2 * R), 0.0) ** 2
        draw = 24.0 * other * np.maximum(1.0 - d / (2 * REACH * R), 0.0) ** 2
        return 2.0 * (push - draw)

    return solve_ivp(slope, (0.0, time), [gap], rtol=1e-11, atol=1e-12).y[0, -1]


@pytest.mark.parametrize("gap", [6.0, 12.0, 15.9, 18.5])
def test_two_cells_come_to_rest_as_the_equation_says(gap):
    at = pair(gap)
    move(space(100.0, 100.0), CLOSED, [kind()], at, np.full(2, R), np.zeros(2, dtype=np.int32), None, 0.1)
    assert at[0][1] - at[0][0] == pytest.approx(relaxed(gap, 0.1), abs=2e-3 * R)


def test_adams_bashforth_is_of_second_order():
    exact, errors = relaxed(10.0, 0.05), []
    for count in (20, 40, 80):
        at = pair(10.0)
        step = 0.05 / count
        before = np.zeros((2, 3))
        # Adams-Bashforth goes on from the velocity one step earlier, here that of the start
        speed = (relaxed(10.0, 1e-7) - 10.0) / 2e-7
        before[:, 0] = [-speed, speed]
        move(space(100.0, 100.0), CLOSED, [kind()], at, np.full(2, R), np.zeros(2, dtype=np.int32), None,
             0.05, step, before)  # fmt: skip
        errors.append(abs(at[0][1] - at[0][0] - exact))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders > 1.7).all()
    assert (orders < 2.4).all()


def test_the_chosen_step_is_nearer_to_the_truth_than_physicells():
    """A heap of overlapping cells for 6 min, against substeps a hundred times finer."""
    n = 100
    ends = {}
    for step in (1 / 60_000, 1 / 600, -1.0):
        at = scattered(n, (60.0, 60.0, 60.0), 8)
        for place in at:
            place += 70.0
        types = np.zeros(n, dtype=np.int32)
        move(space(200.0, 200.0, 200.0), CLOSED, [kind()], at, np.full(n, R), types, None, 0.1, step)
        ends[step] = np.stack(at)
    exact = ends[1 / 60_000]
    ours, theirs = (np.linalg.norm(ends[s] - exact, axis=0).max() for s in (-1.0, 1 / 600))
    assert ours < 0.02 * R
    assert ours < theirs


def test_adams_bashforth_is_that_of_physicell():
    """One hand-made step from rest: 1.5 dt v."""
    at = pair(12.0)
    before = np.zeros((2, 3))
    move(space(100.0, 100.0), CLOSED, [kind()], at, np.full(2, R), np.zeros(2, dtype=np.int32), None,
         1e-3, 1e-3, before)  # fmt: skip
    speed = 600.0 * (1 - 12.0 / 16.0) ** 2 - 24.0 * (1 - 12.0 / 20.0) ** 2
    np.testing.assert_allclose(before[:, 0], [-speed, speed], rtol=1e-12)
    np.testing.assert_allclose(at[0], [44.0 - 1.5e-3 * speed, 56.0 + 1.5e-3 * speed], rtol=1e-12)


def test_kinds_pull_by_both_factors_and_fixed_ones_stay():
    kinds = [kind("a", adhesion_to={"b": 0.25}), kind("b")]
    types = np.array([0, 1], dtype=np.int32)
    at = pair(18.0)
    move(space(100.0, 100.0), CLOSED, kinds, at, np.full(2, R), types, None, 0.5)
    assert at[0][1] - at[0][0] == pytest.approx(relaxed(18.0, 0.5, other=0.5), abs=2e-3 * R)
    at = pair(12.0)
    move(space(100.0, 100.0), CLOSED, [kind("a", fixed=True), kind("b")], at, np.full(2, R), types, None, 0.1)
    assert at[0][0] == 44.0
    assert at[0][1] > 56.5


@pytest.mark.parametrize("periodic", [CLOSED, (True, True, True)])
@pytest.mark.parametrize("step", [-1.0, 1.0 / 600.0])
def test_forces_of_pairs_are_equal_and_opposite(periodic, step):
    """The sum of positions of a crowd far from the sides stays; across periodic sides that of velocities."""
    size = (200.0, 200.0, 200.0)
    at = scattered(300, (80.0, 80.0, 80.0), 3)
    for place in at:
        place += 60.0 if periodic is CLOSED else 0.0
    before = np.zeros((300, 3))
    radius = np.random.default_rng(2).uniform(4.0, 8.0, 300)
    total = [place.sum() for place in at]
    move(
        space(*size), periodic, [kind()], at, radius, np.zeros(300, dtype=np.int32), None, 0.01, step, before
    )
    assert np.abs(before.sum(0)).max() < 1e-9
    if periodic is CLOSED:
        np.testing.assert_allclose([place.sum() for place in at], total, rtol=1e-12)


def test_velocities_are_those_of_all_pairs():
    size, n, periodic = (90.0, 120.0, 100.0), 200, (True, False, True)
    at = scattered(n, size, 7)
    at[1][:] = 30.0 + at[1] / 2.0  # out of reach of the closed sides
    rng = np.random.default_rng(3)
    radius, types = rng.uniform(3.0, 8.0, n), rng.integers(0, 2, n).astype(np.int32)
    kinds = [kind("a", reach=1.5, adhesion_to={"b": 0.5}), kind("b", repulsion=300.0, reach=0.9)]
    reach = np.array([1.5, 0.9])[types] * radius
    vector = gaps(at, size, periodic)
    d = np.linalg.norm(vector, axis=-1) + np.eye(n)
    push = np.sqrt(np.outer(*[np.array([600.0, 300.0])[types]] * 2))
    draw = np.where(types[:, None] == types[None], 24.0, 24.0 * np.sqrt(0.5))
    speed = push * np.maximum(1 - d / (radius[:, None] + radius[None]), 0) ** 2
    speed -= draw * np.maximum(1 - d / (reach[:, None] + reach[None]), 0) ** 2
    np.fill_diagonal(speed, 0.0)
    expected = (speed[..., None] * vector / d[..., None]).sum(1)
    before = np.zeros((n, 3))
    move(space(*size), periodic, kinds, at, radius, types, None, 1e-9, 1e-9, before)
    np.testing.assert_allclose(before, expected, atol=1e-9)


def test_lists_are_never_stale():
    """Cells that shoot past each other meet the same ones as with lists made anew at each substep."""
    n = 150
    rng = np.random.default_rng(5)
    own = np.column_stack([rng.normal(0, 300.0, (n, 2)), np.zeros(n)])
    ends = []
    for parts in (1, 400):
        x, y, _ = scattered(n, (200.0, 200.0, 20.0), 5)
        at = (x, y, np.full(n, 10.0))
        before = np.zeros((n, 3))
        for _ in range(parts):  # each call sorts and lists anew
            move(space(200.0, 200.0), (True, True, False), [kind()], at, np.full(n, 5.0),
                 np.zeros(n, dtype=np.int32), own, 0.2 / parts, 0.2 / 400, before)  # fmt: skip
        ends.append(np.stack(at))
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-7)


@pytest.mark.parametrize("step", [-1.0, 0.0, 1.0 / 600.0])
def test_nobody_gets_out_or_into_a_wall(step):
    walls = (
        Region("ball", "ball", (70.0, 70.0, 10.0), radius=25.0, wall=True),
        Region("plate", "box", (0.0, 150.0, 0.0), (120.0, 200.0, 20.0), wall=True),
    )
    box = space(200.0, 200.0, regions=walls)
    n = 200
    x, y, _ = scattered(n, (200.0, 140.0, 20.0), 11)
    at = (x, y, np.full(n, 10.0))
    own = np.column_stack([*np.random.default_rng(6).normal(0, 100.0, (2, n)), np.full(n, 50.0)])
    for _ in range(5):
        move(box, CLOSED, [kind()], at, np.full(n, 5.0), np.zeros(n, dtype=np.int32), own, 0.1, step)
        assert (at[2] == 10.0).all()
        assert min(x.min(), y.min()) >= 0.0
        assert max(x.max(), y.max()) <= 200.0
        assert np.hypot(x - 70.0, y - 70.0).min() >= 25.0 - 1e-9
        assert not ((x < 120.0 - 1e-9) & (y > 150.0 + 1e-9)).any()


def test_a_cell_at_a_side_is_pushed_as_by_its_mirror_image():
    at = (np.array([3.0]), np.array([50.0]), np.array([10.0]))
    before = np.zeros((1, 3))
    move(space(100.0, 100.0), CLOSED, [kind()], at, np.full(1, R), np.zeros(1, dtype=np.int32), None,
         1e-9, 1e-9, before)  # fmt: skip
    np.testing.assert_allclose(before[0], [600.0 * (1 - 6.0 / 16.0) ** 2, 0.0, 0.0], rtol=1e-12)


def test_a_dense_heap_relaxes_to_rest():
    """The chosen step is stable: overlaps go, and what is left moves ever less."""
    n = 400
    at = scattered(n, (60.0, 60.0, 60.0), 4)
    for place in at:
        place += 170.0
    radius, types = np.full(n, 8.0), np.zeros(n, dtype=np.int32)
    box = space(400.0, 400.0, 400.0)
    ways = []
    for _ in range(12):
        start = np.stack(at)
        substeps = move(box, CLOSED, [kind()], at, radius, types, None, 0.5)
        ways.append(np.linalg.norm(np.stack(at) - start, axis=0).mean())
        assert substeps < 400
    assert ways[-1] < 0.02 * ways[0]
    distance = np.linalg.norm(gaps(at, (1e9,) * 3, CLOSED), axis=-1) + 1e9 * np.eye(n)
    assert distance.min() > 0.75 * 16.0


@pytest.mark.parametrize("step", [-1.0, 1.0 / 600.0])
@pytest.mark.parametrize("periodic", [CLOSED, (True, True, True)])
def test_same_bits_for_any_number_of_threads(step, periodic, monkeypatch):
    n = 12_000
    ends = []
    for threads in (1, 2, 3):
        at = scattered(n, (200.0, 200.0, 500.0), 9)
        before = np.zeros((n, 3))
        move(space(200.0, 200.0, 500.0), periodic, [kind()], at, np.full(n, 6.0),
             np.zeros(n, dtype=np.int32), None, 0.01, step, before, threads)  # fmt: skip
        ends.append(np.concatenate([np.stack(at).ravel(), before.ravel()]))
    np.testing.assert_array_equal(ends[0], ends[1])
    np.testing.assert_array_equal(ends[0], ends[2])
    # other blocks sum in another order: the same but for round-off
    monkeypatch.setattr("vesiflux.engines.tissue.mechanics.neighbours.BLOCK", 2 * blocks.BLOCK)
    at = scattered(n, (200.0, 200.0, 500.0), 9)
    types = np.zeros(n, dtype=np.int32)
    move(space(200.0, 200.0, 500.0), periodic, [kind()], at, np.full(n, 6.0), types, None, 0.01, step)
    np.testing.assert_allclose(np.stack(at).ravel(), ends[0][: 3 * n], atol=1e-8)


def test_cells_without_size_or_reach_harm_nobody():
    at = (np.array([50.0, 50.5, 50.2, 60.0]), np.full(4, 50.0), np.full(4, 10.0))
    radius = np.array([0.0, 0.0, 8.0, 8.0])
    count = move(
        space(100.0, 100.0), CLOSED, [kind(reach=0.0)], at, radius, np.zeros(4, dtype=int), None, 0.1
    )
    assert count < 200
    assert np.isfinite(np.stack(at)).all()
    assert at[0][3] - at[0][2] > 12.0


def test_nobody_and_no_time():
    none = np.zeros(0)
    assert (
        move(space(10.0, 10.0), CLOSED, [kind()], (none, none, none), none, none.astype(int), None, 1.0) == 0
    )
    at = pair(10.0)
    assert (
        move(space(100.0, 100.0), CLOSED, [kind()], at, np.full(2, R), np.zeros(2, int), None, 1.0, 0.0) == 0
    )
    assert at[0][1] - at[0][0] == 10.0
