"""Where vesicles go without cells: Gaussian spread, drift, borders, regions, decay, binding."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from scipy.sparse.linalg import expm_multiply

from vesiflux.engines.tissue.fields.grid import Grid
from vesiflux.engines.tissue.fields.transport import transport
from vesiflux.engines.tissue.individuals import Individuals
from vesiflux.ir.tissue import Border, Group, Region, TissueSpace, Vessel

CLOSED = (Border(),) * 6
PERIODIC = (Border("periodic"),) * 6
D = 14400.0
BIG = TissueSpace((10, 10, 10), (100.0, 100.0, 100.0))


def places(v: Individuals) -> npt.NDArray[np.float64]:
    t = v.table()
    return np.stack([t["x"], t["y"], t["z"]], axis=-1).astype(np.float64)


def middle(n: int, at: float = 500.0) -> npt.NDArray[np.float64]:
    return np.full((n, 3), at)


def test_gaussian_of_the_right_width_in_one_step_and_in_many() -> None:
    for steps in (1, 20):
        v = Individuals(BIG, Group("exosome", D, 0.0, CLOSED, median=0.1), seed=steps)
        v.place(middle(20_000), (), 0, 0)
        for s in range(steps):
            v.advance(0.1 / steps, s)
        d = (places(v) - 500.0) / math.sqrt(2.0 * D * 0.1)
        for axis in range(3):
            assert stats.kstest(d[:, axis], "norm").pvalue > 1e-3
        assert abs((d**2).sum() / 60_000 - 1.0) < 4.0 * math.sqrt(2.0 / 60_000)
        c = np.corrcoef(d.T)
        assert np.abs(c - np.eye(3)).max() < 4.0 / math.sqrt(20_000)


def test_own_diffusion_by_size_with_the_mean_of_the_group() -> None:
    v = Individuals(BIG, Group("exosome", D, 0.0, CLOSED, median=0.1, sigma=0.4), seed=5)
    v.place(middle(40_000), (), 0, 0)
    v.advance(0.05, 0)
    own = ((places(v) - 500.0) ** 2).mean(axis=1) / (2.0 * 0.05)
    assert abs(own.mean() / D - 1.0) < 4.0 * own.std() / D / math.sqrt(40_000)
    each = own * v.table()["diameter"]  # the same for all: Stokes-Einstein
    assert abs(np.corrcoef(each, v.table()["diameter"])[0, 1]) < 4.0 / math.sqrt(40_000)


def test_drift() -> None:
    space = TissueSpace((10, 10, 10), (100.0, 100.0, 100.0), flow=(900.0, -300.0, 0.0))
    v = Individuals(space, Group("exosome", D, 0.0, PERIODIC), seed=2)
    v.place(middle(20_000), (), 0, 0)
    for s in range(4):
        v.advance(0.025, s)
    shift = (places(v) - 500.0).mean(axis=0)
    assert np.abs(shift - [90.0, -30.0, 0.0]).max() < 4.0 * math.sqrt(2.0 * D * 0.1 / 20_000)


@pytest.mark.parametrize("borders", [CLOSED, PERIODIC])
def test_even_stays_even(borders: tuple[Border, ...]) -> None:
    space = TissueSpace((8, 8, 1), (10.0, 10.0, 12.0))
    v = Individuals(space, Group("exosome", D, 0.0, borders, median=0.1, sigma=0.3), seed=4)  # type: ignore[arg-type]
    v.place(np.random.default_rng(1).uniform(0.0, space.size, (30_000, 3)), (), 0, 0)
    v.advance(0.02, 0)
    x = places(v)
    for axis, edge in enumerate(space.size):
        assert x[:, axis].min() >= 0.0
        assert x[:, axis].max() <= edge
        assert stats.kstest(x[:, axis], "uniform", (0.0, edge)).pvalue > 1e-3


def test_open_borders_against_the_series() -> None:
    space = TissueSpace((8, 8, 8), (10.0, 10.0, 10.0))
    held = Border("held", 0.0)
    v = Individuals(space, Group("exosome", D, 0.0, (held, held, *CLOSED[2:])), seed=3)
    v.place(np.full((20_000, 3), [30.0, 40.0, 40.0]), (), 0, 0)
    hours = 0.04
    v.advance(hours, 0)
    k = np.arange(1, 60, 2) * math.pi / 80.0
    inside = float((4.0 / (k * 80.0) * np.sin(k * 30.0) * np.exp(-(k**2) * D * hours)).sum())
    spread = math.sqrt(20_000 * inside * (1.0 - inside))
    assert abs(v.count - 20_000 * inside) < 3.5 * spread
    assert v.ledger.vesicles["left"][0] == 20_000 - v.count


def test_one_open_and_one_closed_border() -> None:
    space = TissueSpace((8, 8, 8), (10.0, 10.0, 10.0))
    v = Individuals(space, Group("exosome", D, 0.0, (Border(), Border("held", 0.0), *CLOSED[2:])), seed=3)
    v.place(np.full((20_000, 3), [30.0, 40.0, 40.0]), (), 0, 0)
    v.advance(0.08, 0)
    k = (np.arange(60) + 0.5) * math.pi / 80.0
    sign = np.where(np.arange(60) % 2 == 0, 1.0, -1.0)
    inside = float((2.0 / (k * 80.0) * sign * np.cos(k * 30.0) * np.exp(-(k**2) * D * 0.08)).sum())
    assert abs(v.count - 20_000 * inside) < 3.5 * math.sqrt(20_000 * inside * (1.0 - inside))


def compare_with_the_grid(
    space: TissueSpace, group: Group, start: int, hours: float, n: int, limit: float
) -> None:
    """Counts in coarse bins along x against the transport operator of the fields, from plane ``start``."""
    grid = Grid(space.shape, space.voxel)
    u = np.zeros(grid.array_shape)
    u[:, :, start] = 1.0
    operator = transport(space, group)
    mean = expm_multiply(operator.matrix() * (hours / grid.voxel_volume), u.ravel()).reshape(u.shape)
    p = mean.sum(axis=(0, 1)) / u.sum()
    v = Individuals(space, group, seed=8)
    rng = np.random.default_rng(2)
    x = rng.uniform(0.0, space.size, (n, 3))
    x[:, 0] = (start + rng.uniform(size=n)) * space.voxel[0]
    v.place(x, (), 0, 0)
    v.advance(hours, 0)
    seen = v.density(grid)[0].sum(axis=(0, 1)) * grid.voxel_volume
    coarse = p.reshape(-1, 4).sum(axis=1)
    expected, found = n * coarse, seen.reshape(-1, 4).sum(axis=1)
    z = (found - expected) / np.sqrt(np.maximum(n * coarse * (1.0 - coarse), 1.0))
    assert np.abs(z).max() < limit, (z, found, expected)


def test_hindered_half_agrees_with_the_grid() -> None:
    region = Region("gel", "box", (40.0, 0.0, 0.0), (80.0, 10.0, 10.0), hindrance=0.2)
    space = TissueSpace((40, 1, 1), (2.0, 10.0, 10.0), regions=(region,))
    compare_with_the_grid(space, Group("exosome", D, 0.0, CLOSED), 14, 0.02, 20_000, 3.5)


def test_hindrance_keeps_an_even_distribution_even() -> None:
    region = Region("gel", "ball", (20.0, 20.0, 20.0), radius=12.0, hindrance=0.1)
    space = TissueSpace((10, 10, 10), (4.0, 4.0, 4.0), regions=(region,))
    v = Individuals(space, Group("exosome", D, 0.0, CLOSED, median=0.1, sigma=0.3), seed=6)
    v.place(np.random.default_rng(3).uniform(0.0, 40.0, (40_000, 3)), (), 0, 0)
    v.advance(0.01, 0)
    seen = v.density(Grid((5, 5, 5), (8.0, 8.0, 8.0))).ravel()
    assert stats.chisquare(seen / seen.sum() * 40_000).pvalue > 1e-3


def test_walls_keep_out_and_flow_goes_round() -> None:
    wall = Region("bone", "box", (24.0, 0.0, 0.0), (32.0, 24.0, 8.0), wall=True)
    space = TissueSpace((16, 12, 1), (4.0, 4.0, 8.0), flow=(400.0, 0.0, 0.0), regions=(wall,))
    group = Group("exosome", D, 0.0, (Border("periodic"), Border("periodic"), *CLOSED[2:]))
    v = Individuals(space, group, seed=8)
    x = np.random.default_rng(3).uniform(0.0, space.size, (30_000, 3))
    x = x[~((x[:, 0] > 24.0) & (x[:, 0] < 32.0) & (x[:, 1] < 24.0))]
    v.place(x, (), 0, 0)
    v.advance(0.02, 0)
    seen = v.density(Grid(space.shape, space.voxel))[0, 0]
    solid = np.zeros((12, 16), dtype=bool)
    solid[:6, 6:8] = True
    assert not seen[solid].any()
    open_ = seen[~solid] * Grid(space.shape, space.voxel).voxel_volume
    assert stats.chisquare(open_).pvalue > 1e-3  # the flow has no divergence: even stays even


def test_vessel_clears_as_in_the_grid() -> None:
    vessel = Vessel("capillary", (40.0, 5.0, 0.0), (40.0, 5.0, 10.0), 3.0, {"exosome": (900.0, 0.0)})
    space = TissueSpace((40, 5, 1), (2.0, 2.0, 10.0), vessels=(vessel,))
    compare_with_the_grid(space, Group("exosome", D, 0.0, CLOSED), 20, 0.01, 10_000, 3.5)


def test_decay_and_binding() -> None:
    space = TissueSpace((8, 8, 8), (10.0, 10.0, 10.0))
    decay, on, off, hours = 0.6, 3.0, 1.5, 1.0
    v = Individuals(space, Group("exosome", 10.0, decay, CLOSED, binding=(on, off)), seed=9)
    v.place(np.full((20_000, 3), 40.0), (), 0, 0)
    for s in range(40):
        v.advance(hours / 40, s)
    matrix = np.array([[-(decay + on), off], [on, -off]])
    free, bound = expm_multiply(matrix * hours, np.array([1.0, 0.0])) * 20_000
    held = int(v.bound()[0])
    assert abs(v.count - held - free) < 3.5 * math.sqrt(free)
    assert abs(held - bound) < 3.5 * math.sqrt(bound)
    assert v.ledger.vesicles["decayed"][0] == 20_000 - v.count
