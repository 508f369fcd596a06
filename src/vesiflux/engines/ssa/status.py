"""How a trajectory ended, and what to do about it."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Status"]


class Status(IntEnum):
    """Result of one trajectory. ``sentence`` says what happened and what helps."""

    OK = 0
    NEGATIVE = 1
    NOT_FINITE = 2
    TOO_MANY = 3
    BOUND = 4
    STEP = 5
    AT_REST = 6

    @property
    def sentence(self) -> str:
        """One sentence with the cure."""
        return _SENTENCES[self]


_SENTENCES = {
    Status.OK: "The trajectory finished.",
    Status.NEGATIVE: (
        "A count fell below zero: a reaction takes more of a species than there is; let its propensity "
        "vanish there, for two of one kind n * (n - 1) / 2."
    ),
    Status.NOT_FINITE: (
        "A propensity became negative, infinite or undefined; check the rates, and guard the expression "
        "with max(x, 0)."
    ),
    Status.BOUND: (
        "A rate grew beyond the bound it is thinned under; shorten the time step (step_h), and report the "
        "model, since bounds are made so that this cannot happen."
    ),
    Status.STEP: (
        "The time step of the continuous states fell below 1e-9 h: a rate is infinite or undefined, "
        "or jumps; make the jump an event and guard divisions with max(x, small)."
    ),
    Status.AT_REST: (
        "The mean that cells start from did not come to rest or could not be computed; run the model without "
        "single cells to see what it does."
    ),
    Status.TOO_MANY: "The limit of events was reached before the end; raise max_events or shorten the run.",
}
