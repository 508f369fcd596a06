"""Weekly doses: foreign vesicles are met by antibodies, the body's own kind by nobody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import vesiflux
from vesiflux.language import load

DAYS = (0, 7, 14)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return vesiflux.run("repeat-dose", draws=32, store=tmp_path_factory.mktemp("runs"), threads=2)


def left(run: Any, arm: str, day: int) -> float:
    """Share of a dose that is in the blood 15 min after it: median over the draws."""
    times = np.asarray(run.times)
    blood = np.asarray(run.series("organs.blood.dose", arm))
    after = int(np.argmin(np.abs(times - 24 * day - 0.25)))
    before = blood[:, after - 2] if day else 0.0
    return float(np.median(blood[:, after] - before)) / 1e10


def test_the_third_foreign_dose_is_gone_sooner_than_the_first(run: Any):
    first, second, third = (left(run, "foreign", day) for day in DAYS)
    assert third < 0.75 * first
    assert second < 0.9 * first


def test_the_bodys_own_kind_stays_as_long_each_time(run: Any):
    first, second, third = (left(run, "self", day) for day in DAYS)
    assert third == pytest.approx(first, rel=0.1)
    assert second == pytest.approx(third, rel=0.01)
    assert first == pytest.approx(left(run, "foreign", 0), rel=0.01)


def test_antibodies_take_days_to_come(run: Any):
    times = np.asarray(run.times)
    level = np.median(np.asarray(run.series("medium.anti_vesicle", "foreign")), axis=0)
    hours = {h: level[int(np.argmin(np.abs(times - h)))] for h in (0.25, 24, 120)}
    assert hours[0.25] < 0.01 * hours[120]
    assert hours[24] < 0.15 * hours[120]
    assert not np.asarray(run.series("medium.anti_vesicle", "self")).any()


def test_everything_is_balanced(run: Any):
    assert run.summary()["balance_error"] < 1e-10


def test_what_pk_has_as_well_is_the_same():
    ours, theirs = load("repeat-dose").spec, load("pk").spec
    for name in set(ours.cells) & set(theirs.cells) - {"b_cell", "blood_cell"}:
        assert ours.cells[name] == theirs.cells[name], name
    assert ours.cells["blood_cell"].secretes == theirs.cells["blood_cell"].secretes
    for species in ("rat", "macaque", "human"):
        one, two = (spec.choices["species"].options[species] for spec in (ours, theirs))
        shared = {n for n in set(one) & set(two) if not n.startswith("b_cell")}
        assert {n: one[n] for n in shared} == {n: two[n] for n in shared}
