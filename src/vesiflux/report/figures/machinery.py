"""The machinery as a map: boxes are pools with their levels, arrows are fluxes, as wide as they are large."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

from vesiflux.report.figures.common import Interval, Row
from vesiflux.report.style import INK, MUTED, WARN, WIDTH, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MachineryData", "MapEdge", "MapNode", "draw", "rows"]

KINDS = {  # kind of a node -> fill, border
    "pool": ("#eaf2f8", "#5b8db8"),
    "organelle": ("#eaf2f8", "#5b8db8"),
    "membrane": ("#e9ecf0", "#5f6b7a"),
    "vesicle": ("#fdf0e3", "#d08a3e"),
    "sink": ("#f1f1f1", "#8a8f98"),
    "process": ("#f4eef8", "#8f6fb0"),
    "protein": ("#eef6ee", "#6a9f6a"),
}
RISEN, FALLEN, SAME = "#B35806", "#542788", "#7b8794"
SPAN = 100.0  # width of the canvas the layout is written for
FULL, CAP = 10.0, 10.0  # points: the widest one-way flux; at most


@dataclass(frozen=True)
class MapNode:
    """A pool at (x, y) on a 100 x 60 canvas, y downwards; ``level`` in ``unit`` where it is known."""

    id: str
    x: float
    y: float
    label: str
    kind: str = "pool"
    level: Interval | None = None
    unit: str = ""


@dataclass(frozen=True)
class MapEdge:
    """A flux from one pool to another; ``fold`` against the compared arm, paired draw by draw."""

    start: str
    end: str
    label: str
    flux: Interval | None  # None: an influence, not a flux (dashed)
    unit: str = ""
    fold: Interval | None = None
    reaction: str = ""
    remark: str = ""  # "saturated" or "least left", at the step of which that is true


@dataclass(frozen=True)
class MachineryData:
    """One arm's machinery. ``note``: the sentence under the title (which step is saturated)."""

    arm: str
    title: str
    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    note: str = ""
    compared_with: str = ""


def draw(data: MachineryData) -> Figure:
    """Map of one arm."""
    from matplotlib.figure import Figure

    sizes = {n.id: _size(n) for n in data.nodes}
    nodes = {n.id: n for n in data.nodes}
    edges = [e for e in data.edges if e.start in nodes and e.end in nodes]
    top = min(n.y - sizes[n.id][1] / 2 for n in data.nodes) - 1.5
    bottom = max(n.y + sizes[n.id][1] / 2 for n in data.nodes) + 6.0
    left = min([0.0, *(n.x - sizes[n.id][0] / 2 - 0.5 for n in data.nodes)])
    right = max([SPAN, *(n.x + sizes[n.id][0] / 2 + 0.5 for n in data.nodes)])
    head = 0.62
    height = WIDTH * (bottom - top) / (right - left) + head
    figure = Figure(figsize=(WIDTH, height))
    panel = figure.add_axes((0, 0, 1, (height - head) / height))
    panel.set_xlim(left, right)
    panel.set_ylim(bottom, top)
    panel.set_axis_off()
    figure.text(0.006, 1 - 0.06 / height, data.title, weight="bold", fontsize=9.5, va="top")
    figure.text(0.006, 1 - 0.29 / height, data.note, fontsize=7.8, color=MUTED, va="top", linespacing=1.35)
    widest = _widest(edges)
    taken = [
        (
            n.x - sizes[n.id][0] / 2,
            n.y - sizes[n.id][1] / 2,
            n.x + sizes[n.id][0] / 2,
            n.y + sizes[n.id][1] / 2,
        )
        for n in data.nodes
    ]
    labels = []
    for edge, (shift, side_by_side) in zip(edges, _shifts(edges), strict=True):
        line, tail = _arrow(panel, edge, nodes, sizes, widest.get(edge.unit, 0.0), shift)
        taken += _along(line, tail)
        labels.append((_words(edge, side_by_side > 2), line, tail))
    for node in data.nodes:
        _box(panel, node, *sizes[node.id])
    # the longest labels find their places first
    for words, line, tail in sorted(labels, key=lambda x: -max(map(len, x[0]), default=0)):
        _label(panel, words, line, tail, taken, (left, right, top, bottom))
    _legend(panel, data, widest, left, bottom)
    return figure


def _widest(edges: list[MapEdge]) -> dict[str, float]:
    """Flux drawn at full width, per unit: the largest that does not run both ways between two pools.

    A fast exchange would make hairlines of everything else; it is drawn at the cap's width at most.
    """
    ways = {(e.start, e.end) for e in edges}
    known = [(e, e.flux.median) for e in edges if e.flux is not None and e.flux.known]
    found: dict[str, float] = {}
    for unit in {e.unit for e, _ in known}:
        own = [(e, flux) for e, flux in known if e.unit == unit]
        one_way = [flux for e, flux in own if (e.end, e.start) not in ways]
        found[unit] = max(one_way or [flux for _, flux in own])
    return found


