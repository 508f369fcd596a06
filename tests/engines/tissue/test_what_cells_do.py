"""What cells do in the whole engine, against what the model says that they do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from tests.engines.tissue.coupled import simulation

from vesiflux.engines.tissue.simulation import Simulation
from vesiflux.errors import InputError

#: A sender at the left of a long box, crawlers in its middle.
TRAIL = """
space: {kind: tissue, size: [400 um, 200 um], voxel: 20 um}
vesicles: {exosome: {origin: mvb, diameter: {median: 100 nm}, decay: {half_life: 1 h}}}
factors: {CX3CL1: {diffusion: 10 um^2/s, decay: {half_life: 1 h}}}
cells:
  sender:
    is: tumour_cell
    count: 1
    layout: {kind: at, points: [[30 um, 100 um]]}
    SENDS
  crawler:
    is: cd8_t_cell
    count: 60
    radius: 5 um
    layout: {kind: random, from: [180 um, 20 um], to: [220 um, 180 um]}
    motility: {speed: 1 um/min, bias: BIAS, TOWARDS}
run: {for: 2 h, mechanics: 'off'}
"""
VESICLES = "secretes: {exosome: {rate: 1e4 vesicle/cell/h, cargo: {CX3CL1: {copies: 1, on: surface}}}}"
SOLUBLE = "releases: {CX3CL1: {rate: 1e6 molecule/cell/h}}"


def drift(sends: str, towards: str, bias: str = "0.8") -> float:
    """Mean way of the crawlers along x in an hour, once there is a field, um."""
    text = TRAIL.replace("SENDS", sends).replace("BIAS", bias)
    tissue = simulation(text.replace("TOWARDS", f"towards: {{{towards}}}" if towards else ""))
    crawlers = tissue.cells.kind == 1
    start = tissue.cells.x[crawlers].copy()
    tissue.run_until(1.0)
    return float((tissue.cells.x[crawlers] - start).mean())


def test_chemotaxis_up_and_down_a_field_drawn_by_vesicles() -> None:
    up, down, blind = drift(VESICLES, "exosome: 1"), drift(VESICLES, "exosome: -1"), drift(VESICLES, "")
    assert up < -25.0  # 60 um/h, most of it aimed
    assert down > 25.0
    assert abs(blind) < 8.0
    assert abs(drift(VESICLES, "exosome: 1", bias="0")) < 8.0


def test_ligand_on_vesicles_is_not_the_soluble_one() -> None:
    """CX3CL1 in the medium and CX3CL1 on vesicles are told apart, by the same name twice."""
    assert drift(SOLUBLE, "CX3CL1: 1") < -25.0
    assert drift(VESICLES, "exosome.CX3CL1: 1") < -25.0
    assert abs(drift(VESICLES, "CX3CL1: 1")) < 8.0
    both = SOLUBLE + "\n    " + VESICLES
    assert abs(drift(both, "CX3CL1: 1, exosome.CX3CL1: -1")) < 20.0


def test_a_soluble_ligand_alone_leaves_its_vesicles_field_empty() -> None:
    quiet = VESICLES.replace("1e4 vesicle", "0 vesicle")
    assert abs(drift(SOLUBLE + "\n    " + quiet, "exosome.CX3CL1: 1")) < 8.0


def pair(distance: float, behaviour: str, extra: str = "", other: str = "") -> Simulation:
    """Forty pairs of a taker and a target at this distance, each pair out of reach of the others."""
    left = ", ".join(f"[{40 * i + 20} um, {40 * j + 20} um]" for i in range(8) for j in range(5))
    right = ", ".join(f"[{40 * i + 20 + distance} um, {40 * j + 20} um]" for i in range(8) for j in range(5))
    return simulation(f"""
space: {{kind: tissue, size: [320 um, 200 um], voxel: 20 um}}
cells:
  actor:
    is: cd8_t_cell
    count: 40
    radius: 5 um
    layout: {{kind: at, points: [{left}]}}
    {extra}
    behaviours: ['{behaviour}']
  target:
    is: tumour_cell
    count: 40
    radius: 6 um
    layout: {{kind: at, points: [{right}]}}
    {other}
