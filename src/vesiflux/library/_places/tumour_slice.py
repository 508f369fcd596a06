"""Where the cells of ``tumour-slice`` begin: tumour nests, stroma along them, capillaries between.

    python -m vesiflux.library._places.tumour_slice FOLDER     writes cells.csv; prints the capillaries

The section is drawn, not measured. Nests are discs with wavy edges; tumour cells fill them on a jittered
hexagonal lattice; fibroblasts lie in sheets that follow the edges of the nests; macrophages and T cells
are thrown in at random, most of them into the stroma near edges and capillaries, few into the nests. No two
cells overlap by more than an eighth of the sum of their radii.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["BOX", "CAPILLARY_RADIUS", "Places", "capillaries", "draw", "write"]

Floats = npt.NDArray[np.float64]

BOX = (1200.0, 1000.0)
SEED = 20
CAPILLARY_RADIUS = 5.0
RADII = {"tumour": 8.0, "fibroblast": 7.0, "macrophage": 8.0, "cd8": 4.5}
NUMBERS = {"fibroblast": 1480, "macrophage": 420, "cd8": 450}
#: x, y, radius of each nest, um.
NESTS = (
    (285.0, 690.0, 205.0),
    (700.0, 790.0, 150.0),
    (1010.0, 640.0, 165.0),
    (640.0, 430.0, 165.0),
    (240.0, 250.0, 165.0),
    (930.0, 240.0, 180.0),
    (560.0, 110.0, 85.0),
    (1090.0, 920.0, 75.0),
)
_LATTICE = 15.2  # um between neighbours in a nest
_SHEET = 17.0  # um between sheets of fibroblasts
_BATCH = 4096
_OVERLAP = 0.88  # least distance of two cells, of the sum of their radii


@dataclass(frozen=True)
class Places:
    """Cells of all types: ``kind`` and ``xy`` (n, 2), um; ``capillaries`` (m, 2)."""

    kind: tuple[str, ...]
    xy: Floats
    capillaries: Floats


class _Nests:
    """Signed distance to the nearest edge of a nest, um, negative inside."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._centres = np.array([n[:2] for n in NESTS])
        self._radii = np.array([n[2] for n in NESTS])
        waves = np.arange(2, 7)
        self._waves = waves
        self._size = rng.normal(0.0, 0.13, (len(NESTS), waves.size)) / np.sqrt(waves / 2.0)
        self._phase = rng.uniform(0.0, 2.0 * np.pi, (len(NESTS), waves.size))

    def distance(self, xy: Floats) -> Floats:
        """Of each of the points (n, 2): about the distance to the nearest edge."""
        away = xy[:, None, :] - self._centres
        angle = np.arctan2(away[..., 1], away[..., 0])
        wavy = (self._size * np.cos(angle[..., None] * self._waves + self._phase)).sum(axis=2)
        edge = self._radii * (1.0 + wavy)
        found: Floats = (np.hypot(away[..., 0], away[..., 1]) - edge).min(axis=1)
        return found


