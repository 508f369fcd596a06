"""The box of a tissue: its voxels, what lies in it, and what crosses its sides."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vesiflux.language.checks.context import Context, typical
from vesiflux.language.checks.places import Box, check_point
from vesiflux.language.checks.structure import unknown
from vesiflux.language.checks.values import check_value
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import Quantity
from vesiflux.language.schema import Region, Segment, Tissue, Vessels

__all__ = ["check_box", "check_fields", "check_regions", "check_vessels"]

#: More voxels than these no machine is meant for (8 GB per field).
MOST_VOXELS = 1e9


def check_box(context: Context) -> Iterator[Finding]:
    """Two or three edges; voxels that fit them and the cells; flow and sides along the edges there are."""
    space = context.spec.space
    if not isinstance(space, Tissue):
        return
    if len(space.size) not in (2, 3):
        message = f"'size' has two numbers (a slab) or three (a block), not {len(space.size)}"
        yield Finding(("space", "size"), message)
    box = Box.of(space)
    if box is None:
        return
    if not box.flat and space.thickness is not None:
        yield Finding(
            ("space", "thickness"), "'thickness' is of a slab; this size has three numbers", key=True
        )
    if box.flat and space.borders.z != "closed":
        yield Finding(("space", "borders", "z"), "a slab has no sides along z", key=True)
    if space.flow and len(space.flow) != len(box.edges):
        message = f"'flow' has {len(space.flow)} numbers, the box has {len(box.edges)} edges"
        yield Finding(("space", "flow"), message)
    if space.matrix.binding is not None:
        message = "binding belongs to what is bound: vesicles.NAME.matrix or factors.NAME.matrix"
        yield Finding(("space", "matrix", "binding"), message, key=True)
    yield from _check_voxels(context, box)


def _check_voxels(context: Context, box: Box) -> Iterator[Finding]:
    path: Path = ("space", "voxel")
    voxel = box.voxel
    if voxel is None:
        return
    shortest = min(box.edges)
    count = math.prod(e / voxel for e in box.edges)
    radii = {name: typical(cell.radius, "um") for name, cell in context.spec.cells.items()}
    found = {name: r for name, r in radii.items() if r is not None and r > 0}
    if voxel > shortest:
        yield Finding(path, f"a voxel of {voxel:g} um is wider than the box of {box.text}")
    elif count > MOST_VOXELS:
        coarser = voxel * (count / MOST_VOXELS) ** (1 / len(box.edges))
        yield Finding(path, f"these are {count:.2g} voxels; at most 1e9, which {coarser:.2g} um would be")
    elif found and voxel > 4 * max(found.values()) * (1 + 1e-9):
        name = max(found, key=lambda n: found[n])
        message = (
            f"a voxel of {voxel:g} um is over twice as wide as a cell of {name} ({2 * found[name]:g} um); "
            f"a cell would not see what is around it: take at most {4 * found[name]:g} um"
        )
        yield Finding(path, message)
    for name, radius in found.items():
        if 2 * radius > shortest:
            message = f"a cell of {2 * radius:g} um is wider than the box of {box.text}"
            yield Finding(("cells", name, "radius"), message, key=True)


def check_regions(context: Context) -> Iterator[Finding]:
    """A region is one box or one ball in the tissue, and differs from it."""
    space, box = context.spec.space, Box.of(context.spec.space)
    if not isinstance(space, Tissue):
        return
    for name, region in space.regions.items():
        path: Path = ("space", "regions", name)
        if (region.box is None) == (region.ball is None):
            said = "both" if region.box is not None else "neither"
            yield Finding(path, f"a region is one of box and ball; this has {said}", key=True)
        elif box is not None:
            yield from _check_shape(path, region, box)
        if region.wall and region.hindrance is not None:
            yield Finding(
                (*path, "hindrance"), "nothing passes a wall: it has no hindrance as well", key=True
            )
        if not region.wall and region.hindrance is None:
            yield Finding(path, "this region differs in nothing: add hindrance: 0.1 or wall: true", key=True)


def _check_shape(path: Path, region: Region, box: Box) -> Iterator[Finding]:
    if region.box is not None:
        if len(region.box) != 2:
            message = f"'box' has two opposite corners, not {len(region.box)}"
            yield Finding((*path, "box"), message)
            return
        for i, corner in enumerate(region.box):
            yield from check_point((*path, "box", i), "the corner", corner, box)
    if region.ball is not None:
        at: Path = (*path, "ball", "centre")
        yield from check_point(at, "the centre", region.ball.centre, box, inside=False)
        where = [typical(v, "um") for v in region.ball.centre]
        known = tuple(w for w in where if w is not None)
        radius = typical(region.ball.radius, "um")
        if len(known) == len(box.edges) and radius is not None and box.distance(known) >= radius > 0:
            yield Finding(at, f"the ball lies outside the box of {box.text}")


def check_vessels(context: Context) -> Iterator[Finding]:
    """Vessels lie in the tissue and exchange what there is."""
    space, box = context.spec.space, Box.of(context.spec.space)
    if not isinstance(space, Tissue):
        return
    for name, kind in space.vessels.items():
        path: Path = ("space", "vessels", name)
        given = context.written("space", "vessels", name, "at")
        if given == (kind.count is not None):
            said = "both" if given else "neither"
            yield Finding(path, f"vessels are given by one of at and count; these have {said}", key=True)
        if box is not None:
            yield from _check_pieces(path, kind, box)
        yield from _check_exchange(context, path, kind)


def _check_pieces(path: Path, kind: Vessels, box: Box) -> Iterator[Finding]:
    for i, piece in enumerate(kind.at):
        at: Path = (*path, "at", i)
        if isinstance(piece, Segment):
            if box.flat:
                yield Finding(at, "in a slab a vessel is the point where it crosses, e.g. [200 um, 300 um]")
                continue
            yield from check_point((*at, "from"), "the end of the vessel", piece.start, box)
            yield from check_point((*at, "to"), "the end of the vessel", piece.end, box)
            if piece.start == piece.end:
                yield Finding(at, "the vessel ends where it begins")
        elif not box.flat:
            yield Finding(at, "in a block a vessel leads somewhere: {from: [x, y, z], to: [x, y, z]}")
        else:
            yield from check_point(at, "the vessel", piece, box)
    radius = typical(kind.radius, "um")
    if radius is not None and 2 * radius > min(box.edges):
        yield Finding((*path, "radius"), f"a vessel of {2 * radius:g} um is wider than the box of {box.text}")


def _check_exchange(context: Context, path: Path, kind: Vessels) -> Iterator[Finding]:
    known = context.names("factors") | context.names("vesicles")
    for key in ("supplies", "clears"):
        for name in getattr(kind, key):
            at: Path = (*path, key, name)
            yield from unknown(at, "factor or vesicle class", name, known, key=True)
            yield from _field_only(context, at, name, "exchange with vessels")
            if key == "clears" and name in kind.supplies:
                yield Finding(at, f"{name} stands under supplies already", key=True)
    for name, supply in kind.supplies.items():
        unit = "vesicle/mL" if name in context.spec.vesicles else "copy/mL"
        yield from check_value(
            (*path, "supplies", name, "inside"), supply.inside, Quantity(unit, "not negative")
        )


def check_fields(context: Context) -> Iterator[Finding]:
    """Factors diffuse, what they are held at at open borders has one, and single vesicles are not bound."""
    space = context.spec.space
    if not isinstance(space, Tissue):
        return
    sides = (space.borders.x, space.borders.y, space.borders.z)
    for name, factor in context.spec.factors.items():
        path: Path = ("factors", name)
        if factor.diffusion is None and not context.written("factors", name, "diffusion"):
            yield Finding(path, f"{name} needs its diffusion in a tissue (e.g. 100 um^2/s)", key=True)
        if typical(factor.border, "copy/mL") is not None and "open" not in sides:
            message = "a value at the border needs an open one: space.borders, e.g. {x: open}"
            yield Finding((*path, "border"), message, key=True)
        if factor.supply is not None:
            message = "'supply' is of fresh medium in a dish; a tissue has vessels, or a border"
            yield Finding((*path, "supply"), message, key=True)
    for name, vesicle in context.spec.vesicles.items():
        if vesicle.matrix is not None and vesicle.matrix.binding is not None:
            yield from _field_only(context, ("vesicles", name, "matrix", "binding"), name, "binding")
        if vesicle.border == "open" and all(side == "periodic" for side in sides[: len(space.size)]):
            yield Finding(
                ("vesicles", name, "border"), "all sides are periodic: nothing has a border", key=True
            )


def _field_only(context: Context, path: Path, name: str, what: str) -> Iterator[Finding]:
    vesicle = context.spec.vesicles.get(name)
    if vesicle is not None and vesicle.treatment == "individuals":
        yield Finding(path, f"{name} is treated as individuals; {what} needs treatment: field", key=True)
