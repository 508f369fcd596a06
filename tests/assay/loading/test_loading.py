"""Passive nulls, sorting against them, and what the spread of copies means for a threshold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesiflux.assay import tables
from vesiflux.assay.loading import Occupancy, crossing, passive, sorting, vesicles_needed
from vesiflux.errors import InputError
from vesiflux.physics import geometry, loading

POINT = {"diameter": 100.0, "sigma": 1e-6, "cytosol": 2000.0}
"""The survey's vesicle and cell: 100 nm, 2 pL."""


def test_null_of_the_lumen_is_the_surveys_figure() -> None:
    assert passive(5e4, **POINT).copies.median == pytest.approx(0.0099, abs=1e-4)  # type: ignore[arg-type]
    assert passive(5e3, **POINT).copies.median == pytest.approx(9.9e-4, abs=1e-5)  # type: ignore[arg-type]


def test_a_class_of_vesicles_holds_more_than_its_median_vesicle() -> None:
    wide = passive(5e4, diameter=100.0, sigma=0.35, cytosol=2000.0).copies.median
    assert wide > 1.5 * passive(5e4, **POINT).copies.median  # type: ignore[arg-type]


def test_null_of_the_surface() -> None:
    found = passive(1e5, "surface", diameter=100.0, sigma=1e-6, cell_area=2000.0)
    assert found.copies.median == pytest.approx(loading.passive_surface(1e5, geometry.sphere_area(0.1), 2000))
    assert found.copies.low == pytest.approx(found.copies.high)


def test_uncertainty_of_the_null_spans_more_than_tenfold() -> None:
    null = passive(5e4).copies
    assert 10 < null.high / null.low < 100
    rows = tables.rows("loading/parameters.tsv")
    assert all(row["mark"] == "assumed" and row["source"] for row in rows)


def test_the_published_mean_needs_no_sorting() -> None:
    found = sorting(0.00825, 5e4)
    assert found.verdict == "explained by chance"
    assert found.ratio.low < 1 < found.ratio.high
    assert 0.2 < found.enriched < 0.8


def test_sorting_is_seen_both_ways_and_needs_the_interval() -> None:
    much, little, some = (sorting(x, 5e4) for x in ("0.5,1,2", "1e-5,2e-5,4e-5", "0.01,0.03,0.09"))
    assert (much.verdict, little.verdict, some.verdict) == ("sorted in", "kept out", "explained by chance")
    assert much.ratio.median == pytest.approx(1 / much.null.median, rel=0.1)
    assert much.enriched == 1.0
    exact = sorting(0.0099, 5e4, **POINT)  # type: ignore[arg-type]
    assert exact.ratio.median == pytest.approx(1, rel=0.01)


POISSON = Occupancy("poisson", 0.008)
RARE = Occupancy("occupied", 0.008, copies=80.0)
BETWEEN = Occupancy("negative binomial", 0.008, size=0.01)


@pytest.mark.parametrize("model", [POISSON, RARE, BETWEEN])
@pytest.mark.parametrize(
    ("vesicles", "threshold", "escape"), [(9000, 80, 1.0), (9000, 20, 0.3), (400, 2, 0.7)]
)
def test_crossing_against_simulated_cells(
    model: Occupancy, vesicles: int, threshold: int, escape: float
) -> None:
    rng = np.random.default_rng(5)
    cells = 50_000
    free = rng.binomial(vesicles, escape, cells)
    if model.spread == "poisson":
        copies = rng.poisson(free * model.mean)
    elif model.spread == "occupied":
        copies = 80 * rng.binomial(free, model.occupied)
    else:  # a sum of negative binomials: a Poisson of gamma means
        copies = rng.poisson(rng.gamma(free * 0.01, model.mean / 0.01))
    share = float((copies >= threshold).mean())
    error = math.sqrt(share * (1 - share) / cells) + 1e-5
    assert crossing(model, vesicles, threshold, escape) == pytest.approx(share, abs=4.5 * error)


def test_same_mean_other_biology() -> None:
    """With a tenth of the mean that is needed, only rare full vesicles bring any cell over 50 copies."""
    n, threshold = 600, 50
    assert n * POISSON.mean < threshold / 10
    assert crossing(POISSON, n, threshold) < 1e-30
    assert crossing(RARE, n, threshold) == pytest.approx(1 - (1 - 1e-4) ** n)
    assert crossing(POISSON, n, threshold) < crossing(BETWEEN, n, threshold) < crossing(RARE, n, threshold)
    # and with three times the mean, all alike are safer than a few full ones
    assert crossing(POISSON, 18_750, threshold) > 0.999 > crossing(RARE, 18_750, threshold)


def test_shares_and_variances() -> None:
    assert POISSON.occupied == pytest.approx(-math.expm1(-0.008))
    assert RARE.occupied == pytest.approx(1e-4)
    assert RARE.occupied < BETWEEN.occupied < POISSON.occupied
    assert POISSON.variance < BETWEEN.variance < RARE.variance
    assert loading.occupied_negative_binomial(0.5, 1e9) == pytest.approx(loading.occupied_poisson(0.5))
    assert loading.occupied_negative_binomial(0.5, math.inf) == loading.occupied_poisson(0.5)
    draws = np.random.default_rng(2).negative_binomial(0.2, 0.2 / 0.7, 400_000)
    assert loading.occupied_negative_binomial(0.5, 0.2) == pytest.approx((draws > 0).mean(), rel=0.01)
    assert loading.negative_binomial_variance(0.5, 0.2) == pytest.approx(draws.var(), rel=0.03)


@given(
    st.sampled_from([POISSON, RARE, BETWEEN]),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.floats(1, 500),
    st.floats(0.001, 1),
)
def test_more_vesicles_never_cross_less(
    model: Occupancy, a: int, b: int, threshold: float, escape: float
) -> None:
    few, many = sorted((a, b))
    low, high = (crossing(model, n, threshold, escape) for n in (few, many))
    assert -1e-12 <= low <= high + 1e-9
    assert high <= 1 + 1e-9


def test_vesicles_needed() -> None:
    for model in (POISSON, RARE, BETWEEN):
        needed = vesicles_needed(model, 100, 0.5, 0.1)
        assert crossing(model, needed, 100, 0.1) >= 0.5 > crossing(model, needed - 1, 100, 0.1)
    # the mean decides half of the cells, the spread the first of them
    assert vesicles_needed(POISSON, 100, 0.5, 0.1) == pytest.approx(100 / 0.008 / 0.1, rel=0.02)
    assert vesicles_needed(RARE, 100, 0.01, 0.1) < 0.2 * vesicles_needed(POISSON, 100, 0.01, 0.1)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Occupancy("gamma", 0.1), "poisson, occupied"),  # type: ignore[arg-type]
        (lambda: Occupancy("poisson", -1), "above 0"),
        (lambda: Occupancy("occupied", 0.1), "needs its copies"),
        (lambda: Occupancy("negative binomial", 0.1), "needs its size"),
        (lambda: crossing(POISSON, -1, 5), "vesicles from 0"),
        (lambda: vesicles_needed(POISSON, 5, escape=0), "no number of vesicles"),
        (lambda: vesicles_needed(POISSON, 5, 1.5), "between 0 and 1"),
        (lambda: passive(1e4, "core"), "lumen or on the surface"),  # type: ignore[arg-type]
        (lambda: sorting("a,b,c", 1e4), "low,typical,high"),
    ],
)
def test_what_cannot_be(make: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        make()  # type: ignore[operator]
