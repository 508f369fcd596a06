"""Where the amounts of each field went."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

__all__ = ["Ledger"]

Floats = npt.NDArray[np.float64]


@dataclass
class Ledger:
    """Amounts since the start, (n_fields,) each.

    ``source``: given by callers; ``taken``: by cells; ``degraded``: decayed; ``left``, ``entered``: through
    held borders; ``cleared``, ``supplied``: through vessel walls; ``settled``: what fields at quasi-steady
    state gained by being set to it (they keep no account of time).
    """

    source: Floats
    taken: Floats
    degraded: Floats
    left: Floats
    entered: Floats
    cleared: Floats
    supplied: Floats
    settled: Floats

    @classmethod
    def zero(cls, count: int) -> Ledger:
        """Nothing yet, of ``count`` fields."""
        return cls(*(np.zeros(count) for _ in fields(cls)))

    def net(self) -> Floats:
        """What the fields and depots must have gained."""
        gained: Floats = (
            self.source
            + self.entered
            + self.supplied
            + self.settled
            - self.taken
            - self.degraded
            - self.left
            - self.cleared
        )
        return gained

    def turnover(self) -> Floats:
        """Sum of all entries: what a balance is to be compared with."""
        return np.asarray(sum(np.abs(getattr(self, item.name)) for item in fields(self)))

    def as_array(self) -> Floats:
        """All entries, (n_entries, n_fields)."""
        return np.stack([getattr(self, item.name) for item in fields(self)])

    def set(self, values: Floats) -> None:
        """Take back what `as_array` gave."""
        for item, row in zip(fields(self), values, strict=True):
            getattr(self, item.name)[...] = row