def _shifts(edges: list[MapEdge]) -> list[tuple[float, int]]:
    """Sideways shift of every arrow, and how many lie side by side between the same two boxes."""
    between: dict[frozenset[str], list[int]] = {}
    for i, edge in enumerate(edges):
        between.setdefault(frozenset((edge.start, edge.end)), []).append(i)
    shifts = [(0.0, 1)] * len(edges)
    for members in between.values():
        for place, i in enumerate(members):
            # the sideways direction turns round with the arrow: count it from one end of the pair
            turn = 1.0 if edges[i].start == edges[members[0]].start else -1.0
            shifts[i] = (turn * 3.2 * (place - (len(members) - 1) / 2), len(members))
    return shifts


def _lines(node: MapNode) -> list[str]:
    import textwrap

    return [line for part in node.label.split("\n") for line in textwrap.wrap(part, 13) or [""]]


def _size(node: MapNode) -> tuple[float, float]:
    lines = _lines(node)
    width = 0.76 * max(map(len, lines)) + 1.8
    if node.level is not None:
        width = max(width, 0.70 * len(_level(node)) + 1.8)
    return max(width, 6.0), 1.75 * (len(lines) + (node.level is not None)) + 1.3


def _level(node: MapNode) -> str:
    assert node.level is not None
    unit = node.unit.replace("/cell", "").strip()
    if unit in ("1", "", "dimensionless"):
        return f"level {number(node.level.median)}"
    return f"{number(node.level.median)} {unit}"


