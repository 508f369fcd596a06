"""Cells take vesicles at the rates theory gives: Smoluchowski, Collins and Kimball, well mixed."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import erfcx

from vesiflux.engines.tissue.individuals import Individuals
from vesiflux.ir.tissue import Border, CargoDraw, Group, TissueSpace

PERIODIC = (Border("periodic"),) * 6
CLOSED = (Border(),) * 6
D, R, EDGE = 14400.0, 5.0, 80.0
SPACE = TissueSpace((8, 8, 8), (10.0, 10.0, 10.0))
GROUP = Group("exosome", D, 0.0, PERIODIC, median=0.1)
UM3_PER_ML = 1e12


def expected(concentration: float, kappa: float, hours: float) -> float:
    """Taken by a sphere in a medium without end, all even at the start, per um^3 at ``concentration``.

    Smoluchowski (1917); with reactivity kappa: F. C. Collins and G. E. Kimball, J. Colloid Sci. 4:425, 1949.
    """
    arrival = 4.0 * math.pi * D * R
    if math.isinf(kappa):
        return concentration * arrival * (hours + 2.0 * R * math.sqrt(hours / (math.pi * D)))
    own = 4.0 * math.pi * R**2 * kappa
    root = np.linspace(0.0, math.sqrt(hours), 20_001)
    rate = (
        arrival
        * own
        / (arrival + own)
        * (1.0 + own / arrival * erfcx((1.0 + own / arrival) / R * math.sqrt(D) * root))
    )
    return concentration * float(np.trapezoid(rate * 2.0 * root, root))


def even(n: int, seed: int) -> npt.NDArray[np.float64]:
    x = np.random.default_rng(seed).uniform(0.0, EDGE, (n, 3))
    return x[((x - 40.0) ** 2).sum(axis=1) > R * R]


def z_scores(
    kappa: float, fraction: float, n: int, seeds: int, group: Group = GROUP
) -> npt.NDArray[np.float64]:
    """One per seed; sqrt(counts) is nearly the spread, each vesicle being taken with a small probability."""
    hours = 2.0 * R * R / D
    mean = expected(n / EDGE**3, kappa, hours)
    clearance = 4.0 * math.pi * R**2 * kappa / UM3_PER_ML
    found = []
    for seed in range(seeds):
        v = Individuals(SPACE, group, seed=seed, fraction=fraction)
        v.place(even(n, 100 + seed), (), 0, 0)
        taken = v.advance(hours, 0, [[40.0, 40.0, 40.0]], [R], [7], [clearance])
        found.append((len(taken.ident) - mean) / math.sqrt(mean))
    return np.array(found)


@pytest.mark.parametrize("relative", [math.inf, 2.0, 0.3])
def test_rate_of_one_sphere(relative: float) -> None:
    z = z_scores(relative * D / R, 0.5, 60_000, 10)
    assert abs(z.sum() / math.sqrt(10.0)) < 3.0
    assert 1.0 < (z**2).sum() < 30.0  # chi-square with ten degrees: 0.9998 of it


@pytest.mark.slow
@pytest.mark.parametrize("relative", [math.inf, 20.0, 2.0, 0.3])
@pytest.mark.parametrize("fraction", [0.125, 0.25, 0.5])
def test_rate_of_one_sphere_at_any_step(relative: float, fraction: float) -> None:
    z = z_scores(relative * D / R, fraction, 1_000_000, 10)
    assert abs(z.sum() / math.sqrt(10.0)) < 3.0


def test_partial_absorber_reaches_the_rate_of_the_field_treatment() -> None:
    """Late, the rate is k_int k_D / (k_int + k_D): here its time-dependent excess is known and small."""
    arrival = 4.0 * math.pi * D * R
    own = 0.5 * arrival
    hours = 30.0 * R * R / D
    late = expected(1.0, own / (4.0 * math.pi * R**2), hours) / hours
    assert late == pytest.approx(own * arrival / (own + arrival), rel=0.1)


def test_reaction_limited_uptake_in_a_slab_is_clearance_times_concentration() -> None:
    """A slab thinner than the cells: their surface within it makes up their clearance."""
    slab = TissueSpace((4, 4, 1), (10.0, 10.0, 8.0))
    group = Group("exosome", D, 0.0, CLOSED, median=0.1, sigma=0.3)
    at = np.array([[12.0, 12.0, 4.0], [28.0, 27.0, 4.0]])
    v = Individuals(slab, group, seed=3)
    x = np.random.default_rng(1).uniform(0.0, slab.size, (8000, 3))
    for c in at:
        x = x[((x - c) ** 2).sum(axis=1) > 36.0]
    free = 40.0 * 40.0 * 8.0 - 2.0 * math.pi * (36.0 * 8.0 - 2.0 * 4.0**3 / 3.0)
    v.place(x, (), 0, 0)
    clearance = 1000.0  # um^3/h: far below 4 pi D R
    hours = 0.1
    taken = v.advance(hours, 0, at, [6.0, 6.0], [1, 2], np.full(2, clearance / UM3_PER_ML))
    share = 1.0 - math.exp(-2.0 * clearance * hours / free)
    mean = len(x) * share
    assert abs(len(taken.ident) - mean) < 3.5 * math.sqrt(mean) + 0.03 * mean


def test_share_of_its_own_vesicles_a_cell_takes_back() -> None:
    """From r the chance is k_int / (k_int + k_D) R / r; open borders at 400 um let the rest escape."""
    space = TissueSpace((8, 8, 8), (100.0, 100.0, 100.0))
    v = Individuals(space, Group("exosome", D, 0.0, (Border("held", 0.0),) * 6), seed=6)
    own = 4.0 * math.pi * D * R / UM3_PER_ML
    v.emit([1], [[400.0, 400.0, 400.0]], [R], [4000], (), 0, 0)
    for s in range(3):
        v.advance(0.05, s, [[400.0, 400.0, 400.0]], [R], [1], [own])
    back = int(v.ledger.vesicles["taken"][0])
    late = 0.5 * R / math.sqrt(math.pi * D * 0.15)  # who would still come after 0.15 h
    assert abs(back - 4000 * 0.5 * (1.0 - late)) < 3.5 * math.sqrt(1000.0)


def test_nothing_sits_in_a_cell_and_reflecting_cells_take_nothing() -> None:
    rng = np.random.default_rng(2)
    at = (np.stack(np.meshgrid(*[np.arange(5)] * 3, indexing="ij"), -1).reshape(-1, 3) + 0.5) * 16.0
    at = at + rng.uniform(-2.0, 2.0, at.shape)
    v = Individuals(SPACE, Group("exosome", D, 0.0, PERIODIC, median=0.1, sigma=0.3), seed=1)
    v.place(rng.uniform(0.0, EDGE, (20_000, 3)), (), 0, 0)  # some within cells: they are put out
    for s in range(3):
        at = at + rng.uniform(-0.5, 0.5, at.shape)
        taken = v.advance(0.004, s, at, np.full(125, 6.5), np.arange(125), np.zeros(125))
        assert not len(taken.ident)
        t = v.table()
        x = np.stack([t["x"], t["y"], t["z"]], axis=-1)
        for c in at:
            d = x - c
            d -= EDGE * np.rint(d / EDGE)
            assert ((d**2).sum(axis=1) > (6.5 * (1.0 - 2e-4)) ** 2).all()


def test_even_stays_even_around_a_cell_that_takes_nothing() -> None:
    v = Individuals(SPACE, GROUP, seed=2)
    v.place(even(40_000, 3), (), 0, 0)
    v.advance(5.0 * R * R / D, 0, [[40.0, 40.0, 40.0]], [R], [1], [0.0])
    t = v.table()
    r = np.sqrt((t["x"] - 40.0) ** 2 + (t["y"] - 40.0) ** 2 + (t["z"] - 40.0) ** 2)
    edges = np.array([5.0, 6.0, 7.0, 9.0, 12.0, 20.0, 39.0])
    seen = np.histogram(r, edges)[0]
    p = 4.0 / 3.0 * math.pi * np.diff(edges**3) / (EDGE**3 - 4.0 / 3.0 * math.pi * R**3)
    z = (seen - 1.0 * v.count * p) / np.sqrt(v.count * p)
    assert np.abs(z).max() < 3.5


def test_ledgers_balance_to_the_last_copy() -> None:
    group = Group(
        "exosome", D, 3.0, (Border("held", 0.0), *CLOSED[1:]), binding=(2.0, 1.0), median=0.1, sigma=0.3
    )
    v = Individuals(SPACE, group, ("a", "b"), seed=5)
    at, radii, ids = (
        np.array([[20.0, 20.0, 20.0], [60.0, 50.0, 40.0]]),
        np.array([5.0, 7.0]),
        np.array([3, 9]),
    )
    draws = (CargoDraw("a", False, 3.0), CargoDraw("b", True, 0.5, 0.2))
    by_cell = np.zeros(2, dtype=np.int64)
    copies = np.zeros(2, dtype=np.int64)
    for s in range(5):
        v.emit(ids, at, radii, np.array([400.0, 100.0]), draws, [0, 1], s)
        taken = v.advance(0.01, s, at, radii, ids, np.array([2e-7, 4e-7]))
        assert (np.diff(taken.ident) > 0).all()
        by_cell += np.bincount(taken.cell_row, minlength=2)
        copies += taken.copies.sum(axis=0)
    lost = ("taken", "decayed", "left", "cleared")
    vesicles, cargo = v.amounts()
    for kept, now in ((v.ledger.vesicles, vesicles), (v.ledger.copies, cargo)):
        assert np.array_equal(kept["emitted"], now + sum(kept[f] for f in lost))
        assert all((kept[f] > 0).all() for f in ("taken", "decayed", "left"))
    assert by_cell.sum() == v.ledger.vesicles["taken"].sum()
    assert by_cell.all()
    assert np.array_equal(copies, v.ledger.copies["taken"].sum(axis=0))
