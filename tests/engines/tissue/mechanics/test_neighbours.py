"""Nobody is lost among neighbours: against all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from crowds import CLOSED, gaps, scattered, space
from hypothesis import given, settings
from hypothesis import strategies as st

from vesiflux.engines.tissue.mechanics import TOUCH, Neighbours


def brute(places, size, periodic, radius):
    distance = np.linalg.norm(gaps(places, size, periodic), axis=-1)
    near = distance <= TOUCH * (radius[:, None] + radius[None])
    return np.argwhere(np.triu(near, 1)), distance


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 120),
    size=st.tuples(*[st.sampled_from([45.0, 70.0, 130.0, 400.0])] * 3),
    periodic=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    flat=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_all_pairs_that_touch_are_found_once(n, size, periodic, flat, seed):
    if flat:
        size, periodic = (size[0], size[1], 20.0), (*periodic[:2], False)
    places = scattered(n, size, seed)
    if flat:
        places[2][:] = 10.0
    radius = np.random.default_rng(seed).uniform(3.0, 9.0, n)
    box = space(*size[:2]) if flat else space(*size)
    found = Neighbours(box, periodic, *places, radius)
    pairs, distance = brute(places, size, periodic, radius)
    np.testing.assert_array_equal(found.pairs(), pairs)
    overlap = np.maximum(1.0 - distance / (radius[:, None] + radius[None]), 0.0)
    np.fill_diagonal(overlap, 0.0)
    np.testing.assert_allclose(found.pressure(), (overlap**2).sum(1) / 0.027288820670331, rtol=1e-12)


def test_contacts_by_kind():
    x = np.array([20.0, 34.0, 48.0, 20.0])
    y = np.array([20.0, 20.0, 20.0, 90.0])
    found = Neighbours(space(100.0, 100.0), CLOSED, x, y, np.full(4, 10.0), np.full(4, 8.0))
    np.testing.assert_array_equal(found.pairs(), [[0, 1], [1, 2]])
    kinds = np.array([0, 1, -1, 1])  # the third counts for nobody
    np.testing.assert_array_equal(found.contacts(kinds, 2), [[0, 1], [1, 0], [0, 1], [0, 0]])


def test_across_a_periodic_side():
    x = np.array([2.0, 98.0])
    at = (x, np.full(2, 50.0), np.full(2, 10.0))
    r = np.full(2, 5.0)
    assert len(Neighbours(space(100.0, 100.0), CLOSED, *at, r).pairs()) == 0
    assert len(Neighbours(space(100.0, 100.0), (True, False, False), *at, r).pairs()) == 1


def test_many_cells_in_several_blocks_and_across():
    size = (200.0, 200.0, 600.0)
    places = scattered(12_000, size)
    radius = np.full(12_000, 5.0)
    periodic = (True, True, True)
    one = Neighbours(space(*size), periodic, *places, radius, threads=1)
    two = Neighbours(space(*size), periodic, *places, radius, threads=2)
    assert len(one._lists.blocks) > 1
    assert len(one._lists.far[2]) > 0
    tree = pytest.importorskip("scipy.spatial").cKDTree(np.stack(places, 1), boxsize=size)
    expected = np.array(sorted(tree.query_pairs(11.0)))
    np.testing.assert_array_equal(one.pairs(), expected)
    np.testing.assert_array_equal(two.pairs(), expected)
    np.testing.assert_array_equal(one.pressure(), two.pressure())


def test_nobody():
    none = np.zeros(0)
    found = Neighbours(space(100.0, 100.0), CLOSED, none, none, none, none)
    assert found.pairs().shape == (0, 2)
    assert found.contacts(np.zeros(0, dtype=np.int32), 3).shape == (0, 3)
    assert found.pressure().shape == (0,)


def test_pressure_of_a_confluent_layer_is_one_half():
    """PhysiCell's scale: twelve neighbours as near as hexagons of the cells' own area have them are 1."""
    spacing = 2.0 * 8.0 * np.sqrt(np.pi / (2.0 * np.sqrt(3.0)))
    angle = np.arange(6) * np.pi / 3.0
    x = 50.0 + np.append(0.0, spacing * np.cos(angle))
    y = 50.0 + np.append(0.0, spacing * np.sin(angle))
    found = Neighbours(space(100.0, 100.0), CLOSED, x, y, np.full(7, 10.0), np.full(7, 8.0))
    assert found.pressure()[0] == pytest.approx(0.5, rel=1e-12)
