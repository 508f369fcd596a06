"""One substep: against sparse direct solves of its factors, and both sets of kernels against each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import eye_array
from scipy.sparse.linalg import spsolve
from tests.engines.tissue.fields.cases import CASES, Case

from vesiflux.engines.tissue.fields import douglas
from vesiflux.engines.tissue.fields.douglas import Stepper
from vesiflux.engines.tissue.fields.transport import Transport, transport
from vesiflux.ir.tissue import Group, TissueSpace

SPAN = 0.3
NAMES = [case.name for case in CASES]


def operator_of(case: Case) -> Transport:
    return transport(TissueSpace(**case.space), Group("g", **case.group))


def inputs(operator: Transport) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(3)
    n = operator.grid.n_voxels
    return 1e6 * rng.random(n), 10.0 * rng.random(n), 2e-8 * rng.random(n)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_factors_of_the_scheme(case):
    operator = replace(operator_of(case), exchange=None, supply=None)
    u, source, loss = inputs(operator)
    volume, shape = operator.grid.voxel_volume, operator.grid.array_shape
    right = SPAN / volume * (operator.rate(u.reshape(shape)).ravel() - loss * u + source)
    for number in range(3):
        axes = tuple(
            axis if axis.number == number else replace(axis, low=0 * axis.low, high=0 * axis.high)
            for axis in operator.axes
        )
        part = replace(operator, axes=axes, decay=0.0).matrix()
        right = spsolve((eye_array(u.size) - SPAN / 2 / volume * part).tocsc(), right)
    expected = u + right / (1 + SPAN / 2 * (operator.decay + loss / volume))
    stepper, taken, found = Stepper(operator, (0.0, 0.0), Stepper.work(operator)), np.zeros(u.size), u.copy()
    stepper.substep(found, np.zeros(0), source, loss, taken, SPAN)
    assert np.abs(found - expected).max() < 1e-13 * np.abs(expected).max()
    assert np.allclose(taken, SPAN * loss * (u + expected) / 2, rtol=1e-12)
    assert np.array_equal(stepper.before(), u)


EVEN = [case for case in CASES if "regions" not in case.space]


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("case", EVEN, ids=[case.name for case in EVEN])
def test_even_lines_are_a_case_of_lines_that_differ(case, first, monkeypatch):
    operator = operator_of(case)
    assert not douglas.needs_faces(operator)
    u, source, loss = inputs(operator)
    binding = case.group.get("binding", (0.0, 0.0))
    found = []
    for number in range(2):
        if number:
            monkeypatch.setattr(douglas, "needs_faces", lambda operator: True)
        stepper = Stepper(operator, binding, Stepper.work(operator))
        field, taken, depot = u.copy(), np.zeros(u.size), 0.5 * u if any(binding) else np.zeros(0)
        passed = stepper.substep(field, depot, source, loss, taken, SPAN, first=first)
        found.append(
            np.concatenate([field, depot, 1e6 * taken, [passed.mean, 1e6 * passed.left, passed.least]])
        )
    assert np.allclose(found[0], found[1], rtol=1e-11, atol=1e-12 * np.abs(u).max())
