"""Places in a tissue in numbers: the box, points, and whether they lie in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vesiflux.language.checks.context import typical
from vesiflux.language.positions import Finding, Path
from vesiflux.language.schema import Tissue, Value

__all__ = ["Box", "check_point", "numbers"]

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Box:
    """The box of a tissue: ``edges`` in um, two of a slab or three."""

    edges: Numbers
    voxel: float | None
    thickness: float | None  # of a slab
    periodic: tuple[bool, ...]

    @classmethod
    def of(cls, space: object) -> Box | None:
        """The box of a space; None where it is no tissue, or cannot be read."""
        if not isinstance(space, Tissue):
            return None
        edges = numbers(space.size)
        if edges is None or len(edges) not in (2, 3) or min(edges) <= 0:
            return None
        voxel = typical(space.voxel, "um")
        voxel = voxel if voxel is not None and voxel > 0 else None
        thickness = typical(space.thickness, "um") if space.thickness is not None else voxel
        sides = (space.borders.x, space.borders.y, space.borders.z)
        return cls(edges, voxel, thickness, tuple(s == "periodic" for s in sides[: len(edges)]))

    @property
    def flat(self) -> bool:
        """Whether it is a slab."""
        return len(self.edges) == 2

    @property
    def text(self) -> str:
        """``1000 x 1000 um``"""
        return " x ".join(f"{e:g}" for e in self.edges) + " um"

    def inside(self, point: Numbers) -> bool:
        """Whether a point lies in the box or on its sides."""
        return all(0.0 <= p <= e for p, e in zip(point, self.edges, strict=True))

    def holds(self, centre: Numbers, radius: float) -> bool:
        """Whether a ball lies in the box; across periodic sides it may reach."""
        return all(
            repeats or (radius <= p * (1 + 1e-9) and p + radius <= e * (1 + 1e-9))
            for p, e, repeats in zip(centre, self.edges, self.periodic, strict=True)
        )

    def distance(self, point: Numbers) -> float:
        """Distance of a point from the box, um; 0 inside."""
        out = (max(-p, p - e, 0.0) for p, e in zip(point, self.edges, strict=True))
        return float(sum(d * d for d in out) ** 0.5)


def numbers(point: tuple[Value, ...]) -> Numbers | None:
    """A point in um; None where one of its numbers cannot be read."""
    found = [typical(v, "um") for v in point]
    known = [f for f in found if f is not None]
    return tuple(known) if len(known) == len(found) else None


def check_point(
    path: Path, what: str, point: tuple[Value, ...], box: Box, *, inside: bool = True
) -> Iterator[Finding]:
    """As many numbers as the box has edges, and in it."""
    n = len(box.edges)
    if len(point) != n:
        shape = "a slab has places of two numbers" if box.flat else "a block has places of three numbers"
        yield Finding(path, f"{what} has {len(point)} number{'s' * (len(point) != 1)}; {shape}")
        return
    where = numbers(point)
    if inside and where is not None and not box.inside(where):
        at = ", ".join(f"{w:g}" for w in where)
        yield Finding(path, f"{what} ({at} um) lies outside the box of {box.text}")
