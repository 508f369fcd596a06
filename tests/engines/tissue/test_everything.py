"""One small tissue in which everything happens: balance, the same bits, restart, branches, hooks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.engines.tissue.coupled import simulation

from vesiflux.engines.tissue.simulation import PHASES, Simulation
from vesiflux.errors import InputError

#: Division, three ways to die, lysis, killing, eating, changes of state and type, newcomers, recycling,
#: vessels, flow, open and periodic borders, binding, hindrance, a wall, crawling, and a dose at 1 h.
MODEL = """
space:
  kind: tissue
  size: [SIZE]
  voxel: 20 um
  borders: {x: open, y: periodic}
  flow: [FLOW]
  matrix: {hindrance: 0.5}
  regions:
    bone: {ball: {centre: [CORNER], radius: 25 um}, wall: true}
    scar: {box: [[0 um, 0 um ZERO], [60 um, 60 um TOP]], hindrance: 0.3}
  vessels:
    capillary: {at: [VESSEL], radius: 6 um,
      supplies: {glucose: {inside: 1e15 molecule/mL, permeability: 500 um/h}} CLEARS}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}, decay: {half_life: 3 h}, border: open, TREATMENT}
factors:
  glucose: {diffusion: 600 um^2/s, initial: 1e14 molecule/mL, border: 1e14 molecule/mL}
  HMGB1: {diffusion: 50 um^2/s, decay: {half_life: 1 h}, treatment: field}
cells:
  tumour:
    is: tumour_cell
    count: 40
    radius: 7 um
    layout: {kind: random}
    mechanics: {}
    life: {proliferation: 0.1 /h, apoptosis: 0.05 /h, necrosis: 0.05 /h, dying: 1 h}
    lysis: {HMGB1: 1000 molecule/cell}
    consumes: {glucose: {clearance: 1e-7 mL/cell/h}}
    secretes:
      exosome: {rate: RATE, cargo: {miR-21: {copies: 0.5}, PD-L1: {copies: 2, on: surface}}}
    takes_up: {exosome: {clearance: 1e-9 mL/cell/h, escape: 0.1, recycling: 0.3}}
    behaviours:
      - HMGB1 increases transformation into stroma from 0 /h to 0.5 /h, half 1e9 molecule/mL, hill 1
  stroma:
    is: fibroblast
    count: 10
    radius: 7 um
    mechanics: {}
    takes_up: {exosome: {clearance: 3e-9 mL/cell/h, escape: 0.2, saturation: 1e10 vesicle/mL}}
  killer:
    is: cd8_t_cell
    count: 12
    radius: 5 um
    states: [fresh, tired]
    mechanics: {}
    motility: {speed: 4 um/min, bias: 0.5, towards: {exosome: 1, HMGB1: -0.2}}
    takes_up: {exosome: {clearance: 2e-9 mL/cell/h, escape: 0.1}}
    signals: {PD-L1 @surface: {half: 5 copy/cell}}
    responses: [PD-L1 @surface -> PDCD1_signal]
    behaviours:
      - PDCD1_signal increases transition fresh->tired from 0 /h to 1 /h, half 0.3
      - state fresh increases killing of tumour from 0 /h to 0.5 /h
      - contact with tumour increases recruitment from 0 cell/h to 3 cell/h, half 0.5
  eater:
    is: macrophage
    count: 6
    radius: 8 um
    mechanics: {}
    life: {proliferation: 0.05 /h}
    behaviours:
      - contact with tumour increases phagocytosis of tumour from 0 /h to 1 /h, half 1
preparations:
  bolus: {vesicle: exosome, cargo: {miR-21: {copies: 1}}}
schedule:
  - {at: 1 h, dose: bolus, amount: 300 vesicle}
