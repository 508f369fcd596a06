from __future__ import annotations

from vesiflux.report.tissue.named import marks, sources

TEXT = {
    "title": "x",
    "evidence": ["a-001"],
    "arms": {"control": {"mark": "control"}},
    "factors": {"oxygen": {"diffusion": {"value": "2000 um^2/s", "mark": "read", "source": "Grote 1977"}}},
    "cells": {
        "tumour": {"radius": {"value": "8 um", "mark": "assumed"}, "life": [{"source": "Grote 1977"}]},
    },
}


def test_sources_are_told_once_with_all_they_are_used_for() -> None:
    rows = sources(TEXT)
    assert [r["text"] for r in rows] == ["a-001", "Grote 1977"]
    assert rows[0]["used_for"] == "model"
    assert rows[1]["used_for"] == "factors.oxygen.diffusion, cells.tumour.life"


def test_marks_are_counted() -> None:
    assert marks(TEXT) == {"assumed": 1, "read": 1}
    assert marks(None) == {}
    assert sources(None) == ()
