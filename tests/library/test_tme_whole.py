"""The whole model of the tumour microenvironment: what it must hold, whatever its numbers are."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from vesiflux.evidence import Evidence
from vesiflux.ir.lowering import lower
from vesiflux.language import Model, load
from vesiflux.language.modules import library_models
from vesiflux.language.quantities import values
from vesiflux.language.responses import parse_response, refs

#: Loops of the review and the arms that cut them.
CUTS = (
    "cut_hisla",
    "cut_lactate",
    "cut_caf_uptake",
    "cut_caf_growth",
    "cut_pdl1",
    "cut_ifng",
    "cut_vessels",
    "cut_m2",
    "cut_exhaustion",
    "cut_mir10b",
    "cut_mir92a",
    "cut_atm",
    "cut_mir155",
    "cut_ccl2",
    "cut_mir122",
)


@cache
def model() -> Model:
    return load("tme-whole")


def test_every_number_says_where_it_comes_from():
    for where, _, _, value in values(model().spec, ()):
        if value.typical is not None and (value.low is not None or value.mark is not None):
            assert value.source, where
            assert value.mark, where


def test_vesicles_act_by_what_is_held_or_carried_never_by_a_shortcut():
    """No response names a class of vesicles but as held, and none that the cell does not take up."""
    spec = model().spec
    for name, cell in spec.cells.items():
        for text in cell.responses:
            for ref in refs(parse_response(text).condition):
                if ref.name.partition(".")[0] in spec.vesicles:
                    assert ref.where == "held", f"{name}: {text}"
                    assert ref.name.partition(".")[0] in cell.takes_up, f"{name}: {text}"


def test_claims_of_the_review_are_in_it():
    texts = [t for cell in model().spec.cells.values() for t in cell.responses]
    named = {c for t in texts for c in parse_response(t).claims}
    checkable = {c.id for c in Evidence.load().claims.values() if c.review == "tme" and c.checkable}
    assert len(named & checkable) >= 110


def test_doubtful_arrows_are_not_taken_from_the_evidence():
    sentences = {t.partition(" [")[0] for cell in model().spec.cells.values() for t in cell.responses}
    assert "miR-10b -> pi3k_akt_mtor" not in sentences
    assert "MOAP1 -| wnt_beta_catenin" not in sentences
    assert "miR-10b -> ACTA2" in sentences


@pytest.mark.parametrize("arm", CUTS)
def test_every_loop_has_an_arm_that_cuts_it(arm: str):
    spec = model().spec
    (name,) = spec.arms[arm].interventions
    assert spec.interventions[name].start == "before"
    assert spec.arms[arm].against in ("control", "chronic_antigen")


def test_controls_are_enough_and_most_say_that_something_leads_there():
    path = library_models()["tme-whole"].parent / "controls.tsv"
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len(rows) >= 30
    assert all(r["reason"] and r["source"] for r in rows)
    assert sum("no cell between" not in r["source"] for r in rows) >= len(rows) / 2


def test_it_compiles_and_shows_what_loops_and_therapies_are_read_by():
    shown = {o.name for o in lower(model()).program.outputs}
    script = Path(__file__).parents[2] / "docs/assets/tme-loops.py"
    import runpy

    made = runpy.run_path(str(script))
    reads = {read for loop in made["LOOPS"] for read in loop.reads}
    reads |= {read for read, _ in made["THERAPIES"].values()}
    assert reads <= shown
    assert {cut for loop in made["LOOPS"] for cut in loop.cuts} == set(CUTS)
    assert set(made["THERAPIES"]) <= set(model().spec.arms)
    for arm, (_, item) in made["THERAPIES"].items():
        if item:
            assert arm in model().spec.schedule[item - 1].arms
