"""A slow, obvious interpreter of tapes: what the fast one has to agree with."""

from __future__ import annotations

import numpy as np

from vesiflux.ir.graph import fold
from vesiflux.ir.program import Op, Program, Tape

_COUNT = {
    Op.FMA: 3, Op.HILL: 4, Op.HILL_DX: 4, Op.RELAX: 4, Op.SELECT: 3, Op.NEG: 1, Op.EXP: 1, Op.LOG: 1,
    Op.SQRT: 1, Op.ABS: 1, Op.COPY: 1, Op.SIN: 1, Op.COS: 1,
}  # fmt: skip


def registers(program: Program, parameters, inputs, states) -> np.ndarray:
    """Base registers filled and the prologue run, for one lane."""
    r = np.full(program.n_registers, np.nan)
    r[: len(program.constants)] = program.constants
    r[program.parameter_base : program.input_base] = parameters
    r[program.input_base : program.state_base] = inputs
    r[program.state_base : program.hoisted_base] = states
    evaluate(program.prologue, r)
    return r


def evaluate(tape: Tape, r: np.ndarray) -> np.ndarray:
    """Run a tape in place; its results."""
    for op, destination, *operands in tape.code:
        count = _COUNT.get(Op(int(op)), 2)
        r[destination] = fold(Op(int(op)), *(float(r[k]) for k in operands[:count]))
    return r[tape.results].copy()
