"""What is handed to the kernels: named tuples of arrays, and the numbers they agree on."""

from __future__ import annotations

from typing import Any, NamedTuple

from vesiflux.engines.tissue.random import Purpose

__all__ = [
    "BOUND", "CLEARED", "CLOSED", "DECAYED", "FREE", "LEFT", "OPEN", "PERIODIC", "P_ABSORPTION", "P_BROWNIAN",
    "P_CONTENT", "P_DECAY", "P_EMISSION", "Box", "Columns", "Near", "Places",
]  # fmt: skip

# Fate of a vesicle: the row of the cell that took it (>= 0), or
FREE, BOUND, DECAYED, LEFT, CLEARED = -1, -2, -3, -4, -5
# Borders of an axis; OPEN: at least one of the two.
CLOSED, PERIODIC, OPEN = 0, 1, 2
P_EMISSION, P_CONTENT = int(Purpose.EMISSION), int(Purpose.CONTENT)
P_BROWNIAN, P_ABSORPTION, P_DECAY = int(Purpose.BROWNIAN), int(Purpose.ABSORPTION), int(Purpose.DECAY)


class Columns(NamedTuple):
    """The vesicles: (n,) each. ``due``: when it decays, binds or comes loose next, h."""

    x: Any  # float32, um
    y: Any
    z: Any
    diameter: Any  # float32, um; 0 where the class has none
    ident: Any  # int64
    due: Any  # float64, h
    fate: Any  # int32


class Box(NamedTuple):
    """What is the same for all. ``sides``: 1 where the border is open: x low, x high, ... (6,)."""

    size: Any  # float64 (3,)
    modes: Any  # int64 (3,)
    sides: Any  # int64 (6,)
    drift: Any  # float32 (3,): displacement per substep
    scale: float  # sqrt(2 D h) for a diameter of 1, or without diameters
    decay: float
    on: float
    off: float


class Near(NamedTuple):
    """Cells: ``cells`` (n, 4) x, y, z, radius; ``kappa`` (n,) um/h, negative: perfect; ids; lists per bin."""

    cells: Any
    kappa: Any
    ident: Any
    bins: Any  # int64 (3,)
    inverse: Any  # float32 (3,): bins per um
    some: Any  # uint8: whether a bin lists any cell
    start: Any
    items: Any


class Places(NamedTuple):
    """What differs between voxels; ``used`` False: nothing. ``share``: of D that remains, 0 in walls."""

    used: bool
    shape: Any  # int64 (3,)
    inverse: Any  # float64 (3,): voxels per um
    share: Any  # float64 (voxels,)
    sink: Any  # float64 (voxels,), 1/h
    flowing: bool
    speed_x: Any  # um/h at faces, (nz, ny, nx + 1), (nz, ny + 1, nx), (nz + 1, ny, nx)
    speed_y: Any
    speed_z: Any
