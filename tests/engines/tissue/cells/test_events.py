"""Each event happens as often as its rate says, to those it may happen to, and is told in full."""

from __future__ import annotations

import math

import numpy as np
import pytest
from small_tissues import CALLBACKS, CUBE, SLAB, advance, crowd, kind

from vesiflux.engines.tissue.cells import ALIVE, APOPTOTIC, NECROTIC, Cells, Rates, grow, live
from vesiflux.ir.tissue import Region, TissueSpace, Vessel

KINDS = [kind("a"), kind("b")]


def z(count: float, n: float, p: float) -> float:
    """Standard score of a binomial count."""
    return (count - n * p) / math.sqrt(n * p * (1.0 - p))


@pytest.mark.parametrize("seed", range(1, 6))
def test_death_is_exponential(seed: int) -> None:
    n, cells = 4000, crowd(4000)
    for step in range(20):
        rates = Rates.none(cells.n)
        rates.apoptosis[:], rates.necrosis[:] = 0.3, 0.1
        advance(cells, [kind(dying=1e9)], rates, step, seed)
    p = math.exp(-0.4 * 2.0)
    assert abs(z((cells.dead == ALIVE).sum(), n, p)) < 3.5
    dead = (cells.dead != ALIVE).sum()
    assert abs(z((cells.dead == NECROTIC).sum(), dead, 0.25)) < 3.5
    assert len(cells.programs[0]) == n - dead


@pytest.mark.parametrize("seed", range(1, 6))
def test_growth_is_the_birth_process(seed: int) -> None:
    """A Yule process: mean n e^rt, variance n e^rt (e^rt - 1), here in steps."""
    n, rate, dt, steps = 500, 0.5, 0.02, 100
    cells = crowd(n)
    for step in range(steps):
        rates = Rates.none(cells.n)
        rates.proliferation[:] = rate
        advance(cells, [kind()], rates, step, seed, dt)
    p = -math.expm1(-rate * dt)
    growth = (1.0 + p) ** steps
    variance = n * (1.0 - p) / (1.0 + p) * growth * (growth - 1.0)  # of a Galton-Watson process
    assert abs(cells.n - n * growth) / math.sqrt(variance) < 3.5
    assert growth == pytest.approx(math.exp(rate * dt * steps), rel=0.01)


@pytest.mark.parametrize("seed", range(1, 6))
def test_two_states_fill_as_the_markov_chain_says(seed: int) -> None:
    n, a, b, dt = 5000, 0.6, 0.2, 0.05
    cells = crowd(n)
    two = [kind(states=("on", "off"))]
    for step in range(40):
        rates = Rates.none(n)
        rates.transition = {(0, 0, 1): np.full(n, a), (0, 1, 0): np.full(n, b)}
        advance(cells, two, rates, step, seed, dt)
    t = 40 * dt
    p = a / (a + b) * -math.expm1(-(a + b) * t)
    # steps of dt with one jump each: the chain's own occupancy differs by less than the noise
    assert abs(z((cells.state == 1).sum(), n, p)) < 3.5


def test_several_ways_out_of_a_state_share_it() -> None:
    n, cells = 9000, crowd(9000)
    rates = Rates.none(n)
    rates.transition = {(0, 0, 1): np.full(n, 1.0), (0, 0, 2): np.full(n, 3.0), (0, 2, 1): np.full(n, 1e9)}
    advance(cells, [kind(states=("p", "q", "r"))], rates, dt=0.5)
    left = (cells.state != 0).sum()
    assert abs(z(left, n, -math.expm1(-2.0))) < 3.5
    assert abs(z((cells.state == 2).sum(), left, 0.75)) < 3.5  # one jump in a step


def test_only_touched_cells_of_the_type_are_killed() -> None:
    which = np.array([0, 1, 1, 0, 1, 0])
    cells = crowd(6, kinds=2, which=which)
    rates = Rates.none(6)
    rates.killing = {1: np.where(which == 0, 1e9, 0.0)}
    outcome = advance(cells, KINDS, rates, pairs=np.array([[1, 0], [0, 3], [4, 5]]))
    assert list(np.flatnonzero(cells.dead == APOPTOTIC)) == [1, 4]
    assert outcome.log == [(0.1, "killing", 1, 0), (0.1, "killing", 4, 5)]
    assert [(g.what, g.kind, list(g.ids), list(g.by)) for g in outcome.gone] == [
        ("killing", 1, [1, 4], [0, 5])
    ]
    assert np.array_equal(outcome.gone[0].programs, [[8.0, 3.0], [8.0, 3.0]])


