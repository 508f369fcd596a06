"""Pages on assays: their examples are run, and what they show must come out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tutorial_walk import blocks, walk

PAGES = sorted((Path(__file__).parents[2] / "docs" / "assay").glob("*.md"))


def examples(page: Path) -> str:
    """Commands and Python of a page with what must come out; blocks of equations are left out."""
    kept, before = [], ""
    for block in blocks(page):
        if block.kind in ("console", "python") or (block.kind == "text" and before == "python"):
            kept.append(f"```{block.kind}\n{block.text}```\n")
        before = block.kind
    return "\n".join(kept)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    alone = tmp_path / page.name
    alone.write_text(examples(page), encoding="utf-8")
    assert walk(alone, tmp_path) > 0 or page.stem not in ("dose", "loading")
