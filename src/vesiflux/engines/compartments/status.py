"""How a lane ended, and what to do about it."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Status"]


class Status(IntEnum):
    """Result of one lane. ``sentence`` says what happened and what helps."""

    OK = 0
    STIFF = 1
    MAX_STEPS = 2
    STEP_TOO_SMALL = 3
    NOT_FINITE = 4
    SINGULAR = 5
    NOT_STEADY = 6
    EQUILIBRATION_FAILED = 7

    @property
    def sentence(self) -> str:
        """One sentence with the cure."""
        return _SENTENCES[self]


_SENTENCES = {
    Status.OK: "The run finished.",
    Status.STIFF: "The system is stiff and was left unfinished; use method 'auto' or 'rodas4'.",
    Status.MAX_STEPS: (
        "The step limit was reached before the end; raise max_steps, loosen rtol, or use method 'rodas4' "
        "if rates differ by more than a hundredfold."
    ),
    Status.STEP_TOO_SMALL: (
        "The step size fell below the resolution of the clock: the solution jumps or blows up; look for a "
        "rate that grows without bound or a switch inside the right-hand side (make it an event)."
    ),
    Status.NOT_FINITE: (
        "A rate became infinite or undefined (division by zero, logarithm of a negative number); check the "
        "parameters of this lane and guard the expression with max(x, small)."
    ),
    Status.SINGULAR: (
        "The step's linear system is singular at every step size tried; look for two states that define "
        "each other or a derivative that is infinite, or use method 'dopri5'."
    ),
    Status.NOT_STEADY: (
        "No steady state was reached within 1e7 h: something grows without bound or oscillates; switch "
        "equilibration off or start from given initial values."
    ),
    Status.EQUILIBRATION_FAILED: (
        "The system could not be brought to rest before t = 0: it oscillates, blows up or has no finite "
        "rate; switch equilibration off to see what it does."
    ),
}