def test_a_victim_dies_once_and_a_killer_kills_one() -> None:
    which = np.array([0, 0, 0, 1, 1])
    cells = crowd(5, kinds=2, which=which)
    rates = Rates.none(5)
    rates.killing = {1: np.where(which == 0, 1e9, 0.0)}
    pairs = np.array([[i, j] for i in range(3) for j in (3, 4)])
    outcome = advance(cells, KINDS, rates, pairs=pairs)
    assert sorted(i for _, _, i, _ in outcome.log) == [3, 4]
    one = crowd(5, kinds=2, which=which)
    rates.killing = {1: np.array([1e9, 0.0, 0.0, 0.0, 0.0])}
    assert len(advance(one, KINDS, rates, pairs=pairs).log) == 1


def test_the_victim_is_any_of_those_touched_and_pairs_have_no_order() -> None:
    which = np.array([0, 1, 1, 1])
    hit = np.zeros(4)
    for seed in range(600):
        ids = []
        for pairs in ([[0, 1], [0, 2], [0, 3]], [[3, 0], [0, 2], [1, 0]]):
            cells = crowd(4, kinds=2, which=which)
            rates = Rates.none(4)
            rates.killing = {1: np.where(which == 0, 1e9, 0.0)}
            ids.append(advance(cells, KINDS, rates, seed=seed, pairs=np.array(pairs)).log[0][2])
        assert ids[0] == ids[1]
        hit[ids[0]] += 1
    assert all(abs(z(count, 600, 1.0 / 3.0)) < 3.5 for count in hit[1:])


@pytest.mark.parametrize("seed", range(1, 4))
def test_killing_follows_its_rate(seed: int) -> None:
    n = 3000
    which = np.arange(2 * n) % 2
    cells = crowd(2 * n, kinds=2, which=which)
    pairs = np.column_stack([np.arange(0, 2 * n, 2), np.arange(1, 2 * n, 2)])
    for step in range(10):
        rates = Rates.none(2 * n)
        rates.killing = {1: np.where(which == 0, 0.7, 0.0)}
        advance(cells, [kind("a"), kind("b", dying=1e9)], rates, step, seed, pairs=pairs)
    assert abs(z((cells.dead == APOPTOTIC).sum(), n, -math.expm1(-0.7))) < 3.5


def test_phagocytosis_takes_the_dead_too_and_at_once() -> None:
    which = np.array([0, 1, 0, 1])
    cells = crowd(4, kinds=2, which=which)
    cells.kill(np.array([3]), NECROTIC)
    rates = Rates.none(4)
    rates.phagocytosis = {1: np.where(which == 0, 1e9, 0.0)}
    outcome = advance(cells, KINDS, rates, pairs=np.array([[0, 1], [2, 3]]))
    assert list(cells.id) == [0, 2]
    assert [(i, j) for _, _, i, j in outcome.log] == [(1, 0), (3, 2)]
    assert [list(g.ids) for g in outcome.gone] == [[1]]  # the dead one's program had ended before
    assert list(outcome.origin) == [0, 2]
    assert outcome.moved


def test_necrosis_sets_free_and_apoptosis_does_not() -> None:
    for field, freed in (("necrosis", 3), ("apoptosis", 0)):
        cells = crowd(3)
        rates = Rates.none(3)
        getattr(rates, field)[:] = 1e9
        outcome = advance(cells, [kind(lysis={2: 1e6})], rates)
        assert len(outcome.lysis) == freed
        assert all(item == ((500.0, 500.0, 10.0), 2, 1e6) for item in outcome.lysis)
        assert outcome.gone[0].programs.sum() == 33.0


def test_transformation_rebuilds_the_program() -> None:
    cells = crowd(4, kinds=2, which=np.array([0, 1, 0, 0]))
    rates = Rates.none(4)
    rates.transformation = {1: np.array([1e9, 1e9, 0.0, 1e9])}  # the second is of that kind already
    outcome = advance(cells, [kind("a"), kind("b", radius=5.0, states=("p", "q"), start=(0.0, 1.0))], rates)
    assert list(outcome.transformed) == [0, 3]
    assert list(cells.kind) == [1, 1, 0, 1]
    assert np.array_equal(cells.programs[1], [[108.0, 103.0], [8.0, 3.0], [108.0, 103.0]])
    assert list(cells.state) == [1, 0, 0, 1]
    assert cells.full_volume[0] == pytest.approx(4.0 / 3.0 * math.pi * 125.0)
    assert cells.volume[0] == 2000.0


