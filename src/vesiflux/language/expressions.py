"""Arithmetic of modules: ``k * hill(MVB, half, 2) / (1 + I)`` as a small tree.

Operators are ``+ - * / ^`` (``**`` is read as ``^``), unary minus and one comparison
(``< <= > >=``, 1 where it holds and 0 elsewhere). ``hill(x, half, n)`` is x^n / (half^n + x^n),
``where(condition, a, b)`` is a where the condition is not 0 and b elsewhere. Names are identifiers,
dotted where they reach into something: ``wire.shared``, ``mvb.RAB27A``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from vesiflux.language.grammar import MAX_DEPTH, GrammarError, parse_tree

__all__ = ["FUNCTIONS", "Binary", "Call", "Expr", "ExpressionError", "Name", "Num", "Unary", "names",
           "parse_expression", "walk"]  # fmt: skip

#: A sum of so many terms, or a tree of that height, is the most there may be.
MAX_HEIGHT = 250

#: Function name -> number of arguments; ``None`` is two or more.
FUNCTIONS: dict[str, int | None] = {
    "abs": 1, "exp": 1, "hill": 3, "log": 1, "max": None, "min": None, "sqrt": 1, "where": 3,
}  # fmt: skip

_GRAMMAR = r"""
start: _comparison
_comparison: compare | sum
compare: sum COMPARE sum
sum: product ((PLUS | MINUS) product)*
product: _signed ((TIMES | OVER) _signed)*
_signed: negative | power
negative: MINUS _signed
power: _atom (POWER _signed)?
_atom: NUMBER | NAME | call | "(" _comparison ")"
call: NAME "(" (_comparison ("," _comparison)*)? ")"
COMPARE: "<=" | ">=" | "<" | ">"
PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
POWER: "**" | "^"
NUMBER: /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/
NAME: /[^\W\d]\w*(\.[^\W\d]\w*)*/
%ignore /[ \t\r\n]+/
"""


class ExpressionError(GrammarError):
    """An expression that cannot be read."""


@dataclass(frozen=True)
class Num:
    """A number."""

    value: float
    column: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Name:
    """A name, dotted or not."""

    id: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Call:
    """A function of one or more arguments."""

    function: str
    args: tuple[Expr, ...]
    column: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Binary:
    """``left op right`` with op one of ``+ - * / ^ < <= > >=``; column is the operator's."""

    op: str
    left: Expr
    right: Expr
    column: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Unary:
    """``-operand``."""

    op: str
    operand: Expr
    column: int = field(default=1, compare=False)


Expr = Num | Name | Call | Binary | Unary


@lru_cache(maxsize=8192)  # checked, then lowered once per pool and arm
def parse_expression(text: str) -> Expr:
    """Read ``text``; `ExpressionError` says what is wrong and at which column (from 1)."""
    tree = parse_tree(_GRAMMAR, text, ExpressionError, "expression", "a number, a name or '('")
    expr = _build(tree.children[0], 0)
    # Whatever walks the tree later may recurse, so its height is bounded here, once.
    stack: list[tuple[Expr, int]] = [(expr, 1)]
    while stack:
        node, height = stack.pop()
        if height > MAX_HEIGHT:
            raise ExpressionError("the expression is too long; name its parts", node.column)
        stack.extend((child, height + 1) for child in _children(node))
    return expr


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node of the tree, the whole first."""
    yield expr
    for child in _children(expr):
        yield from walk(child)


def names(expr: Expr) -> set[str]:
    """Names the expression uses (functions are not names)."""
    return {node.id for node in walk(expr) if isinstance(node, Name)}


def _children(expr: Expr) -> tuple[Expr, ...]:
    if isinstance(expr, Binary):
        return (expr.left, expr.right)
    if isinstance(expr, Unary):
        return (expr.operand,)
    return expr.args if isinstance(expr, Call) else ()


def _build(node: Any, depth: int) -> Expr:
    """Turn a parse tree into expressions; a bare token is a number or a name."""
    column = _column(node)
    if depth > MAX_DEPTH:
        raise ExpressionError("the expression is nested too deeply; name its parts", column)
    if not hasattr(node, "data"):
        return Num(float(node), column) if node.type == "NUMBER" else Name(str(node), column)
    parts = node.children
    if node.data == "call":
        return _call(str(parts[0]), [_build(part, depth + 1) for part in parts[1:]], column)
    if node.data == "negative":
        return Unary("-", _build(parts[1], depth + 1), column)
    # compare, sum, product and power: operands with operators between them, read from the left
    result = _build(parts[0], depth + 1)
    for i in range(1, len(parts), 2):
        operator = str(parts[i]).replace("**", "^")
        result = Binary(operator, result, _build(parts[i + 1], depth + 1), _column(parts[i]))
    return result


def _call(function: str, args: list[Expr], column: int) -> Call:
    if function not in FUNCTIONS:
        near = difflib.get_close_matches(function, FUNCTIONS, 1)
        cure = f"did you mean {near[0]}?" if near else f"there are {', '.join(FUNCTIONS)}"
        raise ExpressionError(f"no function is called {function!r}; {cure}", column)
    wanted = FUNCTIONS[function]
    if wanted is None and len(args) < 2:
        raise ExpressionError(f"{function} needs two arguments or more, here it has {len(args)}", column)
    if wanted is not None and len(args) != wanted:
        plural = "argument" if wanted == 1 else "arguments"
        raise ExpressionError(f"{function} needs {wanted} {plural}, here it has {len(args)}", column)
    return Call(function, tuple(args), column)


def _column(node: Any) -> int:
    start = node.meta.start_pos if hasattr(node, "data") else node.start_pos
    return int(start) + 1
