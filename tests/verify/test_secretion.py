"""The secretion review in the whole model: what must stay true of it whatever the verdicts are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vesiflux.evidence import Evidence
from vesiflux.language.tsv import read_table
from vesiflux.verify import Verification, verify
from vesiflux.verify.opposites import compute, opposites

ROOT = Path(__file__).parents[2]
BESIDE = ROOT / "src" / "vesiflux" / "library" / "secretion"
RESULT = ROOT / "docs" / "_results" / "verify-secretion.json"


@pytest.fixture(scope="module")
def found() -> Verification:
    return verify("secretion", draws=4, shuffles=0, threads=1)


def test_the_expressible_share_does_not_fall(found: Verification) -> None:
    (row,) = [
        r
        for r in read_table(ROOT / ".ci" / "expressible.tsv", ("review", "expressible", "checkable"), ()).rows
        if r.text("review") == "secretion"
    ]
    share = int(row.text("expressible")) / int(row.text("checkable"))
    assert found.expressible / found.checkable >= share
    assert share >= 0.9


def test_every_machinery_claim_has_a_verdict_and_a_reason(found: Verification) -> None:
    rows = read_table(BESIDE / "machinery-claims.tsv", ("claim", "kind", "machinery", "reason"), ()).rows
    machinery = [r.text("claim") for r in rows if r.text("machinery") == "yes"]
    assert [v.claim for v in found.details] == sorted(machinery)
    assert all(v.reason for v in found.details)
    everything = {c.id for c in Evidence.load().claims.values() if c.review == "secretion"}
    assert {v.claim for v in (*found.details, *found.isolated)} == everything


def test_counts_add_up(found: Verification) -> None:
    facts = found.to_dict()
    assert facts["claims"] == 218
    assert facts["reproduced"] + facts["contradicted"] + facts["not_reproduced"] == facts["expressible"]
    assert facts["encoded"] + facts["calibrated"] + facts["predicted"] == facts["reproduced"]


def test_controls_are_many_and_half_of_them_could_go_wrong(found: Verification) -> None:
    assert len(found.controls) >= 100
    assert not [c.control.id for c in found.controls if c.control.missing]
    assert sum(c.path for c in found.controls) >= len(found.controls) / 2


def test_opposites_are_those_of_the_claims() -> None:
    frozen = opposites()
    now: dict[str, set[str]] = {}
    for raises, lowers in compute(Evidence.load()):
        now.setdefault(raises, set()).add(lowers)
        now.setdefault(lowers, set()).add(raises)
    assert {claim: set(others) for claim, others in frozen.items()} == now


def test_the_result_in_the_docs_is_of_these_experiments(found: Verification) -> None:
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    assert kept["full"]
    told = {d["claim"]: (d["how"], d["experiment"]) for d in kept["details"]}
    stale = [v.claim for v in found.details if told.get(v.claim) != (v.how, v.experiment or None)]
    assert not stale, (
        "make it anew: vesiflux verify secretion --full --json > docs/_results/verify-secretion.json"
    )


def test_same_draws_same_verdicts(found: Verification) -> None:
    again = verify("secretion", "loading", draws=4, shuffles=0, threads=2)
    verdicts = {v.claim: v for v in found.details}
    assert again.details
    assert all(verdicts[v.claim] == v for v in again.details)
    assert again.claims == found.claims
