"""A tape on plain numbers: one lane, one register per value. The meanings are those of `ir.graph.fold`."""

from __future__ import annotations

import math

import numpy as np

from vesiflux.engines import _numba

SOURCES = (__file__,)

jit = _numba.compiler(*SOURCES)


@jit.inner
def _power(a, b):
    if a <= 0.0:
        return 0.0 if b > 0.0 else (1.0 if b == 0.0 else np.inf)
    return a**b


@jit
def run(code, first, last, registers):
    """Run instructions ``first`` to ``last - 1`` of ``code`` (n, 6): operation, target, four operands."""
    for i in range(first, last):
        op = code[i, 0]
        d = code[i, 1]
        a = registers[code[i, 2]]
        b = registers[code[i, 3]]
        if op == 2:
            value = a * b
        elif op == 0:
            value = a + b
        elif op == 1:
            value = a - b
        elif op == 12:
            value = a * b + registers[code[i, 4]]
        elif op == 3:
            value = a / b
        elif op == 4:
            value = -a
        elif op == 5:
            value = _power(a, b)
        elif op == 6:
            value = math.exp(a)
        elif op == 7:
            value = math.log(a) if a > 0.0 else (-np.inf if a == 0.0 else np.nan)
        elif op == 8:
            value = math.sqrt(max(a, 0.0))
        elif op == 9:
            value = a if a < b or a != a else b
        elif op == 10:
            value = a if a > b or a != a else b
        elif op == 11:
            value = abs(a)
        elif op == 13:
            power = _power(a, b)
            value = registers[code[i, 4]] * power / (registers[code[i, 5]] + power)
            if power == np.inf:
                value = registers[code[i, 4]]
        elif op == 14:
            plateau = registers[code[i, 5]]
            value = registers[code[i, 4]] * a * (1.0 - a / plateau) / b if b > 0.0 else 0.0
        elif op == 15:
            value = a + b - a * b
        elif op == 16:
            value = a * (1.0 - b)
        elif op == 17:
            value = (a * b - registers[code[i, 4]]) * registers[code[i, 5]]
        elif op == 18:
            value = 1.0 if a < b else 0.0
        elif op == 19:
            value = 1.0 if a <= b else 0.0
        elif op == 20:
            value = b if a != 0.0 else registers[code[i, 4]]
        elif op == 21:
            value = a
        elif op == 22:
            value = math.sin(a)
        else:
            value = math.cos(a)
        registers[d] = value
