"""Sizes of trials: that so many patients find the difference as often as was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import CensoredData, logrank, norm

from vesiflux.study.survival import Hazards, Paired
from vesiflux.study.trial import log_rank_deaths, per_arm, sizes


@pytest.mark.parametrize(("one", "other", "power"), [(0.4, 0.3, 0.8), (0.25, 0.45, 0.9), (0.1, 0.2, 0.8)])
def test_two_shares_have_the_power_that_was_asked_for(one, other, power):
    n = int(per_arm(one, other, power))
    generator = np.random.default_rng(1)
    p, q = generator.binomial(n, one, 20_000) / n, generator.binomial(n, other, 20_000) / n
    middle = (p + q) / 2
    z = np.abs(p - q) / np.sqrt(2 * middle * (1 - middle) / n)
    assert np.mean(z > norm.ppf(0.975)) == pytest.approx(power, abs=0.015)


def test_deaths_of_a_log_rank_test_have_the_power_that_was_asked_for():
    ratio, end = 0.6, 300.0
    deaths = log_rank_deaths(ratio, 0.8)
    slow, fast = 0.6 * 0.006, 0.006
    share = 1 - 0.5 * (np.exp(-slow * end) + np.exp(-fast * end))
    n = int(np.ceil(deaths / share / 2))
    generator = np.random.default_rng(2)
    found = 0
    for _ in range(400):
        samples = []
        for rate in (slow, fast):
            t = generator.exponential(1 / rate, n)
            samples.append(CensoredData(uncensored=t[t <= end], right=np.full((t > end).sum(), end)))
        found += logrank(*samples).pvalue < 0.05
    assert found / 400 == pytest.approx(0.8, abs=0.06)


def test_no_difference_takes_endless_patients_and_certainty_few():
    assert per_arm(0.3, 0.3) == np.inf
    assert log_rank_deaths(1.0) == np.inf
    assert per_arm(0.0, 1.0) == 2.0
    assert np.array_equal(per_arm(np.array([0.4, 0.3]), 0.3), [per_arm(0.4, 0.3), np.inf])


def test_a_smaller_difference_takes_more_patients_and_the_interval_holds_the_number():
    wide = sizes(Paired(300, 10, 200, 490), None, 0.8, 0.05)
    narrow = sizes(Paired(300, 100, 200, 400), None, 0.8, 0.05)
    assert wide.shares[0] < narrow.shares[0]
    assert narrow.shares[1] <= narrow.shares[0] <= narrow.shares[2]
    assert wide.plain()["log_rank_patients_per_arm"] is None


def test_an_effect_that_may_be_none_has_no_upper_bound():
    lost = sizes(Paired(10, 5, 6, 20), Hazards((0.9, 0.5, 1.5), 0.6), 0.8, 0.05)
    assert lost.shares[2] > 1e4
    assert lost.plain()["log_rank_patients_per_arm"] > 100
