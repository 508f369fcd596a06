"""What a module's wires are in the untreated cell: typical parameters, species at their start."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.language.expressions import Binary, Expr, Name, Num, Unary, parse_expression
from vesiflux.language.quantities import range_of

if TYPE_CHECKING:
    from vesiflux.language.schema import Module, ModuleParameter

__all__ = ["factors_at_rest"]

_BINARY: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
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
}


class _UnknownError(Exception):
    """A name whose value the module alone does not tell."""


def factors_at_rest(module: Module) -> dict[str, float]:
    """Factor of every wire of a module without errors.

    Species are at their initial values, which is rest for a module that starts there, and structures at
    their defaults. NaN where the module alone does not tell, infinite where the factor has no value there.
    """
    rest = _Rest(module)
    return {name: _of(rest, name) for name in module.wires}


def _of(rest: _Rest, name: str) -> float:
    try:
        value = rest(name)
    except _UnknownError:
        return math.nan
    except (ArithmeticError, ValueError, TypeError):  # a division by 0; a logarithm or power out of its range
        return math.inf
    return math.inf if math.isnan(value) else value


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
            return _median(module.parameters[name])
        if name in module.nodes:
            return module.nodes[name].value
        if name in module.wires:
            return self._value(parse_expression(module.wires[name].factor))
        if name in module.expressions:
            return self._value(parse_expression(module.expressions[name]))
        if name in module.species:
            initial = module.species[name].initial
            if isinstance(initial, str):
                return self._value(parse_expression(initial))
            return units.inside(initial, module.species[name].unit)[0]
        group, _, option = name.partition(".")
        if group in module.structures:
            return float(module.structures[group].default == option)
        raise _UnknownError  # a structure of the model, not of the module

    def _value(self, tree: Expr) -> float:
        if isinstance(tree, Num):
            return tree.value
        if isinstance(tree, Name):
            return self(tree.id)
        if isinstance(tree, Unary):
            return -self._value(tree.operand)
        if isinstance(tree, Binary):
            left, right = self._value(tree.left), self._value(tree.right)
            return float(left**right) if tree.op == "^" else _BINARY[tree.op](left, right)
        if tree.function == "where":  # what is not chosen need not have a value
            condition, yes, no = tree.args
            return self._value(yes if self._value(condition) else no)
        return float(_CALLS[tree.function](*(self._value(a) for a in tree.args)))


def _median(parameter: ModuleParameter) -> float:
    """The typical value of a module's parameter in its inside unit, else the median of its prior."""
    from vesiflux.evidence.priors import Prior

    if parameter.evidence is not None and parameter.typical is None:
        raise _UnknownError  # a row of the evidence
    try:
        unit = units.canonical(parameter.unit or "1")
        stated = range_of(parameter, unit)
        if "typical" in stated:
            return stated["typical"]
        kind = parameter.distribution
        prior = Prior.from_range(
            low=stated.get("low"),
            high=stated.get("high"),
            unit=unit,
            distribution=kind,
            upper=1.0 if kind == "logitnormal" else None,
        )
    except InputError:
        raise _UnknownError from None  # said where quantities are checked
    return float(prior.quantile(0.5))
