"""Deaths drawn from a chance to live, and what is made of them, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import CensoredData, kstest, logrank

from vesiflux.errors import InputError
from vesiflux.study.survival import Paired, death_times, hazards, kaplan_meier, restricted_mean

TIMES = np.linspace(0.0, 300.0, 51)


def exponential(rate: float, patients: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Deaths at a constant hazard, and the luck they come from."""
    luck = np.random.default_rng(seed).random(patients)
    survival = np.tile(np.exp(-rate * TIMES), (patients, 1))
    return death_times(survival, TIMES, luck), luck


def test_a_constant_hazard_is_drawn_exactly_whatever_the_grid():
    deaths, luck = exponential(0.004, 500)
    dead = np.isfinite(deaths)
    assert deaths[dead] == pytest.approx(-np.log(luck[dead]) / 0.004)
    assert np.array_equal(~dead, luck < np.exp(-0.004 * 300.0))


def test_a_rising_hazard_is_drawn_nearly_exactly():
    luck = np.random.default_rng(2).random(4000)
    survival = np.tile(np.exp(-((TIMES / 150.0) ** 2)), (4000, 1))  # Weibull
    deaths = death_times(survival, TIMES, luck)
    exact = 150.0 * np.sqrt(-np.log(luck))
    dead = np.isfinite(deaths)
    # between points 6 h apart the hazard is constant: a straight line for a parabola
    late = dead & (exact > 12.0)
    assert np.all(np.abs(deaths - exact)[late] <= 36.0 / (8.0 * (exact[late] - 6.0)))
    share = 1.0 - np.exp(-4.0)
    assert kstest(deaths[dead], lambda t: (1.0 - np.exp(-((t / 150.0) ** 2))) / share).pvalue > 0.01


def test_a_failed_patient_has_no_death_and_others_keep_theirs():
    survival = np.tile(np.exp(-0.01 * TIMES), (3, 1))
    survival[1] = np.nan
    deaths = death_times(survival, TIMES, np.full(3, 0.5))
    assert np.isnan(deaths[1])
    assert deaths[[0, 2]] == pytest.approx(np.log(2.0) / 0.01)


def test_a_chance_that_falls_to_nothing_kills():
    survival = np.ones((1, TIMES.size))
    survival[:, 10:] = 0.0
    assert 0.0 < death_times(survival, TIMES, np.array([0.01]))[0] <= TIMES[10]


STEP = np.arange(TIMES.size)


@pytest.mark.parametrize(
    ("survival", "words"),
    [
        (np.full(51, 0.5), "begins at 0.5"),
        (np.where(STEP == 20, 0.9, np.where(STEP < 15, 1.0, 0.5)), "rises"),
        (1.0 - STEP / 25.0, "lies between"),
    ],
)
def test_what_is_no_chance_to_live_is_refused(survival, words):
    with pytest.raises(InputError, match=words):
        death_times(np.tile(survival, (2, 1)), TIMES, np.full(2, 0.5))


def test_the_curve_is_the_share_alive_and_its_band_holds_the_truth():
    held = 0
    for seed in range(60):
        deaths, _ = exponential(0.005, 120, seed)
        curve = kaplan_meier(deaths, TIMES)
        alive = (deaths[:, None] > TIMES).mean(axis=0)  # without censoring the curve is this
        assert curve.share == pytest.approx(alive)
        assert np.all((curve.low <= curve.share + 1e-12) & (curve.share <= curve.high + 1e-12))
        held += curve.low[30] <= np.exp(-0.005 * TIMES[30]) <= curve.high[30]
    assert held >= 52  # 95 % of 60, within chance


def test_nobody_dies_or_all_do():
    nobody = kaplan_meier(np.full(30, np.inf), TIMES)
    assert np.all(nobody.share == 1.0)
    assert nobody.low[-1] == pytest.approx(0.9)  # the rule of three
    everybody = kaplan_meier(np.linspace(1.0, 200.0, 30), TIMES)
    assert everybody.share[-1] == 0.0
    assert 0.0 < everybody.high[-1] <= 1.0


def test_restricted_mean_against_its_closed_form():
    deaths, _ = exponential(0.005, 20_000)
    middle, low, high = restricted_mean(deaths, 300.0)
    exact = (1.0 - np.exp(-1.5)) / 0.005
    assert low < exact < high
    assert high - low == pytest.approx(2 * 1.96 * np.minimum(deaths, 300.0).std() / np.sqrt(20_000), rel=1e-3)
    assert middle == pytest.approx(exact, rel=0.01)


