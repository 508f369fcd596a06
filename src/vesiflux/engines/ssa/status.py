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
    Status.TOO_MANY: "The limit of events was reached before the end; raise max_events or shorten the run.",
}
