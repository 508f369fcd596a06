"""Where the numbers of the claims stand beside the arrows: on their arrow, on nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    curves = {route.edge: along(route) for route in routes}
    placed: list[Box] = []
    found: dict[int, tuple[float, float]] = {}
    for edge, points in sorted(curves.items(), key=lambda item: len(item[1])):
        w, h = sizes[edge]
        best, least = points[len(points) // 2], float("inf")
        for number, (x, y) in enumerate(points):
            box = Box(x - w / 2, y - h / 2, x + w / 2, y + h / 2)
            if any(box.meets(other) for other in taken):
                continue
            bad = 1000.0 * sum(box.meets(other) for other in placed)
            bad += 4.0 * sum(
                any(box.left < px < box.right and box.bottom < py < box.top for px, py in other)
                for name, other in curves.items()
                if name != edge
            )
            bad += abs(number / len(points) - 0.5)
            if bad < least:
                best, least = (x, y), bad
        x, y = best
        placed.append(Box(x - w / 2, y - h / 2, x + w / 2, y + h / 2))
        found[edge] = best
    return found
