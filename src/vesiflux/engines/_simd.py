"""Eight float64 at once inside numba kernels: a small vector type and its operations.

numba's auto-vectoriser gives up on table-driven loops (run-time alias checks, fixed trip counts), and
the wheel ships no vector maths library. Here the vector operations are written to LLVM directly, so a
kernel is SIMD by construction, on any target: LLVM splits ``<8 x double>`` where registers are
narrower. Every operation acts on each element alone, hence a lane never sees its neighbours.

``exp2``/``log2`` are range-reduced minimax polynomials (relative error of each about 3e-16; of
``x ** n`` about 2e-16 * (1 + |n log2 x|)); below about 1e-306 results
are not resolved: powers and exponentials become 0, a Hill term anything up to that size.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, ClassVar

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

__all__ = [
    "WIDE",
    "WIDTH",
    "absolute",
    "choose",
    "exp",
    "fma",
    "fnma",
    "hill",
    "hill_dx",
    "less",
    "less_equal",
    "load",
    "load_wide",
    "log",
    "maximum",
    "minimum",
    "power",
    "root",
    "splat",
    "store",
    "v8",
    "v32",
]

WIDTH = 8
WIDE = 32  # for long sums of products: fewer loop turns, still four registers of 512 bits

_F64 = ir.DoubleType()
_I64 = ir.IntType(64)
_VF = ir.VectorType(_F64, WIDTH)
_VW = ir.VectorType(_F64, WIDE)
_VI = ir.VectorType(_I64, WIDTH)

# 2^r on [-1/2, 1/2], error 3e-16; 2 atanh(s)/s in s^2 for m in [sqrt(1/2), sqrt(2)], error 2e-16.
_EXP2 = (
    1.0,
    0.69314718055995,
    0.24022650695910097,
    0.055504108664447695,
    0.0096181291076069,
    0.0013333558230168296,
    0.00015403530441735424,
    1.5252657258554393e-05,
    1.3215442586966806e-06,
    1.0208690571348675e-07,
    7.072585985243863e-09,
)
_LOG = (
    2.0,
    0.6666666666655283,
    0.40000000061775404,
    0.2857141601573224,
    0.22223434938187153,
    0.18121921381916764,
    0.1683782227371847,
)
_LOG2 = (
    2.885390081777927,
    0.9617966939243334,
    0.5770780172468161,
    0.41219840197072416,
    0.32061639376841133,
    0.26144406109070983,
    0.24291842693663368,
)
_ROUND = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to the nearest integer, kept in the low bits
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_TWO52 = 4503599627370496.0
_TWO52_BITS = 0x4330000000000000
_SMALLEST = 2.2250738585072014e-308
_LOG2E = 1.4426950408889634
_LN2_HI = 0.693147180369123816490  # trailing zeros: k * _LN2_HI is exact for |k| < 2^20
_LN2_LO = 1.90821492927058770002e-10
_INF = float("inf")
_NAN = float("nan")


class _Vector(types.Type):
    """The numba type of ``width`` float64."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(f"vesiflux_v{width}f64")


v8 = _Vector(WIDTH)
v32 = _Vector(WIDE)


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _VF if fe_type.width == WIDTH else _VW)


def _arithmetic(op: Callable[..., Any], method: str) -> None:
    @infer_global(op)
    class _Typing(ConcreteTemplate):
        cases: ClassVar[list[Any]] = [signature(v, v, v) for v in (v8, v32)]

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, method)(*args)

    for v in (v8, v32):
        lower_builtin(op, v, v)(lower)


_arithmetic(operator.add, "fadd")
_arithmetic(operator.sub, "fsub")
_arithmetic(operator.mul, "fmul")
_arithmetic(operator.truediv, "fdiv")


def _f(value: float) -> ir.Constant:
    return ir.Constant(_VF, [value] * WIDTH)


def _i(value: int) -> ir.Constant:
    return ir.Constant(_VI, [value] * WIDTH)


def _call(builder: Any, name: str, *args: Any) -> Any:
    kind = ir.FunctionType(_VF, [_VF] * len(args))
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"{name}.v{WIDTH}f64"), args)


def _muladd(builder: Any, a: Any, b: Any, c: Any) -> Any:
    return _call(builder, "llvm.fmuladd", a, b, c)


