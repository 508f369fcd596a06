"""Arithmetic of outputs, in every patient at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vesiflux.language.expressions import Expr
    from vesiflux.language.measures import Event, Formula

__all__ = ["cases", "evaluated"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def evaluated(formula: Formula, output: Callable[[str], Floats], shape: tuple[int, ...]) -> Floats:
    """The formula's value, of ``shape``; no number where it cannot be computed.

    ``output``: values of an output by name, broadcast to ``shape``. Raises `InputError` for a formula that
    cannot be read.
    """
    from vesiflux.language.expressions import names

    tree = formula.tree
    values = {name: output(formula.called(name)) for name in names(tree)}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.broadcast_to(_value(tree, values), shape).astype(np.float64)


def cases(event: Event, values: Floats) -> Bools:
    """In whom it happened."""
    return np.asarray(values < event.bound if event.side == "below" else values > event.bound)


def _value(tree: Expr, values: Mapping[str, Floats]) -> Any:
    """Value of an expression in every patient."""
    from vesiflux.language.expressions import Binary, Call, Name, Num, Unary

    if isinstance(tree, Num):
        return tree.value
    if isinstance(tree, Name):
        return values[tree.id]
    if isinstance(tree, Unary):
        return -_value(tree.operand, values)
    if isinstance(tree, Call):
        return _FUNCTIONS[tree.function](*(_value(arg, values) for arg in tree.args))
    assert isinstance(tree, Binary)
    return _OPERATORS[tree.op](_value(tree.left, values), _value(tree.right, values))


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "^": lambda a, b: a**b, "<": lambda a, b: 1.0 * (a < b), "<=": lambda a, b: 1.0 * (a <= b),
    ">": lambda a, b: 1.0 * (a > b), ">=": lambda a, b: 1.0 * (a >= b),
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs, "exp": np.exp, "log": np.log, "sqrt": np.sqrt,
    "hill": lambda x, half, n: x**n / (half**n + x**n), "where": np.where,
    "max": lambda *a: np.maximum.reduce(np.broadcast_arrays(*a)),
    "min": lambda *a: np.minimum.reduce(np.broadcast_arrays(*a)),
}  # fmt: skip
