"""A substep that went negative somewhere, made positive without making or losing anything.

No linear scheme of second order keeps every field positive at every step (C. Bolley, M. Crouzeix, RAIRO
Anal. Numer. 12, 237, 1978). The first-order step does: each of its factors has an inverse without negative
entries. The mixture of both with one weight everywhere keeps the balance of both; the least weight that
leaves nothing negative is taken, and the change is reported to the choice of substeps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vesiflux.engines.tissue.fields.douglas import Passed, Stepper
from vesiflux.engines.tissue.fields.solver import norm

__all__ = ["positive"]

Floats = npt.NDArray[np.float64]


def positive(
    stepper: Stepper,
    before: Floats,
    bound: Floats,
    u: Floats,
    depot: Floats,
    source: Floats,
    loss: Floats,
    taken: Floats,
    span: float,
    found: Passed,
) -> tuple[Passed, float]:
    """Mix a step into ``u``, ``depot``, ``taken`` (in place): (what it did, relative change in L2).

    ``before``, ``bound``: field and depot before the step; ``found``: what the step did. Fields that were
    negative before (a user's writing) are left as they are.
    """
    if before.min() < 0.0 or (bound.size and bound.min() < 0.0):
        return found, 0.0
    safe, safe_depot, safe_taken = before.copy(), bound.copy(), np.empty_like(u)
    other = stepper.substep(safe, safe_depot, source, loss, safe_taken, span, first=True)
    weight = 0.0
    for new, fallback in ((u, safe), (depot, safe_depot)):
        low = np.flatnonzero(new < 0.0)
        if low.size:
            weight = max(weight, float((-new[low] / (fallback[low] - new[low])).max()))
    weight = min(1.0, weight * (1.0 + 1e-12))
    size = norm(safe)
    moved = weight * norm(safe - u) / size if size > 0.0 else 0.0
    for new, fallback in ((u, safe), (depot, safe_depot)):
        if ((1.0 - weight) * new + weight * fallback).min(initial=0.0) < 0.0:
            weight = 1.0
    used = found.taken(before, u, loss, span)
    taken += weight * (safe_taken - used)
    for new, fallback in ((u, safe), (depot, safe_depot)):
        new[:] = (1.0 - weight) * new + weight * fallback
    return (
        Passed(
            (1.0 - weight) * found.mean + weight * other.mean,
            (1.0 - weight) * found.left + weight * other.left,
            0.0,
        ),
        moved,
    )