def _horner(builder: Any, x: Any, coefficients: tuple[float, ...]) -> Any:
    p = _f(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        p = _muladd(builder, p, x, _f(c))
    return p


def _pointer(context: Any, builder: Any, sig: Any, args: Any, kind: Any) -> Any:
    data = context.make_array(sig.args[0])(context, builder, args[0]).data
    index = context.cast(builder, args[1], sig.args[1], types.intp)
    return builder.bitcast(builder.gep(data, [index]), kind.as_pointer())


def _elementwise(body: Callable[..., Any], n: int) -> Any:
    """Turn ``body(builder, *vectors)`` into an intrinsic of ``n`` vectors."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return body(builder, *args)

    if n == 1:
        return intrinsic(lambda ctx, a: (v8(v8), codegen))
    if n == 2:
        return intrinsic(lambda ctx, a, b: (v8(v8, v8), codegen))
    if n == 3:
        return intrinsic(lambda ctx, a, b, c: (v8(v8, v8, v8), codegen))
    return intrinsic(lambda ctx, a, b, c, d: (v8(v8, v8, v8, v8), codegen))


@intrinsic
def load(typingctx: Any, array: Any, index: Any) -> Any:
    """Eight values of a contiguous float64 array from ``index`` on. No bounds check."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, sig, args, _VF), align=8)

    return v8(array, index), codegen


@intrinsic
def load_wide(typingctx: Any, array: Any, index: Any) -> Any:
    """As `load`, 32 values."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, sig, args, _VW), align=8)

    return v32(array, index), codegen


@intrinsic
def fnma(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    """c - a b, fused where the processor can; of either width."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(args[0].type, [args[0].type] * 3)
        name = f"llvm.fmuladd.v{sig.args[0].width}f64"
        function = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.call(function, [builder.fneg(args[0]), args[1], args[2]])

    return a(a, a, a), codegen


@intrinsic
def store(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """Write a vector of either width to a contiguous float64 array from ``index`` on. No bounds check."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _pointer(context, builder, sig, args, args[2].type), align=8)
        return context.get_dummy_value()

    return types.void(array, index, value), codegen


@intrinsic
def splat(typingctx: Any, x: Any) -> Any:
    """The same number in all eight places."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        value = context.cast(builder, args[0], sig.args[0], types.float64)
        vector = builder.insert_element(ir.Constant(_VF, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
        order = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
        return builder.shuffle_vector(vector, ir.Constant(_VF, ir.Undefined), order)

    return v8(x), codegen


def _log_parts(builder: Any, x: Any) -> tuple[Any, Any, Any]:
    """x > 0 normal: (e as float, s, s*s) with x = 2^e m, s = (m-1)/(m+1)."""
    bits = builder.bitcast(x, _VI)
    shifted = builder.add(builder.sub(bits, _i(_SQRT_HALF_BITS)), _i(1024 << 52))
    e = builder.lshr(shifted, _i(52))
    m = builder.bitcast(builder.sub(bits, builder.sub(builder.shl(e, _i(52)), _i(1024 << 52))), _VF)
    e_float = builder.fsub(builder.bitcast(builder.or_(e, _i(_TWO52_BITS)), _VF), _f(_TWO52 + 1024.0))
    s = builder.fdiv(builder.fsub(m, _f(1.0)), builder.fadd(m, _f(1.0)))
    return e_float, s, builder.fmul(s, s)


def _log2(builder: Any, x: Any) -> Any:
    e, s, ss = _log_parts(builder, x)
    return _muladd(builder, s, _horner(builder, ss, _LOG2), e)


def _scale(builder: Any, p: Any, rounded: Any) -> Any:
    """p * 2^k, k in the low bits of ``rounded`` = k + _ROUND; result must be normal."""
    k = builder.shl(builder.bitcast(rounded, _VI), _i(52))
    return builder.bitcast(builder.add(builder.bitcast(p, _VI), k), _VF)


def _exp2(builder: Any, y: Any) -> Any:
    rounded = builder.fadd(y, _f(_ROUND))
    r = builder.fsub(y, builder.fsub(rounded, _f(_ROUND)))
    value = _scale(builder, _horner(builder, r, _EXP2), rounded)
    value = builder.select(builder.fcmp_ordered("<", y, _f(-1021.0)), _f(0.0), value)
    return builder.select(builder.fcmp_unordered(">=", y, _f(1023.5)), builder.fadd(y, _f(_INF)), value)


def _exp(builder: Any, a: Any) -> Any:
    rounded = _muladd(builder, a, _f(_LOG2E), _f(_ROUND))
    k = builder.fsub(rounded, _f(_ROUND))
    r = _muladd(builder, k, _f(-_LN2_HI), a)
    r = _muladd(builder, k, _f(-_LN2_LO), r)
    value = _scale(builder, _horner(builder, builder.fmul(r, _f(_LOG2E)), _EXP2), rounded)
    value = builder.select(builder.fcmp_ordered("<", a, _f(-707.7)), _f(0.0), value)
    return builder.select(builder.fcmp_unordered(">=", a, _f(709.4)), builder.fadd(a, _f(_INF)), value)


def _log(builder: Any, a: Any) -> Any:
    e, s, ss = _log_parts(builder, a)
    value = _muladd(builder, s, _horner(builder, ss, _LOG), builder.fmul(e, _f(_LN2_LO)))
    value = _muladd(builder, e, _f(_LN2_HI), value)
    value = builder.select(builder.fcmp_ordered("<", a, _f(_SMALLEST)), _f(-_INF), value)
    value = builder.select(builder.fcmp_unordered("<", a, _f(0.0)), _f(_NAN), value)
    return builder.select(builder.fcmp_ordered("==", a, _f(_INF)), a, value)


def _power(builder: Any, x: Any, n: Any) -> Any:
    value = _exp2(builder, builder.fmul(n, _log2(builder, x)))
    # x <= 0 counts as 0: 0^n is 0, 1 or infinity for n above, at or below 0.
    at_zero = builder.select(builder.fcmp_ordered(">", n, _f(0.0)), _f(0.0), _f(_INF))
    value = builder.select(builder.fcmp_ordered("<", x, _f(_SMALLEST)), at_zero, value)
    value = builder.select(builder.fcmp_ordered("==", n, _f(0.0)), _f(1.0), value)
    # x - x is NaN for infinite or NaN x and 0 otherwise
    return builder.fadd(value, builder.fsub(x, x))


def _hill(builder: Any, x: Any, n: Any, c: Any, d: Any) -> Any:
    # c x^n / (d + x^n) = c / (1 + d 2^-y) with y = n log2 x; x * 0 carries NaN (and infinity, as NaN)
    y = builder.fneg(_muladd(builder, n, _log2(builder, x), builder.fmul(x, _f(0.0))))
    # beyond these exponents the value is c, or below c / d * 1e-308; a NaN passes both comparisons
    y = builder.select(builder.fcmp_ordered("<", y, _f(-1020.0)), _f(-1020.0), y)
    y = builder.select(builder.fcmp_ordered(">", y, _f(1020.0)), _f(1020.0), y)
    rounded = builder.fadd(y, _f(_ROUND))
    r = builder.fsub(y, builder.fsub(rounded, _f(_ROUND)))
    inverse = _scale(builder, _horner(builder, r, _EXP2), rounded)
    value = builder.fdiv(c, _muladd(builder, d, inverse, _f(1.0)))
    return builder.select(builder.fcmp_ordered("<", x, _f(_SMALLEST)), _f(0.0), value)


def _hill_dx(builder: Any, a: Any, x: Any, n: Any, plateau: Any) -> Any:
    # h = p x^n/(d + x^n)  =>  dh/dx = n h (1 - h/p) / x
    free = builder.fsub(_f(1.0), builder.fdiv(a, plateau))
    value = builder.fdiv(builder.fmul(builder.fmul(n, a), free), x)
    nothing = builder.or_(
        builder.fcmp_ordered("<", x, _f(_SMALLEST)), builder.fcmp_ordered("==", plateau, _f(0.0))
    )
    return builder.select(nothing, _f(0.0), value)


exp = _elementwise(_exp, 1)
log = _elementwise(_log, 1)
power = _elementwise(_power, 2)
hill = _elementwise(_hill, 4)
hill_dx = _elementwise(_hill_dx, 4)
fma = _elementwise(_muladd, 3)
root = _elementwise(
    lambda b, x: _call(b, "llvm.sqrt", b.select(b.fcmp_ordered("<=", x, _f(0.0)), _f(0.0), x)), 1
)
absolute = _elementwise(lambda b, x: _call(b, "llvm.fabs", x), 1)
# NaN in either operand wins: a failure must show, not be hidden by a comparison
minimum = _elementwise(
    lambda b, x, y: b.select(b.or_(b.fcmp_ordered("<", x, y), b.fcmp_unordered("uno", x, x)), x, y), 2
)
maximum = _elementwise(
    lambda b, x, y: b.select(b.or_(b.fcmp_ordered(">", x, y), b.fcmp_unordered("uno", x, x)), x, y), 2
)
less = _elementwise(lambda b, x, y: b.select(b.fcmp_ordered("<", x, y), _f(1.0), _f(0.0)), 2)
less_equal = _elementwise(lambda b, x, y: b.select(b.fcmp_ordered("<=", x, y), _f(1.0), _f(0.0)), 2)
choose = _elementwise(lambda b, c, x, y: b.select(b.fcmp_unordered("!=", c, _f(0.0)), x, y), 3)