class _Room:
    """The cells placed so far, in bins, to keep new ones off them."""

    def __init__(self) -> None:
        self._bin = 2.0 * max(RADII.values())
        self._bins: dict[tuple[int, int], list[tuple[float, float, float]]] = {}

    def fits(self, x: float, y: float, radius: float) -> bool:
        """Whether a cell of this radius has room here."""
        if not (radius <= x <= BOX[0] - radius and radius <= y <= BOX[1] - radius):
            return False
        i, j = int(x // self._bin), int(y // self._bin)
        near = (self._bins.get((a, b), ()) for a in (i - 1, i, i + 1) for b in (j - 1, j, j + 1))
        return all(
            (x - u) ** 2 + (y - v) ** 2 >= (_OVERLAP * (radius + r)) ** 2 for some in near for u, v, r in some
        )

    def take(self, x: float, y: float, radius: float) -> None:
        """A cell lies here."""
        self._bins.setdefault((int(x // self._bin), int(y // self._bin)), []).append((x, y, radius))


def capillaries(nests: _Nests, rng: np.random.Generator) -> Floats:
    """Where capillaries cross: in the stroma, 15 um or more off the nests and 210 um off each other."""
    found: list[tuple[float, float]] = []
    spots = rng.uniform((10.0, 10.0), (BOX[0] - 10.0, BOX[1] - 10.0), (4000, 2))
    for x, y in spots[nests.distance(spots) >= 15.0]:
        if all((x - u) ** 2 + (y - v) ** 2 >= 210.0**2 for u, v in found):
            found.append((round(float(x)), round(float(y))))
    return np.array(found, dtype=np.float64)


def _lattice() -> Floats:
    rows = np.arange(0.0, BOX[1], _LATTICE * np.sqrt(0.75))
    columns = np.arange(0.0, BOX[0], _LATTICE)
    x, y = np.meshgrid(columns, rows)
    x[1::2] += 0.5 * _LATTICE
    return np.column_stack([x.ravel(), y.ravel()])


def draw(seed: int = SEED) -> Places:
    """All cells of the section."""
    rng = np.random.default_rng(seed)
    nests = _Nests(rng)
    vessels = capillaries(nests, rng)
    room = _Room()
    for x, y in vessels:
        room.take(float(x), float(y), CAPILLARY_RADIUS)
    kinds: list[str] = []
    found: list[tuple[float, float]] = []

    def settle(kind: str, x: float, y: float) -> bool:
        x, y = round(x, 1), round(y, 1)
        if not room.fits(x, y, RADII[kind]):
            return False
        room.take(x, y, RADII[kind])
        kinds.append(kind)
        found.append((x, y))
        return True

    # Immune cells come first, so that those in the nests find room there.
    for kind in ("macrophage", "cd8"):
        _throw(kind, _liking_of(kind, vessels), nests, settle, rng)
    spots = _lattice()
    spots = spots[nests.distance(spots) < 0.0]
    for x, y in spots + rng.normal(0.0, 0.3, spots.shape):
        settle("tumour", float(x), float(y))
    _throw("fibroblast", _in_sheets, nests, settle, rng)
    return Places(tuple(kinds), np.array(found), vessels)


def _throw(
    kind: str,
    liking: Callable[[Floats, Floats], Floats],
    nests: _Nests,
    settle: Callable[[str, float, float], bool],
    rng: np.random.Generator,
) -> None:
    """Throw cells until all have a place; ``liking``: of (places, um off the nests), 0 to 1."""
    left = NUMBERS[kind]
    while left:
        spots = rng.uniform((0.0, 0.0), BOX, (_BATCH, 2))
        liked = spots[rng.random(_BATCH) < liking(spots, nests.distance(spots))]
        for x, y in liked:
            left -= left > 0 and settle(kind, float(x), float(y))


def _in_sheets(_: Floats, off: Floats) -> Floats:
    """Fibroblasts: in sheets along the edges of the nests, fewer far from them."""
    from_sheet = np.abs((off - 10.0 + 0.5 * _SHEET) % _SHEET - 0.5 * _SHEET)
    return np.where((off > 5.0) & (from_sheet < 2.0), np.exp(-np.maximum(off, 0.0) / 60.0) + 0.1, 0.0)


def _liking_of(kind: str, vessels: Floats) -> Callable[[Floats, Floats], Floats]:
    """T cells near capillaries, macrophages along the nests; few of both inside, fewer deep inside."""

    def liking(spots: Floats, off: Floats) -> Floats:
        inside = (0.10 if kind == "macrophage" else 0.06) * np.exp(np.minimum(off, 0.0) / 60.0)
        if kind == "macrophage":
            outside = np.exp(-np.maximum(off, 0.0) / 40.0)
        else:
            away = spots[:, None, :] - vessels
            outside = 0.15 + 0.85 * np.exp(-np.hypot(away[..., 0], away[..., 1]).min(axis=1) / 30.0)
        return np.where(off < 0.0, inside, outside)

    return liking


def write(places: Places, folder: Path) -> Path:
    """Write ``cells.csv``: x, y (um) and type."""
    file = folder / "cells.csv"
    order = sorted(range(len(places.kind)), key=lambda i: (places.kind[i], i))
    rows = [f"{places.xy[i, 0]:.1f},{places.xy[i, 1]:.1f},{places.kind[i]}\n" for i in order]
    file.write_text("x,y,type\n" + "".join(rows), encoding="utf-8")
    return file


if __name__ == "__main__":
    made = draw()
    write(made, Path(sys.argv[1]))
    numbers = ", ".join(f"{made.kind.count(kind)} {kind}" for kind in RADII)
    spots = ", ".join(f"[{x:.0f} um, {y:.0f} um]" for x, y in made.capillaries)
    sys.stdout.write(f"{numbers}\nat: [{spots}]\n")
