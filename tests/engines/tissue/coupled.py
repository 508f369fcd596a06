"""Small models of tissues and dishes for tests of the whole engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from vesiflux.engines.compartments import Settings, solve
from vesiflux.engines.tissue.simulation import Simulation
from vesiflux.ir.lowering import lower
from vesiflux.ir.lowering.tissue import lower_tissue
from vesiflux.ir.tissue import TissuePlan
from vesiflux.language import Model

#: One donor and one taker in each of 2 x 2 voxels: well mixed, because all are alike.
POINTS = "[[10 um, 10 um], [30 um, 10 um], [10 um, 30 um], [30 um, 30 um]]"
SQUARE = "{kind: tissue, size: [40 um, 40 um], thickness: 20 um, voxel: 20 um}"
FLASK = "{kind: dish, volume: 3.2e-8 mL, mixing: stirred}"


def plan(text: str, **fixed: Any) -> TissuePlan:
    """The plan of a model's text."""
    return lower_tissue(Model.from_text("vesiflux: 1\nname: t\n" + text), fixed=fixed)


def simulation(text: str, seed: int = 1, threads: int = 1) -> Simulation:
    """A simulation of a model's text, at its start."""
    return Simulation(plan(text), seed, threads)


def in_square(body: str, step: float, hours: float = 6.0, tolerance: float = 1e-10) -> Simulation:
    """The model in 2 x 2 voxels; ``PLACE`` in its text is where its cells lie."""
    place = f"layout: {{kind: at, points: {POINTS}}}"
    run = f"for: {hours} h, record: {hours} h, step: {step} h, mechanics: 'off', tolerance: {tolerance}"
    exact = f"run: {{{run}, rtol: 1e-9, atol: 1e-12}}"
    return simulation(f"space: {SQUARE}\n{body.replace('PLACE', place)}\n{exact}\n")


def in_flask(body: str, hours: float = 6.0) -> dict[str, float]:
    """Outputs at the end of the same model, in its first arm, in a dish of the same volume."""
    run = f"run: {{for: {hours} h, record: {hours} h}}"
    text = f"vesiflux: 1\nname: d\nspace: {FLASK}\n{body.replace('PLACE', '')}\n{run}\n"
    compiled = lower(Model.from_text(text))
    arm = compiled.arms[next(iter(compiled.arms))]
    before = np.array([p.value for p in compiled.program.inputs], dtype=np.float64)
    now = before.copy()
    for array, changes in ((before, arm.inputs_before), (now, arm.inputs)):
        for index, value in changes.items():
            array[index] = value
    found = solve(
        compiled.program,
        np.array([[p.prior.typical] for p in compiled.parameters], dtype=np.float64),
        times=[hours],
        inputs=now,
        inputs_before=before,
        events=arm.events,
        settings=Settings(rtol=1e-10, atol=1e-12, equilibrate=True),
    )
    assert found.status[0] == 0
    return {o.name: float(found.outputs_final[i, 0]) for i, o in enumerate(compiled.program.outputs)}
