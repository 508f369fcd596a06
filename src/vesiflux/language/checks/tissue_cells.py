"""Cells in a tissue: where they begin, whether they fit, what they touch and follow."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vesiflux.language.checks.context import Context, typical
from vesiflux.language.checks.places import Box, check_point, numbers
from vesiflux.language.checks.sentences import still
from vesiflux.language.checks.structure import unknown
from vesiflux.language.positions import Finding, Path
from vesiflux.language.schema import Cell, Layout, Tissue

__all__ = ["check_crowding", "check_layouts", "check_movement"]

#: Share of the space that cells can fill without lying in one another.
FULLEST = 0.9

#: Layout -> keys that go with it.
_KEYS = {
    "random": {"from", "to"},
    "spheroid": {"centre", "radius"},
    "ring": {"centre", "radius", "inner"},
    "at": {"points"},
    "file": {"file", "type"},
}
_NEEDED = {"ring": "radius", "at": "points", "file": "file"}


def check_layouts(context: Context) -> Iterator[Finding]:
    """Each layout has the keys of its kind, in the box."""
    if not isinstance(context.spec.space, Tissue):
        return
    box = Box.of(context.spec.space)
    for name, cell in context.spec.cells.items():
        path: Path = ("cells", name, "layout")
        layout = cell.layout
        yield from _check_keys(path, layout)
        if box is not None:
            yield from _check_places(path, layout, box)
            yield from _check_round(path, cell, box)
        count = typical(cell.count, "cell")
        if layout.kind == "at" and layout.points and count is not None and round(count) != len(layout.points):
            message = f"{len(layout.points)} points for {count:g} cells; count is as many as there are points"
            yield Finding((*path, "points"), message, key=True)
        if count is not None and abs(count - round(count)) > 1e-6:
            yield Finding(("cells", name, "count"), f"a tissue has whole cells, not {count:g}")


def _check_keys(path: Path, layout: Layout) -> Iterator[Finding]:
    written = {
        field.alias or name
        for name, field in Layout.model_fields.items()
        if name in layout.model_fields_set and name != "kind"
    }
    allowed = _KEYS[layout.kind]
    for key in sorted(written - allowed):
        has = ", ".join(sorted(allowed))
        yield Finding(
            (*path, key), f"'{key}' does not go with kind: {layout.kind}, which has {has}", key=True
        )
    needed = _NEEDED.get(layout.kind)
    if needed is not None and not getattr(layout, needed):
        yield Finding(path, f"kind: {layout.kind} needs '{needed}'", key=True)
    if layout.kind == "random" and (layout.corner is None) != (layout.opposite is None):
        lacking = "to" if layout.opposite is None else "from"
        yield Finding(path, f"from and to go together: '{lacking}' is missing", key=True)


def _check_places(path: Path, layout: Layout, box: Box) -> Iterator[Finding]:
    for key, what, point in (
        ("centre", "the centre", layout.centre),
        ("from", "the corner", layout.corner),
        ("to", "the corner", layout.opposite),
    ):
        if point is not None:
            yield from check_point((*path, key), what, point, box)
    for i, point in enumerate(layout.points):
        yield from check_point((*path, "points", i), "the cell", point, box)


def _check_round(path: Path, cell: Cell, box: Box) -> Iterator[Finding]:
    """Spheroids and rings reach no further than the box; what is within a ring is smaller than it."""
    layout = cell.layout
    if layout.kind not in ("spheroid", "ring"):
        return
    outer, inner = typical(layout.radius, "um"), typical(layout.inner, "um")
    if outer is not None and inner is not None and inner >= outer > 0:
        message = f"the inner radius ({inner:g} um) is not below the outer ({outer:g} um)"
        yield Finding((*path, "inner"), message)
    centre = numbers(layout.centre) if layout.centre else tuple(0.5 * e for e in box.edges)
    if centre is None or len(centre) != len(box.edges) or not box.inside(centre):
        return
    if outer is not None and outer > 0 and not box.holds(centre, outer):
        message = f"a {layout.kind} of {outer:g} um about its centre reaches out of the box of {box.text}"
        yield Finding((*path, "radius"), message)
    if layout.kind == "spheroid" and outer is None:
        packed = _packed(cell, box)
        if packed is not None and not box.holds(centre, packed):
            message = (
                f"these cells make a spheroid of {packed:.3g} um or more, which reaches out of the box "
                f"of {box.text}"
            )
            yield Finding(path, message, key=True)


def _packed(cell: Cell, box: Box) -> float | None:
    """Radius of the densest ball (disc in a slab) that a type's cells could make, um."""
    count, radius = typical(cell.count, "cell"), typical(cell.radius, "um")
    if count is None or radius is None or count <= 0 or radius <= 0:
        return None
    return float(radius * (count / FULLEST) ** (1 / len(box.edges)))


