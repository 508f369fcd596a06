"""Passage of spheres through pores of an endothelium."""

from __future__ import annotations

__all__ = ["hindrance"]


def hindrance(ratio: float) -> float:
    """Share of the diffusive clearance of a point that a sphere of ``ratio`` = diameter/pore keeps, 0 to 1.

    Partition (1 - x)^2 times Renkin's hindrance of motion along the axis, 1 - 2.104 x + 2.09 x^3 - 0.95 x^5
    (Renkin 1954, J Gen Physiol 38:225); for ``ratio`` between 0 and 1, above 1 nothing passes: take the
    ratio at most 1.
    """
    free = 1.0 - ratio
    return free * free * (1.0 - 2.104 * ratio + 2.09 * ratio**3 - 0.95 * ratio**5)
