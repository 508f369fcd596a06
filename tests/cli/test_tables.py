"""What `run` prints of an arm's figures: across where they fit, else down."""

from __future__ import annotations

import pytest

from vesiflux.cli.run import _print_table


def _shown(many: int, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    figures = {f"ev_{i}s_per_cell_per_hour": float(i) for i in range(many)}
    _print_table({"arms": {"control": figures, "drug": figures}, "balance_error": None, "seconds": 1.0})
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_few_figures_stand_across(capsys: pytest.CaptureFixture[str]):
    lines = _shown(2, capsys)
    assert ["control", "0", "1"] in lines
    assert ["drug", "0", "1"] in lines


def test_many_figures_stand_down(capsys: pytest.CaptureFixture[str]):
    lines = _shown(9, capsys)
    assert lines[0] == ["arm", "control", "drug"]
    assert ["ev", "8s", "per", "cell", "per", "hour", "8", "8"] in lines
