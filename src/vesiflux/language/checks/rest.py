"""What a module's wires are in the untreated cell: typical parameters, species at their start."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.language.expressions import Binary, Expr, Name, Num, Unary, parse_expression

if TYPE_CHECKING:
    from vesiflux.language.schema import Module, ModuleParameter

__all__ = ["factors_at_rest"]

_BINARY: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else math.nan,
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    ">": lambda a, b: float(a > b),
    ">=": lambda a, b: float(a >= b),
}
_CALLS: Mapping[str, Callable[..., float]] = {
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "hill": lambda x, half, n: x**n / (half**n + x**n),
    "max": max,
    "min": min,
    "where": lambda condition, a, b: a if condition else b,
}


def factors_at_rest(module: Module) -> dict[str, float]:
    """Factor of every wire of a module without errors; NaN where it cannot be had.

    Species are at their initial values, which is rest for a module that starts there, and structures at
    their defaults.
    """
    rest = _Rest(module)
    return {name: rest(name) for name in module.wires}


class _Rest:
    def __init__(self, module: Module) -> None:
        self.module = module
        self.known: dict[str, float] = {}

    def __call__(self, name: str) -> float:
        if name not in self.known:
            self.known[name] = self._find(name)
        return self.known[name]

    def _find(self, name: str) -> float:
        module = self.module
        if name in module.parameters:
            return _typical(module.parameters[name])
        if name in module.nodes:
            return module.nodes[name].value
        if name in module.wires:
            return self._value(parse_expression(module.wires[name].factor))
        if name in module.expressions:
            return self._value(parse_expression(module.expressions[name]))
        if name in module.species:
            initial = module.species[name].initial
            return self._value(parse_expression(initial)) if isinstance(initial, str) else float(initial)
        group, _, option = name.partition(".")
        if group in module.structures:
            return float(module.structures[group].default == option)
        return math.nan  # a structure of the model, not of the module

    def _value(self, tree: Expr) -> float:
        if isinstance(tree, Num):
            return tree.value
        if isinstance(tree, Name):
            return self(tree.id)
        if isinstance(tree, Unary):
            return -self._value(tree.operand)
        try:
            if isinstance(tree, Binary):
                left, right = self._value(tree.left), self._value(tree.right)
                return float(left**right) if tree.op == "^" else _BINARY[tree.op](left, right)
            return float(_CALLS[tree.function](*(self._value(a) for a in tree.args)))
        except (ArithmeticError, ValueError, TypeError):
            return math.nan  # a logarithm or power outside its range


def _typical(parameter: ModuleParameter) -> float:
    """Median of a module's parameter, in its own unit; NaN where it has none that can be read."""
    from vesiflux import units

    value = parameter.typical
    if value is None:
        if isinstance(parameter.low, int | float) and isinstance(parameter.high, int | float):
            return math.sqrt(parameter.low * parameter.high)
        return math.nan
    try:
        return units.parse(value, parameter.unit or "1", bare=True)
    except InputError:
        return math.nan
