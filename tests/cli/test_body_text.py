"""What a run of a body says in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from vesiflux.cli._body_text import beside_the_pool, organ_tables

ARMS = {
    "vein": {
        "organs": {
            "blood": {"percent_injected_dose": {"5 min": 57.0, "1 h": 9.0}},
            "liver": {"percent_injected_dose": {"5 min": 37.0, "1 h": 56.2}},
            "brain": {"percent_injected_dose": {"5 min": 0.01, "1 h": 0.0}},
        },
        "dose_over_endogenous_pool": 1.14,
    },
    "nothing": {"half_life_min": 3.0},
}


def test_organs_stand_by_what_they_hold_and_small_ones_are_counted():
    (table,) = organ_tables(ARMS)
    console = Console(width=80, file=io.StringIO())
    console.print(table)
    shown = console.file.getvalue()
    lines = [line.split() for line in shown.splitlines() if line.strip()]
    assert [line[0] for line in lines] == ["vein,", "blood", "liver", "1"]
    assert lines[2][1:] == ["37", "56"]


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0.003, "0.3 % of the"),
        (1.14, "114 % of the"),
        (40.0, "40 times"),
        (290.4, "290 times"),
        (1e4, "10,000 times"),
    ],
)
def test_the_dose_stands_beside_what_the_blood_has(ratio: float, said: str):
    (line,) = beside_the_pool({"vein": {"dose_over_endogenous_pool": ratio}})
    assert line.startswith("vein: the dose is ")
    assert said in line
    assert "usual" in line or ratio != 1.14


def test_arms_with_the_same_dose_are_told_once_and_others_not_at_all():
    arms = {"a": {"dose_over_endogenous_pool": 2.0}, "b": {"dose_over_endogenous_pool": 2.0}, "c": {}}
    (line,) = beside_the_pool(arms)
    assert line.startswith("a, b: ")
    assert not list(beside_the_pool({"a": {"dose_over_endogenous_pool": float("nan")}}))
