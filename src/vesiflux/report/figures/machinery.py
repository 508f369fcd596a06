"""The machinery as a map: boxes are pools with their levels, arrows are fluxes, as wide as they are large."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

from vesiflux.report.figures.common import Interval, Row
from vesiflux.report.style import INK, MUTED, WIDTH, number

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
CANVAS = (100.0, 60.0)


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
    saturated: bool = False  # the step with the least left to give


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

    head = 0.62
    figure = Figure(figsize=(WIDTH, WIDTH * CANVAS[1] / CANVAS[0] + head))
    height = figure.get_figheight()
    panel = figure.add_axes((0, 0, 1, (height - head) / height))
    panel.set_xlim(0, CANVAS[0])
    panel.set_ylim(CANVAS[1], 0)
    panel.set_axis_off()
    figure.text(0.01, 1 - 0.06 / height, data.title, weight="bold", fontsize=9.5, va="top")
    figure.text(0.01, 1 - 0.27 / height, data.note, fontsize=7.8, color=MUTED, va="top", linespacing=1.35)
    sizes = {n.id: _size(n) for n in data.nodes}
    nodes = {n.id: n for n in data.nodes}
    edges = [e for e in data.edges if e.start in nodes and e.end in nodes]
    widest: dict[str, float] = {}
    for edge in edges:
        if edge.flux is not None and edge.flux.known:
            widest[edge.unit] = max(widest.get(edge.unit, 0.0), edge.flux.median)
    taken = [
        (
            n.x - sizes[n.id][0] / 2,
            n.y - sizes[n.id][1] / 2,
            n.x + sizes[n.id][0] / 2,
            n.y + sizes[n.id][1] / 2,
        )
        for n in data.nodes
    ]
    for edge, shift in zip(edges, _shifts(edges), strict=True):
        _arrow(panel, edge, nodes, sizes, widest.get(edge.unit, 0.0), shift, taken)
    for node in data.nodes:
        _box(panel, node, *sizes[node.id])
    _legend(panel, data, widest)
    return figure


def _shifts(edges: list[MapEdge]) -> list[float]:
    """Sideways shift of every arrow, so that arrows between the same two boxes lie side by side."""
    between: dict[frozenset[str], list[int]] = {}
    for i, edge in enumerate(edges):
        between.setdefault(frozenset((edge.start, edge.end)), []).append(i)
    shifts = [0.0] * len(edges)
    for members in between.values():
        for place, i in enumerate(members):
            # the sideways direction turns round with the arrow: count it from one end of the pair
            turn = 1.0 if edges[i].start == edges[members[0]].start else -1.0
            shifts[i] = turn * 3.4 * (place - (len(members) - 1) / 2)
    return shifts


def _size(node: MapNode) -> tuple[float, float]:
    lines = node.label.split("\n")
    width = max(1.14 * max(map(len, lines)) + 2.2, 7.5)
    if node.level is not None:
        width = max(width, 1.02 * len(_level(node)) + 2.0)
    return width, 2.15 * (len(lines) + (node.level is not None)) + 1.5


def _level(node: MapNode) -> str:
    assert node.level is not None
    unit = node.unit.replace("/cell", "").strip()
    return f"{number(node.level.median)} {'' if unit in ('1', '', 'dimensionless') else unit}".strip()


def _box(panel: Axes, node: MapNode, width: float, height: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    fill, border = KINDS.get(node.kind, KINDS["pool"])
    panel.add_patch(
        FancyBboxPatch(
            (node.x - width / 2 + 0.6, node.y - height / 2 + 0.6),
            width - 1.2,
            height - 1.2,
            boxstyle="round,pad=0.6",
            fc=fill,
            ec=border,
            lw=1.0,
            zorder=5,
        )
    )
    if node.level is None:
        panel.text(
            node.x, node.y, node.label, ha="center", va="center", fontsize=7.4, weight="bold", zorder=6
        )
        return
    lines = node.label.count("\n") + 1
    panel.text(
        node.x, node.y - 1.05, node.label, ha="center", va="center", fontsize=7.4, weight="bold", zorder=6
    )
    panel.text(
        node.x,
        node.y + 1.07 * lines,
        _level(node),
        ha="center",
        va="center",
        fontsize=7.2,
        color=INK,
        zorder=6,
    )


def _edge_point(node: MapNode, size: tuple[float, float], dx: float, dy: float) -> tuple[float, float]:
    """Where the ray from the node's centre along (dx, dy) leaves its box."""
    reach = min(
        (size[0] / 2 + 0.3) / abs(dx) if dx else float("inf"),
        (size[1] / 2 + 0.3) / abs(dy) if dy else float("inf"),
    )
    return node.x + reach * dx, node.y + reach * dy