def test_division_halves_amounts_and_hands_on_levels() -> None:
    for space in (SLAB, CUBE):
        cells = crowd(50, space)
        cells.programs[0][:, 0] = np.random.default_rng(0).random(50) * 1e5
        amounts, centre = cells.programs[0][:, 0].copy(), cells.positions
        cells.state[:] = np.arange(50)
        rates = Rates.none(50)
        rates.proliferation[::2] = 1e9
        outcome = advance(cells, [kind()], rates, space=space)
        assert cells.n == 75
        assert list(outcome.daughters) == list(range(50, 75))
        assert list(cells.parent[50:]) == list(range(0, 50, 2)) == list(outcome.mothers)
        assert list(outcome.origin) == [*range(50), *range(0, 50, 2)]
        assert np.array_equal(cells.programs[0][0:50:2, 0] + cells.programs[0][50:, 0], amounts[::2])
        assert np.array_equal(cells.programs[0][1:50:2, 0], amounts[1::2])
        assert (cells.programs[0][:, 1] == 3.0).all()
        assert (cells.volume[50:] == 1000.0).all()
        assert np.array_equal(cells.state[50:], cells.state[0:50:2])
        assert (cells.divisions[50:] == 1).all()
        apart = cells.positions[50:] - cells.positions[0:50:2]
        assert np.linalg.norm(apart, axis=1) == pytest.approx(2.0 * cells.radius[50:])
        middle = (cells.positions[50:] + cells.positions[0:50:2]) / 2.0
        assert middle == pytest.approx(centre[::2])
        assert (apart[:, 2] == 0.0).all() == space.flat


def test_daughters_stay_in_the_box_and_out_of_walls() -> None:
    wall = Region("bone", "box", (0.0, 0.0, 0.0), (490.0, 1000.0, 20.0), wall=True)
    space = TissueSpace((50, 50, 1), (20.0, 20.0, 20.0), regions=(wall,))
    cells = crowd(200)
    cells.x[:100] = 491.0
    cells.y[:], cells.x[100:] = 1.0, 999.5
    rates = Rates.none(200)
    rates.proliferation[:] = 1e9
    advance(cells, [kind()], rates, space=space)
    assert cells.n == 400
    assert cells.x.min() >= 490.0
    assert cells.x.max() <= 1000.0
    assert cells.y.min() >= 0.0
    cells.x[:], cells.y[:] = 999.9, 500.0
    rates = Rates.none(400)
    rates.proliferation[:] = 1e9
    advance(cells, [kind()], rates, periodic=(True, False, False))
    assert (cells.x < 100.0).any()
    assert cells.x.min() >= 0.0


def test_an_unripe_cell_waits_when_asked_to() -> None:
    cells = crowd(4)
    cells.volume[:2] = 1900.0
    rates = Rates.none(4)
    rates.proliferation[:] = 1e9
    advance(cells, [kind()], rates, ripe=0.99)
    assert list(cells.parent) == [-1, -1, -1, -1, 2, 3]


def test_recruitment_is_poisson_and_at_the_borders() -> None:
    counts, cells = [], Cells([2])
    for step in range(400):
        before = cells.n
        rates = Rates.none(before)
        rates.recruitment = {0: 30.0}
        outcome = advance(cells, [kind()], rates, step)
        counts.append(cells.n - before)
        assert (outcome.origin[before:] == -1).all()
    assert abs(np.mean(counts) - 3.0) / math.sqrt(3.0 / 400) < 3.5
    assert np.var(counts) == pytest.approx(3.0, abs=3.5 * math.sqrt((2.0 * 9.0 + 3.0) / 400))
    close = np.minimum(np.minimum(cells.x, 1000.0 - cells.x), np.minimum(cells.y, 1000.0 - cells.y))
    assert close.max() <= 8.0 + 1e-9
    assert abs(z((cells.y < 8.5).sum(), cells.n, 0.25)) < 4.0  # all sides alike (corners aside)


