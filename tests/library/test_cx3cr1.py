"""The cx3cr1 models: what the whole model holds, what its cells do, and what draws T cells in tissue."""

from __future__ import annotations

import numpy as np
import pytest

import vesiflux
from vesiflux.evidence import Evidence
from vesiflux.language import load
from vesiflux.language.tsv import read_table
from vesiflux.library import catalogue

ROAD = ("naive", "teff_neg", "teff_int", "teff_hi", "pos", "til", "exhausted")
ARMS = ("viral_infection", "no_conversion", "salvage_chemotherapy", "anti_pd1")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return vesiflux.run("cx3cr1", arms=ARMS, draws=8, seed=3, store=tmp_path_factory.mktemp("store"))


def gone(run, cell, arm):
    """Cells at the end over those at the start, median over the draws."""
    return float(np.median(run.final(f"{cell}.count", arm) / run.series(f"{cell}.count", arm)[:, 0]))


def test_every_number_says_where_it_is_from():
    spec = load("cx3cr1").spec
    for name, cell in spec.cells.items():
        for value in (cell.count, *(r.rate for r in cell.releases.values())):
            assert value.source or not value.low, name


def test_every_claim_named_in_the_model_is_one_of_the_review():
    known = {c.id for c in Evidence.load().claims.values() if c.review == "cx3cr1"}
    entry = next(m for m in catalogue() if m["name"] == "cx3cr1")
    assert entry["review"] == "cx3cr1"
    assert entry["claims"] > 90
    named = {
        word
        for cell in load("cx3cr1").spec.cells.values()
        for text in cell.responses
        for word in text.replace("[", " ").replace("]", " ").replace(",", " ").split()
        if word.startswith("cx3cr1-")
    }
    assert named <= known


def test_controls_are_frozen_and_half_of_them_have_a_reason_that_was_measured_or_stated():
    origin = load("cx3cr1").origin
    assert origin is not None
    columns = ("id", "agent", "factor", "start", "window", "outcome", "reason", "source", "claim")
    rows = read_table(origin.parent / "controls.tsv", columns, ()).rows
    assert len(rows) >= 20
    assert all(row.text("source").startswith(("measured", "stated")) for row in rows)


def test_priming_empties_the_naive_pool_into_the_road(run):
    assert gone(run, "naive", "viral_infection") < 0.05
    for cell in ROAD[1:4]:
        more = run.final(f"{cell}.count", "viral_infection") / run.final(f"{cell}.count", "control")
        assert np.all(more > 1), cell


def test_without_conversion_negative_cells_pile_up(run):
    stuck, free = (run.final("teff_neg.count", arm) for arm in ("no_conversion", "negative_transferred"))
    assert np.all(stuck > free)
    positive = [run.final("teff_hi.count", arm) for arm in ("no_conversion", "negative_transferred")]
    assert np.all(positive[0] < positive[1])


def test_chemotherapy_spares_cells_with_the_pump(run):
    pumped = vesiflux.run(
        "cx3cr1", arms=["salvage_chemotherapy"], draws=8, seed=3, store=run.path.parent.parent,
        set={"pos.nodes.chemotherapy_tolerance.maximum": 0},
    )  # fmt: skip
    with_pump, without = (r.final("pos.count", "salvage_chemotherapy") for r in (run, pumped))
    assert np.median(with_pump / without) > 1.02
    assert np.all(with_pump >= without * 0.999)


def test_antibody_against_pd1_makes_tumours_smaller_and_never_larger(run):
    fold = run.final("melanoma.count", "anti_pd1") / run.final("melanoma.count", "control")
    assert np.all(fold < 1.001)
    assert np.median(fold) < 0.95


# ---------------------------------------------------------------- in tissue


@pytest.fixture(scope="module")
def nest(tmp_path_factory):
    model = load("cx3cr1-tissue").changed({"run.for": "5 h"})
    arms = ["control", "no_ligand", "full_blood"]
    return vesiflux.run(model, arms=arms, seed=2, store=tmp_path_factory.mktemp("nest"))


def way(nest, arm):
    """How far T cells have come to the right on average, um."""
    found = []
    for frame in (0, -1):
        table = nest.cells(frame, arm)
        kinds = np.array([nest.kinds(arm)[k] for k in table["kind"].to_pylist()])
        found.append(np.mean(np.array(table["x"].to_pylist())[kinds == "t_cell"]))
    return found[1] - found[0]


def test_shed_ligand_draws_t_cells(nest):
    assert way(nest, "control") > 100
    assert abs(way(nest, "no_ligand")) < 60


def test_blood_full_of_ligand_takes_the_attraction_away(nest):
    assert way(nest, "full_blood") < way(nest, "control") / 3
    dense = [nest.field("sCX3CL1", -1, arm).isel(z=0).mean("y") for arm in ("full_blood", "control")]
    assert np.all(dense[0] > 3 * dense[1])  # there is more of it everywhere
