"""Tables of the pair forces, by kind of both cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vesiflux.ir.tissue import CellKind

__all__ = ["Law", "law_of"]

Floats = npt.NDArray[np.float64]


class Law(NamedTuple):
    """``reach`` (kinds,): multiples of the radius; ``repulsion``, ``adhesion`` (kinds, kinds): um/h.

    ``free`` (kinds,): 1, or 0 for kinds that nobody moves.
    """

    reach: Floats
    repulsion: Floats
    adhesion: Floats
    free: Floats


def law_of(kinds: Sequence[CellKind]) -> Law:
    """As in PhysiCell: geometric means of what both would do, adhesion times one's factor for the other."""
    repulsion = np.array([k.mechanics.repulsion for k in kinds])
    adhesion = np.array([[k.mechanics.adhesion * k.mechanics.adhesion_to.get(o.name, 1.0) for o in kinds]
                         for k in kinds])  # fmt: skip
    return Law(
        np.array([k.mechanics.reach for k in kinds]),
        np.sqrt(np.outer(repulsion, repulsion)),
        np.sqrt(adhesion * adhesion.T),
        np.array([0.0 if k.mechanics.fixed else 1.0 for k in kinds]),
    )
