"""The compiled form of a model: a closed set of operations over lanes of parameter sets.

A `Program` is plain arrays. It knows nothing of biology: engines run it, `ir.lowering` makes it.

Register file ``R`` has shape ``(n_registers, lanes)``, float64. Its rows are, in this order::

    constants | parameters | inputs | states | hoisted | temporaries

*parameters* are one value per lane, *inputs* are piecewise constant in time (interventions,
switches), *hoisted* rows hold whatever depends on constants, parameters and inputs only and are
refreshed by the ``prologue`` tape whenever an input changes. Temporaries are shared by the other
tapes: every tape may overwrite them, so a tape's results are read right after it ran.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

__all__ = ["Event", "Op", "Output", "ParameterSlot", "Program", "StateSlot", "Tape"]


class Op(IntEnum):
    """The closed set of operations. ``a b c d`` are operand registers of one instruction."""

    ADD = 0  # a + b
    SUB = 1  # a - b
    MUL = 2  # a * b
    DIV = 3  # a / b
    NEG = 4  # -a
    POW = 5  # max(a, 0) ** b; 0 ** b is 0 for b > 0 and 1 for b == 0
    EXP = 6  # exp(a)
    LOG = 7  # log(a)
    SQRT = 8  # sqrt(max(a, 0))
    MIN = 9  # min(a, b)
    MAX = 10  # max(a, b)
    ABS = 11  # |a|
    FMA = 12  # a * b + c
    HILL = 13  # c * x^b / (d + x^b) with x = max(a, 0)   (normalised Hill: c = w B, d = B - 1 = K^n)
    HILL_DX = 14  # d/dx of HILL from its value: a = hill, b = x, c = n, d = plateau (HILL's c); 0 at x <= 0
    OR = 15  # a + b - a b
    ANDNOT = 16  # a (1 - b)
    RELAX = 17  # (a b - c) d                              (ymax f - y) / tau with d = 1 / tau
    LT = 18  # 1.0 if a < b else 0.0
    LE = 19  # 1.0 if a <= b else 0.0
    SELECT = 20  # b if a != 0 else c
    COPY = 21  # a
    SIN = 22  # sin(a): periodic schedules and SBML round trips only
    COS = 23  # cos(a)


@dataclass(frozen=True)
class Tape:
    """Instructions and the registers that hold its results once it ran.

    ``code``: int32, shape (n_instructions, 6): opcode, destination, a, b, c, d (unused operands 0).
    ``results``: int32, shape (n_results,): registers; may point at base rows as well.
    """

    code: npt.NDArray[np.int32]
    results: npt.NDArray[np.int32]


@dataclass(frozen=True)
class ParameterSlot:
    """One per-lane parameter: its name, inside unit and default value."""

    name: str
    unit: str
    value: float


@dataclass(frozen=True)
class StateSlot:
    """One state. ``scale`` is its nominal size (same unit): absolute tolerance = atol * scale.

    ``intracellular`` states take part in the equilibration before t = 0; the others are held.
    """

    name: str
    unit: str
    scale: float = 1.0
    intracellular: bool = False


@dataclass(frozen=True)
class Output:
    """One observable. ``series`` outputs are kept at every record time, the others at the end only."""

    name: str
    unit: str
    series: bool = True


@dataclass(frozen=True)
class Event:
    """At ``time`` (h): new states = results of ``tape`` for the states in ``states``; inputs change too.

    ``tape`` reads the registers as they are just before the event. Either part may be empty.
    """

    time: float
    states: npt.NDArray[np.int32]
    tape: Tape | None
    inputs: dict[int, float] = field(default_factory=dict)  # input index -> new value
    label: str = ""


@dataclass(frozen=True)
class Program:
    """A model compiled for the engines. Immutable; every array is read only by convention.

    rhs:       results, shape (n_states,), are dx/dt per hour
    jacobian:  results, shape (nnz,), are d(dx_i/dt)/dx_j at (jac_rows[k], jac_cols[k]); structural nonzeros
    outputs_tape: results, shape (n_outputs,)
    initial:   results, shape (n_states,), initial states from parameters and inputs
    invariants: each a sparse row of weights over states whose weighted sum must stay constant
               between events: (label, state indices, weights). Used for the balance report.
    """

    name: str
    constants: npt.NDArray[np.float64]
    parameters: tuple[ParameterSlot, ...]
    inputs: tuple[ParameterSlot, ...]
    states: tuple[StateSlot, ...]
    outputs: tuple[Output, ...]
    n_hoisted: int
    n_registers: int
    prologue: Tape
    rhs: Tape
    jacobian: Tape
    jac_rows: npt.NDArray[np.int32]
    jac_cols: npt.NDArray[np.int32]
    outputs_tape: Tape
    initial: Tape
    invariants: tuple[tuple[str, npt.NDArray[np.int32], npt.NDArray[np.float64]], ...] = ()

    @property
    def parameter_base(self) -> int:
        """First register of the parameters."""
        return len(self.constants)

    @property
    def input_base(self) -> int:
        """First register of the inputs."""
        return self.parameter_base + len(self.parameters)

    @property
    def state_base(self) -> int:
        """First register of the states."""
        return self.input_base + len(self.inputs)

    @property
    def hoisted_base(self) -> int:
        """First register of the hoisted values."""
        return self.state_base + len(self.states)

    def state_index(self, name: str) -> int:
        """Index of a state by name; `KeyError` names the nearest ones."""
        return _index([s.name for s in self.states], name, "state")

    def parameter_index(self, name: str) -> int:
        """Index of a parameter by name."""
        return _index([p.name for p in self.parameters], name, "parameter")

    def input_index(self, name: str) -> int:
        """Index of an input by name."""
        return _index([p.name for p in self.inputs], name, "input")


def _index(names: list[str], name: str, kind: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        import difflib

        near = difflib.get_close_matches(name, names, 3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise KeyError(f"no {kind} named {name!r}{hint}") from None
