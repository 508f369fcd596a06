"""Where the numbers of the claims stand beside the arrows: on their arrow, on nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vesiflux.report.claims.layout import Box, Route

__all__ = ["along", "place_numbers"]

_STEPS = 24


def along(route: Route) -> list[tuple[float, float]]:
    """Points of an arrow as drawn, level pieces and bends alike."""
    found = [route.points[0]]
    for k in range(1, len(route.points)):
        (x0, y0), (x1, y1) = route.points[k - 1], route.points[k]
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            if k % 2:
                found.append((x0 + (x1 - x0) * t, y0 + (y1 - y0) * t))
                continue
            # cubic with level ends
            s = 1 - t
            middle = (x0 + x1) / 2
            x = s**3 * x0 + 3 * s * s * t * middle + 3 * s * t * t * middle + t**3 * x1
            found.append((x, y0 + (y1 - y0) * (3 * t * t - 2 * t**3)))
    return found


def place_numbers(
    routes: Sequence[Route], sizes: Mapping[int, tuple[float, float]], taken: Sequence[Box]
) -> dict[int, tuple[float, float]]:
    """Middle of each arrow's number: off ``taken`` and other numbers, off other arrows where it can be."""
    import numpy as np

    curves = {route.edge: np.array(along(route)) for route in routes}
    every = np.concatenate([np.empty((0, 2)), *curves.values()])
    owner = np.repeat(list(curves), [len(points) for points in curves.values()])
    solid = _corners(taken)
    placed: list[Box] = []
    found: dict[int, tuple[float, float]] = {}
    for edge, points in sorted(curves.items(), key=lambda item: len(item[1])):
        half = np.array(sizes[edge]) / 2
        low, high = points - half, points + half
        others = every[owner != edge]
        inside = np.all((low[:, None] < others) & (others < high[:, None]), axis=2)
        bad = np.abs(np.arange(len(points)) / len(points) - 0.5) + 0.5 * inside.sum(axis=1)
        bad += 1e3 * _meets(low, high, _corners(placed)) + 1e6 * _meets(low, high, solid)
        x, y = points[int(np.argmin(bad))]
        placed.append(Box(x - half[0], y - half[1], x + half[0], y + half[1]))
        found[edge] = (float(x), float(y))
    return found


def _corners(boxes: Sequence[Box]) -> Any:
    import numpy as np

    return np.array([(b.left, b.bottom, b.right, b.top) for b in boxes]).reshape(-1, 4)


def _meets(low: Any, high: Any, boxes: Any) -> Any:
    """How many of ``boxes`` each rectangle low..high meets."""
    apart = (high[:, None] <= boxes[:, :2]) | (boxes[:, 2:] <= low[:, None])
    return (~apart.any(axis=2)).sum(axis=1)
