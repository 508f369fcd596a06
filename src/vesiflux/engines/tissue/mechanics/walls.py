"""The box of a tissue as the kernels of movement see it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vesiflux.ir.tissue import TissueSpace

__all__ = ["Box", "Walls", "box_of"]

Floats = npt.NDArray[np.float64]


class Walls(NamedTuple):
    """Regions that cells do not enter, one row each."""

    low: Floats
    high: Floats
    centre: Floats
    radius: Floats
    ball: npt.NDArray[np.bool_]


class Box(NamedTuple):
    """``size`` (3,), um; ``periodic`` (3,); ``flat``: nothing moves along z."""

    size: Floats
    periodic: npt.NDArray[np.bool_]
    flat: bool
    walls: Walls


def box_of(space: TissueSpace, periodic: tuple[bool, bool, bool]) -> Box:
    """Size, borders and walls of ``space``; in a slab, z has no borders."""
    walls = [region for region in space.regions if region.wall]

    def corners(name: str) -> Floats:
        return np.array([getattr(w, name) for w in walls], dtype=np.float64).reshape(-1, 3)

    sides = np.array(periodic) & ~np.array([False, False, space.flat])
    return Box(
        np.array(space.size),
        sides,
        space.flat,
        Walls(
            corners("a"),
            corners("b"),
            corners("a"),
            np.array([w.radius for w in walls], dtype=np.float64),
            np.array([w.shape == "ball" for w in walls], dtype=np.bool_),
        ),
    )