@pytest.mark.parametrize("space", [SLAB, CUBE])
def test_recruitment_at_vessels(space: TissueSpace) -> None:
    middle = space.size[2] / 2.0
    ends = (
        ((100.0, 100.0, middle), (100.0, 100.0, middle)) if space.flat else ((50.0, 50, 50), (300.0, 200, 90))
    )
    cells = Cells([2])
    rates = Rates.none(0)
    rates.recruitment = {0: 1000.0}
    with_vessel = TissueSpace(space.shape, space.voxel, vessels=(Vessel("v", *ends, 12.0),))
    advance(cells, [kind()], rates, dt=1.0, space=with_vessel)
    a, b = np.array(ends[0]), np.array(ends[1])
    along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
    off = cells.positions - a
    distance = np.linalg.norm(off - (off @ along)[:, None] * along, axis=1)
    assert cells.n > 800
    assert distance == pytest.approx(20.0)


def test_the_dead_shrink_and_go() -> None:
    cells = crowd(2)
    kinds = [kind(dying=1.0)]
    rates = Rates.none(2)
    rates.apoptosis[0] = 1e9
    log = []
    for step in range(12):
        log.append(advance(cells, kinds, rates, step).log)
        rates = Rates.none(cells.n)
        if cells.n == 2:
            volume = cells.volume[0]
            grow(cells, kinds, 0.1)
            assert 0.0 < cells.volume[0] < volume
    assert [step for step, events in enumerate(log) if events] == [0, 10]
    assert log[10] == [(pytest.approx(1.1), "removal", 0, -1)]
    assert list(cells.id) == [1]
    assert cells.volume[0] == 2000.0


def test_volume_grows_back_at_its_rate() -> None:
    cells = crowd(1)
    cells.volume[:] = 1000.0
    for _ in range(50):
        grow(cells, [kind(growth=0.1)], 0.1)
    assert cells.volume[0] == pytest.approx(2000.0 - 1000.0 * math.exp(-0.5), rel=1e-12)
    assert cells.age[0] == pytest.approx(5.0)


def busy(cells: Cells, step: int) -> None:
    """A step in which everything can happen."""
    kinds = [kind("a", states=("p", "q"), start=(0.5, 0.5), dying=0.5), kind("b", dying=0.5)]
    rates = Rates.none(cells.n)
    rates.proliferation[:], rates.apoptosis[:], rates.necrosis[:] = 1.0, 0.3, 0.2
    rates.killing = {1: np.where(cells.kind == 0, 1.0, 0.0)}
    rates.phagocytosis = {0: np.where(cells.kind == 1, 0.5, 0.0)}
    rates.transition = {(0, 0, 1): np.ones(cells.n), (0, 1, 0): np.ones(cells.n)}
    rates.transformation = {1: np.full(cells.n, 0.3), 0: np.full(cells.n, 0.3)}
    rates.recruitment = {0: 20.0}
    order = np.argsort(cells.x, kind="stable")
    pairs = np.column_stack([order[:-1], order[1:]])
    live(cells, kinds, rates, pairs, 0.1, step, 0.1 * step, 7, CALLBACKS, SLAB)
    grow(cells, kinds, 0.1)


def test_a_restart_half_way_is_the_straight_run() -> None:
    straight = crowd(60, kinds=2, which=np.arange(60) % 2)
    for step in range(12):
        if step == 6:
            saved = straight.snapshot()
        busy(straight, step)
    again = Cells([2, 2])
    again.restore(saved)
    for step in range(6, 12):
        busy(again, step)
    one, two = straight.snapshot(), again.snapshot()
    for name, values in one.items():
        assert np.array_equal(values, two[name]), name
    assert straight.n > 60


def test_what_happens_to_a_cell_does_not_depend_on_the_others() -> None:
    """Numbers are keyed by ids, not rows: without the first cells the rest fare the same."""
    rates = Rates.none(300)
    rates.apoptosis[:] = 5.0
    rates.transition = {(0, 0, 1): np.full(300, 5.0)}
    two = [kind(states=("p", "q"))]
    all_, some = crowd(300), crowd(300)
    advance(all_, two, rates, 3)
    some.remove(some.id < 100)
    few = Rates.none(200)
    few.apoptosis[:] = 5.0
    few.transition = {(0, 0, 1): np.full(200, 5.0)}
    advance(some, two, few, 3)
    assert np.array_equal(all_.dead[100:], some.dead)
    assert np.array_equal(all_.state[100:], some.state)
    assert 0 < (some.dead != ALIVE).sum() < 200
