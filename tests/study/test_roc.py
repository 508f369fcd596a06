"""ROC curves, their areas and intervals, and calibration, against what is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.errors import InputError
from vesiflux.study.calibration import calibration, logistic, wilson
from vesiflux.study.roc import bootstrap, roc


def binormal(n, apart, seed):
    """Scores of cases and controls, normal, ``apart`` standard deviations."""
    generator = np.random.default_rng(seed)
    case = np.arange(n) < n // 2
    return generator.normal(size=n) + apart * case, case


def test_area_by_hand_with_ties():
    score = np.array([1.0, 2.0, 2.0, 3.0, 4.0])
    case = np.array([False, True, False, True, True])
    # pairs (case, control): 2>1, 2=2, 3>1, 3>2, 4>1, 4>2
    assert roc(score, case).auc == pytest.approx(5.5 / 6)


def test_curve_is_the_area_and_runs_from_corner_to_corner():
    score, case = binormal(200, 1.0, 1)
    curve = roc(np.round(score, 1), case)
    assert (curve.false_positive[0], curve.true_positive[-1]) == (0.0, 1.0)
    assert np.trapezoid(curve.true_positive, curve.false_positive) == pytest.approx(curve.auc)
    assert np.all(np.diff(curve.threshold) < 0)


def test_delong_variance_is_that_of_the_definition():
    score, case = binormal(60, 0.7, 2)
    x, y = score[case], score[~case]
    wins = (x[:, None] > y).astype(float)
    variance = wins.mean(axis=1).var(ddof=1) / x.size + wins.mean(axis=0).var(ddof=1) / y.size
    curve = roc(score, case)
    spread = np.sqrt(variance) / (curve.auc * (1 - curve.auc))
    logit = np.log(curve.auc / (1 - curve.auc))
    assert curve.low == pytest.approx(1 / (1 + np.exp(-(logit - 1.959964 * spread))), abs=1e-6)


def test_interval_holds_the_truth_in_nineteen_of_twenty_cohorts():
    from scipy.stats import norm

    truth = norm.cdf(1.0 / np.sqrt(2))  # two normals one standard deviation apart
    curves = [roc(*binormal(80, 1.0, seed)) for seed in range(300)]
    held = np.mean([c.low <= truth <= c.high for c in curves])
    assert 0.92 <= held <= 0.98


def test_bootstrap_agrees_with_delong():
    score, case = binormal(150, 1.0, 5)
    curve = roc(score, case)
    assert bootstrap(score, case, 1000) == pytest.approx((curve.low, curve.high), abs=0.02)


def test_groups_that_lie_apart_are_not_certain():
    score, case = np.arange(40.0), np.arange(40) >= 20
    curve = roc(score, case)
    assert (curve.auc, curve.high) == (1.0, 1.0)
    assert 0.8 < curve.low < 0.9
    assert (curve.cut, curve.sensitivity, curve.specificity) == (20.0, 1.0, 1.0)
    assert roc(-score, case).auc == 0.0


@pytest.mark.parametrize("cases", [0, 1, 9, 10])
def test_one_group_is_no_curve(cases):
    with pytest.raises(InputError, match="two or more of each"):
        roc(np.arange(10.0), np.arange(10) < cases)


def test_a_score_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="no number"):
        roc(np.array([1.0, np.nan, 2.0, 3.0]), np.array([True, True, False, False]))


def test_logistic_finds_the_coefficients():
    generator = np.random.default_rng(3)
    x = generator.normal(size=20_000)
    case = generator.random(x.size) < 1 / (1 + np.exp(-(0.5 + 1.5 * x)))
    assert logistic(x, case) == pytest.approx((0.5, 1.5), abs=0.08)


def test_probabilities_that_come_true_have_slope_one():
    generator = np.random.default_rng(4)
    x = generator.normal(size=8000)
    case = generator.random(x.size) < 1 / (1 + np.exp(-2 * x))
    fit = calibration(x, case)
    assert fit is not None
    assert fit.slope == pytest.approx(1.0, abs=0.12)
    assert fit.intercept == pytest.approx(0.0, abs=0.12)
    assert fit.brier < 0.7 * fit.brier_of_share
    assert sum(b.low <= b.foretold <= b.high for b in fit.bins) >= 4


def test_a_score_that_says_nothing_is_no_better_than_the_share():
    generator = np.random.default_rng(6)
    fit = calibration(generator.normal(size=2000), generator.random(2000) < 0.3)
    assert fit is not None
    assert fit.brier == pytest.approx(fit.brier_of_share, abs=0.005)


def test_too_few_of_a_kind_is_no_calibration():
    assert calibration(np.arange(10.0), np.arange(10) < 2) is None


def test_wilson_by_hand():
    # 10 of 20: 0.5 -+ 0.2010 (Wilson 1927)
    assert wilson(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert wilson(0, 10)[0] == 0.0
