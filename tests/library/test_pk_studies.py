"""Published pharmacokinetics of vesicles: the table, its split, and the model against each study held out."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import pytest

from vesiflux.library.pk_studies import AFTERWARDS, counted, fold_error, predicted, score, studies

ASSETS = Path(__file__).parents[2] / "docs" / "assets"


def test_the_split_follows_names_alone():
    # by turns through the studies of the first search, then on through those found later
    read = sorted({(row["found"], row["study"]) for row in studies() if row["mark"] == "read"})
    wanted = {study: ("fit", "held out")[i % 2] for i, (_, study) in enumerate(read)}
    for row in studies():
        assert row["half"] == wanted.get(row["study"], "not test data"), row["study"]


def test_what_was_not_read_is_no_test():
    assert {row["half"] for row in studies() if row["mark"] == "recalled"} == {"not test data"}


@pytest.mark.parametrize("row", studies(), ids=lambda row: f"{row['study']}-{row['quantity']}")
def test_every_number_has_an_address_and_lies_in_its_interval(row: dict[str, str]):
    assert row["address"]
    assert row["unit"]
    assert row["mark"] in ("read", "recalled")
    value = float(row["value"])
    assert float(row["low"] or 0.0) <= value <= float(row["high"] or "inf")


#: What the model says of the studies held out, over what they measured: as found, not as wished for.
#: Those beyond three-fold are misses, and stay so until the model changes.
HELD_OUT = {
    "khanam-2023": {"absorbed": 0.0061, "time of the highest level": 0.20},
    "kim-26": {"clearance": 1.3, "mean residence time": 1.1},
    "matsumoto-2020": {"first half-life": 1.6},
    "morishita-2015": {"liver": 1.2, "spleen": 2.6, "lung": 0.44},
    "willekens-2005": {"blood": 0.78, "liver": 1.2, "share of Kupffer cells": 1.0},
}


@cache
def folds(study: str) -> dict[str, float]:
    """Model over measured by quantity, or by organ where per cent of the dose are meant."""
    wanted = [row for row in studies() if row["study"] == study]
    found = {}
    for row, value in zip(wanted, predicted(wanted), strict=True):
        if counted(row):
            name = row["organ"] if row["quantity"] == "percent injected dose" else row["quantity"]
            found[name] = fold_error(row, value)
    return found


@pytest.mark.parametrize("study", HELD_OUT)
def test_held_out(study: str):
    found = folds(study)
    assert found.keys() == HELD_OUT[study].keys()
    for name, fold in HELD_OUT[study].items():
        assert found[name] == pytest.approx(fold, rel=0.15), name


def test_all_that_is_held_out_is_tested():
    assert {row["study"] for row in studies() if row["half"] == "held out"} == set(HELD_OUT)


def test_the_first_half_is_met_since_it_was_fitted():
    logs = [
        abs(math.log(fold))
        for study in ("imai-2015", "jy-2018", "kim-22", "lazaro-ibanez-2021", "rank-2011")
        for fold in folds(study).values()
    ]
    assert len(logs) == 8
    assert math.exp(sum(logs) / len(logs)) < 1.3


def test_three_fold_is_met_with_what_was_changed_afterwards_and_not_without():
    assert score() == (11, pytest.approx(2.48, rel=0.05))
    assert score(routes=["vein"]) == (9, pytest.approx(1.44, rel=0.05))
    assert score(AFTERWARDS)[1] > 4.0


def test_the_page_says_what_is_left_without_each_change():
    with (ASSETS / "pk-changes.tsv").open(encoding="utf-8", newline="") as file:
        rows = {row["without"]: row for row in csv.DictReader(file, delimiter="\t")}
    assert set(rows) == {"nothing", *AFTERWARDS, "all of them"}
    for name, undone in (("nothing", ()), ("all of them", AFTERWARDS)):
        assert float(rows[name]["geometric mean fold error"]) == pytest.approx(score(undone)[1], rel=0.02)


def test_the_table_of_the_page_is_what_the_model_says():
    with (ASSETS / "pk-fit.tsv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t"))
    assert len(table) == len(studies())
    for study in {row["study"] for row in table}:
        said = predicted([row for row in studies() if row["study"] == study])
        written = [float(row["model"]) for row in table if row["study"] == study]
        assert written == pytest.approx(said, rel=0.02), study
