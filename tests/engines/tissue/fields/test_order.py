"""Order of convergence in time, over every configuration, at steps that cross voxels."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engines.tissue.fields.cases import CASES, Case, build

from vesiflux.engines.tissue.fields.fields import Fields

SPAN = 0.4
LINEAR = [case for case in CASES if case.saturation is None]


def smooth_loads(fields: Fields) -> tuple[np.ndarray, np.ndarray]:
    """Sources and uptake that vary over the box without edges."""
    z, y, x = np.meshgrid(*((np.arange(n) + 0.5) / n for n in fields.grid.array_shape), indexing="ij")
    source = 2.0 * (1.0 + np.cos(np.pi * x) * np.cos(2 * np.pi * y))
    clearance = 1e-8 * (1.0 + np.sin(np.pi * x) * np.cos(np.pi * z))
    if fields.transports[0].wall is not None:
        source[fields.transports[0].wall] = clearance[fields.transports[0].wall] = 0.0
    return np.stack([source.ravel()] * 2), clearance.reshape(1, -1)


def substeps(fields: Fields, case: Case, count: int) -> np.ndarray:
    """The first field after `SPAN` in exactly ``count`` substeps."""
    source, clearance = smooth_loads(fields)
    taken = np.zeros(fields.grid.n_voxels)
    fields._substeps(
        0,
        0,
        SPAN / 4 if case.name == "fast" else SPAN,
        count,
        source[0],
        clearance[0],
        case.saturation,
        taken,
    )
    return np.concatenate([fields.values[0].ravel(), fields.depot[0].ravel(), 1e3 * taken])


def settle(case: Case) -> dict[str, np.ndarray]:
    """A field that has forgotten its edges."""
    fields = build(case, 1e-3)
    source, clearance = smooth_loads(fields)
    for _ in range(10):
        fields.advance(0.2, source, clearance, None if case.saturation is None else {0: case.saturation})
    fields.values *= 1.0 + 0.3 * np.cos(
        np.pi * (np.arange(case.space["shape"][0]) + 0.5) / case.space["shape"][0]
    )
    return fields.state()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_second_order_in_time(case):
    state = settle(case)
    found = []
    first = 64 if case.name == "fast" else 8
    for count in (first, 2 * first, 4 * first):
        fields = build(case)
        fields.restore(state)
        found.append(substeps(fields, case, count))
    order = np.log2(np.linalg.norm(found[0] - found[1]) / np.linalg.norm(found[1] - found[2]))
    assert order > 1.9, order


@pytest.mark.parametrize("case", LINEAR, ids=[case.name for case in LINEAR])
def test_it_converges_to_an_independent_solution(case):
    """The same operator as a sparse matrix, its exponential applied."""
    from scipy.sparse import bmat, csr_array, diags_array
    from scipy.sparse.linalg import expm_multiply

    state = settle(case)
    fields = build(case)
    fields.restore(state)
    operator, volume = fields.transports[0], fields.grid.voxel_volume
    source, clearance = smooth_loads(fields)
    on, off = fields.groups[0].binding
    n = fields.grid.n_voxels
    one = diags_array(np.ones(n))
    change = (operator.matrix() - diags_array(clearance[0])) / volume
    constant = (operator.constant().ravel() + source[0]) / volume
    start = [fields.values[0].ravel()]
    whole = bmat([[change - on * one, off * one], [on * one, -off * one]]) if on else change
    rates = np.concatenate([constant, np.zeros(n)]) if on else constant
    if on:
        start.append(fields.depot[0].ravel())
    scale = float(np.abs(start[0]).max())
    grown = bmat([[whole, csr_array(rates[:, None] / scale)], [None, csr_array((1, 1))]])
    exact = (
        scale
        * expm_multiply(
            grown.tocsr() * (SPAN / 4 if case.name == "fast" else SPAN),
            np.concatenate([*start, [scale]]) / scale,
        )[:n]
    )
    fine = substeps(fields, case, 256 if case.name == "fast" else 128)[:n]
    assert np.linalg.norm(fine - exact) < 2e-5 * np.linalg.norm(exact)
