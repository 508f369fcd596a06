"""Dimensions of expressions: what a formula is in, from the units of its names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from vesiflux import units
from vesiflux.language.expressions import Binary, Call, Expr, Name, Num, Unary

__all__ = ["ANY", "Dimension", "DimensionError", "dimension_of", "of_unit", "unit_text"]

#: Exponents by base dimension, sorted; `None` is 0, which is a quantity of any dimension.
Dimension = tuple[tuple[str, Fraction], ...] | None
ANY: Dimension = None
_PLAIN: Dimension = ()
_SYMBOLS = {"length": "um", "time": "h", "mass": "ng", "temperature": "K", "current": "A"}


class DimensionError(Exception):
    """Two sides that do not fit; ``column`` in the expression."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


def of_unit(unit: str) -> Dimension:
    """Dimension of a unit's text; raises `units.UnitError`."""
    return _tuple(units.dimension(unit))


def unit_text(dimension: Dimension) -> str:
    """The dimension as a unit: ``ILV/cell/h``."""
    if not dimension:
        return "a plain number"
    over = [_power(k, p) for k, p in dimension if p > 0]
    under = [_power(k, -p) for k, p in dimension if p < 0]
    order = {"cell": 1, "h": 2}
    under.sort(key=lambda s: order.get(s.partition("^")[0], 0))
    return "/".join(["*".join(over) or "1", *under])


def dimension_of(expr: Expr, resolve: Callable[[Name], Dimension]) -> Dimension:
    """Dimension of an expression; ``resolve`` gives that of a name. Raises `DimensionError`."""
    if isinstance(expr, Num):
        return ANY if expr.value == 0 else _PLAIN
    if isinstance(expr, Name):
        return resolve(expr)
    if isinstance(expr, Unary):
        return dimension_of(expr.operand, resolve)
    if isinstance(expr, Binary):
        return _binary(expr, dimension_of(expr.left, resolve), dimension_of(expr.right, resolve))
    return _call(expr, [dimension_of(arg, resolve) for arg in expr.args])


def _binary(expr: Binary, left: Dimension, right: Dimension) -> Dimension:
    if expr.op == "*":
        return _combine(left, right, 1)
    if expr.op == "/":
        return _combine(left, right, -1)
    if expr.op == "^":
        return _raised(expr, left, right)
    same = _same(left, right, f"'{expr.op}'", expr.column)
    return same if expr.op in "+-" else _PLAIN


def _raised(expr: Binary, base: Dimension, exponent: Dimension) -> Dimension:
    if exponent:
        raise DimensionError(
            f"an exponent is a plain number, here it is in {unit_text(exponent)}", expr.column
        )
    if not base:
        return base
    power = expr.right.operand if isinstance(expr.right, Unary) else expr.right
    if not isinstance(power, Num):
        message = (
            f"something in {unit_text(base)} can only be raised to a number; divide it by its scale first"
        )
        raise DimensionError(message, expr.column)
    sign = -1 if isinstance(expr.right, Unary) else 1
    return _tuple({k: p * Fraction(str(power.value)) * sign for k, p in base})


def _call(expr: Call, args: list[Dimension]) -> Dimension:
    if expr.function in ("exp", "log"):
        if args[0]:
            message = (
                f"{expr.function} needs a plain number, here it is in {unit_text(args[0])}; divide by a scale"
            )
            raise DimensionError(message, expr.args[0].column)
        return _PLAIN
    if expr.function == "abs":
        return args[0]
    if expr.function == "sqrt":
        return None if args[0] is None else tuple((k, p / 2) for k, p in args[0])
    if expr.function == "hill":
        _same(args[0], args[1], "hill(x, half, n): x and half", expr.args[1].column)
        if args[2]:
            raise DimensionError("hill(x, half, n): n is a plain number", expr.args[2].column)
        return _PLAIN
    if expr.function == "where":
        return _same(args[1], args[2], "where(condition, a, b): a and b", expr.args[2].column)
    result = args[0]
    for arg, value in zip(expr.args[1:], args[1:], strict=True):
        result = _same(result, value, expr.function, arg.column)
    return result


def _same(left: Dimension, right: Dimension, what: str, column: int) -> Dimension:
    if left is None:
        return right
    if right is not None and left != right:
        raise DimensionError(
            f"{what}: {unit_text(left)} on one side, {unit_text(right)} on the other", column
        )
    return left


def _combine(left: Dimension, right: Dimension, sign: int) -> Dimension:
    if left is None or right is None:
        return None
    powers = dict(left)
    for key, power in right:
        powers[key] = powers.get(key, Fraction(0)) + sign * power
    return _tuple(powers)


def _tuple(powers: Mapping[str, Fraction]) -> Dimension:
    return tuple(sorted((k, p) for k, p in powers.items() if p))


def _power(key: str, power: Fraction) -> str:
    symbol = _SYMBOLS.get(key, key)
    return symbol if power == 1 else f"{symbol}^{power}"
