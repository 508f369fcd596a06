"""Vesicles in a body: what the library's model says, and that it says it of every species and route."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

import vesiflux
from vesiflux.language import load


@cache
def summary(arms: tuple[str, ...] = ("intravenous",), **given: str) -> dict[str, Any]:
    """The summary of a run with few draws."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        run = vesiflux.run("pk", arms=list(arms), draws=16, set=given, store=Path(folder), threads=2)
        return run.summary()


def share(found: dict[str, Any], organ: str, time: str) -> float:
    return float(found["organs"][organ]["percent_injected_dose"][time])


def test_minutes_in_blood_and_mostly_the_liver():
    found = summary()
    assert 1.0 < found["half_life_min"] < 60.0
    at_an_hour = {organ: share(found, organ, "1 h") for organ in found["organs"] if organ != "blood"}
    assert max(at_an_hour, key=at_an_hour.__getitem__) == "liver"
    assert sum(at_an_hour.values()) < 100.0
    assert found["balance_error"] < 1e-12


@pytest.mark.parametrize("species", ["rat", "macaque", "human"])
def test_every_species_runs_and_holds_its_balance(species: str):
    found = summary(species=species)
    assert found["balance_error"] < 1e-12
    assert 0 < share(found, "blood", "1 h") < share(found, "blood", "5 min")


def test_macrophages_and_cd47_keep_vesicles_out_of_the_blood_or_in_it():
    arms = summary(("intravenous", "clodronate", "cd47"))["arms"]
    plain, without, spared = (arms[a]["half_life_min"] for a in ("intravenous", "clodronate", "cd47"))
    assert plain < spared < without


def test_a_large_dose_saturates_uptake():
    usual, huge = summary(), summary(dose="1e13")
    assert huge["half_life_min"] is None or huge["half_life_min"] > 2 * usual["half_life_min"]


def test_routes_keep_what_they_hold():
    arms = summary(("intravenous", "subcutaneous", "intratumoural", "oral"))["arms"]
    tumour = {name: share(row, "tumour", "1 h") for name, row in arms.items()}
    assert max(tumour, key=tumour.__getitem__) == "intratumoural"
    blood = {name: share(row, "blood", "1 h") for name, row in arms.items()}
    assert blood["oral"] < blood["subcutaneous"] < 5.0


def test_cells_of_other_species_are_as_dense_as_in_the_mouse():
    spec = load("pk").spec
    options = spec.choices["species"].options
    typical = {c: float(str(cell.count.typical).split()[0]) for c, cell in spec.cells.items()}
    for cell, organ in (("kupffer", "liver"), ("spleen_macrophage", "spleen"), ("lung_endothelium", "lung")):
        path = f"space.organs.{organ}.volume"
        volume = {s: float(str(o[path].typical).split()[0]) for s, o in options.items()}
        for name in ("rat", "macaque", "human"):
            count = float(str(options[name][f"{cell}.count"].typical).split()[0])
            assert count / volume[name] == pytest.approx(typical[cell] / volume["mouse"], rel=0.06)


def test_a_usual_dose_is_about_as_much_as_the_body_has():
    found = summary()
    assert 0.3 < found["dose_over_endogenous_pool"] < 3.0
    assert summary(species="human")["dose_over_endogenous_pool"] < 0.01


def test_blocked_scavengers_keep_and_antibodies_take():
    arms = summary(("intravenous", "scavengers_blocked", "antibodies"))["arms"]
    kept, plain, taken = (
        arms[a]["half_life_min"] for a in ("scavengers_blocked", "intravenous", "antibodies")
    )
    assert taken < plain < kept
