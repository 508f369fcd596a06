"""The box of a tissue: voxels, borders, flow, regions, vessels; and where cells of a type begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.ir.lowering.values import number as typical_number
from vesiflux.ir.lowering.values import written_unit
from vesiflux.ir.tissue import Border, Layout, Region, TissueSpace, Vessel
from vesiflux.language.schema import Segment, Value

if TYPE_CHECKING:
    from vesiflux.language.schema import Layout as WrittenLayout
    from vesiflux.language.schema import Tissue

__all__ = ["borders_of", "layout_of", "make_space", "point"]

#: (path, value, unit) -> number, as settings and arms leave it.
Number = Callable[[str, Value, str], float]
Point = tuple[float, float, float]
Floats = npt.NDArray[np.float64]
#: Golden-ratio steps of the plane (Roberts' R2 sequence): random-looking, even.
_EVEN = (0.7548776662466927, 0.5698402909980532)


def point(values: Sequence[Value], number: Number, path: str, middle: float = 0.0, unit: str = "um") -> Point:
    """Two or three lengths as a point; ``middle`` is the third of two."""
    found = [number(f"{path}.{i + 1}", v, unit) for i, v in enumerate(values)]
    x, y, z = (*found, middle)[:3]
    return x, y, z


def make_space(space: Tissue, number: Number) -> TissueSpace:
    """The box in numbers."""
    edge = number("space.voxel", space.voxel, "um")
    sizes = [number(f"space.size.{i + 1}", v, "um") for i, v in enumerate(space.size)]
    counts = [max(round(s / edge), 1) for s in sizes]
    voxel = [s / n for s, n in zip(sizes, counts, strict=True)]
    if len(sizes) == 2:
        counts.append(1)
        voxel.append(number("space.thickness", space.thickness, "um") if space.thickness else edge)
    shape = (counts[0], counts[1], counts[2])
    edges = (voxel[0], voxel[1], voxel[2])
    middle = 0.5 * edges[2] if shape[2] == 1 else 0.0
    flow = point(space.flow, number, "space.flow", unit="um/h") if space.flow else (0.0, 0.0, 0.0)
    x, y, z = (getattr(space.borders, axis) == "periodic" for axis in ("x", "y", "z"))
    periodic = (x, y, z and shape[2] > 1)
    bare = TissueSpace(shape, edges, flow, periodic=periodic)
    regions = []
    for name, region in space.regions.items():
        path = f"space.regions.{name}"
        rest = number(f"{path}.hindrance", region.hindrance, "1") if region.hindrance else 1.0
        if region.box is not None:
            first, second = (point(c, number, f"{path}.box.{i}", 0.0) for i, c in enumerate(region.box, 1))
            low = tuple(min(a, b) for a, b in zip(first, second, strict=True))
            high = tuple(max(a, b) for a, b in zip(first, second, strict=True))
            top = bare.size[2] if bare.flat else high[2]
            regions.append(
                Region(name, "box", (low[0], low[1], low[2]), (high[0], high[1], top), 0.0, rest, region.wall)
            )
        else:
            assert region.ball is not None, "checked by the language"
            centre = point(region.ball.centre, number, f"{path}.ball.centre", middle)
            radius = number(f"{path}.ball.radius", region.ball.radius, "um")
            regions.append(Region(name, "ball", centre, (0.0, 0.0, 0.0), radius, rest, region.wall))
    return TissueSpace(shape, edges, flow, tuple(regions), tuple(_vessels(space, number, bare)), periodic)


def _vessels(space: Tissue, number: Number, box: TissueSpace) -> list[Vessel]:
    found = []
    middle = 0.5 * box.size[2]
    for name, kind in space.vessels.items():
        path = f"space.vessels.{name}"
        radius = number(f"{path}.radius", kind.radius, "um")
        exchange: dict[str, tuple[float, float]] = {}
        for factor, supply in kind.supplies.items():
            rate = number(f"{path}.supplies.{factor}.permeability", supply.permeability, "um/h")
            of_vesicles = units.same_dimension(written_unit(supply.inside, "molecule/mL"), "vesicle/mL")
            unit = "vesicle/mL" if of_vesicles else "molecule/mL"
            inside = number(f"{path}.supplies.{factor}.inside", supply.inside, unit)
            exchange[factor] = (rate, inside)
        for what, value in kind.clears.items():
            exchange[what] = (number(f"{path}.clears.{what}", value, "um/h"), 0.0)
        for i, piece in enumerate(kind.at, 1):
            if isinstance(piece, Segment):
                ends = (
                    point(p, number, f"{path}.at.{i}.{end}", middle)
                    for end, p in (("from", piece.start), ("to", piece.end))
                )
                a, b = ends
            else:
                a = b = point(piece, number, f"{path}.at.{i}", middle)
            found.append(Vessel(name, a, b, radius, exchange))
        for i in range(kind.count or 0):
            found.append(_evenly(name, i, radius, exchange, box))
    return found


def _evenly(
    name: str, i: int, radius: float, exchange: dict[str, tuple[float, float]], box: TissueSpace
) -> Vessel:
    """The i-th of vessels that lie all over the box, across a slab or along z."""
    start = 0.5 + sum(map(ord, name)) * 0.1237
    x, y = (((start + (i + 1) * step) % 1.0) * s for step, s in zip(_EVEN, box.size[:2], strict=True))
    low, high = (0.5 * box.size[2],) * 2 if box.flat else (0.0, box.size[2])
    return Vessel(name, (x, y, low), (x, y, high), radius, exchange)


def borders_of(
    space: Tissue, flat: bool, own: str | None, outside: float
) -> tuple[Border, Border, Border, Border, Border, Border]:
    """Borders of one group. ``own``: its word on sides that are not periodic; ``outside``: per mL."""
    found: list[Border] = []
    for axis in ("x", "y", "z"):
        kind = getattr(space.borders, axis)
        if kind != "periodic":
            kind = own or kind
        if axis == "z" and flat:
            kind = "closed"
        side = {
            "closed": Border("closed"),
            "periodic": Border("periodic"),
            "open": Border("held", outside),
        }[kind]
        found += [side, side]
    a, b, c, d, e, f = found
    return a, b, c, d, e, f


def layout_of(
    name: str,
    layout: WrittenLayout,
    number: Number,
    box: TissueSpace,
    places: Sequence[Sequence[float]] | None,
    beside: Path | None,
) -> Layout:
    """Where the cells of type ``name`` begin. ``places``: those of its CSV file, if it has one."""
    path = f"{name}.layout"
    middle = 0.5 * box.size[2] if box.flat else 0.0

    def place(values: Sequence[Value] | None, key: str, z: float = middle) -> Point | None:
        return None if not values else point(values, number, f"{path}.{key}", z)

    radius = number(f"{path}.radius", layout.radius, "um") if layout.radius else None
    if layout.kind == "file":
        if places is None:
            assert beside is not None, "checked by the language"
            places = _from_anndata(beside / layout.file, layout.type or name, path).tolist()
        return Layout("at", points=_in_box(places, box, path))
    if layout.kind == "at":
        return Layout(
            "at", points=np.array([point(p, _given, f"{path}.points", middle) for p in layout.points])
        )
    return Layout(
        layout.kind,
        centre=place(layout.centre, "centre"),
        radius=radius,
        inner=number(f"{path}.inner", layout.inner, "um") if layout.inner else 0.0,
        a=place(layout.corner, "from", 0.0),
        b=place(layout.opposite, "to", box.size[2]),
    )


def _given(path: str, value: Value, unit: str) -> float:
    """A place of a list: too many of them to be parameters."""
    return typical_number(value, unit, path)


def _from_anndata(where: Path, kind: str, path: str) -> Floats:
    try:
        import anndata
    except ImportError:
        raise InputError(
            f"cells.{path}.file: reading {where.name} needs anndata: pip install anndata"
        ) from None
    data = anndata.read_h5ad(where)
    if "spatial" not in data.obsm or "type" not in data.obs:
        raise InputError(f"{where}: needs obsm['spatial'] (um) and obs['type']")
    chosen = np.asarray(data.obs["type"].astype(str) == kind)
    if not chosen.any():
        raise InputError(f"{where}: no cell has the type {kind!r}")
    points: Floats = np.asarray(data.obsm["spatial"], dtype=np.float64)[chosen]
    return points


def _in_box(places: Sequence[Sequence[float]], box: TissueSpace, path: str) -> Floats:
    """Places as (n, 3), in the middle of a slab; refused where one lies outside."""
    points = np.array([(*p, 0.5 * box.size[2])[:3] for p in places], dtype=np.float64)
    outside = ((points < 0.0) | (points > np.array(box.size))).any(axis=1)
    if outside.any():
        x, y, z = points[np.argmax(outside)]
        raise InputError(
            f"cells.{path}.file: {int(outside.sum())} cells lie outside the box, the first at {x:g}, {y:g}, "
            f"{z:g} um"
        )
    return points
