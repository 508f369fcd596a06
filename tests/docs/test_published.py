"""Predictions for published experiments: whole, scored right, and what the audit of their model said."""

from __future__ import annotations

import pytest
from _generate.published import FOLDER, PARTS, brier, kept, ranked, scored

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
