"""How much of each review its whole model can be asked, and that nobody asks it less than before."""

from __future__ import annotations

from pathlib import Path

import pytest

from vesiflux.evidence import Evidence
from vesiflux.language.tsv import read_table
from vesiflux.verify.opposites import between_reviews
from vesiflux.verify.run import inexpressible
from vesiflux.verify.wholes import wholes

ROOT = Path(__file__).parents[2]
ROWS = read_table(ROOT / ".ci" / "expressible.tsv", ("review", "expressible", "checkable"), ()).rows
FLOORS = {r.text("review"): int(r.text("expressible")) / int(r.text("checkable")) for r in ROWS}


def test_every_review_with_a_whole_model_has_a_floor() -> None:
    assert set(FLOORS) >= {"secretion", "nk", "msc", "cx3cr1", "tme"}
    assert set(wholes()) <= set(FLOORS)
    assert min(FLOORS.values()) >= 0.85


@pytest.mark.parametrize("review", [r for r in FLOORS if r != "secretion"])
def test_the_expressible_share_does_not_fall(review: str) -> None:
    untold, tested, checkable = inexpressible(review)
    assert tested / checkable >= FLOORS[review]
    assert len(untold) + tested == checkable
    assert all(v.reason for v in untold)


def test_contradictions_between_reviews_are_of_claims_of_two() -> None:
    claims = Evidence.load().claims
    for pair in between_reviews():
        assert claims[pair.one].review != claims[pair.other].review
        assert pair.how in ("read", "computed")
        assert pair.note
    about = {pair.about for pair in between_reviews()}
    assert about >= {"NF-kB", "M1 exosomes", "autophagy", "EMT and resistance"}
