"""Cells go where forces and their own wishes take them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.mechanics.blocks import workers
from vesiflux.engines.tissue.mechanics.crowd import Crowd
from vesiflux.engines.tissue.mechanics.laws import law_of
from vesiflux.engines.tissue.mechanics.steps import kernels as steps
from vesiflux.engines.tissue.mechanics.walls import Box, box_of
from vesiflux.ir.tissue import CellKind, TissueSpace

__all__ = ["move"]

Floats = npt.NDArray[np.float64]

#: In radii of the smallest cell: the longest way in one substep, and the largest error of it.
_FURTHEST, _ERROR = 0.3, 0.01
#: Of the largest radius: a cell smaller than this (one that is vanishing) counts as this large there.
_SMALLEST = 0.2
#: In radii of the largest cell: lists of neighbours hold until two may have come nearer by this much; from
#: tissue at rest to one where cells crawl.
_SKINS = (0.2, 0.6)
#: Largest substep times stiffness; Heun's method is stable to 2, and both cells of a pair move.
_STABLE = 0.8


def move(
    space: TissueSpace,
    periodic: tuple[bool, bool, bool],
    kinds: Sequence[CellKind],
    places: tuple[Floats, Floats, Floats],
    radius: Floats,
    kind: npt.NDArray[np.integer],
    own: Floats | None,
    dt: float,
    step: float = -1.0,
    before: Floats | None = None,
    threads: int = 1,
) -> int:
    """Move cells for ``dt`` hours, in place; the number of substeps.

    Parameters
    ----------
    space, periodic
        The box, and axes whose two sides are one. In a slab nothing moves along z.
    kinds
        Types of the cells, with their `Mechanics`.
    places
        x, y, z, um, each shape (n,), in the order of ids; changed.
    radius, kind
        um, and index into ``kinds``, shape (n,).
    own
        Velocities of motility, um/h, shape (n, 3), the same over the step; None: nobody moves by itself.
    dt
        h.
    step
        h. Negative: chosen so that it is stable and exact (Heun's method, Euler's error held to a hundredth
        of the smallest radius, no way longer than a third). Positive: substeps of this length with
        PhysiCell's method (Adams-Bashforth 2). 0: no forces.
    before
        Velocities of the last substep, um/h, shape (n, 3), in and out: what Adams-Bashforth goes on from.
        None: from rest. Only a fixed step needs it.
    threads
        Threads; they change no number.
    """
    n = len(radius)
    if n == 0 or dt <= 0.0:
        return 0
    box, law = box_of(space, periodic), law_of(kinds)
    last = np.zeros((n, 3)) if before is None else before
    if step == 0.0:
        return 0 if own is None else _drift(box, places, radius, law.free[kind], own, dt)
    _drift(box, places, radius, np.zeros(n), np.zeros((n, 3)), 0.0)  # who was put outside comes in
    with workers(n, threads) as run:
        largest = float(radius.max())
        way = 0.0 if own is None else 2.0 * dt * math.sqrt(float((own**2).sum(axis=1).max()))
        skin = min(max(way, _SKINS[0] * largest), _SKINS[1] * largest)
        crowd = Crowd(box, law, places, radius, kind, own, last, skin, run)
        count = (
            _fixed(crowd, dt, step)
            if step > 0.0
            else _chosen(crowd, dt, max(float(radius.min()), _SMALLEST * largest), skin)
        )
        crowd.finish(last)
    return count


def _drift(
    box: Box, places: tuple[Floats, Floats, Floats], radius: Floats, free: Floats, own: Floats, dt: float
) -> int:
    """Without forces: straight on, to the sides and walls, in ways too short to jump over a wall."""
    n = len(radius)
    bodies = np.column_stack([*places, radius])
    velocity = free[:, None] * own
    if box.flat:
        velocity[:, 2] = 0.0
    way = dt * math.sqrt(float((velocity**2).sum(axis=1).max()))
    count = math.ceil(way / float(radius.min())) if len(box.walls.radius) and way > 0.0 else 1
    for _ in range(count):
        steps.advance(0, n, bodies, bodies, velocity, velocity, dt / count, 0.0)
        steps.keep_in(0, n, bodies, box.periodic, box.size, box.flat, box.walls)
    for axis, place in enumerate(places):
        place[:] = bodies[:, axis]
    return count


def _fixed(crowd: Crowd, dt: float, step: float) -> int:
    """Adams-Bashforth 2 at the given step, or the nearest that divides ``dt``."""
    count = max(round(dt / step), 1)
    h = dt / count
    for _ in range(count):
        crowd.renew(0.0)
        crowd.look(crowd.bodies, crowd.velocity)
        _, longest = crowd.try_step(1.5 * h, crowd.velocity, -0.5 * h, crowd.before)
        crowd.accept(longest)
        crowd.velocity, crowd.before = crowd.before, crowd.velocity
    return count


def _chosen(crowd: Crowd, dt: float, smallest: float, skin: float) -> int:
    """Heun's method; steps from the error against Euler's, the way, and the stiffness of the pairs."""
    furthest, most = min(_FURTHEST * smallest, 0.4 * skin), _ERROR * smallest
    done, count, h, ahead = 0.0, 0, dt, 0.0
    while done < dt:
        crowd.renew(ahead)
        speed, stiff = crowd.look(crowd.bodies, crowd.velocity)
        h = min(h, min(furthest, crowd.room) / max(speed, 1e-300), _STABLE / max(stiff, 1e-300))
        while True:
            left = dt - done
            part = left / max(math.ceil(left / h - 1e-9), 1)
            there, _ = crowd.try_step(part, crowd.velocity, 0.0, crowd.velocity)
            crowd.look(there, crowd.before)
            error = 0.5 * part * crowd.difference()
            if error <= most:
                break
            h = part * max(0.9 * math.sqrt(most / error), 0.2)
        _, longest = crowd.try_step(0.5 * part, crowd.velocity, 0.5 * part, crowd.before)
        crowd.accept(longest)
        ahead = min(2.0 * longest, furthest)  # lists that do not last for about that are made anew
        done = dt if part == left else done + part
        count += 1
        h = part * min(0.9 * math.sqrt(most / max(error, 1e-300)), 3.0)
    return count
