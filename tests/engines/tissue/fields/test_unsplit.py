"""Fields at quasi-steady state, and steps where diffusion crosses many voxels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.engines.tissue.fields.cases import CASES, CLOSED, MIXED, RING, Case, build, held, loads, slot

from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.errors import RunError
from vesiflux.ir.tissue import Group, TissueSpace

KINDS = ["held", "periodic", "flow", "strong flow", "hindered", "flow around walls", "vessel"]


def oxygen(n: int, treatment: str, length: float = 400.0, uptake: float = 0.0) -> Fields:
    group = Group("oxygen", 6e6, 6.0, (held(1e6), CLOSED) + (CLOSED,) * 4, treatment=treatment)
    space = TissueSpace((n, 1, 1), (length / n,) * 3)
    return Fields(space, [group], [slot("oxygen", initial=1e6)], 1e-4)


@pytest.mark.parametrize("case", [c for c in CASES if c.name in KINDS], ids=KINDS)
def test_steady_is_where_time_leads(case):
    """The solve against a sparse direct one, and nothing changes when the field then runs in time."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import spsolve

    steady = build(Case(case.name, case.space, case.group | {"treatment": "steady"}))
    source, clearance = loads(steady)
    wall = steady.transports[0].wall
    if wall is not None:
        source[:, wall.reshape(-1)] = clearance[:, wall.reshape(-1)] = 0.0
    taken = steady.advance(0.1, source, clearance)
    operator = steady.transports[0]
    exact = spsolve(
        (diags_array(clearance[0]) - operator.matrix()).tocsc(), operator.constant().ravel() + source[0]
    )
    found = steady.values[0].ravel()
    assert np.linalg.norm(found - exact) < 1e-6 * np.linalg.norm(exact)
    assert np.allclose(taken[0], clearance[0] * found * 0.1, rtol=1e-12)
    assert max(steady.balance().values()) < 1e-12
    assert steady.values.min() >= 0.0
    moving = build(case)
    moving.values[...] = steady.values
    moving.advance(0.5, source, clearance)
    assert np.linalg.norm(moving.values - steady.values) < 1e-6 * np.linalg.norm(steady.values)


def test_planar_steady_state_with_uptake():
    """c0 cosh((L - x) / l) / cosh(L / l)."""
    errors = []
    for n in (20, 40, 80):
        fields = oxygen(n, "steady")
        clearance = np.full((1, n), 1200.0 * fields.grid.voxel_volume)
        fields.advance(0.1, None, clearance)
        x = (np.arange(n) + 0.5) * 400.0 / n
        reach = math.sqrt(6e6 / 1206.0)
        exact = 1e6 * np.cosh((400.0 - x) / reach) / math.cosh(400.0 / reach)
        errors.append(float(np.abs(fields.values[0, 0, 0] - exact).max()))
    assert math.log2(errors[-2] / errors[-1]) > 1.9
    assert errors[-1] < 1e-3 * 1e6


def test_nothing_removes_it_is_said():
    group = Group("trapped", 100.0, 0.0, (RING,) * 6, treatment="steady")
    fields = Fields(TissueSpace((8, 8, 1), (10.0,) * 3), [group], [slot("trapped")])
    with pytest.raises(RunError, match="nothing removes it"):
        fields.advance(0.1, np.ones((1, 64)), None)


def test_fast_diffusion_neither_rings_nor_loses():
    """D dt / dx^2 = 2000: a pulse is gone flat in one step, and every molecule is accounted for."""
    case = Case("oxygen", {"shape": (16, 12, 8), "voxel": (20.0,) * 3},
                {"diffusion": 8e6, "decay": 6.0, "borders": MIXED})  # fmt: skip
    fields = build(case, initial=0.0)
    fields.values[:, 4, 6, 8] = 1e9
    fields.forget()
    source, clearance = loads(fields)
    for _ in range(4):
        fields.advance(0.1, source, clearance)
        assert fields.values.min() >= 0.0
    assert max(fields.balance().values()) < 1e-12
    assert fields._control[0].unsplit
    steady = build(Case("steady", case.space, case.group | {"treatment": "steady"}))
    steady.advance(0.1, source, clearance)
    assert np.linalg.norm(fields.values - steady.values) < 1e-3 * np.linalg.norm(steady.values)


@pytest.mark.parametrize("name", ["all", "walls", "saturation"])
def test_fast_cases_balance_and_stay_positive(name):
    slow = next(case for case in CASES if case.name == name)
    case = Case(name, slow.space, slow.group | {"diffusion": 3e5}, slow.saturation)
    fields = build(case, initial=0.0)
    source, clearance = loads(fields)
    wall = fields.transports[0].wall
    if wall is not None:
        source[:, wall.reshape(-1)] = clearance[:, wall.reshape(-1)] = 0.0
    for _ in range(3):
        fields.advance(0.1, source, clearance, None if case.saturation is None else {0: case.saturation})
        assert fields.values.min() >= 0.0
    assert fields._control[0].unsplit
    assert max(fields.balance().values()) < 1e-12
