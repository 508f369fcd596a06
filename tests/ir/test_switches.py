"""A model lowered with switches: the same at their defaults, and each lane its own wiring."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.engines.compartments import Settings, solve
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: switched
space: {kind: dish, volume: 2 mL}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
modules:
  core:
    vesiflux_module: 1
    name: core
    parameters:
      k: {typical: 0.5, unit: 1/h, source: a test, mark: assumed}
      made: {typical: 10, unit: ILV/cell/h, source: a test, mark: assumed}
      per: {typical: 1, unit: vesicle/ILV, source: a test, mark: assumed}
      slow: {typical: 0.25, unit: 1/h, source: a test, mark: assumed}
    nodes:
      RAB27A: {}
      LYSOSOME: {}
    species:
      I: {unit: ILV/cell, initial: made / (2 * k)}
      P: {unit: "1", initial: 1, kind: activity}
    wires:
      docks: {from: RAB27A, to: out, sign: "+", factor: RAB27A}
      lost: {from: LYSOSOME, to: gone, sign: "+", factor: LYSOSOME}
      level: {from: P, to: out, sign: "+", factor: P * either.one + either.other * P ^ 2}
    structures:
      either: {default: one, options: {one: {}, other: {}}}
    reactions:
      in: {rate: made, moves: {I: 1}}
      out: {rate: k * docks * level * I, moves: {I: -1}}
      gone: {rate: k * lost * I, moves: {I: -1}}
      up: {rate: slow, moves: {P: 1}}
      down: {rate: slow * P, moves: {P: -1}}
    release:
      exosome: k * docks * level * I * per
    readouts:
      rate: {expression: k * docks * level * I * per, unit: vesicle/cell/h}
cells:
  donor: {is: tumour_cell, count: 1e6, modules: {core: core}, secretes: {exosome: {machinery: core}}}
interventions:
  loss: {scales: RAB27A, factor: 0.25}
  poison:
    effects:
      - {target: LYSOSOME, factor: 0.5, alternative: lysosome}
      - {target: RAB27A, factor: 2, alternative: docking}
arms: {loss: {interventions: [loss]}, poison: {interventions: [poison]}}
run: {for: 24 h}
"""


@pytest.fixture(scope="module")
def compiled():
    return lower(Model.from_text(TEXT), switches=True)


def rate(compiled, arm=None, **settings):
    """Exosomes per cell and hour at rest, one lane per value of the settings."""
    lanes = max([len(v) for v in settings.values()], default=1)
    parameters = np.array([[float(p.prior.typical)] * lanes for p in compiled.parameters])
    names = [p.name for p in compiled.parameters]
    for name, values in settings.items():
        parameters[names.index(name.replace("__", "."))] = values
    inputs = np.array([p.value for p in compiled.program.inputs])
    for index, value in compiled.arms[arm].inputs.items() if arm else ():
        inputs[index] = value
    solution = solve(
        compiled.program, parameters, times=[0.0], inputs=inputs, inputs_before=inputs,
        settings=Settings(equilibrate=True),
    )  # fmt: skip
    outputs = [o.name for o in compiled.program.outputs]
    return solution.outputs_final[outputs.index("donor.core.rate")]


def test_there_is_a_switch_for_every_wire_effect_and_level(compiled):
    switches = compiled.switches
    assert [w.name for w in switches.wires] == ["docks", "lost", "level"]
    assert [(e.intervention, e.target, e.alternative) for e in switches.effects] == [
        ("loss", "RAB27A", ""),
        ("poison", "LYSOSOME", "lysosome"),
        ("poison", "RAB27A", "docking"),
    ]
    assert [x.name for x in switches.levels] == ["RAB27A", "LYSOSOME", "P"]
    names = [p.name for p in compiled.parameters]
    assert names[compiled.structures["either"].options["other"]] == "structure.either.other"
    assert lower(Model.from_text(TEXT)).switches is None


def test_defaults_are_the_ordinary_model(compiled):
    plain = lower(Model.from_text(TEXT))
    for arm in (None, "loss", "poison"):
        assert rate(compiled, arm) == pytest.approx(rate(plain, arm), rel=1e-12)


def test_a_wire_is_taken_out_or_turned_lane_by_lane(compiled):
    # made 10 leaves by out and gone alike: x / (x + 1) of it is released, x the factor of out
    found = rate(compiled, wire__donor__core__docks=[1, 0, -1], donor__core__RAB27A=[4, 4, 4])
    assert found == pytest.approx([8.0, 5.0, 2.0], rel=1e-6)


def test_a_turned_factor_is_at_most_fiftyfold(compiled):
    found = rate(compiled, wire__donor__core__docks=[-1], donor__core__RAB27A=[0.0])
    assert found == pytest.approx([10 * 50 / 51], rel=1e-6)


def test_the_sign_of_an_effect_is_turned_lane_by_lane(compiled):
    found = rate(compiled, "loss", sign__loss__RAB27A=[1, 0, -1])
    assert found == pytest.approx([2.0, 5.0, 8.0], rel=1e-6)


def test_alternatives_of_an_intervention_are_options_of_each_lane(compiled):
    found = rate(compiled, "poison", structure__poison__lysosome=[1, 0], structure__poison__docking=[0, 1])
    assert found == pytest.approx([20 / 3, 20 / 3], rel=1e-6)


def test_a_level_is_changed_for_all_that_reads_it_but_its_own_turnover(compiled):
    settings = {"perturb__donor__core__P": [1, 3, 3]}
    found = rate(compiled, **settings, structure__either__one=[1, 1, 0], structure__either__other=[0, 0, 1])
    assert found == pytest.approx([5.0, 7.5, 9.0], rel=1e-6)


def test_secretion_with_switches_is_secretion():
    from vesiflux.study.plan import make_plan

    model = Model.load("secretion")
    found = []
    for switches in (False, True):
        made = lower(model, switches=switches)
        arm = made.arms["hypoxia"]
        plan = make_plan(
            made, arms=["hypoxia"], draws=3, replicates=1, seed=1, fixed={}, structures="default"
        )
        slot = next(s for s in plan.slots if s.arm == "hypoxia")
        before, after = (np.array([p.value for p in made.program.inputs]) for _ in range(2))
        for values, changes in ((before, arm.inputs_before), (after, arm.inputs)):
            for index, value in changes.items():
                values[index] = value
        solution = solve(
            made.program, plan.values(slot, 0, 3), times=[0.0, 24.0], inputs=after, inputs_before=before,
            settings=Settings(equilibrate=True), events=arm.events,
        )  # fmt: skip
        found.append(dict(zip((o.name for o in made.program.outputs), solution.outputs_final, strict=True)))
    plain, switched = found
    assert set(plain) == set(switched)
    for name, values in plain.items():
        assert switched[name] == pytest.approx(values, rel=1e-10, abs=1e-12), name
