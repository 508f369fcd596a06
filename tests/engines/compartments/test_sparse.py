"""The symbolic LU, the merged tape, and the numeric factors against numpy."""

from __future__ import annotations

import lane_models as models
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesiflux.engines.compartments.kernels.arrays import LANES
from vesiflux.engines.compartments.kernels.lanes import states_to_registers
from vesiflux.engines.compartments.kernels.lu import factorise, solve
from vesiflux.engines.compartments.kernels.tape import run_tape
from vesiflux.engines.compartments.prepare import prepare
from vesiflux.engines.compartments.sparse import analyse


def by_lists(pattern, matrix):
    """LU of a dense matrix by the pattern's lists, in plain Python."""
    values = np.zeros(pattern.n_entries)
    for k in range(len(pattern.order)):
        for e in range(pattern.row_from[k], pattern.row_from[k + 1]):
            value = matrix[pattern.entry_row[e], pattern.entry_column[e]]
            for a, b in pattern.pair[pattern.pair_from[e] : pattern.pair_from[e + 1]]:
                value -= values[a] * values[b]
            if e < pattern.diagonal[k]:
                value /= values[pattern.diagonal[pattern.column[e]]]
            values[e] = value
    return values


@given(st.integers(1, 14), st.floats(0, 0.6), st.integers(0, 10**6))
def test_factors_rebuild_the_matrix(n, density, seed):
    rng = np.random.default_rng(seed)
    matrix = np.where(rng.random((n, n)) < density, rng.normal(size=(n, n)), 0.0) + 2.0 * n * np.eye(n)
    rows, columns = np.nonzero(matrix)
    pattern = analyse(n, rows, columns)
    values = by_lists(pattern, matrix)
    lower, upper = np.eye(n), np.zeros((n, n))
    for k in range(n):
        for e in range(pattern.row_from[k], pattern.row_from[k + 1]):
            (lower if e < pattern.diagonal[k] else upper)[k, pattern.column[e]] = values[e]
    order = pattern.order
    np.testing.assert_allclose(lower @ upper, matrix[np.ix_(order, order)], atol=1e-9 * n)


def test_an_arrow_matrix_gets_no_fill():
    # everything linked to state 0: eliminating 0 first would fill the matrix
    n = 50
    rows = [0] * n + list(range(n))
    columns = list(range(n)) + [0] * n
    assert analyse(n, rows, columns).n_entries == 3 * n - 2


def test_solve_in_lanes_equals_numpy():
    program = models.ring(12)
    p = prepare(program)
    n = 12
    m = p.model(1e-6, 1e-9)
    w = p.work(True)
    f = p.factor(np.ones(n, dtype=bool))
    rng = np.random.default_rng(0)
    for array in (w.X, w.R[m.parameter_at : m.parameter_at + n * LANES]):
        array[:] = rng.uniform(0.2, 2.0, len(array))
    right = rng.normal(size=(n, LANES))
    w.K.reshape(n, 8, LANES)[:, 2] = right
    inverse_h = rng.uniform(0.1, 100.0, LANES)
    smallest = np.zeros(LANES)
    run_tape(m.prologue, w.R)
    states_to_registers(m, w)
    run_tape(m.jacobian, w.R)
    J = np.zeros((LANES, n, n))
    J[:, program.jac_rows, program.jac_cols] = w.R.reshape(-1, LANES)[m.jacobian_at // LANES].T
    rates = w.R.reshape(-1, LANES)[m.jacobian_rhs_at // LANES].copy()
    run_tape(m.rhs, w.R)
    np.testing.assert_array_equal(rates, w.R.reshape(-1, LANES)[m.rhs_at // LANES])
    run_tape(m.jacobian, w.R)
    factorise(m, f, w, inverse_h, smallest)
    solve(m, f, w, 2)
    matrix = 4.0 * inverse_h[:, None, None] * np.eye(n) - J
    want = np.linalg.solve(matrix, right.T[:, :, None])[:, :, 0].T
    np.testing.assert_allclose(w.K.reshape(n, 8, LANES)[:, 2], want, rtol=1e-10, atol=1e-12)
    assert (smallest > 0).all()


def test_the_merged_tape_shares_what_rates_and_derivatives_have_in_common():
    program = models.ring(12)
    merged = prepare(program).jacobian
    assert len(merged.code) < len(program.rhs.code) + len(program.jacobian.code) - 12
    hills = int((merged.code[:, 0] == 13).sum())
    assert hills == int((program.rhs.code[:, 0] == 13).sum())


def test_a_program_is_prepared_once():
    program = models.ring()
    assert prepare(program) is prepare(program)
    with pytest.raises(AssertionError):
        assert prepare(program) is prepare(models.ring())
