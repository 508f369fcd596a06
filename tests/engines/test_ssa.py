"""The direct method against what is known in closed form, and its promises on bits."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vesiflux.engines.ssa import Status, simulate
from vesiflux.errors import InputError
from vesiflux.ir.program import Op, Tape
from vesiflux.ir.stochastic import ReactionNetwork, mass_action

N = 4000
TIMES = np.array([5.0, 25.0, 50.0])


def moments(counts, mean, variance):
    """z-scores of mean and variance at each time; the variance's spread from the fourth moment."""
    n = len(counts)
    z_mean = (counts.mean(0) - mean) / np.sqrt(variance / n)
    fourth = ((counts - counts.mean(0)) ** 4).mean(0)
    z_variance = (counts.var(0, ddof=1) - variance) / np.sqrt((fourth - counts.var(0) ** 2) / n)
    return np.concatenate([z_mean, z_variance])


def birth_death(rate, loss, start):
    """DSMTS 001: births and deaths in proportion to the number."""
    network = mass_action({"X": start}, [({"X": 1}, {"X": 2}, rate), ({"X": 1}, {}, loss)])
    grown = np.exp((rate - loss) * TIMES)
    variance = start * (rate + loss) / (rate - loss) * grown * (grown - 1.0)
    return network, start * grown, variance


def immigration_death(rate, loss, start):
    """DSMTS 002."""
    network = mass_action({"X": start}, [({}, {"X": 1}, rate), ({"X": 1}, {}, loss)])
    left = np.exp(-loss * TIMES)
    return (
        network,
        rate / loss * (1.0 - left) + start * left,
        rate / loss * (1.0 - left) + start * left * (1.0 - left),
    )


def batch_immigration(rate, loss, batch):
    """DSMTS 004: five at once; stationary variance (batch + 1) / 2 times the mean."""
    network = mass_action({"X": 0}, [({}, {"X": batch}, rate), ({"X": 1}, {}, loss)])
    left = np.exp(-loss * TIMES)
    mean = batch * rate / loss * (1.0 - left)
    pairs = rate * batch * (batch - 1) / (2.0 * loss) * (1.0 - left**2)  # E[X(X-1)] - E[X]^2
    return network, mean, mean + pairs


@pytest.mark.parametrize(
    "case",
    [
        birth_death(0.1, 0.11, 100),  # 001-01
        birth_death(1.0, 1.1, 100),  # 001-03, times shortened below
        immigration_death(1.0, 0.1, 0),  # 002-01
        immigration_death(10.0, 0.1, 0),  # 002-02
        batch_immigration(1.0, 0.2, 5),  # 004-01
        batch_immigration(1.0, 0.2, 100),  # 004-03
    ],
)
def test_means_and_variances(case):
    network, mean, variance = case
    found = simulate(network, N, times=TIMES, seed=3)
    assert found.ok.all()
    assert np.abs(moments(found.of("X").astype(float), mean, variance)).max() < 4.0


