"""A compiled model cut down to what a study looks at: some arms, outputs and times, and nothing else.

What is not looked at is neither computed at every record nor written. The states stay, so that patients'
courses are the same whatever is looked at, but for the last digits: solver steps depend on the last time.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vesiflux.errors import InputError
from vesiflux.ir.program import Tape

if TYPE_CHECKING:
    from vesiflux.ir.compiled import CompiledModel

__all__ = ["narrow"]


def narrow(
    compiled: CompiledModel, arms: Sequence[str], outputs: Sequence[str], times: Sequence[float]
) -> CompiledModel:
    """The model with these arms, outputs (kept at every time) and record times (h, ascending).

    Raises `InputError` for outputs that it has not.
    """
    program = compiled.program
    known = {output.name: i for i, output in enumerate(program.outputs)}
    for name in outputs:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3) or list(known)[:3]
            raise InputError(f"no output named {name!r}; did you mean {', '.join(near)}?")
    index = [known[name] for name in outputs]
    tape = _needed(program.outputs_tape, index)
    shown = tuple(replace(program.outputs[i], series=True) for i in index)
    return replace(
        compiled,
        program=replace(program, outputs=shown, outputs_tape=tape),
        arms={name: replace(compiled.arms[name], against=None) for name in arms},
        default_arms=tuple(arms),
        times=tuple(float(t) for t in times),
        limits=(),
        rates={},
        description={**compiled.description, "looked_at": list(outputs)},
    )


def _needed(tape: Tape, index: Sequence[int]) -> Tape:
    """The instructions that some results need. Registers are used again, so it is read from its end."""
    from vesiflux.engines.compartments.tapes import ARITY

    results = tape.results[list(index)]
    live = set(results.tolist())
    kept = np.zeros(len(tape.code), dtype=np.bool_)
    for row in range(len(tape.code) - 1, -1, -1):
        op, target, *operands = tape.code[row].tolist()
        if target in live:
            kept[row] = True
            live.discard(target)
            live.update(operands[: ARITY[op]])
    return Tape(tape.code[kept].copy(), results.copy())
