"""Counting a few vesicles among many: the least signal in closed form against counts that are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import poisson

from vesiflux.assay.measurement.detection import least_positive, least_signal, positive_chance
from vesiflux.errors import InputError


def test_without_background_three_in_the_mean_are_seen_in_95_of_100_samples():
    for counted in (1e3, 1e6):
        assert least_positive(counted, 0.0, 0.95) == 1
        assert least_signal(counted, 0.0) * counted == pytest.approx(-math.log(0.05))


@pytest.mark.parametrize("background", [1e-5, 1e-3])
def test_the_cut_is_the_least_that_keeps_the_specificity(background: float):
    counted, cut = 1e5, float(least_positive(1e5, background, 0.95))
    assert poisson.sf(cut - 1, counted * background) <= 0.05
    assert poisson.sf(cut - 2, counted * background) > 0.05


@pytest.mark.parametrize("varies", [0.0, 0.3, 1.0])
def test_counts_that_are_drawn_keep_specificity_and_sensitivity(varies: float):
    counted, background = 1e5, 5e-4
    random = np.random.default_rng(3)
    people = random.gamma(varies**-2, varies**2, 200_000) if varies else np.ones(200_000)
    cut = least_positive(counted, background, 0.95, varies)
    healthy = random.poisson(counted * background * people)
    assert 0.93 < np.mean(healthy < cut) < 0.97
    signal = least_signal(counted, background, 0.95, 0.9, varies)
    ill = random.poisson(counted * (background * people + signal))
    assert np.mean(ill >= cut) == pytest.approx(0.9, abs=0.01)
    assert positive_chance(signal, counted, background, 0.95, varies) == pytest.approx(0.9, abs=1e-6)


def test_more_vesicles_help_until_people_differ():
    counted = np.logspace(3, 9, 7)
    alike, different = (least_signal(counted, 1e-4, varies=v) for v in (0.0, 0.3))
    assert np.all(np.diff(alike) < 0)
    # far up the square root of the count is gained, but where people differ nothing is
    assert alike[-1] / alike[-2] == pytest.approx(10**-0.5, rel=0.05)
    assert different[-1] / different[-2] == pytest.approx(1.0, abs=0.05)
    assert different[-1] == pytest.approx(1e-4, rel=0.1)


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="nothing is counted"):
        least_signal(0.0, 1e-3)
    with pytest.raises(InputError, match="between 0 and 1"):
        least_signal(1e3, 1.5)
    with pytest.raises(InputError, match="specificity"):
        least_positive(1e3, 1e-3, 1.0)
    with pytest.raises(InputError, match="0 or more"):
        least_signal(1e3, 1e-3, varies=-1.0)
