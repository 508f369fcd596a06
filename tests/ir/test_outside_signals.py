"""Vesicles held, cells in contact, nodes of other cells, defaults of cargo and factors, competing arrows."""

from __future__ import annotations

import numpy as np
import pytest

from vesiflux.engines.compartments import Settings, solve
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: outside
space: {kind: dish, volume: 2 mL, area: 9.5 cm^2}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
factors:
  IFNG: {initial: 1e9 molecule/mL, half: 1e9 molecule/mL}
cells:
  donor:
    is: tumour_cell
    count: {low: 5e5, typical: 1e6, high: 2e6, unit: cell}
    secretes:
      exosome:
        rate: 60 vesicle/cell/h
        cargo: {miR-1: {copies: 0.01, kind: miRNA}, PD-L1: {copies: 1, on: surface}}
    nodes: {ACT: {basal: 0.5}}
  other:
    is: msc
    count: 1e5
    secretes: {exosome: {rate: 30 vesicle/cell/h}}
  taker:
    is: macrophage
    count: 1e5
    takes_up: {exosome: {clearance: 1e-7 mL/cell/h, escape: 0.5}}
    nodes: {FREE: {basal: 0.5}, IFNG: {}}
    responses:
      - 'exosome @held -> ALL'
      - 'exosome.other @held -> SOME'
      - 'donor @contact -> TOUCH'
      - 'donor.ACT -> FELT'
      - 'miR-1 -| FREE'
      - 'PD-L1 -> SHOWN'
      - 'IFNG @medium -> SEEN'
      - 'SEEN -> IFNG'
      - 'FREE -> CHOSEN [tme-037] if way.up'
      - 'FREE -| CHOSEN [tme-038] if way.down'
structures:
  way: {default: up, options: {up: {}, down: {}}}
run: {for: 24 h}
"""


@pytest.fixture(scope="module")
def compiled():
    return lower(Model.from_text(TEXT))


def end(compiled, inputs: dict[str, float] | None = None, **settings: list[float]) -> dict[str, np.ndarray]:
    lanes = max([len(v) for v in settings.values()], default=1)
    parameters = np.array([[float(p.prior.typical)] * lanes for p in compiled.parameters])
    names = [p.name for p in compiled.parameters]
    for name, values in settings.items():
        parameters[names.index(name)] = values
    given = np.array([(inputs or {}).get(p.name, p.value) for p in compiled.program.inputs])
    solution = solve(
        compiled.program, parameters, times=[0.0, 24.0], inputs=given, inputs_before=given,
        settings=Settings(rtol=1e-9, equilibrate=True),
    )  # fmt: skip
    return {o.name: solution.outputs_final[i] for i, o in enumerate(compiled.program.outputs)}


def parameter(compiled, name: str):
    return next(p for p in compiled.parameters if p.name == name)


def hill(x: float, half: float, n: float = 1.4) -> float:
    return x**n / (half**n + x**n)


def test_vesicles_held_are_those_on_the_surface_and_in_endosomes(compiled):
    found = end(compiled)
    held = found["taker.held.exosome"][0]
    assert held > 1
    # what is bound or in endosomes, of the ledger: everything taken is held, given back or degraded
    assert parameter(compiled, "taker.signals.exosome @held.half").prior.typical == 30
    assert found["taker.node.ALL"][0] == pytest.approx(hill(held, 30), abs=0.05)  # tau is 1 h


def test_those_of_one_sender_are_a_part(compiled):
    both = end(compiled, **{"other.secretes.exosome.rate": [30.0, 0.0]})
    assert both["taker.node.SOME"][1] == 0
    assert 0 < both["taker.node.SOME"][0] < both["taker.node.ALL"][0]


def test_contact_is_the_mean_number_within_touch(compiled):
    within = 1e6 * np.pi * 16.0**2 / 9.5e8
    assert end(compiled)["taker.node.TOUCH"][0] == pytest.approx(hill(within, 1.0), rel=1e-6)


def test_another_cells_node_is_felt_by_how_many_they_are(compiled):
    few, usual, many = end(compiled, **{"donor.count": [0.0, 1e6, 1e9]})["taker.node.FELT"]
    alone = end(compiled)["donor.node.ACT"][0]
    assert few == 0
    ec50, n = 0.5**1.4, alone**1.4
    b = (ec50 - 1) / (2 * ec50 - 1)
    assert usual == pytest.approx(b * n / (b - 1 + n), rel=1e-6)
    assert usual < many <= 1


def test_surface_cargo_acts_on_the_surface_unless_told(compiled):
    found = end(compiled)
    assert found["taker.copies.PD-L1.surface"][0] > 1
    assert parameter(compiled, "taker.signals.PD-L1 @surface.half")
    assert found["taker.node.SHOWN"][0] > 0


def test_rna_has_copies_of_its_own_and_a_half_life(compiled):
    assert parameter(compiled, "taker.signals.miR-1 @cytosol.endogenous").prior.low == 10
    assert parameter(compiled, "taker.signals.miR-1 @cytosol.half_life").prior.typical == 24
    assert end(compiled)["taker.copies.miR-1.cytosol"][0] > 100


def test_what_signals_say_of_a_place_holds_where_none_is_named():
    told = "takes_up: {exosome: {clearance: 1e-7 mL/cell/h, escape: 0.5}}"
    halves = "miR-1 @cytosol: {half: 7, hill: 2}, PD-L1 @surface: {half: 8}, exosome @held: {half: 9}"
    signals = f"\n    signals: {{{halves}}}"
    compiled = lower(Model.from_text(TEXT.replace(told, told + signals)))
    for name, half in (("miR-1 @cytosol", 7), ("PD-L1 @surface", 8), ("exosome @held", 9)):
        assert parameter(compiled, f"taker.signals.{name}.half").prior.typical == half
    # vesicles of one sender as those of the class
    assert parameter(compiled, "taker.signals.exosome.other @held.half").prior.typical == 9


def test_a_factor_has_its_own_half(compiled):
    found = end(compiled)
    assert found["taker.node.SEEN"][0] == pytest.approx(0.5, rel=1e-6)
    assert found["taker.node.IFNG"][0] > 0.3  # the node of the same name is another thing
    assert found["medium.IFNG"][0] == pytest.approx(1e9)


def test_arrows_of_opposite_sign_are_never_both_there(compiled):
    assert compiled.structures["way"].default == "up"
    up = end(compiled)["taker.node.CHOSEN"][0]
    down = end(compiled, {"way.up": 0.0, "way.down": 1.0})["taker.node.CHOSEN"][0]
    assert up > 0.3
    assert down == 0


def test_each_lane_has_its_structure_with_switches():
    compiled = lower(Model.from_text(TEXT), switches=True)
    ways = {"structure.way.up": [1.0, 0.0], "structure.way.down": [0.0, 1.0]}
    up, down = end(compiled, **ways)["taker.node.CHOSEN"]
    assert up > 0.3
    assert down == 0
    held = end(compiled, **{"amount.dose": [1.0, 10.0]})["taker.held.exosome"]
    assert held[1] == pytest.approx(10 * held[0])
