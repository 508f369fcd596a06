"""Small models drawn at random: balance, nothing below 0, restart, threads, in whatever they combine."""

from __future__ import annotations

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.engines.tissue.coupled import simulation

from vesiflux.engines.tissue.simulation import Simulation


@st.composite
def models(draw: st.DrawFn) -> str:
    """Text of a model of two types that may send, take, consume, divide, die, turn and move."""

    def some(*choices: str) -> str:
        return draw(st.sampled_from(choices))

    deep = draw(st.booleans())
    size = "[100 um, 80 um, 60 um]" if deep else "[140 um, 100 um]"
    border = some("closed", "open", "periodic")
    flow = some("", f", flow: [0.01 um/s, 0 um/s{', 0 um/s' if deep else ''}]") if border != "closed" else ""
    wall = some("", f", regions: {{bone: {{ball: {{centre: [60 um, 40 um{', 30 um' if deep else ''}], "
                    "radius: 15 um}, wall: true}}")  # fmt: skip
    treatment = some("", "treatment: individuals,", "matrix: {binding: {on: 0.5 /h, off: 1 /h}},")
    life = some("{proliferation: 0.3 /h}", "{apoptosis: 0.2 /h, dying: 1 h}", "{necrosis: 0.2 /h}", "{}")
    turns = some("transformation into b", "recruitment", "migration speed")
    unit = {"recruitment": "cell/h", "migration speed": "um/h"}.get(turns, "/h")
    rate = draw(st.sampled_from(["1", "20", "300"]))
    oxygen = some("steady", "field")
    return f"""
space: {{kind: tissue, size: {size}, voxel: 20 um, borders: {{x: {border}, y: closed}}{flow}{wall}}}
vesicles: {{exosome: {{origin: mvb, diameter: {{median: 90 nm}}, {treatment} decay: {{half_life: 2 h}}}}}}
factors:
  oxygen:
    {{diffusion: 1000 um^2/s, decay: {{rate: 5 /h}}, initial: 1e15 molecule/mL, treatment: {oxygen}
    {", border: 1e15 molecule/mL" if border == "open" else ""}}}
  alarm: {{diffusion: 30 um^2/s, treatment: field}}
cells:
  a:
    is: tumour_cell
    count: {draw(st.integers(1, 20))}
    radius: 6 um
    life: {life}
    lysis: {{alarm: 1000 molecule/cell}}
    consumes: {{oxygen: {{clearance: 1e-8 mL/cell/h}}}}
    secretes: {{exosome: {{rate: {rate} vesicle/cell/h, cargo: {{miR-21: {{copies: 0.7}}}}}}}}
    takes_up: {{exosome: {{clearance: 1e-9 mL/cell/h, escape: 0.1, recycling: 0.4}}}}
    behaviours: ["time increases {turns} from 0 {unit} to 0.5 {unit}, half 1 h"]
  b:
    is: cd8_t_cell
    count: {draw(st.integers(0, 12))}
    radius: 5 um
    motility: {{speed: 2 um/min, bias: 0.5, towards: {{exosome: {some("1", "-1")}, alarm: 1}}}}
    takes_up:
      {{exosome: {{clearance: {some("1e-9", "1e-7")} mL/cell/h, escape: 0.2, saturation: 1e9 vesicle/mL}}}}
    behaviours: ["contact with a increases {some("killing", "phagocytosis")} of a from 0 /h to 2 /h, half 1"]
run: {{for: 2 h, step: {some("3 min", "6 min")}, mechanics: {some("auto", "'off'")}}}
"""


def same(one: Simulation, other: Simulation) -> bool:
    a, b = one.state(), other.state()
    return all(np.array_equal(a[name], b[name]) for name in a)


@settings(
    max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate]
)  # fmt: skip
@given(text=models(), seed=st.integers(0, 2**31), stop=st.integers(1, 15))
def test_properties(text: str, seed: int, stop: int) -> None:
    tissue = simulation(text, seed)
    tissue.step(stop)
    other = Simulation(tissue.plan, seed=0, threads=2)
    other.restore(tissue.state())
    tissue.step(16 - stop)
    other.step(16 - stop)
    assert same(tissue, other)
    steady = {s.name for s in tissue.plan.fields if tissue.plan.groups[s.group].treatment == "steady"}
    for slot, values in zip(tissue.plan.fields, tissue.fields.values, strict=True):
        assert np.isfinite(values).all()
        assert values.min() >= -1e-9 * values.max()
        wrong = tissue.balance()[slot.name]
        assert wrong < (1e-6 if slot.name in steady else 1e-12), (slot.name, wrong)
    for k in range(len(tissue.plan.cells)):
        assert np.isfinite(tissue.cells.programs[k]).all()
    assert (tissue.cells.positions >= 0.0).all()
    assert (tissue.cells.positions <= tissue.plan.space.size).all()
