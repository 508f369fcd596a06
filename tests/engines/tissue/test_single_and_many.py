"""Vesicles followed one by one and the same vesicles as a field agree in the mean."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from tests.engines.tissue.coupled import simulation

from vesiflux.engines.tissue.simulation import Simulation

SEEDS = range(1, 11)
RING = ", ".join(
    f"[{150 + 70 * math.cos(0.125 * math.pi * (k + 0.37)):.1f} um, "
    f"{150 + 70 * math.sin(0.125 * math.pi * (k + 0.37)):.1f} um]"
    for k in range(16)
)


def made(treatment: str, clearance: str, seed: int = 1) -> Simulation:
    """Five senders in the middle of a slab, sixteen takers around them."""
    found = simulation(
        f"""
space: {{kind: tissue, size: [300 um, 300 um], thickness: 20 um, voxel: 20 um}}
vesicles:
  exosome:
    {{origin: mvb, diameter: {{median: 100 nm, sigma: 0.05}}, decay: {{half_life: 3 h}},
    treatment: {treatment}, matrix: {{hindrance: 0.3}}}}
cells:
  donor:
    is: tumour_cell
    count: 5
    radius: 5 um
    layout:
      {{kind: at, points: [[150 um, 150 um], [130 um, 150 um], [170 um, 150 um], [150 um, 130 um],
      [150 um, 170 um]]}}
    secretes: {{exosome: {{rate: 60 vesicle/cell/h, cargo: {{miR-21: {{copies: 1.5}}}}}}}}
  taker:
    is: cd8_t_cell
    count: 16
    radius: 6 um
    layout: {{kind: at, points: [{RING}]}}
    takes_up: {{exosome: {{clearance: {clearance}, escape: 0.2, recycling: 0}}}}
    signals: {{miR-21 @cytosol: {{half: 100 copy/cell}}}}
run: {{for: 3 h, step: 3 min, mechanics: 'off'}}
""",
        seed,
    )
    found.run_until(3.0)
    return found


def told(tissue: Simulation) -> npt.NDArray[np.float64]:
    """Vesicles made; of these taken, decayed, and free by distance from the middle."""
    values = tissue.field("exosome")[0]
    at = (np.arange(15) + 0.5) * 20.0 - 150.0
    ring = np.digitize(np.hypot(*np.meshgrid(at, at)), [40.0, 80.0, 120.0])
    free = np.bincount(ring.ravel(), values.ravel()) * tissue.grid.voxel_volume
    fates = [tissue.secreted[0], tissue.received[1, 0], tissue.books.transported().degraded[0]]
    return np.array([*fates, *free])


@pytest.mark.parametrize("clearance", ["1e-7 mL/cell/h", "5e-7 mL/cell/h"])
def test_fates_agree(clearance: str) -> None:
    """Cells that take 20 and 90 % of what diffusion brings; the sub-voxel limit is in the field alone."""
    tissue = made("field", clearance)
    field = told(tissue)
    singles = [made("individuals", clearance, seed) for seed in SEEDS]
    total = np.sum([told(single) for single in singles], axis=0)
    made_up = (total[0] - len(singles) * field[0]) / math.sqrt(total[0])  # Poisson
    assert abs(made_up) < 3.0
    assert total[1:].sum() == pytest.approx(total[0], rel=1e-12)
    share = field[1:] / field[0]
    z = (total[1:] - total[0] * share) / np.sqrt(total[0] * share * (1.0 - share))
    assert np.abs(z).max() < 3.0
    # copies follow their vesicles, and what arrives in the cells follows what was taken
    copies = np.mean([single.received[1, 1] / single.received[1, 0] for single in singles])
    assert copies == pytest.approx(1.5, abs=3.0 * math.sqrt(1.5 / total[1]))
    arrived = [arrivals(single) / single.received[1, 1] for single in singles]
    assert np.mean(arrived) == pytest.approx(arrivals(tissue) / tissue.received[1, 1], rel=0.03)


def arrivals(tissue: Simulation) -> float:
    """Copies in the cytosol of all takers."""
    cells = tissue.frame().cells
    return float(cells["copies.miR-21.cytosol"][cells["kind"] == 1].sum())
