"""Panels: what is foretold of patients that were not learned from."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.errors import InputError
from vesiflux.study.calibration import judged
from vesiflux.study.panels import expit, foretold, logistic, on_scale
from vesiflux.study.roc import difference, roc


def drawn(patients: int, weights, seed: int = 1):
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((patients, len(weights)))
    return x, generator.random(patients) < expit(-0.5 + x @ np.array(weights))


def test_weights_that_made_the_cases_are_found():
    x, case = drawn(20_000, [1.0, -0.5, 0.0])
    assert logistic(x, case) == pytest.approx([-0.5, 1.0, -0.5, 0.0], abs=0.08)


def test_the_fit_is_where_the_score_is_nothing():
    x, case = drawn(300, [0.7, 0.2])
    beta = logistic(x, case, ridge=0.0)
    left = case - expit(beta[0] + x @ beta[1:])
    assert np.column_stack((np.ones(300), x)).T @ left == pytest.approx(np.zeros(3), abs=1e-6)


def test_two_that_each_know_a_part_know_more_together():
    x, case = drawn(3000, [1.0, 1.0])
    both = foretold(x, case)
    assert both is not None
    middle, low, _ = difference(both, x[:, 0], case)
    assert low > 0.05
    assert middle == pytest.approx(roc(both, case).auc - roc(x[:, 0], case).auc)


def test_noise_foretells_nothing_of_patients_it_was_not_learned_from():
    generator = np.random.default_rng(3)
    x, case = generator.standard_normal((120, 20)), generator.random(120) < 0.4
    p = foretold(x, case)
    assert p is not None
    assert roc(p, case).low < 0.5
    again = logistic(x, case)
    assert roc(x @ again[1:], case).low > 0.55  # where it was learned it seems to know


def test_what_is_foretold_comes_true():
    x, case = drawn(8000, [1.0, 0.5])
    p = foretold(x, case)
    assert p is not None
    fit = judged(p, case, float(case.mean()))
    assert fit.slope_interval[0] < 1.0 < fit.slope_interval[1]
    assert fit.slope_interval[1] - fit.slope_interval[0] < 0.2
    assert fit.brier < fit.brier_of_share


def test_patients_entirely_apart_have_finite_weights():
    x = np.linspace(-1.0, 1.0, 50)[:, None]
    assert np.all(np.isfinite(logistic(x, x[:, 0] > 0)))


def test_too_few_to_learn_from():
    assert foretold(np.zeros((10, 1)), np.arange(10) == 3) is None


def test_scales():
    wide = np.geomspace(1.0, 1e4, 50)
    assert on_scale(wide) == pytest.approx(np.log(wide))
    assert on_scale(wide, "linear") is wide
    assert on_scale(wide - 1.0) is not None
    assert on_scale(np.linspace(1.0, 2.0, 50))[0] == 1.0
    with pytest.raises(InputError, match="above 0"):
        on_scale(np.array([0.0, 1.0]), "log")


def test_the_difference_of_areas_covers_the_truth():
    """Two markers that know as much: 0 is in the interval as often as it says."""
    held = 0
    for seed in range(200):
        x, case = drawn(150, [0.6, 0.6], seed)
        _, low, high = difference(x[:, 0], x[:, 1], case)
        held += low <= 0.0 <= high
    assert 181 <= held <= 199
