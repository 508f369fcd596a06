"""The tutorials are tests: what they tell the reader to do is done, and what they show must come out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tutorial_walk import add_rows, expect, merge_yaml, walk

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
PAGES = sorted(page for page in TUTORIALS.glob("*.md") if page.name != "index.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_tutorial(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    assert walk(page, tmp_path) > 0


def test_every_tutorial_is_listed() -> None:
    index = (TUTORIALS / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"({page.name})" not in index] == []


def test_numbers_may_differ_in_their_last_digits_and_no_more() -> None:
    expect("control 100 (20 to 500)", "arm rate\ncontrol 101.5 (20.1 to 499)", "here")
    expect("a ... d", "a b c d", "here")
    with pytest.raises(AssertionError, match="expected 'control 100'"):
        expect("control 100", "control 103", "here")
    with pytest.raises(AssertionError, match="expected 'b'"):
        expect("a\nb", "b\na", "here")


def test_a_wrong_command_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ vesiflux check nothing.yaml\n```\n")
    with pytest.raises(AssertionError, match=r"page\.md:1: vesiflux check nothing\.yaml"):
        walk(page, tmp_path)


def test_edits(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("x: {y: 1} # kept\nz: 2\n")
    merge_yaml(file, "x: {w: 3}\n")
    assert file.read_text(encoding="utf-8") == "x: {y: 1, w: 3} # kept\nz: 2\n"
    table = tmp_path / "a.tsv"
    table.write_text("# comment\na\tb\tc\n1\t2\t3\n")
    add_rows(table, "c\ta\n6\t4\n")
    assert table.read_text(encoding="utf-8") == "# comment\na\tb\tc\n1\t2\t3\n4\t\t6\n"
