"""Small crowds of cells for the tests of mechanics."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.ir.tissue import Mechanics, Region, TissueSpace

Floats = npt.NDArray[np.float64]
CLOSED = (False, False, False)


def space(*size: float, regions: tuple[Region, ...] = ()) -> TissueSpace:
    """A box of one voxel along z when two numbers are given, else ten each way."""
    flat = len(size) == 2
    edges = (size[0] / 10, size[1] / 10, 20.0 if flat else size[2] / 10)
    return TissueSpace((10, 10, 1 if flat else 10), edges, regions=regions)


def kind(name: str = "a", **mechanics: Any) -> Any:
    """A type of cells that pushes and pulls as PhysiCell's default does."""
    return SimpleNamespace(
        name=name, mechanics=Mechanics(**({"repulsion": 600.0, "adhesion": 24.0} | mechanics))
    )


def scattered(n: int, size: tuple[float, float, float], seed: int = 1) -> tuple[Floats, Floats, Floats]:
    """Random places."""
    at = np.random.default_rng(seed).uniform(0.0, 1.0, (3, n)) * np.array(size)[:, None]
    return at[0].copy(), at[1].copy(), at[2].copy()


def gaps(places: tuple[Floats, Floats, Floats], size: tuple[float, float, float], periodic: Any) -> Floats:
    """All vectors between cells, nearest images, (n, n, 3): from the second to the first."""
    at = np.stack(places, axis=1)
    found = at[:, None] - at[None]
    for axis in range(3):
        if periodic[axis]:
            found[..., axis] -= size[axis] * np.rint(found[..., axis] / size[axis])
    return np.asarray(found)
