"""Nodes of a module that the cell drives, in closed form; a module that starts as written."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vesiflux.engines.compartments import Settings, solve
from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: driven
space: {{kind: dish, volume: 1 mL}}
modules:
  pool:
    vesiflux_module: 1
    name: pool
    rests: {rests}
    parameters:
      k: {{typical: 0.1, unit: 1/h, mark: assumed, source: example}}
    nodes: {{DOOR: {{}}, DRAIN: {{value: 0}}, IDLE: {{}}}}
    species: {{S: {{unit: "1", initial: DOOR, kind: activity}}}}
    expressions: {{leaving: k * (DOOR + DRAIN) * S}}
    reactions: {{empty: {{rate: leaving, moves: {{S: -1}}, unit: 1/h}}}}
    readouts: {{left: {{expression: S, unit: "1"}}, gone: {{expression: 1 - S, unit: "1"}}}}
cells:
  holder:
    is: macrophage
    count: 1
    modules: {{store: pool}}
    nodes: {{LEVEL: {{basal: 0.5}}}}
    behaviours: {behaviours}
interventions:
  jam: {{scales: holder.store.DOOR, factor: 0.5}}
arms: {{plain: {{}}, jammed: {{interventions: [jam]}}}}
run: {{for: 10 h, record: 10 h}}
"""
DOOR = "LEVEL increases activity of store.DOOR from 1 to 3, half 0.5, hill 2"  # half way: 2
DRAIN = "LEVEL increases activity of store.DRAIN from 0 to 4, half 0.5, hill 2"  # half way: 2


def left(behaviours: list[str], arm: str = "plain", rests: bool = False, **set: float) -> float:
    compiled = lower(Model.from_text(TEXT.format(behaviours=behaviours, rests=str(rests).lower())))
    values = {p.name: float(p.prior.typical) for p in compiled.parameters}
    assert set.keys() <= values.keys()
    parameters = np.array([[{**values, **set}[p.name]] for p in compiled.parameters])
    jammed = [1.0 if arm == "jammed" and p.name == "on:jam" else p.value for p in compiled.program.inputs]
    solution = solve(
        compiled.program, parameters, times=[0.0, 10.0], inputs=np.array(jammed),
        inputs_before=np.array(jammed), settings=Settings(rtol=1e-10, atol=1e-14, equilibrate=True),
    )  # fmt: skip
    names = [o.name for o in compiled.program.outputs]
    return float(solution.outputs_final[names.index("holder.store.left")][0])


def test_an_undriven_node_is_what_it_is():
    assert left([]) == pytest.approx(math.exp(-1.0), rel=1e-8)


def test_a_driven_node_multiplies():
    assert left([DOOR]) == pytest.approx(math.exp(-2.0), rel=1e-8)


def test_its_own_value_and_interventions_act_on_top():
    assert left([DOOR], **{"holder.store.DOOR": 3.0}) == pytest.approx(3 * math.exp(-6.0), rel=1e-8)
    # jammed from the start: half as much to begin with, and half the driven rate
    assert left([DOOR], "jammed") == pytest.approx(0.5 * math.exp(-1.0), rel=1e-8)


def test_an_input_is_added_to():
    assert left([DRAIN]) == pytest.approx(math.exp(-3.0), rel=1e-8)
    assert left([DRAIN], **{"holder.store.DRAIN": 1.0}) == pytest.approx(math.exp(-4.0), rel=1e-8)
    assert left([DOOR, DRAIN]) == pytest.approx(math.exp(-4.0), rel=1e-8)


def test_a_readout_of_the_module_can_drive_it():
    from scipy.integrate import solve_ivp

    own = "store.left increases activity of store.DOOR from 1 to 2, half 0.5, hill 1"
    peer = solve_ivp(lambda _, s: -0.1 * (1 + s / (s + 0.5)) * s, (0, 10), [1.0], rtol=1e-10, atol=1e-12)
    assert left([own]) == pytest.approx(float(peer.y[0, -1]), rel=1e-7)


def test_a_module_that_rests_starts_at_rest():
    assert left([], rests=True) == pytest.approx(0.0, abs=1e-6)


def test_a_circle_is_refused():
    circle = TEXT.format(
        behaviours=["store.drive increases activity of store.DOOR from 1 to 2, half 0.5, hill 1"],
        rests="false",
    ).replace("readouts: {", "readouts: {drive: {expression: DOOR, unit: '1'}, ")
    with pytest.raises(InputError, match="circle"):
        lower(Model.from_text(circle))


def test_an_unknown_node_is_named():
    with pytest.raises(
        InputError, match=r"no node of this cell's modules is called 'store.DOR'; did you mean"
    ):
        Model.from_text(TEXT.format(behaviours=[DOOR.replace("DOOR", "DOR")], rests="false"))
