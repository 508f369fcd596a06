"""Vesicles held and cells in contact drive the programs of cells in a tissue as they do in a dish."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engines.tissue.coupled import in_flask, in_square

BODY = """
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}, decay: {half_life: 3 h}}
cells:
  donor:
    is: tumour_cell
    count: 4
    radius: 5 um
    PLACE
    secretes: {exosome: {rate: 600 vesicle/cell/h}}
  taker:
    is: cd8_t_cell
    count: 4
    radius: 5 um
    PLACE
    takes_up: {exosome: {clearance: 3e-9 mL/cell/h, escape: 0.1, supply: none}}
    responses:
      - 'exosome @held -> HELD'
      - 'exosome.donor @held -> TOLD'
      - 'HELD -> CHOSEN if way.up'
      - 'HELD -| CHOSEN if way.down'
structures:
  way: {default: up, options: {up: {}, down: {}}}
"""


def test_vesicles_held_act_as_in_a_dish() -> None:
    dish = in_flask(BODY)
    tissue = in_square(BODY, 0.02)
    tissue.run_until(6.0)
    cells = tissue.frame().cells
    taker = cells["kind"] == 1
    assert dish["taker.held.exosome"] > 1
    for shown, output in (
        ("held.exosome", "taker.held.exosome"),
        ("node.HELD", "taker.node.HELD"),
        ("node.TOLD", "taker.node.TOLD"),
        ("node.CHOSEN", "taker.node.CHOSEN"),
    ):
        assert np.asarray(cells[shown])[taker].mean() == pytest.approx(dish[output], rel=0.01), shown


def test_a_cell_that_touches_another_answers() -> None:
    body = BODY.replace("exosome @held -> HELD", "donor @contact -> HELD")
    tissue = in_square(body, 0.1, tolerance=1e-3)
    tissue.run_until(6.0)
    cells = tissue.frame().cells
    node = np.asarray(cells["node.HELD"])[cells["kind"] == 1]
    assert node == pytest.approx(0.5, abs=0.01)  # one donor lies on each taker, and half is one cell
