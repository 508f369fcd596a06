"""Published pharmacokinetics of vesicles: the table, its split, and the model against each study held out."""

from __future__ import annotations

from pathlib import Path

import pytest

TABLE = Path(__file__).parents[2] / "src/vesiflux/library/pk/studies.tsv"


def rows() -> list[dict[str, str]]:
    header, *lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


def test_the_split_follows_names_alone():
    read = sorted({row["study"] for row in rows() if row["mark"] == "read"})
    wanted = {study: ("fit", "held out")[i % 2] for i, study in enumerate(read)}
    for row in rows():
        assert row["half"] == wanted.get(row["study"], "not test data"), row["study"]


def test_what_was_not_read_is_no_test():
    assert {row["half"] for row in rows() if row["mark"] == "recalled"} == {"not test data"}


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['study']}-{row['quantity']}")
def test_every_number_has_an_address_and_lies_in_its_interval(row: dict[str, str]):
    assert row["address"]
    assert row["unit"]
    assert row["mark"] in ("read", "recalled")
    value = float(row["value"])
    assert float(row["low"] or 0.0) <= value <= float(row["high"] or "inf")