def test_hazard_ratio_finds_the_ratio_of_constant_hazards():
    ours, theirs = exponential(0.003, 3000, 3)[0], exponential(0.006, 3000, 4)[0]
    found = hazards(ours, theirs, 300.0)
    assert found.ratio is not None
    assert found.ratio[1] < 0.5 < found.ratio[2]
    assert found.log_rank_p is not None
    assert found.log_rank_p < 1e-20


def test_hazard_ratio_and_log_rank_agree_where_both_are_small():
    """The score test of Cox's model without ties is the log-rank test; its z is near that of Wald."""
    ours, theirs = exponential(0.0050, 400, 5)[0], exponential(0.0056, 400, 6)[0]
    found = hazards(ours, theirs, 300.0)
    assert found.ratio is not None
    middle, low, high = np.log(found.ratio)
    wald = middle / ((high - low) / (2 * 1.959964))
    samples = []
    for deaths in (ours, theirs):
        dead = deaths <= 300.0
        samples.append(CensoredData(uncensored=deaths[dead], right=np.full((~dead).sum(), 300.0)))
    assert abs(logrank(*samples).statistic) == pytest.approx(abs(wald), rel=0.01)


def test_hazard_ratio_covers_the_truth_as_often_as_it_says():
    held = 0
    for seed in range(100):
        ratio = hazards(
            exponential(0.004, 80, 2 * seed)[0], exponential(0.006, 80, 2 * seed + 1)[0], 300.0
        ).ratio
        assert ratio is not None
        held += ratio[1] <= 2 / 3 <= ratio[2]
    assert 89 <= held <= 99


def test_arms_without_deaths():
    none, some = np.full(20, np.inf), np.linspace(1.0, 100.0, 20)
    assert hazards(none, none, 300.0).ratio is None
    assert hazards(none, some, 300.0).ratio == (0.0, 0.0, np.inf)
    assert hazards(some, none, 300.0).ratio == (np.inf, 0.0, np.inf)


def test_the_same_patients_in_two_arms():
    here = np.array([True, True, False, False, False, False])
    there = np.array([True, False, True, True, False, False])
    pair = Paired.of(here, there)
    assert (pair.both, pair.only_here, pair.only_reference, pair.neither) == (1, 1, 2, 2)
    told = pair.summary()
    assert told["risk_difference"][0] == pytest.approx(2 / 6 - 3 / 6)
    assert told["risk_ratio"][0] == pytest.approx(2 / 3)
    assert told["spared"][0] == pytest.approx(2 / 6)
    assert told["harmed"][0] == pytest.approx(1 / 6)


def test_pairs_make_the_difference_more_precise_than_two_groups_would():
    generator = np.random.default_rng(1)
    there = generator.random(2000) < 0.5
    here = there & (generator.random(2000) < 0.8)
    _, low, high = Paired.of(here, there).summary()["risk_difference"]
    p, q = here.mean(), there.mean()
    paired = np.sqrt(((there & ~here).mean() - (p - q) ** 2) / 2000)  # McNemar's variance
    alone = np.sqrt(p * (1 - p) / 2000 + q * (1 - q) / 2000)
    assert high - low == pytest.approx(2 * 1.96 * paired, rel=0.08)
    assert high - low < 0.75 * 2 * 1.96 * alone


def test_what_was_never_seen_may_happen():
    """Nobody of 600 differs between the arms: by the rule of three up to some 0.5 % may."""
    told = Paired(270, 0, 0, 330).summary()
    value, low, high = told["risk_difference"]
    assert value == 0.0
    assert -0.006 < low < -0.002 < 0.002 < high < 0.006
    assert told["risk_ratio"][1] < 1.0 < told["risk_ratio"][2]


@pytest.mark.parametrize("shares", [(0.3, 0.02, 0.1, 0.58), (0.2, 0.01, 0.01, 0.78), (0.02, 0.0, 0.03, 0.95)])
def test_intervals_of_pairs_hold_the_truth_as_often_as_they_say(shares):
    generator = np.random.default_rng(4)
    exact = shares[1] - shares[2]
    held = 0
    for counts in generator.multinomial(200, shares, 400):
        _, low, high = Paired(*(int(c) for c in counts)).summary(repeats=400)["risk_difference"]
        held += low <= exact <= high
    assert held / 400 >= 0.925  # 95 % and chance; few that differ make them careful
