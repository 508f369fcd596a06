"""From a `Program` to the flat arrays the kernels read. Done once per program and kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vesiflux.engines.compartments import kernels
from vesiflux.engines.compartments.sparse import Pattern, analyse
from vesiflux.engines.compartments.tapes import code_of, fuse, number, offsets_of
from vesiflux.ir.program import Event, Program, Tape

__all__ = ["Prepared", "prepare"]

LANES = kernels.LANES


def _aligned(n: int) -> npt.NDArray[np.float64]:
    """``n`` zeros on a 64-byte border: a row then starts at a cache line."""
    raw = np.zeros(n + 8)
    skip = (-raw.ctypes.data // 8) % 8
    return raw[skip : skip + n]


@dataclass(frozen=True)
class Prepared:
    """A program's arrays for the kernels."""

    program: Program
    rhs: Tape
    jacobian: Tape  # results: rates, then derivatives
    n_registers: int
    pattern: Pattern
    decay: npt.NDArray[np.int64]  # Jacobian entries on the diagonal

    def model(self, rtol: float, atol: float) -> kernels.Model:
        """The tapes and tolerances. ``atol`` is relative to the scale of each state."""
        p = self.program
        n = len(p.states)
        joined = offsets_of(self.jacobian.results)
        weights = [np.asarray(w, dtype=np.float64) for _, _, w in p.invariants]
        members = [np.asarray(s, dtype=np.int64) for _, s, _ in p.invariants]
        return kernels.Model(
            prologue=code_of(p.prologue),
            rhs=code_of(self.rhs),
            jacobian=code_of(self.jacobian),
            outputs=code_of(p.outputs_tape),
            rhs_at=offsets_of(self.rhs.results),
            jacobian_rhs_at=joined[:n].copy(),
            jacobian_at=joined[n:].copy(),
            outputs_at=offsets_of(p.outputs_tape.results),
            series=np.array([i for i, o in enumerate(p.outputs) if o.series], dtype=np.int64),
            parameter_at=p.parameter_base * LANES,
            input_at=p.input_base * LANES,
            state_at=p.state_base * LANES,
            n_states=n,
            atol=atol * np.array([s.scale for s in p.states], dtype=np.float64),
            rtol=rtol,
            invariant_from=np.concatenate([[0], np.cumsum([len(m) for m in members])]).astype(np.int64),
            invariant_state=np.concatenate([np.zeros(0, dtype=np.int64), *members]),
            invariant_weight=np.concatenate([np.zeros(0), *weights]),
        )

    def factor(self, active: npt.NDArray[np.bool_]) -> kernels.Factor:
        """The LU lists; rows of states that are not ``active`` count as zero."""
        f = self.pattern
        p = self.program
        where = {(int(i), int(j)): k for k, (i, j) in enumerate(zip(p.jac_rows, p.jac_cols, strict=True))}
        source = [
            where.get((int(i), int(j)), -1) if active[i] else -1
            for i, j in zip(f.entry_row, f.entry_column, strict=True)
        ]
        return kernels.Factor(
            order=f.order,
            source=np.array(source, dtype=np.int32),
            row_from=f.row_from,
            diagonal=f.diagonal,
            column=f.column,
            pair_from=f.pair_from,
            pair=f.pair,
        )

    def schedule(self, events: Sequence[Event], times: npt.NDArray[np.float64]) -> kernels.Schedule:
        """Segments and events up to the last record time."""
        end = float(times[-1]) if len(times) else 0.0
        used = sorted((e for e in events if e.time <= end), key=lambda e: e.time)
        boundary = np.unique(np.array([0.0, end, *(e.time for e in used)]))
        tapes = [e.tape if e.tape is not None else _NOTHING for e in used]
        inputs = [sorted(e.inputs.items()) for e in used]

        def starts(sizes: Sequence[int]) -> npt.NDArray[np.int64]:
            return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

        return kernels.Schedule(
            times=times,
            boundary=boundary,
            event_from=np.searchsorted([e.time for e in used], [*boundary, np.inf]).astype(np.int64),
            code=np.concatenate([code_of(_NOTHING), *(code_of(t) for t in tapes)]),
            code_from=starts([len(t.code) for t in tapes]),
            result_from=starts([len(t.results) for t in tapes]),
            result_state=np.concatenate(
                [np.zeros(0, dtype=np.int64), *(np.asarray(e.states, dtype=np.int64) for e in used if e.tape)]
            ),
            result_at=np.concatenate([np.zeros(0, dtype=np.int64), *(offsets_of(t.results) for t in tapes)]),
            input_from=starts([len(i) for i in inputs]),
            input_index=np.array([k for i in inputs for k, _ in i], dtype=np.int64),
            input_value=np.array([v for i in inputs for _, v in i], dtype=np.float64),
        )

    def work(self, implicit: bool) -> kernels.Work:
        """Scratch rows of one batch."""
        n = len(self.program.states)
        registers = _aligned(self.n_registers * LANES)
        registers.reshape(-1, LANES)[: len(self.program.constants)] = self.program.constants[:, None]
        return kernels.Work(
            R=registers,
            X=_aligned(n * LANES),
            K=_aligned(n * 8 * LANES),
            LU=_aligned((self.pattern.n_entries if implicit else 1) * LANES),
            Y=_aligned(n * LANES),
        )


_NOTHING = Tape(np.zeros((0, 6), dtype=np.int32), np.zeros(0, dtype=np.int32))
_kept: dict[int, Prepared] = {}  # by identity: an entry keeps its program alive, so ids stay valid
_KEEP = 16
_lock = threading.Lock()


def prepare(program: Program) -> Prepared:
    """The arrays of a program, made at its first use; the last few programs are remembered."""
    with _lock:
        known = _kept.pop(id(program), None)
        if known is not None:
            _kept[id(program)] = known
            return known
    first_temporary = program.hoisted_base + program.n_hoisted
    rhs, top = fuse(number((program.rhs,), first_temporary)).tape()
    joined, joined_top = number((program.rhs, program.jacobian), first_temporary).tape()
    prepared = Prepared(
        program=program,
        rhs=rhs,
        jacobian=joined,
        n_registers=max(program.n_registers, top, joined_top),
        pattern=analyse(len(program.states), program.jac_rows, program.jac_cols),
        decay=np.flatnonzero(program.jac_rows == program.jac_cols).astype(np.int64),
    )
    with _lock:
        _kept[id(program)] = prepared
        while len(_kept) > _KEEP:
            del _kept[next(iter(_kept))]
    return prepared
