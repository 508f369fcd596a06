"""Elliptic solves against sparse direct ones, over every configuration; cycles; bits."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from tests.engines.tissue.fields.cases import CASES, CLOSED, MIXED, RING, WALL, Case, build, held

from vesiflux.engines.tissue.fields.elliptic.solve import Elliptic
from vesiflux.engines.tissue.fields.transport import Transport, transport
from vesiflux.ir.tissue import Border, Group, Region, TissueSpace

SHAPES = [(1, 1, 1), (2, 1, 1), (1, 9, 1), (2, 2, 2), (3, 5, 7), (16, 8, 4), (17, 1, 33), (23, 19, 1)]
BORDERS = {"closed": (CLOSED,) * 6, "periodic": (RING,) * 6, "held": (held(2e6),) * 6, "mixed": MIXED}


def operator(case: Case) -> Transport:
    return build(case).transports[0]


def oxygen(shape: tuple[int, int, int], border: Border, voxel: float = 20.0) -> Transport:
    return transport(TissueSpace(shape, (voxel,) * 3), Group("oxygen", 6e6, 6.0, (border,) * 6))


def problem(t: Transport, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """(shift, right): uptake in half the voxels, sources of all sizes; nothing in walls."""
    rng = np.random.default_rng(seed)
    n = t.grid.n_voxels
    shift = rng.random(n) * (rng.random(n) < 0.5) * 1e-8
    right = t.constant().ravel() + rng.random(n) ** 8 * 1e3
    if t.wall is not None:
        shift[t.wall.ravel()] = right[t.wall.ravel()] = 0.0
    return shift, right


def direct(t: Transport, shift: np.ndarray, right: np.ndarray) -> np.ndarray:
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import spsolve

    return np.atleast_1d(spsolve((diags_array(shift) - t.matrix()).tocsc(), right))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_configuration_against_a_direct_solve(case):
    t = operator(case)
    shift, right = problem(t)
    found = Elliptic(t).solve(shift, right, np.zeros(len(right)), 1e-12)
    exact = direct(t, shift, right)
    assert 0 < found.cycles < (25 if t.symmetric else 50)  # with flow they come in pairs
    assert np.linalg.norm(found.values - exact) < 1e-9 * np.linalg.norm(exact)


@pytest.mark.parametrize("flow", [(0.0, 0.0, 0.0), (400.0, -100.0, 50.0)], ids=["still", "flow"])
@pytest.mark.parametrize("borders", BORDERS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape_against_a_direct_solve(shape, borders, flow):
    space = TissueSpace(shape, (20.0, 15.0, 30.0), flow=flow)
    t = transport(space, Group("g", 2e5, 0.1, BORDERS[borders]))
    shift, right = problem(t)
    found = Elliptic(t).solve(shift, right, np.zeros(len(right)), 1e-12)
    exact = direct(t, shift, right)
    assert found.cycles < (30 if t.symmetric else 50)
    assert np.linalg.norm(found.values - exact) < 1e-9 * np.linalg.norm(exact)


@pytest.mark.parametrize("voxel", [(5.0, 20.0, 20.0), (20.0, 20.0, 2.0), (5.0, 10.0, 40.0)], ids=str)
def test_flat_voxels_cost_no_more(voxel):
    t = transport(TissueSpace((24, 20, 16), voxel), Group("g", 2e5, 0.1, (CLOSED,) * 6))
    shift, right = problem(t)
    assert Elliptic(t).solve(shift, right, np.zeros(len(right)), 1e-8).cycles < 15


def test_cycles_hardly_grow_with_voxels():
    """The same box at 32 times the voxels; the diagonal alone needs four times the steps."""
    cycles = []
    for n in (16, 51):
        t = oxygen((n, n, n), CLOSED, 800.0 / n)
        shift, right = problem(t)
        cycles.append(Elliptic(t).solve(shift, right, np.zeros(len(right)), 1e-8).cycles)
    assert cycles[1] <= cycles[0] + 6
    assert cycles[1] < 25


def test_levels_that_a_strong_shift_makes_needless_are_left_out():
    t = oxygen((24, 24, 24), CLOSED)
    solver = Elliptic(t)
    weak, strong = (share * float(t.diagonal().max()) for share in (0.0, 3.0))
    assert solver.levels.needed(weak) == len(solver.levels.table)
    assert solver.levels.needed(strong) == 1
    rng = np.random.default_rng(1)
    for share in (3.0, 0.3, 0.03):
        shift = np.full(24**3, share * float(t.diagonal().max()))
        right = rng.random(24**3)
        found = solver.solve(shift, right, np.zeros(24**3), 1e-10)
        assert found.cycles < 20
        exact = direct(t, shift, right)
        assert np.linalg.norm(found.values - exact) < 1e-8 * np.linalg.norm(exact)


def test_a_medium_of_thousandfold_contrast():
    dense = Region("dense", "ball", (150.0, 150.0, 150.0), radius=90.0, hindrance=1e-3)
    space = TissueSpace((20, 20, 20), (20.0,) * 3, regions=(dense, WALL))
    t = transport(space, Group("g", 2e5, 0.1, MIXED))
    shift, right = problem(t)
    found = Elliptic(t).solve(shift, right, np.zeros(len(right)), 1e-12)
    exact = direct(t, shift, right)
    assert 0 < found.cycles < 80
    assert np.linalg.norm(found.values - exact) < 1e-8 * np.linalg.norm(exact)


@pytest.mark.parametrize("name", ["held", "strong flow"])
def test_a_good_guess_saves_cycles(name):
    t = operator(next(case for case in CASES if case.name == name))
    shift, right = problem(t)
    solver = Elliptic(t)
    cold = solver.solve(shift, right, np.zeros(len(right)), 1e-10)
    warm = solver.solve(shift * 1.001, right, cold.values, 1e-10)
    assert 0 < warm.cycles < cold.cycles
    exact = direct(t, 1.001 * shift, right)
    assert np.linalg.norm(warm.values - exact) < 1e-7 * np.linalg.norm(exact)
    assert solver.solve(shift, right, cold.values, 1e-9).cycles == 0


def test_many_right_sides_one_operator():
    t = operator(next(case for case in CASES if case.name == "hindered"))
    shift, right = problem(t)
    ready = Elliptic(t).shifted(shift)
    for scale in (1.0, 1e-30, 1e30, 0.0):
        found = ready.solve(scale * right, np.ones(len(right)) * (scale or 5.0), 1e-10)
        exact = scale * direct(t, shift, right)
        assert np.linalg.norm(found.values - exact) <= 1e-8 * np.linalg.norm(exact)


def test_walls_without_decay_stay_empty():
    space = TissueSpace((12, 9, 7), (20.0,) * 3, regions=(WALL,))
    t = transport(space, Group("g", 2e5, 0.0, (held(1e6),) * 6))
    shift, right = problem(t)
    found = Elliptic(t).solve(shift, right, np.full(len(right), 7.0), 1e-10)
    assert t.wall is not None
    assert np.all(found.values[t.wall.ravel()] == 0.0)
    free = ~t.wall.ravel()
    rest = right - shift * found.values + t.rate(found.values.reshape(t.grid.array_shape), held=False).ravel()
    assert np.linalg.norm(rest[free]) < 1e-9 * np.linalg.norm(right[free])


def test_a_part_that_walls_cut_off_and_that_gets_nothing_is_empty():
    """Coarse voxels reach across walls; what they leave there must not show."""
    across = Region("wall", "box", (100.0, 0.0, 0.0), (120.0, 400.0, 400.0), wall=True)
    space = TissueSpace((41, 12, 1), (5.0, 5.0, 5.0), regions=(across,))
    t = transport(space, Group("g", 2e4, 0.1, (CLOSED,) * 6))
    assert t.wall is not None
    x = np.broadcast_to((np.arange(41) + 0.5) * 5.0, t.grid.array_shape).ravel()
    right = np.where(x < 100.0, x, 0.0)
    found = Elliptic(t).solve(np.zeros(len(x)), right, np.zeros(len(x)), 1e-8).values
    assert not found[x > 100.0].any()
    assert found[x < 100.0].min() > 0.0


@pytest.mark.parametrize("flow", [(0.0, 0.0, 0.0), (400.0, 0.0, 0.0)], ids=["still", "flow"])
def test_what_has_no_answer_is_told(flow):
    """Nothing removes what is supplied, and too few cycles: the residual says so."""
    space = TissueSpace((8, 8, 1), (10.0,) * 3, flow=flow)
    t = transport(space, Group("g", 1e5, 0.0, (RING,) * 6))
    n = t.grid.n_voxels
    assert not Elliptic(t).solve(np.zeros(n), np.ones(n), np.zeros(n), 1e-8).residual < 1e-3
    hard = oxygen((20, 20, 20), CLOSED)
    shift, right = problem(hard)
    found = Elliptic(hard).shifted(shift).solve(right, np.zeros(8000), 1e-12, most=3)
    assert found.cycles == 3
    assert found.residual > 1e-12


def test_the_residual_told_is_that_of_the_values():
    t = operator(next(case for case in CASES if case.name == "all"))
    shift, right = problem(t)
    found = Elliptic(t).solve(shift, right, np.zeros(len(right)), 1e-6)
    rest = right - shift * found.values + t.rate(found.values.reshape(t.grid.array_shape), held=False).ravel()
    assert 0.0 < found.residual <= 1e-6
    diagonal = shift - t.matrix().diagonal()
    told = np.linalg.norm(rest / diagonal) / np.linalg.norm(right / diagonal)
    assert told == pytest.approx(found.residual, rel=1e-6)


def test_voxels_held_hard_do_not_hide_the_others():
    """Rows 1e4 times as strong as the rest: the rest is solved as well as without them."""
    t = oxygen((24, 24, 24), CLOSED)
    n = t.grid.n_voxels
    shift = np.full(n, 600.0 * t.grid.voxel_volume)
    hold = np.zeros(t.grid.array_shape)
    hold[:, :, -4:] = 1e9 * t.grid.voxel_volume
    right = 38.0 * hold.ravel()
    found = Elliptic(t).solve(shift + hold.ravel(), right, np.full(n, 38.0), 1e-8)
    exact = direct(t, shift + hold.ravel(), right)
    assert np.abs(found.values / exact - 1.0).max() < 1e-5


BITS = """
import hashlib
import numpy as np
from vesiflux.engines.tissue.fields.elliptic.solve import Elliptic
from vesiflux.engines.tissue.fields.transport import transport
from vesiflux.ir.tissue import Border, Group, TissueSpace
made = hashlib.sha256()
for flow in ((0.0, 0.0, 0.0), (300.0, -100.0, 50.0)):
    space = TissueSpace((30, 28, 26), (20.0,) * 3, flow=flow)
    t = transport(space, Group("g", 2e5, 0.1, (Border("held", 1e6),) * 6))
    n = t.grid.n_voxels
    shift = np.arange(n) % 7 * 1e-9
    made.update(Elliptic(t).solve(shift, t.constant().ravel(), np.zeros(n), 1e-8).values.tobytes())
print(made.hexdigest())
"""


def test_threads_of_libraries_change_no_bit():
    found = set()
    for threads in ("1", "2"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        done = subprocess.run(
            [sys.executable, "-c", BITS],
            env={**os.environ, **dict.fromkeys(names, threads)},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1
