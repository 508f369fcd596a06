"""What follows from the structure of the machinery, in draws of its priors and in its competing wirings."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from vesiflux.engines.compartments.engine import Settings, solve
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

GROUPS = (
    "gw4869_wire",
    "lysosome_capacity",
    "upstream_target",
    "lipid_budding",
    "vps4_role",
    "calcium_target",
)


def fold(bench, readout, wiring=(), **nodes):
    """A readout at rest under changed nodes over the untreated cell, draw by draw."""
    changed = bench.run(nodes=tuple(nodes.items()), wiring=wiring)
    return bench.final(changed, readout) / bench.final(bench.run(wiring=wiring), readout)


# ---------------------------------------------------------------- the untreated cell


def test_untreated_cell_is_the_same_and_at_rest_in_every_wiring(bench):
    readouts = bench.compiled.program.outputs
    kept = [o.name for o in readouts if o.series and o.name.startswith("producer.mvb.")]
    rows = [[o.name for o in readouts if o.series].index(n) for n in kept]
    plain = bench.run(draws=8).outputs_series[rows]
    options = [[(g, o) for o in bench.compiled.structures[g].options] for g in GROUPS]
    for wiring in product(*options):
        series = bench.run(draws=8, wiring=wiring).outputs_series[rows]
        assert np.abs(series / plain - 1).max() < 2e-5, wiring
        assert np.abs(series / series[:, :, :1] - 1).max() < 2e-5, wiring


def test_activities_of_the_untreated_cell_are_1(bench):
    ones = [
        "cargo_clustered",
        "receptor_level",
        "autophagy",
        "atg9a_transport",
        "rab27a_messenger",
        "rab27a_protein",
        "rab35_with_gtp",
        "ceramide",
        "golgi_er_ceramide",
        "sphingomyelin",
        "smpd3_active",
        "smpd3_expression",
        "rafts",
        "atp",
        "amp",
        "adenosine",
        "a2b_activity",
        "hif1a",
        "yap1",
        "negative_charge",
        "negative_curvature",
        "budding_protein_delivery",
        "tat5_surface",
        "tat5_flippase_activity",
        "endosomal_recycling",
    ]
    run = bench.run()
    assert {n for n in ones if np.abs(bench.final(run, n) - 1).max() > 1e-6} == set()


# ---------------------------------------------------------------- ESCRT, stage by stage


@pytest.mark.parametrize(
    ("node", "readout", "sign"),
    [
        ("HGS", "cargo_clustered", -1),
        ("UBIQUITIN", "cargo_clustered", -1),
        ("HGS", "lysosomal_degradation", -1),
        ("UBIQUITIN", "lysosomal_degradation", -1),
        ("HGS", "receptor_half_life", +1),
        ("TSG101", "buds_formed", -1),
        ("ESCRT2", "buds_formed", -1),
        ("ESCRT3", "buds_attached", +1),
        ("ESCRT3", "buds_cut", -1),
        ("VPS4", "escrt3_assembled", +1),
        ("VPS4", "escrt3_free", -1),
        ("HGS", "ilv_total", -1),
        ("TSG101", "ilv_total", -1),
        ("ESCRT2", "ilv_total", -1),
        ("ESCRT3", "ilv_total", -1),
        ("ESCRT3", "microvesicle_rate_now", -1),
        ("TSG101", "small_ectosome_rate_now", -1),
    ],
)
def test_loss_of_a_stage_shows_at_its_stage(bench, node, readout, sign):
    assert (sign * np.log(fold(bench, readout, **{node: 0.1})) > 0).all()


def test_either_route_makes_ilvs_alone_and_without_both_there_are_few(bench):
    escrt, lipid = fold(bench, "ilv_total", ESCRT=0.1), fold(bench, "ilv_total", LIPID_ROUTE=0.1)
    both = fold(bench, "ilv_total", ESCRT=0.02, LIPID_ROUTE=0.02)
    assert ((escrt > 0.1) & (escrt < 1)).all()
    assert ((lipid > 0.1) & (lipid < 1)).all()
    assert (both < 0.1).all()


def test_loss_of_vps4_lowers_ilvs_or_not_by_what_it_does_to_buds(bench):
    reset = fold(bench, "ilv_total", VPS4=0.1)
    strip = fold(bench, "ilv_total", (("vps4_role", "strip"),), VPS4=0.1)
    assert (reset < 1).all()
    assert (strip > reset).all()
    assert np.median(strip) > 1


def test_rafts_take_losing_and_raising_ceramide_further_than_curvature(bench):
    rafts = (("lipid_budding", "raft"),)
    assert (fold(bench, "ilv_total", rafts, SMPD3=0.2) < fold(bench, "ilv_total", SMPD3=0.2)).all()
    assert (fold(bench, "ilv_total", rafts, SMPD3=4) > fold(bench, "ilv_total", SMPD3=4)).all()


# ---------------------------------------------------------------- lipids


def test_sphingomyelinases_make_ceramide_where_they_are(bench):
    assert (fold(bench, "smpd3_active", PS=0.1) < 1).all()
    assert (fold(bench, "smpd3_active", PA=0.1) < 1).all()
    assert fold(bench, "smpd3_expression", PS=0.1) == pytest.approx(1)
    assert fold(bench, "golgi_er_ceramide", SMPD3=0.1) == pytest.approx(1)
    assert (fold(bench, "golgi_er_ceramide", SMPD2=0.1) < 1).all()
    assert (fold(bench, "ceramide", SMASE=3) > 1).all()
    assert (fold(bench, "sphingomyelin", SMASE=3) < 1).all()


def test_prion_protein_goes_with_lipid_made_vesicles(bench):
    assert (fold(bench, "prp_per_exosome", NSMASE=0.1) < 0.9).all()
    assert (fold(bench, "prp_per_exosome", ESCRT=0.1) > 1).all()


# ---------------------------------------------------------------- energy and upstream signals


def test_adenylate_kinase_turns_a_little_less_atp_into_much_more_amp(bench):
    run = bench.run(draws=1, nodes=(("ATP", 0.9),))
    assert bench.final(run, "atp")[0] == pytest.approx(0.9)
    assert bench.final(run, "amp")[0] == pytest.approx(3.8, rel=0.03)


def test_energy_depletion_raises_exosomes_through_a2b_though_vps4_slows(bench):
    depleted = {"GLYCOLYSIS": 0.1, "OXPHOS": 0.1}
    assert (fold(bench, "atp", **depleted) < 0.75).all()
    assert (fold(bench, "escrt_disassembly", **depleted) < 1).all()
    gain = fold(bench, "exosome_rate", **depleted)
    blocked = fold(bench, "exosome_rate", **depleted, A2B=0.05) / fold(bench, "exosome_rate", A2B=0.05)
    assert (gain > 1.3).all()
    assert (blocked < gain).all()
    assert np.median(gain) > 3


def test_losing_glucose_acts_through_energy_alone(bench):
    gain = fold(bench, "exosome_rate", GLUCOSE=0.05)
    assert np.median(gain) > 1.3
    without = fold(bench, "exosome_rate", GLUCOSE=0.05, AMP=0) / fold(bench, "exosome_rate", AMP=0)
    assert np.abs(np.log2(without)).max() < 0.1


def test_hypoxia_acts_through_hif1a_most_of_the_way(bench):
    gain = fold(bench, "exosome_rate", OXYGEN=0.1)
    knocked = fold(bench, "exosome_rate", OXYGEN=0.1, HIF1A=0.1)
    assert (gain > 1).all()
    assert (knocked < gain).all()
    assert np.median(np.log(knocked)) < 0.4 * np.median(np.log(gain))


def test_yap1_loss_under_load_goes_back_toward_the_level_at_rest(bench):
    loaded, inhibited = (fold(bench, "exosome_rate", LOAD=10, YAP1=y) for y in (1, 0.1))
    assert (loaded > 1.5).all()
    assert np.median(inhibited) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("signal", ["ACID", "HIF1A", "LOAD", "WNT", "INFLAMMATION"])
def test_targets_of_an_upstream_signal_differ_in_what_happens_to_mvbs(bench, signal):
    def way(target, readout):
        return fold(bench, readout, (("upstream_target", target),), **{signal: 3})

    for target in ("fate", "supply", "ilv"):
        assert (way(target, "exosome_rate") > 1).all(), target
    assert (way("fate", "mvb_total") < 1).all()
    assert (way("supply", "mvb_total") > 1).all()
    assert way("ilv", "mvb_total") == pytest.approx(1)
    assert (way("ilv", "ilv_per_full_mvb") > 1).all()
    assert way("fate", "ilv_per_full_mvb") == pytest.approx(1, rel=1e-5)


def test_calcium_gives_little_by_fusion_alone_and_much_by_all_fate_steps(bench):
    assert np.median(fold(bench, "exosome_rate", CALCIUM=10)) < 1.5
    assert np.median(fold(bench, "exosome_rate", (("calcium_target", "fate"),), CALCIUM=10)) > 5


# ---------------------------------------------------------------- plasma membrane


def test_pe_brings_escrt_by_charge_and_by_curvature(bench):
    for readout in ("negative_charge", "negative_curvature", "escrt_at_surface", "budding_rate"):
        assert (fold(bench, readout, TAT5=0.1) > 1).all(), readout
    together = fold(bench, "negative_charge", TAT5=0.1) * fold(bench, "negative_curvature", TAT5=0.1)
    assert fold(bench, "escrt_at_surface", TAT5=0.1) == pytest.approx(together, rel=0.2)  # less the pool
    assert (fold(bench, "budding_rate", TAT5=0.1, ESCRT3=0.1) < fold(bench, "budding_rate", TAT5=0.1)).all()
    assert (fold(bench, "budding_rate", TAT5=0.1, RAB11=0.1) < fold(bench, "budding_rate", TAT5=0.1)).all()


def test_pad1_acts_on_flipping_and_leaves_tat5_in_its_place(bench):
    assert fold(bench, "tat5_surface", PAD1=0.1) == pytest.approx(1)
    assert (fold(bench, "tat5_flippase_activity", PAD1=0.1) < 0.2).all()
    assert (fold(bench, "pe_exposure", PAD1=0.1) > 2).all()


def test_tat5_is_trapped_inside_without_both_kinds_of_route(bench):
    both = fold(bench, "tat5_late_endosome", TUBULATION=0.05, MON2=0.05)
    alone = [fold(bench, "tat5_late_endosome", **{n: 0.05}) for n in ("TUBULATION", "MON2")]
    assert (both > np.maximum(*alone)).all()
    assert (fold(bench, "tat5_surface", TUBULATION=0.05, MON2=0.05) < 0.6).all()


def test_membrane_protein_is_degraded_without_the_mon2_route_or_pad1(bench):
    for node in ("MON2", "PAD1"):
        assert (fold(bench, "mve_degradation", **{node: 0.1}) > 1.05).all(), node
        assert (fold(bench, "endosomal_recycling", **{node: 0.1}) < 1).all(), node


def test_autophagy_and_return_of_tat5_share_rme8_vps34_and_bec1(bench):
    for node in ("RME8", "VPS34", "BEC1"):
        assert (fold(bench, "autophagy", **{node: 0.1}) < 0.95).all(), node
        assert (fold(bench, "endosomal_recycling", **{node: 0.1}) < 0.5).all(), node
        assert (fold(bench, "microvesicle_rate_now", **{node: 0.1}) > 1).all(), node


def test_small_ectosomes_and_microvesicles_answer_differently(bench):
    assert (fold(bench, "microvesicle_rate_now", ROCK=0.1) < 1).all()
    assert fold(bench, "small_ectosome_rate_now", ROCK=0.1) == pytest.approx(1)
    for node in ("TMEM16F", "SMPD1"):
        assert (fold(bench, "small_ectosome_rate_now", **{node: 0.1}) < 1).all(), node
    for node in ("TMEM16F", "SMPD1", "ROCK", "BUDDING"):
        # they share the pool of ESCRT, which is ample
        assert fold(bench, "exosome_rate", **{node: 0.1}) == pytest.approx(1, rel=0.01), node
    for readout in ("small_ectosome_rate_now", "microvesicle_rate_now"):
        assert (fold(bench, readout, P2X7=3) > 1).all(), readout


def test_exosomes_leave_by_fusion_and_other_vesicles_by_budding(bench):
    assert (fold(bench, "exosome_rate", FUSION=0.1) < 1).all()
    for readout in ("small_ectosome_rate_now", "microvesicle_rate_now"):
        assert fold(bench, readout, FUSION=0.1) == pytest.approx(1)
        assert (fold(bench, readout, BUDDING=0.1) < 0.5).all()


# ---------------------------------------------------------------- cargo


def test_passive_cargo_follows_the_cell_and_not_the_number_of_vesicles(bench):
    assert fold(bench, "passive_cargo_per_exosome", CONTENT=3) == pytest.approx(3)
    assert (fold(bench, "passive_cargo_per_exosome", INFLAMMATION=3) > 1).all()
    boosted = fold(bench, "passive_cargo_per_exosome", RAB4=0.1)
    assert (np.abs(np.log2(boosted)) < 0.1).all()
    assert np.median(boosted) < 1  # what leaves with vesicles is gone
    one = bench.final(bench.run(draws=1), "passive_cargo_per_exosome")[0]
    assert one == pytest.approx(5000 * math.pi / 6 * (0.065 - 0.009) ** 3 / 2000, rel=1e-6)


def test_receptors_live_longer_without_ubiquitin_and_do_not_care_for_lipid_made_ilvs(bench):
    assert (fold(bench, "receptor_half_life", UBIQUITIN=0.1) > 1.5).all()
    assert (fold(bench, "receptor_half_life", LIPID_ROUTE=0.1) < 1.05).all()
    assert (fold(bench, "lysosomal_degradation", DEGRADATION=3) > 2.5).all()


def test_growth_does_not_dilute_cd63():
    cell = {
        "is": "tumour_cell",
        "count": 1000,
        "modules": {"mvb": "mvb"},
        "secretes": {"exosome": {"machinery": "mvb"}},
        "nodes": {"GROW": {"basal": 1}},
        "behaviours": ["GROW increases proliferation from 0.03 /h to 0.03 /h"],
    }
    growing = Model.from_dict(
        {
            "vesiflux": 1,
            "name": "growing",
            "space": {"kind": "dish", "volume": "1 mL"},
            "vesicles": {"exosome": {"origin": "mvb", "diameter": {"median": "90 nm"}}},
            "modules": {"mvb": "mvb"},
            "cells": {"producer": cell},
            "run": {"for": "72 h"},
        }
    )
    compiled = lower(growing)
    inputs = np.array([p.value for p in compiled.program.inputs])
    before = inputs.copy()
    for index, value in compiled.arms["control"].inputs_before.items():
        before[index] = value
    solution = solve(
        compiled.program, np.array([[p.prior.typical] for p in compiled.parameters]), times=[0.0, 72.0],
        inputs=inputs, inputs_before=before, settings=Settings(equilibrate=True),
    )  # fmt: skip
    names = [o.name for o in compiled.program.outputs if o.series]
    copies = solution.outputs_series[names.index("producer.mvb.cd63_per_exosome"), 0]
    assert copies[1] == pytest.approx(copies[0])
    assert copies[0] == pytest.approx(2.24, rel=0.06)  # as in cells that do not grow