def _box(panel: Axes, node: MapNode, width: float, height: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    fill, border = KINDS.get(node.kind, KINDS["pool"])
    corner = (node.x - width / 2 + 0.5, node.y - height / 2 + 0.5)
    box = FancyBboxPatch(
        corner, width - 1.0, height - 1.0, boxstyle="round,pad=0.5", fc=fill, ec=border, lw=1.0, zorder=5
    )
    panel.add_patch(box)
    lines = _lines(node)
    top = node.y - 1.75 * (len(lines) + (node.level is not None) - 1) / 2
    for i, line in enumerate(lines):
        panel.text(
            node.x, top + 1.75 * i, line, ha="center", va="center", fontsize=7.4, weight="bold", zorder=6
        )
    if node.level is not None:
        at = top + 1.75 * len(lines)
        panel.text(node.x, at, _level(node), ha="center", va="center", fontsize=7.2, zorder=6)


def _edge_point(node: MapNode, size: tuple[float, float], dx: float, dy: float) -> tuple[float, float]:
    """Where the ray from the node's centre along (dx, dy) leaves its box."""
    reach = min(
        (size[0] / 2 + 0.3) / abs(dx) if dx else float("inf"),
        (size[1] / 2 + 0.3) / abs(dy) if dy else float("inf"),
    )
    return node.x + reach * dx, node.y + reach * dy


Line = tuple[float, float, float, float]


def _arrow(
    panel: Axes,
    edge: MapEdge,
    nodes: dict[str, MapNode],
    sizes: dict[str, tuple[float, float]],
    widest: float,
    shift: float,
) -> tuple[Line, float]:
    """Draw one arrow; its ends on the canvas and its width in points."""
    from matplotlib.patches import FancyArrowPatch

    a, b = nodes[edge.start], nodes[edge.end]
    dx, dy = b.x - a.x, b.y - a.y
    length = hypot(dx, dy) or 1.0
    x0, y0 = _edge_point(a, sizes[a.id], dx, dy)
    x1, y1 = _edge_point(b, sizes[b.id], -dx, -dy)
    nx, ny = -dy / length * shift, dx / length * shift
    line = (x0 + nx, y0 + ny, x1 + nx, y1 + ny)
    start, end = line[:2], line[2:]
    if edge.flux is None:
        arrow = FancyArrowPatch(
            start, end, shrinkA=0, shrinkB=0, mutation_scale=7, lw=1.0, ls=(0, (3, 2)), color=MUTED,
            arrowstyle="-|>", zorder=3,
        )  # fmt: skip
        panel.add_patch(arrow)
        return line, 0.8
    share = edge.flux.median / widest if edge.flux.known and widest > 0 else 0.0
    tail = min(max(0.7, FULL * share), CAP)
    head = f"head_width={tail + 5.5:.2f},head_length={min(7, 4 + tail / 2):.2f}"
    arrow = FancyArrowPatch(
        start, end, shrinkA=0, shrinkB=0, mutation_scale=1, lw=0, fc=_colour(edge), alpha=0.85, zorder=3,
        arrowstyle=f"simple,tail_width={tail:.2f},{head}",
    )  # fmt: skip
    panel.add_patch(arrow)
    return line, tail


def _words(edge: MapEdge, flat: bool = False) -> list[str]:
    """Label and flux, under each other or, between arrows side by side, in one line."""
    lines = [edge.label] if edge.label else []
    if edge.flux is not None:
        text = number(edge.flux.median) if edge.flux.known else "–"
        if edge.fold is not None and edge.fold.known and not 0.99 < edge.fold.median < 1.01:
            text += f" (×{number(edge.fold.median)})"
        lines.append(text)
    if flat:
        lines = [" ".join(lines)]
    return [*lines, edge.remark] if edge.remark else lines


def _along(line: Line, tail: float) -> list[Line]:
    """Boxes that cover an arrow, so that words keep off it."""
    x0, y0, x1, y1 = line
    half = tail * 0.07 + 0.1
    points = ((x0 + (x1 - x0) * k / 12, y0 + (y1 - y0) * k / 12) for k in range(13))
    return [(x - half, y - half, x + half, y + half) for x, y in points]


def _label(panel: Axes, lines: list[str], line: Line, tail: float, taken: list[Line], canvas: Line) -> None:
    """Put the words beside the arrow, on the side and at the place along it where they cover least."""
    if not lines:
        return
    x0, y0, x1, y1 = line
    length = hypot(x1 - x0, y1 - y0) or 1.0
    nx, ny = -(y1 - y0) / length, (x1 - x0) / length
    width, height = 0.60 * max(map(len, lines)) + 0.4, 1.42 * len(lines)
    left, right, top, _ = canvas
    best, cost = (x0, y0, (x0, y0, x0, y0)), float("inf")
    for far in (0.0, 1.2, 2.6):
        gap = tail * 0.07 + 0.55 + far
        for along in (0.5, 0.4, 0.6, 0.3, 0.7):
            for side in (1, -1):
                reach = side * (gap + abs(nx) * width / 2 + abs(ny) * height / 2)
                cx, cy = x0 + (x1 - x0) * along + nx * reach, y0 + (y1 - y0) * along + ny * reach
                box = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
                covered = sum(_common(box, other) for other in taken)
                beyond = max(0, left - box[0]) + max(0, box[2] - right) + max(0, top - box[1])
                total = covered + 20 * beyond + 0.4 * abs(along - 0.5) + 0.3 * far
                if total < cost - 1e-9:
                    best, cost = (cx, cy, box), total
    cx, cy, box = best
    taken.append(box)
    for i, text in enumerate(lines):
        bold = text in ("saturated", "least left")
        panel.text(
            cx, cy + 1.42 * (i - (len(lines) - 1) / 2), text, ha="center", va="center", fontsize=6.9,
            color=WARN if bold else INK, weight="bold" if bold else "normal", zorder=7,
        )  # fmt: skip


def _common(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _colour(edge: MapEdge) -> str:
    if edge.fold is None or not edge.fold.known:
        return "#6b8fb0"
    return RISEN if edge.fold.median > 1.1 else FALLEN if edge.fold.median < 1 / 1.1 else SAME


def _legend(panel: Axes, data: MachineryData, widest: dict[str, float], left: float, bottom: float) -> None:
    words = ", ".join(f"{number(w)} {unit}" for unit, w in sorted(widest.items()) if w > 0)
    text = f"arrow width ∝ median flux; full width: {words}; fast exchanges are capped"
    panel.text(left + 0.6, bottom - 0.7, text, fontsize=6.8, color=MUTED, va="bottom")
    if data.compared_with:
        y, x = bottom - 3.4, left + 0.6
        for colour, word in ((RISEN, "more"), (SAME, "within 10 %"), (FALLEN, "less")):
            panel.plot([x, x + 2.2], [y, y], color=colour, lw=4, solid_capstyle="butt")
            panel.text(x + 2.8, y, word, fontsize=7.0, va="center")
            x += 4.6 + 0.66 * len(word)
        panel.text(
            x, y, f"than in “{data.compared_with}”, draw by draw", fontsize=7.0, va="center", color=MUTED
        )


def rows(data: MachineryData) -> list[Row]:
    """Nodes with their levels, then edges with their fluxes."""
    nodes = [_row(data.arm, "node", n.id, "", "", n.unit, n.level, None) for n in data.nodes]
    edges = [_row(data.arm, "flux", e.reaction, e.start, e.end, e.unit, e.flux, e.fold) for e in data.edges]
    return nodes + edges


def _row(
    arm: str,
    what: str,
    name: str,
    start: str,
    end: str,
    unit: str,
    value: Interval | None,
    fold: Interval | None,
) -> Row:
    return {
        "arm": arm,
        "what": what,
        "name": name,
        "from": start,
        "to": end,
        "unit": unit,
        "median": value.median if value else None,
        "q05": value.low if value else None,
        "q95": value.high if value else None,
        "fold_median": fold.median if fold else None,
    }
