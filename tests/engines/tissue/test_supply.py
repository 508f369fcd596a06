"""A cell in one voxel takes what theory gives a sphere, whatever the voxel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.engines.tissue.coupled import plan

from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.engines.tissue.programs import KindProgram
from vesiflux.ir.tissue import Border, FieldSlot, Group, TissueSpace

D = 24724.3  # um^2/h, the mean of vesicles of 100 nm
ML = 1e-12
CUBE = 1.747565  # Madelung's constant of rock salt: images of a point in the middle of a cube
SQUARE = 0.539353  # conformal radius of a square of edge 1 about its middle


def grid_rate(voxel: tuple[float, float, float], flat: bool, clearance: float) -> float:
    """What a sink in the middle voxel takes with 1 per mL held at the borders, 1/h."""
    n = 31 if flat else 15
    held, closed = Border("held", 1.0), Border()
    borders = (held,) * 4 + ((closed,) * 2 if flat else (held,) * 2)
    group = Group("v", D, 0.0, borders, treatment="steady")  # type: ignore[arg-type]
    slot = FieldSlot("v", "", "molecule", "factor", 0, initial=1.0)
    fields = Fields(TissueSpace((n, n, 1 if flat else n), voxel), (group,), (slot,), 1e-6)
    sink = np.zeros((1, fields.grid.n_voxels))
    sink[0, fields.grid.n_voxels // 2] = clearance
    return float(fields.advance(1.0, None, sink).sum())


def theory(voxel: tuple[float, float, float], flat: bool, radius: float, clearance: float) -> float:
    """The same of a sphere of this clearance in that box: resistances in series."""
    if flat:
        far, thickness = SQUARE * 31 * voxel[0], voxel[2]
        way = 1.0 / radius + 2.0 / thickness * math.log(far * math.exp(np.euler_gamma) / (2.0 * thickness))
    else:
        way = 1.0 / radius - CUBE / (15 * voxel[0])
    return 1.0 / (1.0 / clearance + way / (4.0 * math.pi * D * ML))


def lowered_clearance(
    voxel: tuple[float, float, float], flat: bool, radius: float, clearance: float
) -> float:
    """What the program of such a cell says that it clears."""
    edge, depth = voxel[0], voxel[2]
    sizes = f"{10 * edge} um, {10 * edge} um" + ("" if flat else f", {10 * edge} um")
    made = plan(f"""
space: {{kind: tissue, size: [{sizes}], voxel: {edge} um{f", thickness: {depth} um" if flat else ""}}}
vesicles: {{exosome: {{origin: mvb, diameter: {{median: 100 nm}}}}}}
cells:
  donor: {{is: tumour_cell, count: 1, secretes: {{exosome: {{rate: 1 vesicle/cell/h}}}}}}
  taker:
    is: cd8_t_cell
    count: 1
    radius: {radius} um
    takes_up: {{exosome: {{clearance: {clearance} mL/cell/h, escape: 0}}}}
run: {{for: 1 h, step: 1 s}}
""")
    group = made.groups[0].diffusion
    assert group == pytest.approx(D, rel=1e-5)
    taker = KindProgram(made.cells[1], 1e-6, 1e-9)
    outputs = taker.outputs(np.zeros((1, taker.n_states)), taker.inputs[None, :])
    return float(outputs[0, made.cells[1].clearance[0]])


@pytest.mark.parametrize(("radius", "share"), [(3.0, 0.1), (5.0, 1.0), (5.0, 100.0), (8.0, 0.1), (8.0, 1.0)])
@pytest.mark.parametrize(
    ("voxel", "flat"),
    [((20.0,) * 3, False), ((30.0,) * 3, False), ((20.0,) * 3, True), ((10.0, 10.0, 20.0), True)],
)
def test_uptake_by_one_cell(
    voxel: tuple[float, float, float], flat: bool, radius: float, share: float
) -> None:
    """``share``: intrinsic clearance relative to what diffusion brings to a sphere."""
    clearance = share * 4.0 * math.pi * D * radius * ML
    wanted = theory(voxel, flat, radius, clearance)
    found = grid_rate(voxel, flat, lowered_clearance(voxel, flat, radius, clearance))
    narrow = radius > 0.315 * voxel[0] and share > 1.0  # what narrow voxels cannot give
    assert found / wanted == pytest.approx(1.0, abs=0.1 if narrow else 2e-3)
    if share >= 1.0 and voxel[0] >= 20.0:  # without the correction it would be wrong by more than a little
        assert abs(grid_rate(voxel, flat, clearance) / wanted - 1.0) > 0.02


def test_narrow_voxels_say_what_they_can() -> None:
    """A nearly perfect absorber that is wider than its voxel takes what the voxel lets through, no more."""
    voxel, radius = (10.0,) * 3, 8.0
    clearance = 100.0 * 4.0 * math.pi * D * radius * ML
    found = grid_rate(voxel, False, lowered_clearance(voxel, False, radius, clearance))
    assert 0.3 < found / theory(voxel, False, radius, clearance) < 0.5
