"""Progress: nothing for short work, a line per stage where stderr is no terminal."""

from __future__ import annotations

import pytest

from vesiflux.cli import _progress
from vesiflux.cli._progress import ProgressBars


def test_short_work_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with ProgressBars() as progress:
        progress("running", 0, 2)
        progress("running", 2, 2)
    assert capfd.readouterr() == ("", "")


def test_long_work_names_each_unfinished_stage_once(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_progress, "PATIENCE_S", 0.0)
    with ProgressBars() as progress:
        progress("compiling", 1, 1)
        progress._timer.join()
        for done in range(4):
            progress("running", done, 3)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err.count("running") == 1


def test_quiet_work_stays_silent(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "PATIENCE_S", 0.0)
    with ProgressBars(quiet=True) as progress:
        progress("running", 0, 3)
    assert capfd.readouterr() == ("", "")
