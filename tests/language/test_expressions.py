from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesiflux.language.expressions import (
    Binary,
    Call,
    Expr,
    ExpressionError,
    Name,
    Num,
    Unary,
    names,
    parse_expression,
    walk,
)


def text(expr: Expr) -> str:
    """Fully bracketed text of a tree."""
    if isinstance(expr, Num):
        return repr(expr.value)
    if isinstance(expr, Name):
        return expr.id
    if isinstance(expr, Unary):
        return f"(-{text(expr.operand)})"
    if isinstance(expr, Binary):
        return f"({text(expr.left)} {expr.op} {text(expr.right)})"
    return f"{expr.function}({', '.join(map(text, expr.args))})"


_LEAVES = st.one_of(
    st.floats(0, 1e300, allow_nan=False).map(Num),
    st.sampled_from(["a", "RAB27A", "wire.shared", "k_1"]).map(Name),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "^", "<", "<=", ">", ">="]), inner, inner),
        st.builds(Unary, st.just("-"), inner),
        st.builds(lambda a, b, c: Call("hill", (a, b, c)), inner, inner, inner),
        st.builds(lambda a, b: Call("max", (a, b)), inner, inner),
        st.builds(lambda a: Call("exp", (a,)), inner),
    ),
    max_leaves=20,
)


@given(_TREES)
def test_a_tree_written_out_reads_back_to_itself(tree: Expr):
    assert parse_expression(text(tree)) == tree


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b / c", "((a / b) / c)"),
        ("-x ^ 2", "(-(x ^ 2.0))"),
        ("2 ^ -1", "(2.0 ^ (-1.0))"),
        ("a ** b ** c", "(a ^ (b ^ c))"),
        ("1e-3 * x", "(0.001 * x)"),
        (".5", "0.5"),
        ("a < b + 1", "(a < (b + 1.0))"),
        ("where(a <= 1, x, 0)", "where((a <= 1.0), x, 0.0)"),
        ("mvb.RAB27A", "mvb.RAB27A"),
        ("β * 2", "(β * 2.0)"),
    ],
)
def test_precedence(written: str, meant: str):
    assert text(parse_expression(written)) == meant


@pytest.mark.parametrize(
    ("written", "column", "message"),
    [
        ("", 1, "empty"),
        ("a +", 4, "ends where a number, a name or '(' was expected"),
        ("(a", 3, "never closed"),
        ("a)", 2, "')' closes nothing"),
        ("a b", 3, "'b' does not belong here"),
        ("a & b", 3, "'&' has no meaning"),
        ("a < b < c", 7, "'<' does not belong here"),
        ("hil(x, 1, 2)", 1, "did you mean hill?"),
        ("1 + min(1)", 5, "min needs two arguments or more"),
        ("exp(1, 2)", 1, "exp needs 1 argument, here it has 2"),
        ("hill()", 1, "hill needs 3 arguments"),
        ("(" * 400 + "a" + ")" * 400, 1, "too long"),
        ("-" * 400 + "a", 102, "nested too deeply"),
        ("+".join("a" * 600), 699, "too long"),
        ("a" * 5000, 4001, "longer than 4000 characters"),
    ],
)
def test_errors_have_a_column(written: str, column: int, message: str):
    with pytest.raises(ExpressionError, match=r".") as caught:
        parse_expression(written)
    assert message.split("'")[0] in caught.value.message or "deep" in caught.value.message
    if len(written) < 100:
        assert message in caught.value.message
        assert caught.value.column == column


def test_names_and_columns():
    tree = parse_expression("k * hill(MVB, half, 2) + k")
    assert names(tree) == {"k", "MVB", "half"}
    assert [(n.id, n.column) for n in walk(tree) if isinstance(n, Name)] == [
        ("k", 1),
        ("MVB", 10),
        ("half", 15),
        ("k", 26),
    ]
    assert parse_expression("a+b") == parse_expression(" a  +  b")  # columns do not count
