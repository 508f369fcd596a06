"""Every stimulus of the review is a row, every fold has a standing, and the standings are as they must be."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import vesiflux.library
from vesiflux.evidence import Evidence
from vesiflux.language import load
from vesiflux.store.counted import count_of
from vesiflux.store.standing import ASSAY, EXCEEDS, UNASSIGNED, WITHIN
from vesiflux.study.run import run

RELEASE = {"exosome_secretion", "secretion_rate", "microvesicle_release", "ev_budding"}
#: claims whose agent is a general statement, not a perturbation
GENERAL = {"secretion-084", "secretion-089"}
EXOSOMES = "exosomes_per_cell_per_hour"
FOLDS = [
    "low_glucose", "fluid_shear", "low_ph", "rab4_loss_red_cell_membrane", "ndrg1_rnai", "spheroid",
    "energy_depletion",
]  # fmt: skip


@pytest.fixture(scope="module")
def spec():
    return load("secretion").spec


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    store = tmp_path_factory.mktemp("store")
    return run("secretion", arms=FOLDS, draws=64, structures="all", threads=1, store=store)


def _reports(spec):
    for name, arm in (*spec.arms.items(), *spec.unassigned.items()):
        for report in arm.reported:
            yield name, report


def test_every_claim_of_the_review_that_names_a_stimulus_is_a_row(spec):
    claimed = {c.strip() for _, r in _reports(spec) for c in r.claim.split(";")}
    wanted = {
        c.id
        for c in Evidence.load().claims.values()
        if c.id.startswith("secretion-") and c.kind == "secretion" and c.agent and c.outcome in RELEASE
    }
    assert len(wanted) > 50
    assert wanted - claimed - GENERAL == set()


def test_every_fold_printed_in_the_review_is_reported_for_an_arm(spec):
    rows = Evidence.load().sql(
        "select claim_id, low, high from quantities where quantity = 'secretion_fold_change'"
    )
    rows = [(c, lo, hi) for c, lo, hi in rows if c.startswith("secretion-")]
    told = {(c.strip(), r.low, r.high) for _, r in _reports(spec) for c in r.claim.split(";")}
    assert len(rows) > 25
    for claim, low, high in rows:
        low, high = (float(x) if x not in (None, "") else None for x in (low, high))
        # "up to 69" is one number: the least of such a range is nothing a model could miss
        assert {(claim, low, high), (claim, high, high)} & told, (claim, low, high)


def test_doubts_say_what_and_why(spec):
    doubted = [(n, r) for n, r in _reports(spec) if r.doubtful or r.doubt]
    assert all(r.doubtful and r.doubt for _, r in doubted)
    assert {"assay", "number", "dose", "cell", "citation", "cause"} == {r.doubtful for _, r in doubted}
    by_arm = {n: r.doubt for n, r in doubted}
    assert "150 dyn/cm2" in by_arm["fluid_shear"] or "15 Pa" in spec.arms["fluid_shear"].note


def test_shear_as_printed_is_not_low():
    from vesiflux.units import parse

    assert parse("1.5 mN/cm^2", "Pa") == pytest.approx(15)  # 150 dyn/cm2


def test_stimuli_without_a_node_run_on_every_feasible_one(spec):
    for name in ("neticonazole", "sitafloxacin", "forskolin", "round_shape"):
        assert spec.arms[name].node == "unknown"
        assert set(spec.structures[name].options) == {"fate", "supply", "ilv", "lysosome"}
        assert all(e.factor.mark == "assumed" for e in spec.interventions[name].effects)


def test_alternatives_are_of_one_size_and_leave_different_traces(tmp_path):
    out = run("secretion", arms=["sitafloxacin"], draws=32, structures="all", threads=1, store=tmp_path)

    def fold(output, option):
        return float(np.median(out.fold(output, "sitafloxacin", f"sitafloxacin={option}")))

    options = ("fate", "supply", "ilv", "lysosome")
    assert all(1.7 < fold(EXOSOMES, o) < 2.4 for o in options)
    mvbs = {o: fold("producer.mvb.mvb_total", o) for o in options}
    assert mvbs["supply"] > 1.7 > 1.4 > mvbs["lysosome"] > 1.1 > mvbs["fate"]
    assert fold("producer.mvb.ilv_per_full_mvb", "ilv") > 1.5 > fold("producer.mvb.ilv_per_full_mvb", "fate")
    assert fold("producer.mvb.cd63_per_exosome", "ilv") < 0.8 < fold("producer.mvb.cd63_per_exosome", "fate")


def test_standings(finished):
    found = {(s.arm, s.low): s for s in finished.standings()}
    assert found["ndrg1_rnai", 2].standing == WITHIN
    assert found["ndrg1_rnai", 2].chosen
    assert found["energy_depletion", 3].standing == WITHIN
    for arm in ("low_glucose", "spheroid"):
        one = next(s for s in found.values() if s.arm == arm)
        assert one.standing == UNASSIGNED
        assert one.within
    for key, limit in (
        (("low_ph", 69), "1/f"),
        (("fluid_shear", 100), "1/f"),
        (("rab4_loss_red_cell_membrane", 14), "too weak as assumed"),
    ):
        assert found[key].standing == EXCEEDS
        assert limit in found[key].limit
        assert found[key].predicted[0].fold.high < key[1]


def test_numbers_of_a_doubtful_assay_are_never_fitted(spec):
    doubtful = {n for n, r in _reports(spec) if r.doubtful == "assay"}
    assert doubtful == {"hek_ph_4", "hek_ph_11"}
    assert doubtful <= set(spec.unassigned)
    assert ASSAY == "assay result"


def test_the_table_has_no_line_without_its_cells():
    path = Path(vesiflux.library.__file__).parent / "secretion" / "stimuli.tsv"
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    rows = list(csv.DictReader(lines, delimiter="\t"))
    assert all(r["target"] or r["readout"] for r in rows)


def test_a_count_of_small_vesicles_blunts_what_exosomes_do(tmp_path):
    out = run(
        "secretion", arms=["rab27a_rab27b_loss", "gw4869", "hypoxia"], draws=32, threads=1, store=tmp_path
    )
    small = "small_evs_per_cell_per_hour"
    assert count_of(out, EXOSOMES) == count_of(out, "small_ectosomes_per_cell_per_hour") == small
    assert count_of(out, "microvesicles_per_cell_per_hour") == "large_evs_per_cell_per_hour"

    def folds(arm):
        return float(np.median(out.fold(EXOSOMES, arm))), float(np.median(out.fold(small, arm)))

    exosomes, counted = folds("rab27a_rab27b_loss")
    assert exosomes < 0.12 < 0.15 < counted < 0.5  # vesicles that bud from the surface are still there
    exosomes, counted = folds("gw4869")
    assert exosomes < 0.9 < 0.95 < counted < 1.1  # more of those: the count sees nothing
    (hypoxia,) = out.standings("hypoxia")
    assert hypoxia.counted.median < hypoxia.predicted[0].fold.median
