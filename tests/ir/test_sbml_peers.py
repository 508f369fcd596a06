"""Exported models mean the same to libRoadRunner and COPASI: 1e-6 relative, all sides at rtol 1e-9."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vesiflux.engines.compartments.engine import Settings, solve
from vesiflux.ir.lowering import lower
from vesiflux.ir.sbml import sbml_id, sbml_text
from vesiflux.language import Model, load

pytestmark = pytest.mark.peers
MODELS = Path(__file__).parents[1] / "models"
TIGHT = {"rtol": 1e-9, "atol": 1e-12}


def hill_network(nodes: int = 30, seed: int = 7) -> Model:
    """A random signed network of normalised-Hill nodes driven by one constant input."""
    rng = np.random.default_rng(seed)
    responses = ["N0 -> N1"]
    for target in range(2, nodes):
        for source in rng.choice(target, size=min(2, target), replace=False):
            responses.append(f"N{source} {'-|' if rng.random() < 0.3 else '->'} N{target}")
    feedback = [f"N{nodes - 1} -| N1", f"N{nodes - 2} -> N2"]
    return Model.from_dict(
        {
            "vesiflux": 1,
            "name": "hill-network",
            "space": {"kind": "dish", "volume": "1 mL"},
            "cells": {
                "cell": {
                    "is": "any_cell",
                    "count": "1 cell",
                    "nodes": {"N0": {"basal": 0.8}}
                    | {
                        f"N{i}": {"basal": 0.05, "tau": f"{0.5 + 9.5 * rng.random():.3f} h"}
                        for i in range(1, nodes)
                    },
                    "responses": responses + feedback,
                }
            },
            "run": {"for": "48 h", "record": "1 h", "equilibrate": False},
        }
    )


def _lane(compiled, arm_name):
    """Typical parameters, inputs and initial states of one arm."""
    arm, program = compiled.arms[arm_name], compiled.program
    parameters = np.array([[p.prior.typical] for p in compiled.parameters], dtype=float)
    before = np.array([i.value for i in program.inputs])
    after = before.copy()
    for values, changes in ((before, arm.inputs_before), (after, arm.inputs)):
        for index, value in changes.items():
            values[index] = value
    settings = Settings(**TIGHT, equilibrate=compiled.settings["equilibrate"])
    start = solve(program, parameters, times=[0.0], inputs=after, inputs_before=before, settings=settings)
    return arm, parameters, before, after, start.states_final[:, 0], settings


CASES = {
    "mvb": (lambda: load(MODELS / "mvb.yaml"), "rescue"),
    "reynolds": (lambda: load(MODELS / "reynolds.yaml"), "antibiotic"),
    "network": (hill_network, "control"),
    "body": (lambda: load(MODELS / "body.yaml"), "vein"),
}


@pytest.fixture(scope="module", params=list(CASES))
def case(request):
    """Our trajectories of one model, and its SBML."""
    make, arm_name = CASES[request.param]
    compiled = lower(make())
    arm, parameters, before, after, initial, settings = _lane(compiled, arm_name)
    program = compiled.program
    times = np.array(compiled.times)
    solution = solve(
        program,
        parameters,
        times=times,
        inputs=after,
        inputs_before=before,
        events=arm.events,
        settings=settings,
    )
    assert solution.ok.all()
    text = sbml_text(program, parameters[:, 0], initial, inputs=after, events=arm.events)
    names = [o.name for o in program.outputs if o.series]
    # at the time of an event the two sides may record before or after it
    quiet = ~np.isin(times, [e.time for e in arm.events])
    return names, times, quiet, solution.outputs_series[:, 0, :], text


def _agrees(ours, theirs):
    # values that pass through zero are compared on the scale of their curve
    scale = np.maximum(np.abs(theirs), 1e-3 * np.abs(theirs).max(axis=-1, keepdims=True) + 1e-300)
    return float(np.max(np.abs(ours - theirs) / scale))


def test_libroadrunner(case):
    roadrunner = pytest.importorskip("roadrunner")
    names, times, quiet, ours, text = case
    runner = roadrunner.RoadRunner(text)
    runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = TIGHT["rtol"], TIGHT["atol"]
    runner.integrator.maximum_num_steps = 100_000
    runner.timeCourseSelections = ["out_" + sbml_id(n) for n in names]
    theirs = np.array(runner.simulate(times[0], times[-1], len(times))).T
    assert _agrees(ours[:, quiet], theirs[:, quiet]) < 1e-6


def test_copasi(case):
    basico = pytest.importorskip("basico")
    names, times, quiet, ours, text = case
    model = basico.load_model_from_string(text)
    try:
        frame = basico.run_time_course(
            start_time=times[0],
            duration=times[-1],
            intervals=len(times) - 1,
            r_tol=TIGHT["rtol"],
            a_tol=TIGHT["atol"],
            use_initial_values=True,
        )
    finally:
        basico.remove_datamodel(model)
    columns = {n: f"Values[{n}]" for n in names}
    # COPASI leaves out what never changes
    kept = [i for i, n in enumerate(names) if columns[n] in frame.columns]
    assert len(kept) >= 3
    theirs = frame[[columns[names[i]] for i in kept]].to_numpy().T
    assert theirs.shape[1] == len(times)
    assert _agrees(ours[kept][:, quiet], theirs[:, quiet]) < 1e-6


@pytest.mark.parametrize("name", list(CASES))
def test_ten_thousand_lanes_repeat_the_first_sixty_four_bit_for_bit(name):
    make, arm_name = CASES[name]
    compiled = lower(make())
    arm, parameters, before, after, _, _ = _lane(compiled, arm_name)
    rng = np.random.default_rng(3)
    u = rng.random((len(parameters), 10_000))
    drawn = np.array([p.prior.quantile(row) for p, row in zip(compiled.parameters, u, strict=True)])
    settings = Settings(equilibrate=compiled.settings["equilibrate"])
    common = {"times": [0.0, 24.0], "inputs": after, "inputs_before": before, "settings": settings}
    events = tuple(e for e in arm.events if e.time <= 24.0)
    many = solve(compiled.program, drawn, events=events, **common)
    few = solve(compiled.program, drawn[:, :64], events=events, **common)
    assert many.ok.mean() > 0.99
    np.testing.assert_array_equal(many.states_final[:, :64], few.states_final)
