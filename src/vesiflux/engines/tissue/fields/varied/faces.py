"""The faces of every line, as the kernels for faces that differ read them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.lines import padded
from vesiflux.engines.tissue.fields.transport import Transport

__all__ = ["Faces", "faces"]

Floats = npt.NDArray[np.float64]


class Faces(NamedTuple):
    """Faces for the kernels, flat; ``held``: at the six borders; ``ring``: periodic axes; ``ghost``: rows of
    the borders' values at low and high y and z, and a row of zeros.
    """

    x_low: Floats
    x_high: Floats
    y_low: Floats
    y_high: Floats
    z_low: Floats
    z_high: Floats
    held: Floats
    ring: npt.NDArray[np.bool_]
    ghost: Floats


def faces(operator: Transport) -> Faces:
    """Faces of every line, as the kernels read them."""
    shape = operator.grid.array_shape
    flat: list[Floats] = []
    for axis in operator.axes:
        length = list(shape)
        length[axis.dimension] += 1
        low = np.ascontiguousarray(np.broadcast_to(axis.low, length)).reshape(-1)
        flat.append(low)
        if axis.symmetric:
            flat.append(low)
        else:
            flat.append(np.ascontiguousarray(np.broadcast_to(axis.high, length)).reshape(-1))
    held = np.array([value for axis in operator.axes for value in axis.held])
    wide = padded(operator.grid.shape[0])
    ghost = np.concatenate([np.repeat(held[2:], wide), np.zeros(wide)])
    ring = np.array([axis.periodic for axis in operator.axes])
    return Faces(flat[0], flat[1], flat[2], flat[3], flat[4], flat[5], held, ring, ghost)
