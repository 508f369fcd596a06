"""A cell's radius reaches all that depends on it, however it is given; a tissue needs no field."""

from __future__ import annotations

import numpy as np
from tests.engines.tissue.coupled import plan, simulation

from vesiflux.engines.tissue.simulation import Simulation

TEXT = """
space: {kind: tissue, size: [60 um, 60 um], voxel: 20 um}
vesicles: {exosome: {origin: mvb, diameter: {median: 90 nm}}}
cells:
  a: {is: tumour_cell, count: 1, layout: {kind: at, points: [[30 um, 30 um]]},
      secretes: {exosome: {rate: 1000 vesicle/cell/h}}}
  b: {is: cd8_t_cell, count: 1, radius: RADIUS, layout: {kind: at, points: [[50 um, 30 um]]},
      takes_up: {exosome: {clearance: 1e-6 mL/cell/h}}}
run: {for: 1 h, step: 3 min, mechanics: 'off'}
"""


def left(text: str, **fixed: str) -> np.ndarray:
    """The field after an hour."""
    made = Simulation(plan(text, **fixed), 1, 1)
    for _ in range(10):
        made.step()
    return np.array(made.fields.values)


def test_a_radius_that_is_set_limits_the_supply_as_a_written_one_does():
    small, large = (left(TEXT.replace("RADIUS", r)) for r in ("4 um", "9 um"))
    given = left(TEXT.replace("RADIUS", "4 um"), **{"b.radius": "9 um"})
    assert (given == large).all()
    assert large.sum() < 0.999 * small.sum()  # a larger cell is reached by more


def test_cells_pass_periodic_sides_of_a_tissue_without_fields():
    text = """
space: {kind: tissue, size: [60 um, 60 um], voxel: 20 um, borders: {x: periodic, y: closed}}
cells:
  a: {is: tumour_cell, count: 2, radius: 6 um, layout: {kind: at, points: [[1 um, 30 um], [58 um, 30 um]]}}
run: {for: 1 h, step: 6 min}
"""
    made = simulation(text)
    for _ in range(10):
        made.step()
    x = np.sort(made.cells.x)
    assert x[1] - x[0] < 55.0  # pressed apart across the side, so nearer to each other inside