run: {{for: 10 h, mechanics: 'off'}}
""")


def alive(tissue: Simulation, kind: int) -> int:
    return int(((tissue.cells.kind == kind) & tissue.cells.living).sum())


def test_killing_needs_touch() -> None:
    kills = "contact with target increases killing of target from 0 /h to 0.5 /h, half 0.01"
    near, far = pair(11.5, kills), pair(13.0, kills)  # cells touch within 1.1 of 11 um
    near.run_until(2.0)
    far.run_until(2.0)
    assert alive(far, 1) == 40
    # each target meets one killer: exp(-0.5 x 2) of them are left
    left = 40 * np.exp(-1.0)
    assert abs(alive(near, 1) - left) < 3.0 * np.sqrt(left * (1 - np.exp(-1.0)))
    assert alive(near, 0) == 40
    # whatever drives the rate, there has to be somebody in reach
    always = pair(13.0, "time increases killing of target from 5 /h to 5 /h, half 1 h")
    always.run_until(1.0)
    assert alive(always, 1) == 40


def test_contact_is_a_signal() -> None:
    dies = "contact with target increases apoptosis from 0 /h to 0.5 /h, half 0.01"
    near, far = pair(11.5, dies), pair(13.0, dies)
    near.run_until(2.0)
    far.run_until(2.0)
    assert alive(far, 0) == 40
    assert 40 * 0.368 - 9 < alive(near, 0) < 40 * 0.368 + 9
    assert alive(near, 1) == 40


def test_state_is_a_signal() -> None:
    """Cells in one state die, cells in the other do not, and the way between is taken at its rate."""
    states = "states: [calm, ill]\n    start: {calm: 0.5, ill: 0.5}"
    tissue = pair(19.0, "state ill increases apoptosis from 0 /h to 1 /h, half 0.01", extra=states)
    tissue.run_until(10.0)
    mine = tissue.cells.kind == 0
    assert (tissue.cells.state[mine & tissue.cells.living] == 0).all()
    assert alive(tissue, 0) == 20
    turns = pair(19.0, "time increases transition calm->ill from 0.3 /h to 0.3 /h, half 1 h", extra=states)
    turns.run_until(3.0)
    calm = int((turns.cells.state[turns.cells.kind == 0] == 0).sum())
    assert abs(calm - 20 * np.exp(-0.9)) < 3.0 * np.sqrt(20 * np.exp(-0.9) * (1 - np.exp(-0.9)))


def test_gradient_is_a_signal() -> None:
    """Where the field is steep cells die, whatever its height; far from its source they do not."""
    tissue = simulation("""
space: {kind: tissue, size: [600 um, 60 um], voxel: 20 um, borders: {x: open}}
factors:
  oxygen: {diffusion: 1 um^2/s, decay: {half_life: 0.4 h}, border: 1e15 molecule/mL, treatment: steady}
cells:
  cell:
    is: tumour_cell
    count: 60
    layout: {kind: random}
    behaviours:
      - gradient of oxygen increases apoptosis from 0 /h to 5 /h, half 2e12 molecule/mL/um, hill 20
run: {for: 2 h, mechanics: 'off'}
""")
    start = tissue.cells.x.copy()
    tissue.run_until(2.0)
    there = np.isin(np.arange(60), tissue.cells.id[tissue.cells.living])
    rest = np.minimum(start, 600.0 - start)
    length = np.sqrt(3600.0 * 0.4 / np.log(2.0))
    steep = length * np.log(1e15 / length / 2e12)  # where the gradient falls to half
    assert not there[rest < steep - 25.0].any()
    assert there[rest > steep + 25.0].all()
    assert 5 < there.sum() < 55


def spheroid(pressure: str) -> tuple[npt.NDArray[np.float64], Simulation]:
    tissue = simulation(f"""
space: {{kind: tissue, size: [400 um, 400 um], voxel: 20 um}}
cells:
  cell:
    is: tumour_cell
    count: 40
    radius: 8 um
    layout: {{kind: spheroid}}
    mechanics: {{}}
    life: {{proliferation: 0.15 /h, growth: 1 /h}}
    {pressure}
run: {{for: 15 h, step: 12 min}}
""")
    numbers = []
    for hour in range(15):
        tissue.run_until(hour + 1.0)
        numbers.append(tissue.cells.n)
    return np.array(numbers, dtype=np.float64), tissue


def test_pressure_stops_a_spheroid() -> None:
    free, _ = spheroid("")
    pressed, tissue = spheroid(
        "behaviours: ['pressure decreases proliferation from 0.15 /h to 0 /h, half 0.5, hill 4']"
    )
    wanted = 40 * np.exp(0.15 * 15.0)
    assert abs(free[-1] / wanted - 1.0) < 3.0 / np.sqrt(40.0)
    assert pressed[-1] < 0.75 * free[-1]
    late = np.log(pressed[-1] / pressed[-6]) / 5.0
    early = np.log(pressed[4] / 40.0) / 5.0
    assert late < 0.75 * early
    # those inside divide less than those at the rim
    cells = tissue.cells
    away = np.hypot(cells.x - cells.x.mean(), cells.y - cells.y.mean())
    young = cells.age < 4.0
    inner = away < np.quantile(away, 0.3)
    assert young[inner].mean() < young[~inner].mean()


def test_what_the_forces_cannot_do_is_refused() -> None:
    with pytest.raises(InputError, match=r"actor\.behaviours: adhesion to target cannot change in a run"):
        pair(19.0, "time increases adhesion to target from 1 to 2, half 5 h")