def test_dimerisation():
    """DSMTS 003-01: 2 P <-> P2 from 100 P; stationary distribution from detailed balance."""
    k1, k2, total = 0.001, 0.01, 100
    network = mass_action({"P": total, "P2": 0}, [({"P": 2}, {"P2": 1}, k1), ({"P2": 1}, {"P": 2}, k2)])
    found = simulate(network, N, times=[500.0], seed=3)
    pairs = np.arange(total // 2 + 1)
    logs = np.array(
        [m * math.log(k1 / (2 * k2)) - math.lgamma(total - 2 * m + 1) - math.lgamma(m + 1) for m in pairs]
    )
    p = np.exp(logs - logs.max())
    p /= p.sum()
    mean = p @ pairs
    variance = p @ (pairs - mean) ** 2
    assert np.abs(moments(found.of("P2").astype(float), mean, variance)).max() < 4.0
    assert (found.of("P") + 2 * found.of("P2") == total).all()
    assert (found.fired[:, 0] - found.fired[:, 1] == found.of("P2")[:, -1]).all()


def chi_square(counts, p):
    """z-score of the chi-square of counts against probabilities, cells of at least 5 expected."""
    expected = p * len(counts)
    seen = np.bincount(counts, minlength=len(p))[: len(p)]
    keep = expected >= 5.0
    o = np.append(seen[keep], len(counts) - seen[keep].sum())
    e = np.append(expected[keep], len(counts) - expected[keep].sum())
    degrees = len(e) - 1
    return ((o - e) ** 2 / e).sum(), degrees


def test_immigration_death_is_poisson():
    network = mass_action({"X": 0}, [({}, {"X": 1}, 20.0), ({"X": 1}, {}, 2.0)])
    found = simulate(network, 20_000, times=[10.0], seed=5)
    p = np.array([math.exp(-10.0 + k * math.log(10.0) - math.lgamma(k + 1)) for k in range(60)])
    value, degrees = chi_square(found.of("X")[:, 0], p)
    assert abs(value - degrees) < 4.0 * math.sqrt(2.0 * degrees)


def test_batches_arrive_as_a_marked_poisson_process():
    """Arrivals of 25 at once: the number released has Fano 25, whatever the window."""
    network = mass_action({"X": 0}, [({}, {"X": 25}, 4.0)])
    found = simulate(network, 20_000, times=[0.5, 2.0, 8.0], seed=5).of("X")
    assert set(np.unique(found % 25)) == {0}
    fano = found.var(0, ddof=1) / found.mean(0)
    # variance of a sample variance of a Poisson number n of mean m: (m + 2 m^2) / N
    m = 4.0 * np.array([0.5, 2.0, 8.0])
    assert np.all(np.abs(fano / 25.0 - 1.0) < 4.0 * np.sqrt((1.0 / m + 2.0) / 20_000 + 1.0 / (20_000 * m)))


def test_waiting_times_are_exponential():
    network = mass_action({"X": 1, "Y": 0}, [({"X": 1}, {"Y": 1}, 0.7)])
    times = np.linspace(0.05, 10.0, 200)
    waits = (simulate(network, 20_000, times=times, seed=9).of("X") == 1).sum(1) * 0.05
    for t in (0.5, 1.0, 3.0):
        p = math.exp(-0.7 * t)
        assert abs((waits > t - 0.025).mean() - p) < 4.0 * math.sqrt(p * (1 - p) / 20_000) + 1e-12


def big():
    """Three hundred reactions round a ring, five blocks of propensities."""
    names = {f"S{i}": 5 for i in range(150)}
    ring = [({f"S{i}": 1}, {f"S{(i + 1) % 150}": 1}, 1.0 + i / 150) for i in range(150)]
    back = [({f"S{i}": 1, f"S{(i + 7) % 150}": 1}, {f"S{(i + 3) % 150}": 2}, 0.02) for i in range(150)]
    return mass_action(names, ring + back)


def test_many_reactions_keep_what_they_must_keep():
    found = simulate(big(), 50, times=[1.0, 5.0], seed=2)
    assert found.ok.all()
    assert (found.counts.sum(2) == 750).all()
    assert (found.counts >= 0).all()


def test_a_big_network_chooses_by_propensity():
    """Each reaction fires in proportion to its rate, blocks apart or not."""
    rates = 1.0 + np.arange(200) % 13
    network = mass_action({"X": 0}, [({}, {"X": 1}, float(k)) for k in rates])
    fired = simulate(network, 50, times=[4.0], seed=1).fired.sum(0)
    expected = rates * 4.0 * 50
    assert abs(((fired - expected) ** 2 / expected).sum() - 200) < 4.0 * math.sqrt(400)


@pytest.mark.parametrize("network", [birth_death(0.1, 0.11, 100)[0], big()])
def test_bits_depend_on_seed_and_number_alone(network):
    times = [0.5, 1.0, 2.0]
    whole = simulate(network, 9, times=times, seed=4)
    assert (simulate(network, 9, times=times, seed=4, threads=3).counts == whole.counts).all()
    assert (simulate(network, 4, times=times, seed=4, first=5).counts == whole.counts[5:]).all()
    assert (simulate(network, 9, times=times, seed=5).counts != whole.counts).any()
    # more records change nothing
    assert (simulate(network, 9, times=[0.1, 1.3, 2.0], seed=4).counts[:, -1] == whole.counts[:, -1]).all()


@pytest.mark.parametrize("network", [birth_death(0.1, 0.11, 100)[0], big()])
def test_going_on_is_as_good_as_going_straight(network):
    times = np.linspace(0.3, 3.0, 10)
    whole = simulate(network, 5, times=times, seed=4)
    first = simulate(network, 5, times=times[:4], seed=4)
    rest = simulate(network, 5, times=times[4:], seed=4, resume=first.checkpoint)
    assert (np.concatenate([first.counts, rest.counts], axis=1) == whole.counts).all()
    assert (rest.fired == whole.fired).all()


def test_any_order_and_any_expression():
    """n (n-1) (n-2) / 6 by order three, and the same as a tape: the same bits of the same process."""
    order = mass_action({"A": 30, "B": 0}, [({"A": 3}, {"B": 1}, 1e-3), ({"B": 1}, {"A": 3}, 0.5)])
    # registers: 1, 2, k/6, A, B, temporaries
    code = np.array(
        [[Op.SUB, 5, 3, 0, 0, 0], [Op.SUB, 6, 3, 1, 0, 0], [Op.MUL, 5, 5, 6, 0, 0],
         [Op.MUL, 5, 5, 3, 0, 0], [Op.MUL, 5, 5, 2, 0, 0]],
        dtype=np.int32,
    )  # fmt: skip
    tape = Tape(code, np.array([5], dtype=np.int32))
    general = ReactionNetwork(
        "general", order.species, order.reactions, order.initial, order.change, order.order, order.rate,
        {0: tape}, np.array([1.0, 2.0, 1e-3 / 6.0, 0, 0, 0, 0]), 3,
    )  # fmt: skip
    a, b = (simulate(n, 500, times=[1.0, 3.0], seed=8) for n in (order, general))
    assert a.ok.all()
    assert (a.counts == b.counts).mean() > 0.999  # round-off may turn one choice in a million
    assert (a.counts @ np.array([1, 3]) == 30).all()


def test_an_empty_network_stays_as_it_is():
    found = simulate(mass_action({"X": 3}, [({"X": 1}, {}, 1.0)]), 20, times=[100.0, 200.0], seed=1)
    assert (found.of("X") == 0).all()
    assert (found.fired == 3).all()
    assert np.isinf(found.checkpoint.due).all()


def test_what_goes_wrong_is_said():
    order = np.zeros((1, 1), dtype=np.int64)
    taking_two = ReactionNetwork(
        "bad", ("X",), ("r",), np.array([3]), np.array([[-2]]), order, np.array([1.0])
    )
    found = simulate(taking_two, 2, times=[100.0])
    assert (found.status == Status.NEGATIVE).all()
    assert (found.counts == -1).all()
    assert "n * (n - 1) / 2" in Status.NEGATIVE.sentence
    growing = mass_action({"X": 10}, [({"X": 1}, {"X": 2}, 5.0)])
    assert (simulate(growing, 2, times=[50.0], max_events=1000).status == Status.TOO_MANY).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda n: simulate(n, 0, times=[1.0]), "at least 1"),
        (lambda n: simulate(n, 1, times=[2.0, 1.0]), "ascending"),
        (lambda n: simulate(n, 1, times=[-1.0]), "from 0 h on"),
        (lambda n: simulate(n, 3, times=[9.0], resume=simulate(n, 1, times=[1.0]).checkpoint), "holds 1"),
        (lambda n: simulate(n, 1, times=[1.0]).of("Z"), "there are X"),
        (lambda n: mass_action({"X": 1}, [({"Z": 1}, {}, 1.0)]), "names 'Z'"),
        (lambda n: mass_action({"X": 1}, [({"X": 1}, {}, -1.0)]), "needs 0 or more"),
        (lambda n: mass_action({"X": -1}, [({"X": 1}, {}, 1.0)]), "cannot be negative"),
        (lambda n: mass_action({"X": 1}, [({"X": 0.5}, {}, 1.0)]), "whole number"),
    ],
)
def test_wrong_calls(call, said):
    with pytest.raises(InputError, match=said):
        call(mass_action({"X": 3}, [({"X": 1}, {}, 1.0)]))
