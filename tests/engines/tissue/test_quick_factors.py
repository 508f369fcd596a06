"""A factor that settles within a step is taken at its steady state, whatever makes it settle."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.engines.tissue.simulation import Simulation
from vesiflux.ir.lowering.tissue import lower_tissue
from vesiflux.language import Model

MODEL = """
vesiflux: 1
name: quick
space: {kind: tissue, size: [400 um, 400 um, 60 um], voxel: 20 um, borders: {x: open}}
factors:
  oxygen:
    {diffusion: 2e5 um^2/h, decay: {rate: 1 /h}, initial: 1e15 molecule/mL, border: 1e15 molecule/mL TREATED}
cells:
  tumour:
    is: tumour_cell
    count: 3000
    radius: 7 um
    layout: {kind: random}
    consumes: {oxygen: {clearance: CLEARANCE mL/cell/h}}
run: {for: 0.5 h, step: STEP, record: 0.5 h, frames: 0.5 h, mechanics: 'off'}
"""


def model(clearance: str, treated: str = "", step: str = "6 min") -> Model:
    text = MODEL.replace("CLEARANCE", clearance).replace("TREATED", treated).replace("STEP", step)
    return Model.from_text(text)


@pytest.mark.parametrize(("clearance", "told"), [("1e-10", "field"), ("1e-7", "steady")])
def test_what_cells_take_counts(clearance: str, told: str) -> None:
    # decay of 1 /h and 12 /h across would need steps of 18 min; 1e-7 mL/h of 3,200 um^3 a cell are 31 /h
    assert lower_tissue(model(clearance)).groups[0].treatment == told


def test_steady_and_followed_in_time_are_the_same_then() -> None:
    ends = []
    for written in (model("1e-7"), model("1e-7", ", treatment: field", step="1.5 min")):
        tissue = Simulation(lower_tissue(written), seed=2)
        tissue.run_until(0.5)
        ends.append(np.asarray(tissue.field("oxygen")))
    assert ends[0].min() < 0.7 * ends[0].max()  # the cells do take of it
    assert np.abs(ends[0] / ends[1] - 1.0).max() < 0.01
