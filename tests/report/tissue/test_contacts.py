from __future__ import annotations

import numpy as np

from vesiflux.report.tissue.contacts import contacts, largest_mass, touching


def _square(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells on a square lattice that touch their four neighbours and no other."""
    i, j = (a.ravel() for a in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    return np.stack([10.0 * i, 10.0 * j, 0.0 * i], axis=1), i, j


def test_pairs_are_those_within_a_tenth_of_touching() -> None:
    xyz = [[0, 0, 0], [10.9, 0, 0], [22.0, 0, 0], [22.0, 8.2, 0]]
    pairs = touching(xyz, [5.0, 5.0, 5.0, 2.5])
    assert pairs.tolist() == [[0, 1], [2, 3]]


def test_checkerboard_has_no_contact_of_its_own_kind() -> None:
    xyz, i, j = _square(20)
    pairs = touching(xyz, np.full(len(xyz), 5.0))
    assert len(pairs) == 2 * 20 * 19
    found = contacts((i + j) % 2, pairs, 2)
    assert found.observed.tolist() == [[0, 760], [760, 0]]
    # of 400 cells, 200 of each type, a pair is of two types in 200 / 399 of cases, twice
    np.testing.assert_allclose(found.expected[0, 1], 760 * 2 * 200 * 200 / (400 * 399), rtol=0.01)
    assert 1.95 < found.ratio[0, 1] < 2.05
    assert found.beyond.all()


def test_halves_touch_along_their_border_only() -> None:
    xyz, i, _ = _square(20)
    found = contacts((i >= 10).astype(int), touching(xyz, np.full(len(xyz), 5.0)), 2)
    assert found.observed[0, 1] == found.observed[1, 0] == 20
    assert found.observed[0, 0] == found.observed[1, 1] == 370
    assert found.ratio[0, 1] < 0.1
    assert found.beyond.all()


def test_random_types_are_within_chance() -> None:
    xyz, _, _ = _square(25)
    pairs = touching(xyz, np.full(len(xyz), 5.0))
    beyond = []
    for seed in range(20):
        kinds = np.random.default_rng(seed).integers(0, 3, len(xyz))
        found = contacts(kinds, pairs, 3, seed)
        beyond.append(found.beyond[np.tril_indices(3)].mean())
        assert found.observed[np.tril_indices(3)].sum() == len(pairs)
    assert np.mean(beyond) < 0.12


def test_same_seed_same_interval() -> None:
    xyz, i, _ = _square(12)
    pairs = touching(xyz, np.full(len(xyz), 5.0))
    one, two, other = (contacts(i % 3, pairs, 3, seed) for seed in (4, 4, 5))
    assert (one.expected == two.expected).all()
    assert (one.high == two.high).all()
    assert (one.expected != other.expected).any()


def test_a_type_that_is_absent_has_no_ratio() -> None:
    xyz, i, _ = _square(6)
    found = contacts(0 * i, touching(xyz, np.full(len(xyz), 5.0)), 2)
    assert np.isnan(found.ratio[0, 1])
    assert found.ratio[0, 0] == 1


def test_largest_mass_is_of_cells_close_together() -> None:
    mass = [[0, 0, 0], [9, 0, 0], [0, 9, 0], [9, 9, 0]]
    apart = [[100.0 + 30 * k, 50, 0] for k in range(9)]
    kind, middle = largest_mass(mass + apart, np.full(13, 5.0), [1] * 4 + [0] * 9)
    assert kind == 1
    np.testing.assert_allclose(middle, [4.5, 4.5, 0])


def test_a_tumour_stands_out_of_more_stroma_around_it() -> None:
    xyz, i, j = _square(40)
    away = np.hypot(i - 18, j - 22)
    kind, middle = largest_mass(xyz, np.full(len(xyz), 5.0), np.where(away < 11, 0, 1))
    assert kind == 0
    np.testing.assert_allclose(middle, [180, 220, 0], atol=2)
