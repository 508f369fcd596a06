"""Rework tapes for speed: join two so that shared values are computed once, fuse common pairs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.engines.compartments.kernels import HILL_ANDNOT, HILL_OR, LANES
from vesiflux.ir.program import Op, Tape

__all__ = ["ARITY", "Values", "code_of", "fuse", "number", "offsets_of"]

# How many operands an operation reads, by opcode.
ARITY = (2, 2, 2, 2, 1, 2, 1, 1, 1, 2, 2, 1, 3, 4, 4, 2, 2, 4, 2, 2, 3, 1, 1, 1)
COLUMNS = 8  # operation, target, up to five operands; padded to a power of two


def offsets_of(registers: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Registers as offsets of rows."""
    return np.asarray(registers, dtype=np.int64) * LANES


def code_of(tape: Tape) -> npt.NDArray[np.int32]:
    """A tape's instructions as the kernels read them: offsets of rows, eight columns."""
    given = np.asarray(tape.code, dtype=np.int32)
    code = np.zeros((len(given), COLUMNS), dtype=np.int32)
    if len(given):
        code[:, : given.shape[1]] = given
        code[:, 1:] *= LANES
    return code


@dataclass(frozen=True)
class Values:
    """Instructions by value instead of register: value v >= ``base`` is made by instruction v - base.

    Values below ``base`` are the registers that tapes only read.
    """

    base: int
    instructions: tuple[tuple[int, ...], ...]  # (operation, operands)
    results: tuple[int, ...]

    def tape(self) -> tuple[Tape, int]:
        """As a tape whose temporaries are reused after their last reader, and the registers needed."""
        kept = set(self.results)
        last = {v: i for i, (_, *operands) in enumerate(self.instructions) for v in operands}
        register: dict[int, int] = {}
        free: list[int] = []
        top = self.base
        code = np.zeros((len(self.instructions), COLUMNS), dtype=np.int32)
        for i, (op, *operands) in enumerate(self.instructions):
            code[i, 2 : 2 + len(operands)] = [register.get(v, v) for v in operands]
            for v in set(operands):
                if v >= self.base and last[v] == i and v not in kept:
                    free.append(register[v])
            if free:
                register[self.base + i] = free.pop()
            else:
                register[self.base + i] = top
                top += 1
            code[i, :2] = op, register[self.base + i]
        return Tape(code, np.array([register.get(v, v) for v in self.results], dtype=np.int32)), top


def number(tapes: tuple[Tape, ...], base: int) -> Values:
    """Join tapes that do not depend on one another; results follow in the same order.

    An instruction whose operation and operands occurred before is dropped: the Jacobian needs most of
    what the rates need. Registers from ``base`` on are temporaries.
    """
    values: dict[tuple[int, ...], int] = {}
    results: list[int] = []
    for tape in tapes:
        holds: dict[int, int] = {}
        for op, target, *operands in tape.code.tolist():
            key = (op, *(holds.get(r, r) for r in operands[: ARITY[op]]))
            holds[target] = values.setdefault(key, base + len(values))
        results += [holds.get(r, r) for r in tape.results.tolist()]
    return Values(base, tuple(values), tuple(results))


def fuse(given: Values) -> Values:
    """Let an OR or AND NOT compute the Hill term that nothing else reads."""
    base = given.base
    uses = Counter(v for _, *operands in given.instructions for v in operands)
    uses.update(given.results)

    def lonely(v: int) -> bool:
        return v >= base and uses[v] == 1 and given.instructions[v - base][0] == Op.HILL

    fused: dict[int, tuple[int, ...]] = {}  # instruction -> its new form
    absorbed: set[int] = set()
    for i, (op, *operands) in enumerate(given.instructions):
        if op not in (Op.OR, Op.ANDNOT):
            continue
        first, second = operands
        if lonely(second):
            other, hill = first, second
        elif op == Op.OR and lonely(first):
            other, hill = second, first
        else:
            continue
        new = HILL_OR if op == Op.OR else HILL_ANDNOT
        fused[i] = (new, *given.instructions[hill - base][1:], other)
        absorbed.add(hill - base)
    place: dict[int, int] = {}
    instructions: list[tuple[int, ...]] = []
    for i, instruction in enumerate(given.instructions):
        if i in absorbed:
            continue
        op, *operands = fused.get(i, instruction)
        place[base + i] = base + len(instructions)
        instructions.append((op, *(place.get(v, v) for v in operands)))
    return Values(base, tuple(instructions), tuple(place.get(v, v) for v in given.results))
