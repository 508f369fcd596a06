"""What people do to a tissue from outside is booked, or refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.engines.tissue.coupled import simulation

from vesiflux.engines.tissue.outside import on_over
from vesiflux.engines.tissue.simulation import PHASES, Simulation
from vesiflux.errors import InputError, RunError

MODEL = """
space:
  {kind: tissue, size: [100 um, 80 um], voxel: 20 um,
  regions: {bone: {box: [[0 um, 0 um], [20 um, 80 um]], wall: true}}}
vesicles: {exosome: {origin: mvb, diameter: {median: 100 nm}, TREATMENT}}
cells:
  donor:
    is: tumour_cell
    count: 4
    secretes: {exosome: {rate: 100 vesicle/cell/h}}
  taker:
    is: cd8_t_cell
    count: 4
    states: [fresh, tired]
    takes_up: {exosome: {clearance: 1e-8 mL/cell/h, escape: 0.1}}
run: {for: 2 h, mechanics: 'off'}
"""


def made(treatment: str = "decay: {half_life: 3 h}", model: str = MODEL, seed: int = 1) -> Simulation:
    return simulation(model.replace("TREATMENT", treatment), seed)


@pytest.mark.parametrize("phase", PHASES)
def test_hooks_may_change_fields_at_any_phase(phase: str) -> None:
    tissue = made()

    def pour(at: Simulation) -> None:
        at.field("exosome.donor")[0, 1:3, 2] += 5.0 / at.grid.voxel_volume

    tissue.hook(phase, pour)
    tissue.step(4)
    assert tissue.ledger["edited"][0] == pytest.approx(40.0, rel=1e-9)
    tissue._hooks[phase].clear()
    tissue.step()
    assert tissue.balance()["exosome.donor"] < 1e-12


@pytest.mark.parametrize("phase", PHASES)
def test_hooks_may_change_what_cells_hold_at_any_phase(phase: str) -> None:
    tissue = made()
    at = tissue.plan.cells[1].inside[0]["bound"]

    def inject(now: Simulation) -> None:
        now.cells.programs[1][0, at] += 3.0

    tissue.hook(phase, inject)
    tissue.step(4)
    assert tissue.ledger["carried"][0] == pytest.approx(12.0, rel=1e-9)
    assert tissue.balance()["exosome.donor"] < 1e-12


def take_out(tissue: Simulation) -> None:
    tissue.cells.remove(tissue.cells.id == tissue.cells.id[tissue.cells.of_kind(1)[0]])


def test_cells_with_content_may_be_taken_out_and_put_in() -> None:
    tissue = made()
    tissue.step(5)
    take_out(tissue)
    states = tissue.cells.programs[1][:1].copy()
    tissue.cells.add(1, np.array([[50.0, 40.0, 10.0]]), {1: states}, volume=500.0, full_volume=500.0)
    tissue.step(5)
    assert tissue.cells.n == 8
    assert tissue.balance()["exosome.donor"] < 1e-12
    assert tissue.ledger["carried"][0] != 0.0


@pytest.mark.parametrize("phase", PHASES)
def test_cells_come_and_go_at_the_end_of_a_step(phase: str) -> None:
    tissue = made()
    tissue.step(2)
    tissue.hook(phase, take_out)
    if phase in ("move", "step"):
        tissue.step(3)
        assert tissue.cells.n == 5
        assert tissue.balance()["exosome.donor"] < 1e-12
    else:
        with pytest.raises(InputError, match=f"phase {phase} added, removed or transformed cells; that is"):
            tissue.step()


def broken(name: str, value: float) -> Callable[[Simulation], None]:
    def change(tissue: Simulation) -> None:
        getattr(tissue.cells, name)[2] = value

    return change


def poison(tissue: Simulation) -> None:
    tissue.cells.programs[1][1, 0] = np.nan


def fill(value: float) -> Callable[[Simulation], None]:
    def change(tissue: Simulation) -> None:
        tissue.field("exosome.donor")[0, 1, 2] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (broken("x", np.nan), "cell 2: x is nan um; the box is from 0 to 100 um"),
        (broken("y", 81.0), "cell 2: y is 81 um; the box is from 0 to 80 um"),
        (broken("z", -3.0), "cell 2: z is -3 um"),
        (broken("volume", -1.0), "cell 2: volume is -1 um"),
        (broken("full_volume", np.inf), "cell 2: full_volume is inf"),
        (broken("kind", 1), "change types by cells.transform, not by writing to cells.kind"),
        (broken("state", 5), "cell 2 .donor.: state 5 is not one of its 0"),
        (poison, "cell 5 .taker.: a state is not a number"),
        (fill(np.nan), "field exosome.donor: a value is not a finite number"),
        (fill(np.inf), "field exosome.donor: a value is not a finite number"),
        (fill(-1e12), "field exosome.donor: a concentration is -1e.12 per mL; it cannot be below 0"),
    ],
)
def test_nonsense_is_refused(change: Callable[[Simulation], None], told: str) -> None:
    tissue = made()
    tissue.step(3)
    change(tissue)
    with pytest.raises((InputError, RunError), match=told):
        tissue.step()
    late = made()
    late.hook("step", change)
    with pytest.raises((InputError, RunError), match=told):
        late.step()


def test_walls_stay_empty_when_a_whole_field_is_written_to() -> None:
    tissue = made()
    tissue.field("exosome.donor")[...] = 1e9
    tissue.step(2)
    assert (tissue.field("exosome.donor")[:, :, 0] == 0.0).all()
    assert tissue.ledger["edited"][0] == pytest.approx(1e9 * 16 * tissue.grid.voxel_volume)
    assert tissue.balance()["exosome.donor"] < 1e-12


def test_fields_of_single_vesicles_only_show_them() -> None:
    tissue = made("treatment: individuals")
    tissue.step(3)
    tissue.field("exosome.donor")[0, 1, 2] += 1e10
    with pytest.raises(InputError, match=r"field exosome\.donor only shows vesicles that are followed"):
        tissue.step()


@pytest.mark.parametrize(
    ("word", "other"),
    [("voxel: 20 um", "voxel: 10 um"), ("taker:", "eater:"), ("[fresh, tired]", "[fresh]"),
     ("for: 2 h", "for: 2 h, step: 3 min"), ("decay: {half_life: 3 h}", "treatment: individuals")],
)  # fmt: skip
def test_a_state_fits_its_tissue_alone(word: str, other: str) -> None:
    model = MODEL.replace("TREATMENT", "decay: {half_life: 3 h}")
    kept = made().state()
    assert word in model
    stranger = simulation(model.replace(word, other))
    before = stranger.state()
    with pytest.raises(
        InputError, match="the state is not one of t: grid, step, fields or types of cells differ"
    ):
        stranger.restore(kept)
    after = stranger.state()
    assert all(np.array_equal(before[name], after[name]) for name in before)  # and nothing was touched


def test_a_state_goes_on_with_other_rates() -> None:
    tissue = made()
    tissue.step(3)
    faster = simulation(MODEL.replace("TREATMENT", "decay: {half_life: 1 h}"))
    faster.restore(tissue.state())
    faster.step(3)
    tissue.step(3)
    assert faster.field("exosome").sum() < tissue.field("exosome").sum()
    assert faster.balance()["exosome.donor"] < 1e-12


@pytest.mark.parametrize("treatment", ["decay: {half_life: 3 h}", "treatment: individuals"])
def test_the_seed_travels_with_the_state(treatment: str) -> None:
    def alike(one: Simulation, other: Simulation) -> bool:
        a, b = one.state(), other.state()
        return all(np.array_equal(a[n], b[n]) for n in a)

    tissue = made(treatment, seed=5)
    tissue.step(3)
    twin = made(treatment, seed=8)
    twin.restore(tissue.state())
    third = tissue.branch(seed=8)
    for one in (tissue, twin, third):
        one.step(3)
    assert alike(tissue, twin)
    if "individuals" in treatment:
        assert not alike(tissue, third)


def test_a_state_without_a_single_vesicle_is_a_state() -> None:
    tissue = made("treatment: individuals")
    twin = made("treatment: individuals", seed=3)
    twin.restore(tissue.state())
    tissue.step(3)
    twin.step(3)
    assert tissue.secreted[0] > 0.0
    assert np.array_equal(tissue.field("exosome"), twin.field("exosome"))


@pytest.mark.parametrize(
    ("start", "wanted"),
    [(0.0, 0.0), (1.0, 0.25), (1.25, 0.75), (2.0, 0.6), (2.5, 0.0)],
)
def test_an_intervention_over_a_step(start: float, wanted: float) -> None:
    """On from 1.375 to 2.3 h, steps of half an hour."""
    switches: list[Any] = [(1.375, "it", 1.0), (1.4, "other", 1.0), (2.3, "it", 0.0)]
    assert on_over(switches, "it", start, 0.5) == pytest.approx(wanted, abs=1e-15)
    assert on_over(switches, "other", 2.5, 0.5) == 1.0
