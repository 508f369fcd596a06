"""Graphs become tapes that compute the same numbers, with exact derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interpret import evaluate, registers

from vesiflux.ir.assemble import assemble
from vesiflux.ir.graph import Ex, Graph
from vesiflux.ir.program import Op, Output, ParameterSlot, StateSlot

N_STATES, N_PARAMETERS = 3, 3
UNARY = [Op.NEG, Op.EXP, Op.SQRT, Op.ABS, Op.SIN, Op.COS, Op.COPY]
BINARY = [Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.POW, Op.MIN, Op.MAX, Op.OR, Op.ANDNOT]


@st.composite
def programs(draw):
    """A random graph over three states and parameters, with one rate per state."""
    graph = Graph()
    pool = [graph.state(i) for i in range(N_STATES)] + [graph.param(i) for i in range(N_PARAMETERS)]
    pool += [graph.const(c) for c in (0.5, 2.0)]
    for _ in range(draw(st.integers(1, 12))):
        a, b = (pool[draw(st.integers(0, len(pool) - 1))] for _ in range(2))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            op = draw(st.sampled_from(UNARY))
            a = graph.min(a, 2.0) if op is Op.EXP else a
            pool.append(graph.op(op, a))
        elif kind == 1:
            op = draw(st.sampled_from(BINARY))
            if op is Op.DIV:
                b = 1.5 + b * b
            if op is Op.POW:
                a, b = 0.5 + a * a, graph.min(graph.max(b, 0.1), 2.0)
            pool.append(graph.op(op, a, b))
        elif kind == 2:
            pool.append(graph.hill_half(a, graph.param(0), graph.param(1)))
        else:
            pool.append(graph.relax(graph.min(a, 3.0), 1.0, b, graph.param(2)))
    rates = [pool[draw(st.integers(0, len(pool) - 1))] for _ in range(N_STATES)]
    return graph, rates


def _direct(graph: Graph, root: Ex, leaves: dict[int, float]) -> float:
    """Evaluate a node recursively, without any tape."""
    from vesiflux.ir.graph import CONSTANT, fold

    values: dict[int, float] = {}
    for node in graph.needed([root.node]):
        if graph.ops[node] == CONSTANT:
            values[node] = graph.values[node]
        elif graph.ops[node] < 0:
            values[node] = leaves[node]
        else:
            values[node] = fold(Op(graph.ops[node]), *(values[a] for a in graph.args[node]))
    return values[root.node]


def _assembled(graph: Graph, rates: list[Ex]):
    return assemble(
        "random",
        graph,
        parameters=[ParameterSlot(f"p{i}", "1", 1.0) for i in range(N_PARAMETERS)],
        inputs=[],
        states=[StateSlot(f"x{i}", "1") for i in range(N_STATES)],
        initial=[graph.const(0.0)] * N_STATES,
        rhs=rates,
        outputs=[(Output(f"rate{i}", "1"), r) for i, r in enumerate(rates)],
    )[0]


@settings(max_examples=150, deadline=None)
@given(programs(), st.lists(st.floats(0.2, 1.8), min_size=6, max_size=6))
def test_tapes_compute_what_the_graph_says(case, numbers):
    graph, rates = case
    program = _assembled(graph, rates)
    x, p = np.array(numbers[:3]), np.array(numbers[3:])
    leaves = {graph.state(i).node: x[i] for i in range(3)} | {graph.param(i).node: p[i] for i in range(3)}
    expected = [_direct(graph, r, leaves) for r in rates]
    found = evaluate(program.rhs, registers(program, p, [], x))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
    found = evaluate(program.outputs_tape, registers(program, p, [], x))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)


@settings(max_examples=100, deadline=None)
@given(programs(), st.lists(st.floats(0.3, 1.7), min_size=6, max_size=6))
def test_jacobian_agrees_with_finite_differences(case, numbers):
    graph, rates = case
    program = _assembled(graph, rates)
    x, p = np.array(numbers[:3]), np.array(numbers[3:])
    dense = np.zeros((3, 3))
    dense[program.jac_rows, program.jac_cols] = evaluate(program.jacobian, registers(program, p, [], x))
    step = 1e-6
    sides = []
    for sign in (1, -1):
        columns = [evaluate(program.rhs, registers(program, p, [], x + sign * step * e)) for e in np.eye(3)]
        sides.append(np.array(columns).T)
    central = (sides[0] - sides[1]) / (2 * step)
    # kinks of min, max and abs make one-sided slopes differ: there the exact derivative is one of them
    middle = evaluate(program.rhs, registers(program, p, [], x))[:, None]
    right, left = (sides[0] - middle) / step, (middle - sides[1]) / step
    smooth = np.abs(right - left) <= 1e-3 * (1 + np.abs(central))
    np.testing.assert_allclose(dense[smooth], central[smooth], rtol=2e-4, atol=2e-4)


def test_static_work_is_hoisted_and_temporaries_are_reused():
    graph = Graph()
    k, n = graph.param(0), graph.param(1)
    x = [graph.state(i) for i in range(40)]
    rates = [graph.hill_half(x[i - 1], k, n) - x[i] * (k * n + 1.0) for i in range(40)]
    program = assemble(
        "chain",
        graph,
        parameters=[ParameterSlot("k", "1", 1.0), ParameterSlot("n", "1", 2.0)],
        inputs=[],
        states=[StateSlot(f"x{i}", "1") for i in range(40)],
        initial=[graph.const(1.0)] * 40,
        rhs=rates,
        outputs=[],
    )[0]
    assert program.n_hoisted == 3  # k^n, k n + 1 and, for the Jacobian, its negative
    assert Op.POW not in program.rhs.code[:, 0]
    temporaries = program.n_registers - program.hoisted_base - program.n_hoisted
    assert temporaries < 2 * 40 + 5
    assert len(program.jac_rows) == 80


def test_initial_values_may_not_depend_on_states():
    graph = Graph()
    x = graph.state(0)
    with pytest.raises(ValueError, match="initial value"):
        assemble(
            "bad",
            graph,
            parameters=[],
            inputs=[],
            states=[StateSlot("x", "1")],
            initial=[x],
            rhs=[x],
            outputs=[],
        )


def test_equal_expressions_are_one_node():
    graph = Graph()
    a, b = graph.param(0), graph.state(0)
    assert (a + b).node == (b + a).node
    assert (a * 1.0).node == a.node
    assert (a - a).value == 0.0
    assert (2.0 * graph.const(3.0)).value == 6.0
