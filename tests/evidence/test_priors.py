from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior

POINTS = np.array([0.05, 0.5, 0.95])


@pytest.mark.parametrize(
    ("low", "typical", "high", "kind", "upper"),
    [
        (1e-10, 1e-8, 1e-7, "lognormal", None),
        (50, 90, 150, "lognormal", None),
        (-40, -20, -8, "normal", None),
        (0.02, 0.2, 0.6, "logitnormal", 1.0),
        (20, 50, 80, "logitnormal", 100.0),
    ],
)
def test_three_numbers_are_the_5_50_and_95_per_cent_points(
    low: float, typical: float, high: float, kind: str, upper: float | None
) -> None:
    prior = Prior.from_range(low, typical, high, upper=upper)
    assert prior.kind == kind
    assert not prior.spread_assumed
    np.testing.assert_allclose(prior.quantile(POINTS), [low, typical, high], rtol=1e-12)
    assert prior.quantile(np.array([0.5]))[0] == typical


def test_ends_of_loguniform_and_uniform() -> None:
    prior = Prior.from_range(1e-4, 0.05, 0.3, distribution="loguniform")
    np.testing.assert_allclose(
        prior.quantile(np.array([1e-15, 0.5, 1 - 1e-15])), [1e-4, math.sqrt(3e-5), 0.3]
    )
    prior = Prior.from_range(2, None, 4, distribution="uniform")
    np.testing.assert_allclose(prior.quantile(POINTS), [2.1, 3, 3.9])


def test_single_values() -> None:
    assert Prior.from_range(typical=5).kind == "fixed"
    np.testing.assert_array_equal(Prior.from_range(typical=5).quantile(POINTS), [5, 5, 5])
    spread = Prior.from_range(typical=6, single="spread")
    assert (spread.kind, spread.spread_assumed) == ("lognormal", True)
    np.testing.assert_allclose(spread.quantile(POINTS), [2, 6, 18])
    share = Prior.from_range(typical=0.5, single="spread", upper=1.0)
    np.testing.assert_allclose(share.quantile(POINTS), [0.25, 0.5, 0.75])
    assert Prior.from_range(typical=6, distribution="lognormal").high == pytest.approx(18)
    below = Prior.from_range(high=9, single="spread")
    np.testing.assert_allclose(below.quantile(POINTS), [1, 3, 9])


def test_missing_sides_mirror_and_are_marked() -> None:
    prior = Prior.from_range(typical=110, high=160)
    assert prior.low == pytest.approx(110**2 / 160)
    assert prior.spread_assumed
    assert Prior.from_range(low=0, typical=3, high=30).low == pytest.approx(0.3)
    full = Prior.from_range(low=0.5, typical=0.85, high=1.0, upper=1.0)
    assert full.high is not None
    assert 0.95 < full.high < 1
    middle = Prior.from_range(low=1, high=100)
    assert middle.typical == pytest.approx(10)
    assert not middle.spread_assumed


@given(
    st.lists(st.floats(1e-6, 1 - 1e-6), min_size=3, max_size=3, unique=True),
    st.floats(1e-12, 1, exclude_max=True, exclude_min=True),
)
def test_shares_stay_within_bounds(numbers: list[float], u: float) -> None:
    low, typical, high = sorted(numbers)
    assert 0 <= Prior.from_range(low, typical, high, upper=1.0).quantile(np.array([u]))[0] <= 1


@given(st.lists(st.floats(1e-6, 1e6), min_size=3, max_size=3), st.floats(0.001, 0.998))
def test_quantiles_rise(numbers: list[float], u: float) -> None:
    prior = Prior.from_range(*sorted(numbers))
    a, b = prior.quantile(np.array([u, u + 0.001]))
    assert a <= b


def test_a_side_without_width_holds_half_of_the_draws() -> None:
    prior = Prior.from_range(1, 1, 5, unit="uM")
    np.testing.assert_array_equal(prior.quantile(np.array([0.1, 0.4, 0.5])), [1, 1, 1])
    assert prior.quantile(np.array([0.95]))[0] == pytest.approx(5)


def test_changing_the_unit_changes_the_numbers_only() -> None:
    prior = Prior.from_range(60, 75, 90, unit="min")
    np.testing.assert_allclose(prior.to("h").quantile(POINTS), np.array([60, 75, 90]) / 60)
    share = Prior.from_range(20, 50, 80, unit="%", upper=100).to("1")
    assert share.upper == 1.0
    np.testing.assert_allclose(share.quantile(POINTS), [0.2, 0.5, 0.8])
    assert prior.to("min") is prior


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "needs a typical value"),
        ({"low": 3, "typical": 2, "high": 5}, "must rise"),
        ({"low": -1, "high": 5, "distribution": "lognormal"}, "above 0"),
        ({"low": 0, "high": 5, "distribution": "loguniform"}, "above 0"),
        ({"typical": 0, "distribution": "lognormal"}, "above 0"),
        ({"typical": 5, "distribution": "normal"}, "needs two of"),
        ({"typical": 0.1, "distribution": "uniform"}, "needs low and high"),
        ({"low": 1, "high": 2, "distribution": "gamma"}, "no form of a prior"),
        ({"low": 0.1, "typical": 1.5, "high": 2, "upper": 1.0}, "above the bound"),
        ({"low": float("nan"), "high": 2}, "finite"),
        ({"low": 0.1, "high": 0.2, "distribution": "logitnormal"}, "upper bound"),
    ],
)
def test_impossible_priors_are_refused(arguments: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Prior.from_range(**arguments)  # type: ignore[arg-type]


def test_no_distribution_and_no_probability() -> None:
    with pytest.raises(InputError, match="lookup has no distribution"):
        Prior("lookup", 1, 2, 3).quantile(POINTS)
    with pytest.raises(InputError, match="between 0 and 1"):
        Prior.from_range(1, 2, 3).quantile(np.array([0.0]))
