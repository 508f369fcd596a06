"""A response can name a state of its cell: what cells in it do goes on, and others feel their mean."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.engines.compartments import Settings, solve
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: marked
space: {kind: dish, volume: 2 mL}
cells:
  resident:
    is: fibroblast
    count: 1e6
    states: [naive, educated]
    start: {naive: 0.7, educated: 0.3}
    nodes: {FN1: {tau: 2 h}, S100: {tau: 2 h, weight: 0.5}, QUIET: {tau: 2 h, basal: 1}}
    responses:
      - 'educated @state -> FN1'
      - 'educated @state -> S100'
      - 'educated @state -| QUIET'
    behaviours: ['time increases transition educated->naive from 0 /h to 0 /h, half 1 h']
  other:
    is: macrophage
    count: 1e6
    nodes: {felt: {tau: 2 h}}
    responses: ['resident.FN1 -> felt']
run: {for: 48 h}
"""


@pytest.fixture(scope="module")
def end() -> dict[str, float]:
    compiled = lower(Model.from_text(TEXT))
    parameters = np.array([[float(p.prior.typical or 0.0)] for p in compiled.parameters])
    solution = solve(compiled.program, parameters, times=[0.0, 48.0], settings=Settings(rtol=1e-9))
    return {o.name: float(solution.outputs_final[i][0]) for i, o in enumerate(compiled.program.outputs)}


def test_a_response_holds_in_the_cells_of_its_state_alone(end: dict[str, float]):
    assert end["resident.educated.node.FN1"] == pytest.approx(1.0, abs=1e-6)
    assert end["resident.naive.node.FN1"] == pytest.approx(0.0, abs=1e-9)
    assert end["resident.educated.node.S100"] == pytest.approx(0.5, abs=1e-6)
    assert end["resident.educated.node.QUIET"] == pytest.approx(0.0, abs=1e-6)
    assert end["resident.naive.node.QUIET"] == pytest.approx(1.0, abs=1e-6)


def test_others_feel_the_mean_over_the_states(end: dict[str, float]):
    power = 0.5**1.4
    b = (power - 1.0) / (2.0 * power - 1.0)
    x = 0.3**1.4
    assert end["other.node.felt"] == pytest.approx(b * x / (b - 1.0 + x), rel=1e-5)


FEW = """
vesiflux: 1
name: few
space: {kind: dish, volume: 2 mL}
cells:
  resident:
    is: fibroblast
    count: 1e7
    states: [naive, educated]
    start: {naive: 1, educated: SHARE}
    nodes: {FN1: {tau: 2 h}}
    responses: ['educated @state -> FN1']
    behaviours: ['time increases transition educated->naive from 0 /h to 0 /h, half 1 h']
run: {for: 48 h}
"""


@pytest.mark.parametrize(("share", "level"), [("1e-7", 1.0), ("1e-13", 0.0)])
def test_a_state_with_fewer_cells_than_the_solver_resolves_is_empty(share: str, level: float):
    compiled = lower(Model.from_text(FEW.replace("SHARE", share)))
    parameters = np.array([[float(p.prior.typical or 0.0)] for p in compiled.parameters])
    solution = solve(compiled.program, parameters, times=[0.0, 48.0], settings=Settings(rtol=1e-9))
    at = [o.name for o in compiled.program.outputs].index("resident.educated.node.FN1")
    assert float(solution.outputs_final[at][0]) == pytest.approx(level, abs=0.01)
