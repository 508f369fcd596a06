"""What the field kernels need besides `engines._simd`: ends of rows, and 8 x 8 transposes in registers.

A sweep along x has its recurrence along the contiguous direction. Eight lines are taken together: eight
rows of eight values are turned in registers, so that a vector holds the same x of eight lines.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from vesiflux.engines._simd import WIDTH, v8

__all__ = ["load_some", "store_some", "turn"]

_VF = ir.VectorType(ir.DoubleType(), WIDTH)
_VI = ir.VectorType(ir.IntType(64), WIDTH)
_VB = ir.VectorType(ir.IntType(1), WIDTH)
_I32 = ir.IntType(32)


def _pointer(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    data = context.make_array(sig.args[0])(context, builder, args[0]).data
    index = context.cast(builder, args[1], sig.args[1], types.intp)
    return builder.bitcast(builder.gep(data, [index]), _VF.as_pointer())


def _mask(context: Any, builder: Any, count: Any, kind: Any) -> Any:
    """True in the first ``count`` places."""
    count = context.cast(builder, count, kind, types.int64)
    one = builder.insert_element(ir.Constant(_VI, ir.Undefined), count, ir.Constant(_I32, 0))
    zeros = ir.Constant(ir.VectorType(_I32, WIDTH), [0] * WIDTH)
    counts = builder.shuffle_vector(one, ir.Constant(_VI, ir.Undefined), zeros)
    return builder.icmp_signed("<", ir.Constant(_VI, list(range(WIDTH))), counts)


@intrinsic
def load_some(typingctx: Any, array: Any, index: Any, count: Any) -> Any:
    """The first ``count`` (0 to 8) values from ``index`` on, zeros after them. Reads nothing beyond."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, sig, args)
        kind = ir.FunctionType(_VF, [pointer.type, _I32, _VB, _VF])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.masked.load.v8f64.p0v8f64")
        zeros = ir.Constant(_VF, [0.0] * WIDTH)
        mask = _mask(context, builder, args[2], sig.args[2])
        return builder.call(function, [pointer, ir.Constant(_I32, 8), mask, zeros])

    return v8(array, index, count), codegen


@intrinsic
def store_some(typingctx: Any, array: Any, index: Any, value: Any, count: Any) -> Any:
    """Write the first ``count`` (0 to 8) values from ``index`` on, and nothing beyond."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, sig, args)
        kind = ir.FunctionType(ir.VoidType(), [_VF, pointer.type, _I32, _VB])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.masked.store.v8f64.p0v8f64")
        mask = _mask(context, builder, args[3], sig.args[3])
        builder.call(function, [args[2], pointer, ir.Constant(_I32, 8), mask])
        return context.get_dummy_value()

    return types.void(array, index, value, count), codegen


def _order(places: list[int]) -> Any:
    return ir.Constant(ir.VectorType(_I32, WIDTH), places)


# Of two vectors: their even or odd places woven; pairs woven; halves woven.
_STEPS = (
    ([0, 8, 2, 10, 4, 12, 6, 14], [1, 9, 3, 11, 5, 13, 7, 15], 1),
    ([0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15], 2),
    ([0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15], 4),
)


@intrinsic
def turn(typingctx: Any, rows: Any) -> Any:
    """Transpose: a tuple of eight vectors, of which element j of vector i becomes element i of vector j."""

    def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kept = [builder.extract_value(args[0], i) for i in range(WIDTH)]
        for first, second, stride in _STEPS:
            for i in range(WIDTH):
                if not i & stride:
                    a, b = kept[i], kept[i + stride]
                    kept[i] = builder.shuffle_vector(a, b, _order(first))
                    kept[i + stride] = builder.shuffle_vector(a, b, _order(second))
        return cgutils.pack_array(builder, kept)

    return rows(rows), codegen
