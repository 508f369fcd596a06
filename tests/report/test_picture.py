from __future__ import annotations

import pytest
from fake_run import FakeRun

from vesiflux.errors import InputError
from vesiflux.report.picture import write_picture


def test_picture_shows_reported_arms_and_the_deepest_fall(tmp_path):
    path = write_picture(FakeRun(), tmp_path / "assets" / "picture.svg")
    text = path.read_text(encoding="utf-8")
    for shown in ("RAB27A knock-down", "ultrasound", "69–100", "ceiling 1/f"):
        assert shown in text
    assert "lactacystin" not in text


def test_picture_needs_a_reported_number(tmp_path):
    with pytest.raises(InputError, match="reported number"):
        write_picture(FakeRun(("control", "gw4869")), tmp_path / "picture.svg")
