"""Join two tapes into one that computes every shared value once."""

from __future__ import annotations

import numpy as np

from vesiflux.ir.program import Tape

__all__ = ["merge"]

# How many operands an operation reads, by opcode.
ARITY = (2, 2, 2, 2, 1, 2, 1, 1, 1, 2, 2, 1, 3, 4, 4, 2, 2, 4, 2, 2, 3, 1, 1, 1)


def merge(first: Tape, second: Tape, first_temporary: int) -> tuple[Tape, int]:
    """One tape with the results of ``first``, then those of ``second``; and the registers it needs.

    Registers below ``first_temporary`` are only read. Values are numbered; an instruction whose
    operation and operands occurred before is dropped (the Jacobian needs most of what the rates need).
    """
    values: dict[tuple[int, ...], int] = {}  # instruction over value numbers -> value number
    instructions: list[tuple[int, ...]] = []  # value number - first_temporary -> (op, operands)
    results: list[int] = []
    for tape in (first, second):
        holds: dict[int, int] = {}
        for op, target, *operands in tape.code.tolist():
            key = (op, *(holds.get(r, r) for r in operands[: ARITY[op]]))
            if key not in values:
                values[key] = first_temporary + len(instructions)
                instructions.append(key)
            holds[target] = values[key]
        results += [holds.get(r, r) for r in tape.results.tolist()]
    kept = set(results)
    last = {v: i for i, (_, *operands) in enumerate(instructions) for v in operands}
    register: dict[int, int] = {}
    free: list[int] = []
    top = first_temporary
    code = np.zeros((len(instructions), 6), dtype=np.int32)
    for i, (op, *operands) in enumerate(instructions):
        code[i, 2 : 2 + len(operands)] = [register.get(v, v) for v in operands]
        for v in set(operands):
            if v >= first_temporary and last[v] == i and v not in kept:
                free.append(register[v])
        if free:
            register[first_temporary + i] = free.pop()
        else:
            register[first_temporary + i] = top
            top += 1
        code[i, :2] = op, register[first_temporary + i]
    return Tape(code, np.array([register.get(v, v) for v in results], dtype=np.int32)), top
