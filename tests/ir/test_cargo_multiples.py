"""Cargo that is an exact multiple of its vesicles has no states of its own; nothing else changes by it."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.engines.compartments import Settings, solve
from vesiflux.ir.compiled import CompiledModel
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: multiples
space: {kind: dish, vessel: 6-well, volume: 2 mL, mixing: static}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm, sigma: 0.3}, decay: {half_life: 24 h}}
cells:
  donor:
    is: tumour_cell
    count: 1e5
    cytosol: 2000 um^3
    nodes: {ALARM: {basal: 0.7}}
    secretes:
      exosome:
        rate: 60 vesicle/cell/h
        cargo:
          miR-1: {copies: 0.01, kind: miRNA}
          PD-L1: {copies: 1.5, on: surface}
          miR-2: {passive: 5e4 copy/cell, kind: miRNA}
          raised: {copies: 1, raised_by: ALARM, raised_to: 4}
          knocked: {copies: 2}
  taker:
    is: macrophage
    count: 2e4
    states: [active, tired]
    takes_up:
      exosome: {clearance: 1e-7 mL/cell/h, escape: 0.3, recycling: 0.2, saturation: 1e9 vesicle/mL}
    responses: ['PD-L1 @surface -> TIRED', 'miR-1 -| FRESH']
    nodes: {FRESH: {basal: 0.5}}
    life: {proliferation: 0.02 /h, apoptosis: 0.01 /h}
    behaviours:
      - TIRED increases transition active->tired from 0.01 /h to 0.1 /h, half 0.5, hill 2
preparations:
  given: {vesicle: exosome, cargo: {drug: {copies: 30, kind: drug}, miR-1: {copies: 2, kind: miRNA}}}
interventions:
  silenced: {scales: donor.secretes.exosome.cargo.knocked.copies, factor: 0.1, start: 6 h}
schedule:
  - {at: 4 h, dose: given, amount: 1e9 vesicle}
  - {at: 8 h, change_medium: 0.5}
arms: {all: {interventions: [silenced]}}
run: {for: 24 h, record: 6 h}
"""


BODY = """
vesiflux: 1
name: multiples-in-a-body
space: {kind: body, species: mouse}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
  stored: {origin: mvb, diameter: {median: 90 nm}}
cells:
  blood_cell:
    is: platelet
    in: blood
    count: 1e9
    secretes:
      exosome: {rate: 2 vesicle/cell/h, cargo: {miR-1: {copies: 0.01, kind: miRNA}}}
      stored: {rate: 1 vesicle/cell/h, initial: 1e9 vesicle/mL, cargo: {late: {copies: 1}}}
  kupffer:
    is: kupffer_cell
    in: liver
    faces: blood
    count: 5e7
    takes_up: {exosome: {clearance: 1e-9 mL/cell/h, escape: 0.1}, stored: {clearance: 1e-9 mL/cell/h}}
    responses: ['late @surface -> SEEN', 'miR-1 -> FELT']
preparations: {given: {vesicle: exosome, cargo: {drug: {copies: 30, kind: drug}}}}
schedule: [{at: 1 h, dose: given, amount: 1e10 vesicle}]
arms: {all: {}}
run: {for: 24 h, record: 6 h}
"""


@pytest.fixture(scope="module", params=[TEXT, BODY], ids=["dish", "body"])
def both(request: pytest.FixtureRequest) -> tuple[CompiledModel, CompiledModel]:
    model = Model.from_text(request.param)
    return lower(model, follow_cargo=True), lower(model)


def states(compiled: CompiledModel) -> list[str]:
    return [s.name for s in compiled.program.states]


def run(compiled: CompiledModel) -> tuple[dict[str, np.ndarray], float]:
    arm = compiled.arms["all"]
    typical = np.array([[float(p.prior.typical)] for p in compiled.parameters])
    before = np.array([i.value for i in compiled.program.inputs])
    after = before.copy()
    for values, changes in ((before, arm.inputs_before), (after, arm.inputs)):
        for index, value in changes.items():
            values[index] = value
    solution = solve(
        compiled.program, typical, times=compiled.times, inputs=after, inputs_before=before,
        events=arm.events, settings=Settings(rtol=1e-10, atol=1e-13, equilibrate=True),
    )  # fmt: skip
    assert solution.ok.all()
    outputs = {o.name: solution.outputs_final[i] for i, o in enumerate(compiled.program.outputs)}
    return outputs, float(np.max(solution.balance_error))


def test_outputs_are_the_same(both):
    (followed, lost), (told, lost_too) = run(both[0]), run(both[1])
    assert list(followed) == list(told)
    for name, value in followed.items():
        assert told[name] == pytest.approx(value, rel=1e-6, abs=1e-9), name
    assert max(lost, lost_too) < 1e-12


def test_steady_cargo_has_no_states_outside_the_cytosol(both):
    followed, told = states(both[0]), states(both[1])
    gone = set(followed) - set(told)
    assert set(told) <= set(followed)
    assert "released.exosome.given.drug" in gone
    assert any(name.endswith(".bound.exosome.given.drug") for name in gone)
    assert any(name.endswith(".cytosol.drug") for name in told)
    assert "delivered.exosome.given.drug" in told


@pytest.mark.parametrize("cargo", ["exosome.donor.raised", "exosome.donor.knocked", "stored.blood_cell.late"])
def test_what_can_change_is_followed(both, cargo):
    # raised by a signal, lowered in the course of a run, missing in the vesicles of the start
    if f"released.{cargo}" in states(both[0]):
        assert f"released.{cargo}" in states(both[1])


def test_copies_are_their_mean_times_the_vesicles(both):
    found, _ = run(both[1])
    sender = "donor" if "donor.count" in found else "blood_cell"
    told = found[f"{sender}.released.exosome.miR-1"]
    assert told == pytest.approx(0.01 * found[f"{sender}.released.exosome"])
    assert told > 1.0
