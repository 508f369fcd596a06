"""Module expressions (syntax trees of the language) as graph nodes."""

from __future__ import annotations

from collections.abc import Callable

from vesiflux.errors import InputError
from vesiflux.ir.graph import Ex, Graph
from vesiflux.ir.program import Op
from vesiflux.language.expressions import (
    Binary,
    Call,
    Expr,
    ExpressionError,
    Name,
    Num,
    Unary,
    parse_expression,
)

__all__ = ["lower_expression", "lower_text"]


def lower_text(text: str | float, graph: Graph, resolve: Callable[[str], Ex], where: str) -> Ex:
    """Parse and lower an expression; errors name ``where`` and the column."""
    if not isinstance(text, str):
        return graph.const(text)
    try:
        return lower_expression(parse_expression(text), graph, resolve)
    except ExpressionError as error:
        raise InputError(f"{where}: {error}") from None


def lower_expression(tree: Expr, graph: Graph, resolve: Callable[[str], Ex]) -> Ex:
    """The graph node of a syntax tree; ``resolve`` gives the node of a name."""
    if isinstance(tree, Num):
        return graph.const(tree.value)
    if isinstance(tree, Name):
        return resolve(tree.id)
    if isinstance(tree, Unary):
        return graph.neg(lower_expression(tree.operand, graph, resolve))
    if isinstance(tree, Binary):
        left = lower_expression(tree.left, graph, resolve)
        right = lower_expression(tree.right, graph, resolve)
        return _binary(graph, tree.op, left, right)
    args = [lower_expression(a, graph, resolve) for a in tree.args]
    return _call(graph, tree, args)


def _binary(graph: Graph, op: str, left: Ex, right: Ex) -> Ex:
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if op == "/":
        return left / right
    if op == "^":
        return left**right
    if op in (">", ">="):
        left, right = right, left
    return graph.op(Op.LT if op in ("<", ">") else Op.LE, left, right)


def _call(graph: Graph, tree: Call, args: list[Ex]) -> Ex:
    simple = {"exp": Op.EXP, "log": Op.LOG, "abs": Op.ABS, "sqrt": Op.SQRT}
    if tree.function in simple:
        return graph.op(simple[tree.function], args[0])
    if tree.function in ("min", "max"):
        total = args[0]
        for a in args[1:]:
            total = graph.min(total, a) if tree.function == "min" else graph.max(total, a)
        return total
    if tree.function == "hill":
        return graph.hill_half(*args)
    return graph.select(*args)
