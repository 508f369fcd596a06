"""What can change what in a compiled model: from the operations themselves, whatever wrote them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from vesiflux.ir.program import Op

if TYPE_CHECKING:
    from vesiflux.ir.program import Event, Program, Tape

__all__ = ["Reach"]

#: How many registers an operation reads; the others read two.
_READS: dict[int, int] = {
    Op.NEG: 1, Op.EXP: 1, Op.LOG: 1, Op.SQRT: 1, Op.ABS: 1, Op.COPY: 1, Op.SIN: 1, Op.COS: 1,
    Op.FMA: 3, Op.SELECT: 3, Op.HILL: 4, Op.HILL_DX: 4, Op.RELAX: 4,
}  # fmt: skip


class Reach:
    """What depends on what in a program, parameters and states by their positions.

    A set of parameters and states is one integer: bit i is register ``parameter_base + i``.
    """

    def __init__(self, program: Program, events: Iterable[Event] = ()) -> None:
        """``events``: what happens at a time and counts as a way, such as the doses of a body."""
        self._program = program
        self._events = tuple(events)

    def between(self, parameters: Iterable[int], outputs: Collection[int]) -> bool:
        """Whether a change of any of ``parameters`` can reach any of ``outputs``, through any states."""
        rates, shown = self._needs
        moved = 0
        for parameter in parameters:
            moved |= 1 << parameter
        first, before = len(self._program.parameters) + len(self._program.inputs), 0
        while moved != before:
            before = moved
            for state, needs in enumerate(rates):
                if needs & moved:
                    moved |= 1 << (first + state)
        return any(shown[output] & moved for output in outputs)

    @cached_property
    def _needs(self) -> tuple[list[int], list[int]]:
        """What the rate of every state, or its initial value, and every output depend on."""
        program = self._program
        needs = [0] * program.n_registers
        for register in range(program.parameter_base, program.hoisted_base):
            needs[register] = 1 << (register - program.parameter_base)
        _run(program.prologue, needs)
        initial, rates, outputs = (
            _results(tape, needs) for tape in (program.initial, program.rhs, program.outputs_tape)
        )
        changed = [a | b for a, b in zip(rates, initial, strict=True)]
        for event in self._events:
            for state, found in zip(event.states.tolist(), _results(event.tape, needs), strict=True):
                changed[state] |= found
        return changed, outputs


def _results(tape: Tape | None, needs: Sequence[int]) -> list[int]:
    if tape is None:
        return []
    own = list(needs)
    _run(tape, own)
    return [own[register] for register in tape.results]


def _run(tape: Tape, needs: list[int]) -> None:
    for op, to, *operands in tape.code.tolist():
        found = 0
        for register in operands[: _READS.get(op, 2)]:
            found |= needs[register]
        needs[to] = found
