"""Every operation of the tape against numpy on random lanes, and the accuracy of the polynomials."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesiflux.engines.compartments.kernels.arrays import LANES
from vesiflux.engines.compartments.kernels.tape import run_tape
from vesiflux.engines.compartments.tapes import ARITY, code_of
from vesiflux.ir.graph import _FOLD
from vesiflux.ir.program import Op, Tape


def run(op, *operands):
    """One operation on rows of lanes; unused operands are row 0."""
    rows = np.zeros((5, LANES))
    for i, o in enumerate(operands):
        rows[i] = o
    flat = rows.reshape(-1).copy()
    code = np.array([[op, 4, 0, 1, 2, 3]], dtype=np.int32)
    run_tape(code_of(Tape(code, np.zeros(0, dtype=np.int32))), flat)
    return flat.reshape(5, LANES)[4]


def expected(op, *operands):
    rows = np.broadcast_arrays(*[np.asarray(o, dtype=float) * np.ones(LANES) for o in operands])
    return np.array([_FOLD[op](*values) for values in zip(*(r.tolist() for r in rows), strict=True)])


def power_rounding(x, n):
    """Relative error a power may have: the rounding of its exponent n log2(x) grows with the exponent."""
    return 1e-15 + 2.5e-16 * np.abs(n * np.log2(np.where(x > 0, x, 1.0)))


def test_operands_are_counted_as_documented():
    assert len(ARITY) == len(Op)


numbers = st.floats(-50, 50, allow_subnormal=False)


@pytest.mark.parametrize("op", list(Op))
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(numbers, min_size=4, max_size=4))
def test_operation_equals_numpy(op, seed, edge):
    # random lanes, with one lane of numbers hypothesis likes (zeros, ones, equal values)
    rng = np.random.default_rng(seed)
    operands = [rng.uniform(-3, 3, LANES) for _ in range(ARITY[op])]
    for o, value in zip(operands, edge, strict=False):
        o[5] = value
    if op in (Op.HILL, Op.HILL_DX):
        operands[1] = np.abs(operands[1])
        operands[3] = np.abs(operands[3]) + 0.01
        if op == Op.HILL_DX:  # a value h below its plateau
            operands[0] = operands[3] * rng.uniform(0, 1, LANES)
    if op == Op.POW:
        operands[1] = np.abs(operands[1])
    if op == Op.LOG:
        operands[0] = np.abs(operands[0]) + 1e-3
    if op == Op.DIV:
        operands[1][np.abs(operands[1]) < 1e-3] = 1.0
    want = expected(op, *operands)
    # rounding of sums that cancel is judged by the size of their terms
    size = max(1.0, *(float(np.max(np.abs(o))) for o in operands)) ** 2
    got = run(op, *operands)
    if op in (Op.POW, Op.HILL):
        # a Hill term holds two powers, of its input and of its half point, and two roundings more
        bound = power_rounding(operands[0], operands[1])
        if op == Op.HILL:
            bound = bound + power_rounding(operands[3], operands[1]) + 5e-16
        # the result of a power rounds to nothing below 1e-300
        np.testing.assert_array_less(np.abs(got - want), bound * np.abs(want) + 1e-300)
        return
    exact = op in (Op.EXP, Op.SQRT)  # these do not cancel
    np.testing.assert_allclose(got, want, rtol=4e-14, atol=1e-300 if exact else 2e-15 * size)


def test_hill_and_power_at_and_below_zero():
    x = np.array([0.0, -1.0, -1e-300, 1e-320] * (LANES // 4))
    assert (run(Op.HILL, x, 1.7, 0.9, 0.3) == 0).all()
    assert (run(Op.HILL_DX, np.zeros(LANES), x, 1.7, 0.9) == 0).all()
    assert (run(Op.POW, x, 1.7) == 0).all()
    assert (run(Op.POW, x, 0.0) == 1).all()
    assert (run(Op.SQRT, x) <= 1e-150).all()


def test_tails():
    assert (run(Op.EXP, -800.0) == 0).all()
    assert (run(Op.EXP, 800.0) == np.inf).all()
    assert (run(Op.LOG, 0.0) == -np.inf).all()
    assert np.isnan(run(Op.LOG, -1.0)).all()
    np.testing.assert_allclose(run(Op.HILL, 1e200, 8.0, 0.9, 0.3), 0.9, rtol=1e-15)
    assert (run(Op.HILL, 1e-200, 8.0, 0.9, 0.3) < 1e-300).all()
    assert (run(Op.POW, 1e200, 3.0) == np.inf).all()


@pytest.mark.parametrize(
    "op", [Op.HILL, Op.POW, Op.EXP, Op.LOG, Op.MIN, Op.MAX, Op.SQRT, Op.ABS, Op.ADD, Op.DIV]
)
def test_nan_is_never_hidden(op):
    for position in range(ARITY[op]):
        operands = [1.5, 1.2, 0.9, 0.3][: ARITY[op]]
        operands[position] = np.nan
        assert np.isnan(run(op, *operands)).all(), position


@pytest.mark.parametrize("low_high", [(1e-12, 1.0), (0.5, 2.0), (1.0, 1e12)])
def test_power_is_accurate(low_high):
    rng = np.random.default_rng(0)
    x = np.exp(rng.uniform(*np.log(low_high), (200, LANES)))
    n = rng.uniform(0.5, 6.0, (200, LANES))
    exact = (x.astype(np.longdouble) ** n.astype(np.longdouble)).astype(float)
    got = np.array([run(Op.POW, a, b) for a, b in zip(x, n, strict=True)])
    assert (np.abs(got / exact - 1) < power_rounding(x, n)).all()


def test_exp_and_log_are_accurate():
    rng = np.random.default_rng(0)
    x = rng.uniform(-700, 700, (200, LANES))
    got = np.array([run(Op.EXP, row) for row in x])
    assert np.max(np.abs(got / np.exp(x.astype(np.longdouble)).astype(float) - 1)) < 2e-15
    x = np.exp(rng.uniform(-1, 1, (200, LANES)))
    got = np.array([run(Op.LOG, row) for row in x])
    np.testing.assert_allclose(got, np.log(x), rtol=2e-15, atol=1e-16)
