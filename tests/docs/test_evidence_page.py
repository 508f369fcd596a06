"""The page of the evidence base: figures from the tables, Python that runs, pictures that hold its claims."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from _generate import evidence as made
from matplotlib.figure import Figure

from vesiflux.evidence import Evidence

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "index.md"


@pytest.mark.parametrize("part", ["reviews", "totals", "kinds", "votes", "conflicts", "left_out"])
def test_every_part_is_on_the_page(part: str) -> None:
    assert f"<!-- made: counts {part} -->" in PAGE.read_text(encoding="utf-8")
    assert made.counts(part)


def test_totals_are_those_of_the_tables() -> None:
    stats = Evidence.load().stats()
    rows = dict(line.strip("| ").split(" | ") for line in made.counts("totals").splitlines()[2:])
    assert rows["claims"] == str(stats["claims"])
    assert rows["edges marked doubtful"] == str(stats["edges_doubtful"])
    assert rows["conflicts"] == str(len(Evidence.load().conflicts()))
    for table in ("REVIEW.claims.tsv", "vocabulary.tsv", "readouts.tsv", "parameters.tsv"):
        assert f"| `{table}` |" in made.columns()


def test_the_python_of_the_page_draws() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    *before, last = code.strip().splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(before), names)
    assert len(code.replace("\n\n", "\n").strip().splitlines()) == 5
    assert isinstance(eval(last, names), Figure)


def test_pictures_of_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for path, svg in made.pictures().items():
        assert f"]({path.removeprefix('evidence/')})" in text
        assert svg.count("<title>") == 1
    assert "tme-038" in made.pictures()["evidence/mir-10b.svg"]
