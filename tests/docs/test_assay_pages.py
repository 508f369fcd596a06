"""Pages on assays: their examples are run, and what they show must come out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tutorial_walk import blocks, walk

PAGES = sorted((Path(__file__).parents[2] / "docs" / "assay").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands and what stands below them; blocks of equations are no examples."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    examples = tmp_path / page.name
    commands = [f"```console\n{block.text}```\n" for block in blocks(page) if block.kind == "console"]
    assert commands, page.name
    examples.write_text("\n".join(commands), encoding="utf-8")
    walk(examples, tmp_path)
