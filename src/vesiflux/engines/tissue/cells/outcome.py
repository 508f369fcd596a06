"""What happened to the cells in one step, so that others can book it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["Callbacks", "Gone", "Outcome"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Callbacks:
    """What only the owner of the programs knows.

    ``rebuild(old kind, new kind, id, states)``: states of a cell in its new kind's program.
    ``initial(kind, id)``: states of a cell that comes from outside.
    """

    rebuild: Callable[[int, int, int, Floats], Floats]
    initial: Callable[[int, int], Floats]


@dataclass(frozen=True)
class Gone:
    """Cells of one kind whose programs ended in one way, and what these held.

    ``what``: apoptosis, necrosis, killing or phagocytosis; ``ids`` rising; ``by``: id of the killer or
    eater, or -1; ``programs``: states at the end, shape (m, n_states); ``positions``: um, shape (m, 3).
    """

    what: str
    kind: int
    ids: Ints
    by: Ints
    programs: Floats
    positions: Floats


@dataclass
class Outcome:
    """Events of one step.

    ``log``: (time, what, id, other): what is apoptosis, necrosis, killing (id: victim, other: killer),
    phagocytosis (id: eaten, other: eater), transition (other: new state), transformation (other: new kind),
    division (id: mother, other: daughter), recruitment (other: kind) or removal of a cell long dead.
    ``gone``: ended programs; a dead cell that is eaten ended before and is only in the log.
    ``lysis``: (position, field, amount) set free by necrosis. ``origin``: for each row now, the row it had
    before the step, a daughter's its mother's, or -1 for one from outside. ``kept``: rows now that were there
    before; those after are new.
    """

    log: list[tuple[float, str, int, int]] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    lysis: list[tuple[tuple[float, float, float], int, float]] = field(default_factory=list)
    mothers: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    daughters: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    recruited: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    transformed: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    origin: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    kept: int = 0

    @property
    def moved(self) -> bool:
        """Whether rows are other than they were (cells came or went)."""
        return self.kept != len(self.origin) or bool((self.origin != np.arange(self.kept)).any())
