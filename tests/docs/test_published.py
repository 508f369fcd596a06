"""Predictions for published experiments: whole, scored right, and what the audit of their model said."""

from __future__ import annotations

import pytest
from _generate.published import FOLDER, PARTS, after, any_way, brier, kept, needs, ranked, score, scored

import vesiflux as vf
from vesiflux.audit.tables import model_hash


def test_every_prediction_has_an_outcome_with_its_mark() -> None:
    assert len(scored()) >= 12
    assert {"albanese2021", "murphy2021"} <= {one.claim for one in scored()}
    for one in scored():
        assert one.mark in ("read", "recalled"), one.claim
        assert one.outcome in (0, 1), one.claim
        assert bool(one.address) == (one.mark == "read"), one.claim
        assert one.found, one.claim


def test_the_score_is_the_mean_square() -> None:
    read = [one for one in scored() if one.mark == "read"]
    by_hand = sum((1 - one.probability) ** 2 if one.outcome else one.probability**2 for one in read)
    assert brier(read) == pytest.approx(by_hand / len(read))
    assert ranked(one for one in scored() if one.claim.startswith("somiya")) == 1.0
    for part in PARTS:
        assert len(PARTS[part]()) > 100


def test_the_audit_of_today_says_nearly_what_was_committed() -> None:
    """Equal where the model is; where it has changed since, verdicts on delivery must not have turned."""
    today = vf.audit(FOLDER / "cases.tsv", draws=2000)
    for one, now in zip(scored(), today.details, strict=True):
        assert now.findings is not None
        close = 0.03 if kept()["model"] == model_hash() else 0.25
        assert now.findings.probability == pytest.approx(one.probability, abs=close), one.claim


def test_what_was_run_afterwards_begins_with_what_was_committed() -> None:
    again = after()["as committed, run again"]
    for one in scored():
        assert again[one.claim] == pytest.approx(one.probability, abs=1e-4), one.claim
        assert any_way(one) >= one.probability
    switched = after()["a switch for good is one"]
    raised = {claim for claim, p in switched.items() if p > again[claim]}
    assert raised == {"ridder2015", "zomer2015", "dejong2020", "gee2020", "murphy2021"}
    assert all(p == again[claim] for claim, p in switched.items() if claim not in raised)


def test_the_page_s_scores_are_those_of_the_table() -> None:
    page = FOLDER.parents[1].joinpath("audit", "published.md").read_text(encoding="utf-8")
    read = [one for one in scored() if one.mark == "read"]
    of = after()["a switch for good is one"]
    now = score(lambda one: of[one.claim], read)
    assert f"goes from {brier(read):.2f} to {now:.2f}" in " ".join(page.split())
    assert f"the score is {score(any_way, read):.2f} for all" in " ".join(page.split())


def test_steps_without_a_loss_close_the_gap() -> None:
    for one in scored():
        short, steps, left = needs(one)
        losses = -sum(one.prediction["steps"][name] for name in steps)
        assert losses + left >= short - 1e-9, one.claim
    by_name = {one.claim: needs(one) for one in scored()}
    assert by_name["thomou2017"][2] > 1.0
    assert by_name["kamerkar2017"][2] > 2.0
    assert len(by_name["pegtel2010"][1]) == 4
