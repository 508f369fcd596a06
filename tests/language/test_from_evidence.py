"""Responses from the evidence: which arrows of a claim a cell gets, and that they run."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.engines.compartments import solve
from vesiflux.evidence import Evidence
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: caf
space: {kind: dish, volume: 2 mL}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
cells:
  tumour:
    is: colorectal_cancer_cell
    count: 1e6
    secretes: {exosome: {rate: 600 vesicle/cell/h, cargo: {miR-10b: {copies: 50}}}}
  fibroblast:
    is: fibroblast
    count: 2e5
    takes_up: {exosome: {clearance: 1e-6 mL/cell/h, escape: 0.3}}
    signals: {miR-10b: {half: 100 copy/cell}}
    responses:
      - TGFB1 -> growth
      - from evidence [tme-037, tme-038, tme-039]
interventions:
  donor_knock_out: {scales: tumour.secretes.exosome.cargo.miR-10b.copies, factor: 0}
arms:
  control: {}
  knock_out: {interventions: [donor_knock_out], against: control}
run: {for: 72 h}
"""


@pytest.fixture(scope="module")
def model():
    return Model.from_text(TEXT)


def test_arrows_inside_the_cell_become_responses_with_their_claims(model):
    edges = {
        (e.start, e.sign, e.end)
        for e in Evidence.load().edges
        if e.claim_id in ("tme-037", "tme-038", "tme-039")
    }
    responses = model.spec.cells["fibroblast"].responses
    assert responses[0] == "TGFB1 -> growth"
    assert "miR-10b -| CCND1 [tme-039]" in responses
    assert "miR-10b -> TGFB1 [tme-037]" in responses
    assert ("miR-10b", "-", "CCND1") in edges
    assert not any("exosome" in text for text in responses)


def test_doubtful_arrows_are_left_out(model):
    (doubtful,) = (e for e in Evidence.load().edges if e.claim_id == "tme-038" and e.status == "doubtful")
    assert (doubtful.start, doubtful.end) == ("miR-10b", "pi3k_akt_mtor")
    responses = model.spec.cells["fibroblast"].responses
    assert not any("miR-10b" in text and "pi3k_akt_mtor" in text for text in responses)


def test_what_is_left_out_is_told_with_the_reason(model):
    told = {(x.claim, x.arrow): x.reason for x in model.left_out}
    assert all(x.cell == "fibroblast" for x in model.left_out)
    assert told["tme-038", "miR-10b -> pi3k_akt_mtor"].startswith("doubtful: sign:")
    assert told["tme-037", "fibroblast -> caf"] == "caf (kind cell) is not inside a cell"
    # every accepted or corrected arrow is either a response or told
    claims = ("tme-037", "tme-038", "tme-039")
    edges = [e for e in Evidence.load().edges if e.claim_id in claims]
    assert len(edges) == len(told) + len(model.spec.cells["fibroblast"].responses) - 1


def test_an_arrow_of_another_cell_is_left_out_by_its_place():
    text = (
        TEXT.replace("is: fibroblast", "is: nk_cell")
        .replace("[tme-037, tme-038, tme-039]", "[cx3cr1-026]")
        .replace("TGFB1 -> growth", "miR-10b -> growth")  # nothing of the claim makes TGFB1 here
    )
    reasons = [x.reason for x in Model.from_text(text).left_out]
    assert reasons == ["acts in neuroblastoma_cell, not in nk_cell", "acts in t_cell, not in nk_cell"]


def test_what_is_only_lowered_starts_from_a_level_it_can_fall_from(model):
    nodes = model.spec.cells["fibroblast"].nodes
    assert nodes["CCND1"].basal.typical == 0.25
    assert "TGFB1" not in nodes
    assert "miR-10b" not in nodes  # cargo that reaches the cell


def test_as_written_and_as_run_are_kept_apart(model, tmp_path):
    again = Model.load(model.save(tmp_path / "model.yaml"))
    assert again == model
    assert again.written.cells["fibroblast"].responses[1] == "from evidence [tme-037, tme-038, tme-039]"
    assert Model.from_dict(model.to_dict(whole=True)) == model


def test_without_the_cargo_the_targets_stay(model):
    compiled = lower(model)
    parameters = np.array([[float(p.prior.typical)] for p in compiled.parameters])
    names = [o.name for o in compiled.program.outputs]
    found = {}
    for arm in ("control", "knock_out"):
        inputs = np.array([p.value for p in compiled.program.inputs])
        for index, value in compiled.arms[arm].inputs.items():
            inputs[index] = value
        final = solve(compiled.program, parameters, times=[72.0], inputs=inputs).outputs_final[:, 0]
        found[arm] = {n: final[names.index(f"fibroblast.node.{n}")] for n in ("CCND1", "TGFB1")}
    assert found["knock_out"]["CCND1"] == pytest.approx(0.25, rel=1e-3)
    assert found["control"]["CCND1"] < 0.8 * found["knock_out"]["CCND1"]
    assert found["control"]["TGFB1"] > found["knock_out"]["TGFB1"] + 0.1
