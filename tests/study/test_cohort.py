"""Virtual cohorts: measures, events, correlated patients, and what they must find."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from vesiflux.errors import InputError
from vesiflux.language import Model
from vesiflux.study.cohort import Event, Measure, cohort
from vesiflux.study.correlations import read_correlations

WIDE = {"low": 0.05, "typical": 0.1, "high": 0.2, "unit": "/h"}
COUNT = {"low": 3e4, "typical": 1e5, "high": 3e5, "unit": "cell"}


def model(**run):
    """Two kinds of cells that die, each at its own rate; a third that stays."""
    return Model.from_dict(
        {
            "vesiflux": 1, "name": "dying", "space": {"kind": "dish", "volume": "1 mL", "area": "10 cm^2"},
            "cells": {
                "a": {"is": "tumour_cell", "count": COUNT, "life": {"apoptosis": WIDE}},
                "b": {"is": "tumour_cell", "count": COUNT, "life": {"apoptosis": WIDE}},
                "c": {"is": "tumour_cell", "count": 1e5, "nodes": {"PD-1": {"basal": 0.5}}},
            },
            "arms": {"control": {}},
            "run": {"for": "40 h", "record": "10 h", **run},
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


def run(store, score, outcome, event, **more):
    return cohort(model(), score, outcome, event, patients=more.pop("patients", 64), store=store, **more)


def test_early_decline_foretells_late_decline(store):
    found = run(store, "a.count @ 10 h over 0 h", "a.count @ 40 h over 0 h", "above 0.02")
    assert found.roc.auc == 1.0  # the same rate decides both
    assert found.rank_correlation == pytest.approx(1.0)
    assert 0 < found.case.sum() < 64


def test_another_cells_decline_foretells_nothing(store):
    found = run(store, "b.count @ 10 h over 0 h", "a.count @ 40 h over 0 h", "above 0.02", patients=128)
    assert found.roc.low < 0.5 < found.roc.high


def test_arithmetic_of_outputs(store):
    share = run(store, "a.count / (a.count + b.count) @ 0 h", "a.count @ 40 h", "above 1000")
    a = run(store, "a.count @ 0 h", "a.count @ 40 h", "above 1000").score
    b = run(store, "b.count @ 0 h", "a.count @ 40 h", "above 1000").score
    assert share.score == pytest.approx(a / (a + b))
    less = run(store, "max(a.count, b.count) @ 10 h less 0 h", "a.count @ 40 h", "above 1000").score
    assert np.all(less < 0)
    assert run(store, "`c.node.PD-1` @ 0 h", "a.count @ 40 h", "above 1000").score == pytest.approx(0.5)


def test_patients_whose_rates_go_together(store):
    pair = {("a.life.apoptosis", "b.life.apoptosis"): 0.9}
    found = run(
        store,
        "b.count @ 10 h over 0 h",
        "a.count @ 40 h over 0 h",
        "above 0.02",
        correlated=pair,
        patients=128,
    )
    # Spearman's of a bivariate normal: 6 / pi asin(r / 2)
    assert found.rank_correlation == pytest.approx(6 / np.pi * np.arcsin(0.45), abs=0.08)
    assert found.roc.low > 0.8


def test_correlated_numbers_are_uniform_and_belong_to_their_draw():
    made = read_correlations({("a", "b"): 0.6, ("b", "c"): -0.5}, lambda name: name)
    assert made is not None
    drawn = {n: made.uniforms(7, n, 0, 4000) for n in "abc"}
    for u in drawn.values():
        assert np.histogram(u, bins=10, range=(0, 1))[0] == pytest.approx(np.full(10, 400), abs=80)
    z = np.array([norm.ppf(drawn[n]) for n in "abc"])
    assert np.corrcoef(z) == pytest.approx(np.array([[1, 0.6, 0], [0.6, 1, -0.5], [0, -0.5, 1]]), abs=0.05)
    assert spearmanr(drawn["a"], drawn["b"]).statistic > 0.5
    assert np.array_equal(made.uniforms(7, "c", 100, 110), drawn["c"][100:110])


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ({("a", "b"): 1.0}, "between -1 and 1"),
        ({("a", "a"): 0.5}, "itself"),
        ({("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9}, "cannot hold together"),
    ],
)
def test_impossible_correlations(pairs, words):
    with pytest.raises(InputError, match=words):
        read_correlations(pairs, lambda name: name)


@pytest.mark.parametrize("text", ["a.count", "@ 5 h", "a.count @ 5 h over"])
def test_measures_that_cannot_be_read(text):
    with pytest.raises(InputError):
        Measure.read(text)


@pytest.mark.parametrize("text", ["0.7", "under 1", "below x"])
def test_events_that_cannot_be_read(text):
    with pytest.raises(InputError, match="below NUMBER"):
        Event.read(text)


@pytest.mark.parametrize(
    ("score", "outcome", "words"),
    [
        ("a.count @ 15 h", "a.count @ 40 h", "not recorded"),
        ("a.count @ 40 h", "a.count @ 10 h", "after the outcome"),
        ("d.count @ 10 h", "a.count @ 40 h", "d.count"),
        ("a.count +* 2 @ 10 h", "a.count @ 40 h", "column"),
        ("a.count @ 10 mL", "a.count @ 40 h", "mL"),
    ],
)
def test_what_cannot_be_measured_is_told(store, score, outcome, words):
    with pytest.raises(InputError, match=words):
        run(store, score, outcome, "above 1")


def test_an_outcome_that_everybody_has_is_told(store):
    with pytest.raises(InputError, match="two or more of each"):
        run(store, "a.count @ 10 h", "a.count @ 40 h", "above -1").summary()


def test_summary_is_plain_and_complete(store):
    import json

    found = run(store, "a.count @ 10 h", "a.count @ 40 h", "above 1000").summary(repeats=100)
    again = json.loads(json.dumps(found, allow_nan=False))
    assert again["auc_interval"][0] <= again["auc"] <= again["auc_interval"][1]
    assert again["patients"] == 64
    assert again["calibration"]["patients"] == 32
