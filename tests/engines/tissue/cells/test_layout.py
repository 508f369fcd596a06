"""Cells start inside, apart, out of walls, and in the same places for the same seed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial import cKDTree
from small_tissues import CUBE, SLAB, kind

from vesiflux.engines.tissue.cells import place, settle
from vesiflux.errors import InputError
from vesiflux.ir.tissue import Layout, Region, TissueSpace

WALLS = (
    Region("bone", "ball", (200.0, 200.0, 10.0), radius=90.0, wall=True),
    Region("edge", "box", (0.0, 0.0, 0.0), (400.0, 60.0, 400.0), wall=True),
    Region("soft", "box", (100.0, 100.0, 0.0), (300.0, 300.0, 400.0), hindrance=0.1),
)


def nearest(points: np.ndarray) -> np.ndarray:
    """Distance of each to its nearest neighbour."""
    return cKDTree(points).query(points, k=2)[0][:, 1]


@pytest.mark.parametrize("shape", [(20, 20, 1), (20, 20, 20)])
@pytest.mark.parametrize(
    "layout",
    [
        Layout("random"),
        Layout("spheroid"),
        Layout("spheroid", radius=150.0),
        Layout("ring", inner=50.0, radius=180.0),
    ],
    ids=["random", "spheroid", "spheroid of a radius", "ring"],
)
def test_inside_apart_and_out_of_walls(shape: tuple[int, int, int], layout: Layout) -> None:
    space = TissueSpace(shape, (20.0, 20.0, 20.0), regions=WALLS)
    points = place(kind(count=150, layout=layout), space, 3)
    assert points.shape == (150, 3)
    assert (points >= 0.0).all()
    assert (points < np.array(space.size)).all()
    axes = 2 if space.flat else 3
    assert (np.linalg.norm((points - [200.0, 200.0, 10.0])[:, :axes], axis=1) >= 90.0).all()
    assert (points[:, 1] >= 60.0).all()
    assert nearest(points).min() >= 16.0 * (1.0 - 1e-9)
    if space.flat:
        assert (points[:, 2] == 10.0).all()
    if layout.radius is not None:
        off = np.linalg.norm((points - np.array(space.size) / 2.0)[:, :axes], axis=1)
        assert off.min() >= layout.inner
        assert off.max() <= layout.radius


@pytest.mark.parametrize(("space", "share"), [(SLAB, 0.70), (CUBE, 0.45)])
def test_denser_than_chance_can_place(space: TissueSpace, share: float) -> None:
    """Cells put in one by one jam at 0.547 of the plane and 0.38 of space; these are pushed apart."""
    one = math.pi * 64.0 * (1.0 if space.flat else 32.0 / 3.0)
    n = int(share * np.prod(space.size[: 2 if space.flat else 3]) / one)
    distance = nearest(place(kind(count=n), space, 5))
    assert len(distance) == n
    assert (distance < 16.0 * (1.0 - 1e-9)).mean() < 0.005
    assert distance.min() > 12.0


def test_too_many_cells_overlap_evenly() -> None:
    """Discs that cover 1.2 of the box: none can be apart, but they lie far wider than by chance."""
    distance = nearest(place(kind(count=955), TissueSpace((20, 20, 1), (20.0,) * 3), 5))
    chance = 0.5 * math.sqrt(400.0 * 400.0 / 955)  # mean distance of points without any rule
    assert distance.min() > chance
    assert np.median(distance) > 1.7 * chance


def test_random_fills_the_box_evenly() -> None:
    points = place(kind(count=2000, radius=1.0), SLAB, 9)
    counts, _, _ = np.histogram2d(points[:, 0], points[:, 1], bins=5, range=[[0, 1000], [0, 1000]])
    assert ((counts - 80.0) ** 2 / 80.0).sum() < 24 + 4.0 * math.sqrt(48.0)


def test_random_in_a_part_of_the_box() -> None:
    layout = Layout("random", a=(100.0, 200.0, 0.0), b=(300.0, 250.0, 0.0))
    points = place(kind(count=20, layout=layout), SLAB, 1)
    assert (points[:, :2] >= [100.0, 200.0]).all()
    assert (points[:, :2] <= [300.0, 250.0]).all()


@pytest.mark.parametrize(
    ("space", "densest"), [(SLAB, math.pi / math.sqrt(12.0)), (CUBE, math.pi / math.sqrt(18.0))]
)
def test_a_spheroid_is_packed(space: TissueSpace, densest: float) -> None:
    """Close packing: away from its surface the share of space is the densest there is."""
    n = 1200
    points = place(kind(count=n, layout=Layout("spheroid")), space, 2)
    centre = np.array(space.size) / 2.0
    off = np.sort(np.linalg.norm(points - centre, axis=1))
    dimension = 2 if space.flat else 3
    shells = np.linspace(0.6, 0.9, 200) * off[-1]
    packing = np.mean(np.searchsorted(off, shells) * (8.0 / shells) ** dimension)
    assert packing == pytest.approx(densest, rel=0.02)
    assert np.abs(points.mean(axis=0) - centre).max() < 2.0


def test_a_spheroid_of_a_radius_fills_it() -> None:
    points = place(kind(count=300, layout=Layout("spheroid", radius=250.0)), SLAB, 2)
    off = np.linalg.norm(points - [500.0, 500.0, 10.0], axis=1)
    assert off.max() > 225.0
    assert nearest(points).min() >= 16.0
    assert nearest(points).std() > 0.3  # loosened
    full = place(kind(count=400, layout=Layout("spheroid", radius=100.0)), SLAB, 2)  # too many
    assert np.linalg.norm(full - [500.0, 500.0, 10.0], axis=1).max() <= 100.0
    assert nearest(full).std() < 1e-9  # evenly squeezed


def test_types_keep_clear_of_each_other() -> None:
    for layout in (Layout("random", a=(0.0, 0.0, 0.0), b=(300.0, 300.0, 0.0)), Layout("spheroid")):
        kinds = [kind("a", 90, layout), kind("b", 90, layout, radius=5.0)]
        cells = settle(kinds, SLAB, 4, lambda k, n: np.zeros((n, 2)))
        gap = np.linalg.norm(cells.positions[:90, None] - cells.positions[None, 90:], axis=2)
        assert gap.min() >= 13.0 * (1.0 - 1e-9)


def test_periodic_sides_are_neighbours() -> None:
    narrow = TissueSpace((10, 10, 1), (20.0,) * 3)
    points = place(kind(count=70), narrow, 6, periodic=(True, True, False))
    shifts = np.array([[i * 200.0, j * 200.0, 0.0] for i in (-1, 0, 1) for j in (-1, 0, 1)])
    images = (points + shifts[:, None]).reshape(-1, 3)
    assert cKDTree(images).query(points, k=2)[0][:, 1].min() >= 16.0


def test_given_points_are_checked() -> None:
    points = np.array([[10.0, 20.0, 0.0], [500.0, 500.0, 3.0]])
    got = place(kind(layout=Layout("at", points=points)), SLAB, 1)
    assert np.array_equal(got, [[10.0, 20.0, 10.0], [500.0, 500.0, 10.0]])
    with pytest.raises(InputError, match=r"layout of a: point 1 .* lies outside the box or in a wall"):
        place(kind(layout=Layout("at", points=-points)), SLAB, 1)


def test_no_room_is_said() -> None:
    wall = Region("all", "box", (0.0, 0.0, 0.0), (1000.0, 1000.0, 20.0), wall=True)
    with pytest.raises(InputError, match="no place for cell 1 of 5"):
        place(kind(count=5), TissueSpace((50, 50, 1), (20.0,) * 3, regions=(wall,)), 1)


@pytest.mark.parametrize("layout", [Layout("random"), Layout("spheroid"), Layout("ring", radius=90.0)])
def test_the_seed_decides(layout: Layout) -> None:
    one, same, other = (place(kind(count=40, layout=layout), SLAB, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, place(kind(count=40, layout=layout), SLAB, 1, number=1))


def test_states_come_in_exact_numbers_and_dealt_out() -> None:
    kinds = [kind("a", 100, states=("p", "q", "r"), start=(0.5, 0.295, 0.205)), kind("b", 7)]
    cells = settle(kinds, SLAB, 1, lambda k, n: np.zeros((n, k + 1)))
    assert list(np.bincount(cells.state[cells.kind == 0])) in ([50, 30, 20], [50, 29, 21])
    assert np.count_nonzero(np.diff(cells.state[:100])) > 30
    assert [m.shape for m in cells.programs] == [(100, 1), (7, 2)]
    assert cells.age.std() > 3.0
    assert cells.radius == pytest.approx(8.0)


def test_types_of_one_spheroid_are_mixed() -> None:
    layout = Layout("spheroid", centre=(500.0, 500.0, 0.0), radius=200.0)
    cells = settle([kind("a", 200, layout), kind("b", 100, layout)], SLAB, 3, lambda k, n: np.zeros((n, 2)))
    off = np.linalg.norm(cells.positions - [500.0, 500.0, 10.0], axis=1)
    # of an even disc the mean distance is 2/3 of the radius, its deviation radius / sqrt(18)
    for k, n in ((0, 200), (1, 100)):
        mean = off[cells.kind == k].mean()
        assert abs(mean - off.max() * 2.0 / 3.0) < 3.5 * off.max() / math.sqrt(18.0 * n)
    assert nearest(cells.positions).min() >= 16.0
