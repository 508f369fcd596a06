"""The pages of the audit: the kept result is what the command says today, and every part is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from _generate.audit import PARTS, audit, found

import vesiflux as vf

DOCS = Path(__file__).parents[2] / "docs"


def test_every_part_is_on_a_page_and_made() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "audit").glob("*.md"))
    for part in PARTS:
        assert f"<!-- made: audit {part} -->" in pages, part
        assert len(audit(part)) > 40, part


@pytest.mark.parametrize("claim", ["tme-037", "tme-070", "nk-054", "sepsis-140"])
def test_the_kept_result_is_that_of_today(claim: str) -> None:
    kept = next(d for d in found()["details"] if d["claim"] == claim)
    again = vf.audit(claim, draws=found()["draws"], seed=found()["seed"]).details[0].to_dict()
    assert again == kept