def check_crowding(context: Context) -> Iterator[Finding]:
    """There is room for the cells where they begin."""
    box = Box.of(context.spec.space)
    if box is None:
        return
    total = 0.0
    whole = math.prod(box.edges)
    for name, cell in context.spec.cells.items():
        taken, room = _taken(cell, box), _room(cell.layout, box)
        total += taken
        if room is not None and taken > FULLEST * room:
            message = (
                f"these cells would fill {taken / room:.0%} of where they begin; more than {FULLEST:.0%} "
                f"does not fit: at most {cell_count(cell, taken, FULLEST * room)}"
            )
            yield Finding(("cells", name, "count"), message)
            total -= taken
    if total > FULLEST * whole:
        message = f"all cells together would fill {total / whole:.0%} of the box of {box.text}; at most 90%"
        yield Finding(("space", "size"), message)


def cell_count(cell: Cell, taken: float, most: float) -> str:
    """How many cells would fit."""
    count = typical(cell.count, "cell") or 0.0
    return f"{int(count * most / taken)}"


def _taken(cell: Cell, box: Box) -> float:
    """Area (slab, um^2) or volume (um^3) of a type's cells."""
    count, radius = typical(cell.count, "cell"), typical(cell.radius, "um")
    if count is None or radius is None or count < 0 or radius <= 0:
        return 0.0
    return count * _ball(radius, box)


def _room(layout: Layout, box: Box) -> float | None:
    """Area or volume in which the cells begin; None where it follows from them."""
    outer, inner = typical(layout.radius, "um"), typical(layout.inner, "um") or 0.0
    if layout.kind == "random":
        if layout.corner is None or layout.opposite is None:
            return math.prod(box.edges)
        low, high = numbers(layout.corner), numbers(layout.opposite)
        if low is None or high is None or not len(low) == len(high) == len(box.edges):
            return None
        return math.prod(abs(b - a) for a, b in zip(low, high, strict=True)) or None
    if layout.kind in ("spheroid", "ring") and outer is not None and outer > inner >= 0:
        return _ball(outer, box) - (_ball(inner, box) if layout.kind == "ring" else 0.0)
    return None


def _ball(radius: float, box: Box) -> float:
    return math.pi * radius**2 if box.flat else 4.0 / 3.0 * math.pi * radius**3


def check_movement(context: Context) -> Iterator[Finding]:
    """Adhesion is to cell types, movement towards fields that have gradients, lysis sets factors free."""
    if not isinstance(context.spec.space, Tissue):
        return
    fields = context.fields()
    for name, cell in context.spec.cells.items():
        path: Path = ("cells", name)
        for other in cell.mechanics.adhesion_to:
            at: Path = (*path, "mechanics", "adhesion_to", other)
            yield from unknown(at, "cell type", other, context.names("cells"), key=True)
        for field in cell.motility.towards:
            at = (*path, "motility", "towards", field)
            yield from unknown(at, "field", field, fields, key=True)
            yield from still(context, at, field)
        for factor in cell.lysis:
            at = (*path, "lysis", factor)
            yield from unknown(at, "factor", factor, context.names("factors"), key=True)
