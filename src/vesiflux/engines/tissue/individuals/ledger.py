"""Where vesicles and their cargo went: whole numbers, so that the balance is exact."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["FATES", "Ledger"]

Counts = npt.NDArray[np.int64]

#: What can have become of a vesicle: set free, taken by a cell, decayed, left by an open border, cleared
#: by blood vessels.
FATES = ("emitted", "taken", "decayed", "left", "cleared")


class Ledger:
    """``vesicles[fate]`` (senders,) and ``copies[fate]`` (senders, molecules), int64, since the start."""

    def __init__(self, molecules: int) -> None:
        self.vesicles: dict[str, Counts] = {f: np.zeros(0, dtype=np.int64) for f in FATES}
        self.copies: dict[str, Counts] = {f: np.zeros((0, molecules), dtype=np.int64) for f in FATES}

    @property
    def senders(self) -> int:
        """Number of senders seen so far (largest index + 1)."""
        return len(self.vesicles["emitted"])

    def add(self, fate: str, sender: npt.NDArray[np.int32], copies: npt.NDArray[np.int32]) -> None:
        """Count vesicles of these senders with these copies."""
        if not len(sender):
            return
        self._widen(int(sender.max()) + 1)
        vesicles, cargo = tally(sender, copies, self.senders)
        self.vesicles[fate] += vesicles
        self.copies[fate] += cargo

    def _widen(self, senders: int) -> None:
        missing = senders - self.senders
        if missing > 0:
            for fate in FATES:
                self.vesicles[fate] = np.pad(self.vesicles[fate], (0, missing))
                self.copies[fate] = np.pad(self.copies[fate], ((0, missing), (0, 0)))

    def arrays(self) -> dict[str, Counts]:
        """Flat names, for a checkpoint."""
        found = {f"ledger.vesicles.{f}": a.copy() for f, a in self.vesicles.items()}
        return found | {f"ledger.copies.{f}": a.copy() for f, a in self.copies.items()}

    def set(self, arrays: dict[str, npt.NDArray[np.int64]]) -> None:
        """The counts of `arrays` again."""
        for fate in FATES:
            self.vesicles[fate] = np.array(arrays[f"ledger.vesicles.{fate}"], dtype=np.int64)
            self.copies[fate] = np.array(arrays[f"ledger.copies.{fate}"], dtype=np.int64)


def tally(
    sender: npt.NDArray[np.int32], copies: npt.NDArray[np.int32], senders: int
) -> tuple[Counts, Counts]:
    """(vesicles per sender, copies per sender and molecule)."""
    vesicles = np.bincount(sender, minlength=senders).astype(np.int64)
    cargo = np.zeros((senders, copies.shape[1]), dtype=np.int64)
    for s in np.flatnonzero(vesicles):
        cargo[s] = copies[sender == s].sum(axis=0, dtype=np.int64)
    return vesicles, cargo