def _arrow(
    panel: Axes,
    edge: MapEdge,
    nodes: dict[str, MapNode],
    sizes: dict[str, tuple[float, float]],
    widest: float,
    shift: float,
    taken: list[tuple[float, float, float, float]],
) -> None:
    from matplotlib.patches import FancyArrowPatch

    a, b = nodes[edge.start], nodes[edge.end]
    dx, dy = b.x - a.x, b.y - a.y
    length = hypot(dx, dy) or 1.0
    x0, y0 = _edge_point(a, sizes[a.id], dx, dy)
    x1, y1 = _edge_point(b, sizes[b.id], -dx, -dy)
    nx, ny = -dy / length, dx / length
    x0, y0, x1, y1 = x0 + nx * shift, y0 + ny * shift, x1 + nx * shift, y1 + ny * shift
    known = edge.flux is not None and edge.flux.known
    if edge.flux is None:
        tail = 0.8
        panel.add_patch(
            FancyArrowPatch(
                (x0, y0),
                (x1, y1),
                shrinkA=0,
                shrinkB=0,
                mutation_scale=7,
                lw=1.0,
                ls=(0, (3, 2)),
                color=MUTED,
                arrowstyle="-|>",
                zorder=3,
            )
        )
    else:
        tail = max(0.7, 11.0 * edge.flux.median / widest) if known and widest > 0 else 0.7
        head = f"head_width={tail + 5.5:.2f},head_length={min(8, 4 + tail / 2):.2f}"
        panel.add_patch(
            FancyArrowPatch(
                (x0, y0),
                (x1, y1),
                shrinkA=0,
                shrinkB=0,
                mutation_scale=1,
                lw=0,
                fc=_colour(edge),
                alpha=0.85,
                zorder=3,
                arrowstyle=f"simple,tail_width={tail:.2f},{head}",
            )
        )
    text = ""
    if edge.flux is not None:
        text = number(edge.flux.median) if known else "–"
        if edge.fold is not None and edge.fold.known:
            text += f" (×{number(edge.fold.median)})"
    if edge.saturated:
        text += "\nsaturated"
    lines = [t for t in (edge.label, *text.split("\n")) if t]
    if not lines:
        return
    width, height = max(0.98 * len(t) for t in lines), 1.95 * len(lines)
    # beside the arrow, on the side and at the place along it where the text covers least
    best, cost = None, float("inf")
    gap = tail * 0.075 + 0.7
    for along in (0.5, 0.4, 0.6, 0.3, 0.7):
        for side in (1, -1):
            cx = x0 + (x1 - x0) * along + side * nx * (gap + abs(nx) * width / 2 + abs(ny) * height / 2)
            cy = y0 + (y1 - y0) * along + side * ny * (gap + abs(nx) * width / 2 + abs(ny) * height / 2)
            box = (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)
            covered = sum(_common(box, other) for other in taken)
            outside = (
                max(0.0, -box[0])
                + max(0.0, box[2] - CANVAS[0])
                + max(0.0, -box[1])
                + max(0.0, box[3] - CANVAS[1])
            )
            total = covered + 20 * outside + 0.4 * abs(along - 0.5)
            if total < cost - 1e-9:
                best, cost = (cx, cy, box), total
    assert best is not None
    cx, cy, box = best
    taken.append(box)
    panel.text(
        cx,
        cy,
        "\n".join(lines),
        ha="center",
        va="center",
        fontsize=6.7,
        color=INK,
        zorder=7,
        linespacing=1.2,
        bbox={"fc": "white", "ec": "none", "pad": 0.4, "alpha": 0.75},
    )


def _common(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def _colour(edge: MapEdge) -> str:
    if edge.fold is None or not edge.fold.known:
        return "#6b8fb0"
    return RISEN if edge.fold.median > 1.1 else FALLEN if edge.fold.median < 1 / 1.1 else SAME


def _legend(panel: Axes, data: MachineryData, widest: dict[str, float]) -> None:
    units = ", ".join(
        f"{u.replace('dimensionless', '1')} (widest {number(w)})" for u, w in sorted(widest.items()) if w > 0
    )
    text = f"arrow width ∝ median flux, per unit: {units}"
    panel.text(0.6, CANVAS[1] - 0.6, text, fontsize=6.6, color=MUTED, va="bottom")
    if data.compared_with:
        y, x = CANVAS[1] - 2.9, 0.6
        for colour, word in ((RISEN, "more"), (SAME, "within 10 %"), (FALLEN, "less")):
            panel.plot([x, x + 2.2], [y, y], color=colour, lw=4, solid_capstyle="butt")
            panel.text(x + 2.8, y, word, fontsize=6.8, va="center")
            x += 4.4 + 1.02 * len(word)
        panel.text(
            x, y, f"than in {data.compared_with}, draw by draw", fontsize=6.8, va="center", color=MUTED
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
