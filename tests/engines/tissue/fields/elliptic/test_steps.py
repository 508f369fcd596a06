"""Unsplit steps on elliptic solves: order in time, no ringing over huge steps, amounts that close."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engines.tissue.fields.cases import CLOSED, held

from vesiflux.engines.tissue.fields.transport import Transport, inflow, transport
from vesiflux.engines.tissue.fields.unsplit import GAMMA, Unsplit
from vesiflux.ir.tissue import Group, TissueSpace

FLOWS = {"still": (0.0, 0.0, 0.0), "flow": (2000.0, -500.0, 0.0)}
NONE = np.zeros(0)


def problem(name: str) -> tuple[Transport, np.ndarray, np.ndarray, np.ndarray]:
    """(operator, field at first, source, what cells clear), all smooth."""
    borders = (held(2.0), held(1.0)) + (CLOSED,) * 4
    space = TissueSpace((16, 12, 8), (20.0,) * 3, flow=FLOWS[name])
    t = transport(space, Group("g", 2e4, 0.5, borders))
    volume = t.grid.voxel_volume
    _, y, x = np.meshgrid(*((np.arange(n) + 0.5) / n for n in t.grid.array_shape), indexing="ij")
    start = 1.5 + np.cos(np.pi * x) * np.cos(np.pi * y)
    source, loss = volume * (1.0 + np.cos(np.pi * y)), 2.0 * volume * (1.0 + np.sin(np.pi * x))
    return t, start.ravel(), source.ravel(), loss.ravel()


def rest_state(t: Transport, source: np.ndarray, loss: np.ndarray) -> tuple[object, np.ndarray]:
    """(rates as a sparse matrix, steady state by a direct solve)."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import spsolve

    volume = t.grid.voxel_volume
    rates = ((t.matrix() - diags_array(loss)) / volume).tocsc()
    return rates, spsolve(rates, -(t.constant().ravel() + source) / volume)


@pytest.mark.parametrize("name", FLOWS)
def test_second_order_in_time(name):
    """Against the exponential of the same operator."""
    from scipy.sparse.linalg import expm_multiply

    t, start, source, loss = problem(name)
    rates, rest = rest_state(t, source, loss)
    span = 0.05
    exact = rest + expm_multiply(rates * span, start - rest)
    errors = []
    for count in (8, 16, 32):
        step, u, taken = Unsplit(t, (0.0, 0.0), 1e-6), start.copy(), np.zeros(len(start))
        for _ in range(count):
            step.substep(u, NONE, source, loss, taken, span / count)
        errors.append(np.linalg.norm(u - exact))
    assert np.log2(errors[-2] / errors[-1]) > 1.9


@pytest.mark.parametrize("name", FLOWS)
def test_a_pulse_is_gone_after_huge_steps(name):
    """D dt / dx^2 = 5e3: a pulse fades as R(z) = (1 + (1 - 2 g) z) / (1 - g z)^2 has it, which goes to 0."""
    from scipy.sparse import identity
    from scipy.sparse.linalg import splu

    t, start, source, loss = problem(name)
    rates, rest = rest_state(t, source, loss)
    step, u, taken = Unsplit(t, (0.0, 0.0), 1e-6), start.copy(), np.zeros(len(start))
    u[777] += 1e4
    span, g = 100.0, GAMMA
    stage = splu((identity(len(u)) - g * span * rates).tocsc())
    sizes = []
    for _ in range(3):
        apart = u - rest
        exact = rest + stage.solve(stage.solve(apart + (1.0 - 2.0 * g) * span * (rates @ apart)))
        before = float(np.abs(apart).max())
        step.substep(u, NONE, source, loss, taken, span)
        assert np.abs(u - exact).max() < 1e-5 * (before + 1.0)
        sizes.append(float(np.abs(u - rest).max()))
    assert sizes[0] < 1e-3 * 1e4
    assert sizes[1] < 0.1 * sizes[0]
    assert sizes[2] < 0.1 * sizes[1]


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("span", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize("tolerance", [1e-6, 1e-3])
def test_amounts_close_whatever_the_solver_leaves(name, span, tolerance):
    t, start, source, loss = problem(name)
    step, u, taken = Unsplit(t, (0.0, 0.0), tolerance), start.copy(), np.zeros(len(start))
    step._rtol = tolerance  # far worse than it asks for
    found = step.substep(u, NONE, source, loss, taken, span)
    volume = t.grid.voxel_volume
    came = (source.sum() + inflow(t)) * span
    went = taken.sum() + found.left + t.decay * found.mean * span * volume
    assert abs((u - start).sum() * volume - (came - went)) < 1e-12 * (came + start.sum() * volume)