run: {for: 4 h, record: 1 h, step: 6 min}
"""
SPACES = {
    "slab": {"SIZE": "200 um, 160 um", "FLOW": "0.02 um/s, 0 um/s", "CORNER": "140 um, 120 um", "ZERO": "",
             "TOP": "", "VESSEL": "[100 um, 40 um]"},
    "block": {"SIZE": "120 um, 120 um, 80 um", "FLOW": "0.02 um/s, 0 um/s, 0 um/s",
              "CORNER": "90 um, 90 um, 40 um", "ZERO": ", 0 um", "TOP": ", 40 um",
              "VESSEL": "{from: [60 um, 20 um, 0 um], to: [60 um, 20 um, 80 um]}"},
}  # fmt: skip
TREATMENTS = {
    "field": {
        "TREATMENT": "matrix: {binding: {on: 0.5 /h, off: 1 /h}}",
        "CLEARS": ", clears: {exosome: 20 um/h}",
        "RATE": "200 vesicle/cell/h",
    },
    "individuals": {"TREATMENT": "treatment: individuals", "CLEARS": "", "RATE": "10 vesicle/cell/h"},
}


def made(space: str, treatment: str, seed: int = 1, threads: int = 1) -> Simulation:
    text = MODEL
    for word, value in (SPACES[space] | TREATMENTS[treatment]).items():
        text = text.replace(word, value)
    return simulation(text, seed, threads)


def same(one: Simulation, other: Simulation) -> bool:
    a, b = one.state(), other.state()
    return a.keys() == b.keys() and all(np.array_equal(a[n], b[n]) for n in a)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("space", SPACES)
def test_vesicles_and_copies_balance_whatever_happens(space: str, treatment: str) -> None:
    tissue = made(space, treatment)
    happened = set()
    for _ in range(40):
        tissue.step()
        happened |= {what for _, what, _, _ in tissue.events}
    assert {"division", "apoptosis", "necrosis", "phagocytosis", "recruitment", "removal"} <= happened
    if space == "slab":  # crowded enough to touch
        assert {"killing", "transformation"} <= happened
    vesicles = [slot.name for slot in tissue.plan.fields if slot.quantity != "factor"]
    assert max(tissue.balance()[name] for name in vesicles) < 1e-12
    assert tissue.received.min() >= 0.0
    assert tissue.received[:, [s.name == "exosome.tumour" for s in tissue.plan.fields]].sum() > 0.0
    assert all(values.min() >= 0.0 for values in tissue.fields.values)
    low, high = tissue.cells.positions.min(axis=0), tissue.cells.positions.max(axis=0)
    assert (low >= 0.0).all()
    assert (high <= tissue.plan.space.size).all()


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_two_threads_give_the_bits_of_one(treatment: str) -> None:
    one, two = made("slab", treatment), made("slab", treatment, threads=2)
    one.step(25)
    two.step(25)
    assert same(one, two)
    other = made("slab", treatment, seed=2)
    other.step(25)
    assert not same(one, other)


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_a_restored_state_goes_on_as_it_would_have(treatment: str) -> None:
    straight = made("slab", treatment)
    straight.step(7)
    kept = straight.state()
    straight.step(13)
    again = made("slab", treatment)
    again.restore(kept)
    again.step(13)
    assert same(straight, again)


def test_branches_are_alike_until_something_differs() -> None:
    trunk = made("slab", "field")
    trunk.step(5)
    twin, other = trunk.branch(), trunk.branch(seed=9)
    trunk.step(5)
    assert twin.steps_done == 5  # untouched by the trunk
    twin.step(5)
    other.step(5)
    assert same(trunk, twin)
    assert not same(trunk, other)


def test_hooks_are_called_in_the_order_of_the_phases() -> None:
    tissue = made("slab", "field")
    called: list[str] = []

    def note(phase: str) -> Callable[[Simulation], None]:
        return lambda _: called.append(phase)

    for phase in reversed(PHASES):
        tissue.hook(phase, note(phase))
    tissue.step(2)
    assert called == [*PHASES, *PHASES]
    with pytest.raises(InputError, match="no phase is called 'later'; there are sense, cells"):
        tissue.hook("later", note("later"))


def test_what_a_user_adds_to_a_field_is_booked() -> None:
    tissue = made("slab", "field")
    tissue.step(3)
    f = next(f for f, s in enumerate(tissue.plan.fields) if s.name == "exosome.tumour")
    volume = tissue.grid.voxel_volume
    tissue.field("exosome.tumour")[0, 2, 3] += 500.0 / volume
    tissue.step(3)
    assert tissue.ledger["edited"][f] == pytest.approx(500.0, rel=1e-9)
    assert tissue.balance()["exosome.tumour"] < 1e-12
    with pytest.raises(InputError, match="no field is called 'exosom'; there are glucose"):
        tissue.field("exosom")


def test_what_a_user_does_to_cells_between_steps_holds() -> None:
    tissue = made("slab", "field")
    tissue.step(2)
    rows = tissue.cells.of_kind(0)[:5]
    gone = tissue.cells.id[rows].copy()
    mask = np.zeros(tissue.cells.n, dtype=np.bool_)
    mask[rows] = True
    tissue.cells.remove(mask)
    tissue.cells.x[:] = 0.5 * tissue.cells.x
    tissue.step(2)
    assert (tissue.cells.rows_of(gone) == -1).all()
    assert tissue.cells.x.max() < 0.5 * 200.0 + 30.0
    frame = tissue.frame()
    assert len(frame.cells["id"]) == tissue.cells.n
    assert set(frame.fields) == {slot.name for slot in tissue.plan.fields}
