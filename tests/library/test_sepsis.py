"""What the sepsis model must show, whatever of the review it reproduces."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.library.test_cx3cr1_anchors import published

import vesiflux
from vesiflux.evidence import Evidence
from vesiflux.ir.lowering import lower
from vesiflux.language import load

FOLDER = Path(vesiflux.__file__).parent / "library" / "sepsis"
TREATED = ["free_vancomycin", "mannose_lysostaphin", "lactate_lowering", "no_septic_exosomes"]
ARMS = ["health", "aseptic", "septic", "untied", *TREATED]
CORE = tuple(f"patient.acute_inflammation.{x}" for x in ("pathogen", "phagocytes", "damage", "mediators"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return vesiflux.run("sepsis", arms=ARMS, draws=12, seed=3, store=tmp_path_factory.mktemp("runs"))


def final(run: Any, output: str, arm: str) -> np.ndarray[Any, Any]:
    return np.asarray(run.final(output, arm))


def test_with_its_ties_cut_the_core_is_the_papers(run: Any) -> None:
    _, found = published("acute_inflammation", 2, 48.0, k_pg=0.6)
    for name in CORE:
        want = found[name.rsplit(".", 1)[1]][-1]
        assert final(run, name, "untied") == pytest.approx(want, rel=1e-4), name
    # and the ties are not idle
    assert (np.abs(final(run, CORE[2], "septic") / final(run, CORE[2], "untied") - 1) > 0.01).any()


def test_the_core_has_its_three_ends(run: Any) -> None:
    pathogen, _, damage, _ = CORE
    assert (final(run, pathogen, "health") < 1e-3).all()
    assert (final(run, damage, "health") < 0.1).all()
    assert np.median(final(run, damage, "aseptic")) > 3
    assert np.median(final(run, pathogen, "aseptic")) < 1e-3
    # without ties every draw of this arm keeps the pathogen
    assert np.median(final(run, pathogen, "septic")) > 0.3
    assert (final(run, damage, "septic") > 5).all()


def test_a_drug_that_reaches_the_pathogen_ends_the_infection_of_the_core(run: Any) -> None:
    pathogen = CORE[0]
    assert (
        np.median(final(run, pathogen, "free_vancomycin")) < 1e-3 < np.median(final(run, pathogen, "septic"))
    )
    inside = "macrophage.node.bacterial_load_intracellular"
    assert np.median(final(run, inside, "free_vancomycin") / final(run, inside, "septic")) > 0.8


def test_the_score_and_survival_follow_the_core(run: Any) -> None:
    for output in ("patient.ward.sofa", "patient.node.sofa", "patient.node.multi_organ_dysfunction"):
        assert (final(run, output, "septic") > final(run, output, "health")).all()
    for output in ("patient.ward.survival", "patient.node.survival"):
        assert (final(run, output, "septic") < final(run, output, "health")).all()


def test_a_free_drug_fails_inside_cells_and_a_carried_enzyme_does_not(run: Any) -> None:
    load_inside = "macrophage.node.bacterial_load_intracellular"
    untreated = final(run, load_inside, "septic")
    free = final(run, load_inside, "free_vancomycin") / untreated
    carried = final(run, load_inside, "mannose_lysostaphin") / untreated
    assert np.median(free) > 0.8
    assert (carried < free).all()
    assert np.median(carried) < 0.2


def test_the_body_clears_lactate_and_a_drug_lowers_it(run: Any) -> None:
    lowered, septic = (final(run, "medium.lactate", arm) for arm in ("lactate_lowering", "septic"))
    assert (lowered < 0.7 * septic).all()
    assert (septic > 5e17).all()  # 1 mmol/L
    assert (septic < 1e19).all()


def test_native_microrna_does_nothing_at_what_blood_holds(run: Any) -> None:
    for node in ("cardiomyocyte.node.HMBOX1", "endothelium.node.SERP1"):
        fold = final(run, node, "septic") / final(run, node, "no_septic_exosomes")
        assert (np.abs(np.log2(fold)) < 0.1).all(), node
    # while the same vesicles reach the heart, where their short cut acts
    held = final(run, "cardiomyocyte.held.septic_exosome", "septic")
    assert (held > 10 * final(run, "cardiomyocyte.held.septic_exosome", "no_septic_exosomes")).all()


def test_every_vesicle_and_copy_is_accounted_for(run: Any) -> None:
    assert run.summary()["balance_error"] < 1e-9


def test_markers_per_vesicle_follow_shock(run: Any) -> None:
    sample = "septic_sample_exosome"

    def per_vesicle(rna: str, arm: str) -> np.ndarray[Any, Any]:
        return final(run, f"medium.{sample}.{rna}", arm) / final(run, f"medium.{sample}", arm)

    assert (per_vesicle("miR-34a", "septic") > 1.05 * per_vesicle("miR-34a", "health")).all()
    assert (per_vesicle("miR-15a", "septic") < 0.95 * per_vesicle("miR-15a", "health")).all()


def test_arrows_left_out_are_the_reviews_and_say_why() -> None:
    claims = Evidence.load().claims
    left = load("sepsis").left_out
    assert left
    assert all(arrow.reason for arrow in left)
    assert {arrow.claim for arrow in left} <= set(claims)


def test_controls_are_enough_and_justified() -> None:
    lines = [x for x in (FOLDER / "controls.tsv").read_text(encoding="utf-8").splitlines() if x[:1] != "#"]
    rows = [dict(zip(lines[0].split("\t"), x.split("\t"), strict=False)) for x in lines[1:]]
    assert len(rows) >= 15
    assert all(row["reason"] and row["source"] for row in rows)


def test_every_tie_to_the_core_can_be_cut() -> None:
    model = load("sepsis").spec
    tied = [b for b in model.cells["patient"].behaviours if "activity of acute_inflammation." in b]
    signals = {sentence.split()[0] for sentence in tied}
    assert len(signals) == 8
    cut = {n.split(".")[2]: v for n, v in model.arms["untied"].set.items() if ".nodes." in n}
    assert signals - {"free_vancomycin"} == set(cut)  # which nobody gives there
    assert set(cut.values()) == {0}


def test_the_picture_shows_routes_that_the_model_has() -> None:
    script = Path(__file__).parents[2] / "docs" / "assets" / "sepsis.py"
    made = runpy.run_path(str(script))
    compiled = lower(load("sepsis"))
    shown, known = {o.name for o in compiled.program.outputs}, {p.name for p in compiled.parameters}
    for routes in made["ROUTES"].values():
        for _, cell, what, place, kind, arm in routes:
            assert (f"{cell}.held.{what}" if place == "held" else f"{cell}.copies.{what}.{place}") in shown
            assert f"{cell}.signals.{what} @{place}.half" in known
            assert arm in compiled.arms
            assert kind in made["KINDS"]
    assert set(made["ENDS"]) <= set(compiled.arms)
