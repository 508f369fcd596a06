"""Ink: a composed scene as a matplotlib figure, every length in points."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vesiflux.report.claims.labels import place_numbers
from vesiflux.report.claims.layout import Box, Route
from vesiflux.report.claims.scene import LABEL_SIZE, NODE_SIZE, Line, Scene, text_width
from vesiflux.report.claims.shapes import LOOKS, Look, inset, outline
from vesiflux.report.style import INK, MUTED, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw"]

LOWERS = "#c2410c"
CONTESTED = "#f7d154"
_MARGIN = 16.0
_NARROWEST = 500.0
_NOTE = 6.8
_NUMBER = 6.0
_HEAD = 6.0


def draw(scene: Scene) -> Figure:
    """Draw a scene: title, graph, legend, claims with their publications."""
    from matplotlib.figure import Figure

    width = max(scene.layout.width, _NARROWEST) + 2 * _MARGIN
    notes = _Notes(scene, width - 2 * _MARGIN)
    legend = _Legend(scene, width - 2 * _MARGIN)
    title = textwrap.wrap(scene.title, max(int((width - 2 * _MARGIN) / 5.6), 20))
    below = notes.height + legend.height + 24
    height = below + scene.layout.height + 14 * len(title) + 2 * _MARGIN
    figure = Figure(figsize=(width / 72, height / 72))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    for number, line in enumerate(title):
        axes.text(
            _MARGIN,
            height - _MARGIN - 14 * number,
            line,
            fontsize=10,
            fontweight="bold",
            va="top",
            gid="title",
        )
    _graph(axes, scene, (width - scene.layout.width) / 2, _MARGIN + below)
    legend.draw(axes, _MARGIN, _MARGIN + notes.height + 12)
    notes.draw(axes, _MARGIN, _MARGIN + notes.height)
    return figure


def _graph(axes: Axes, scene: Scene, dx: float, dy: float) -> None:
    from matplotlib.patches import PathPatch

    layout = scene.layout

    def moved(box: Box) -> Box:
        return Box(box.left + dx, box.bottom + dy, box.right + dx, box.top + dy)

    names: list[Box] = []
    for box, (name, vesicle) in zip(layout.lanes, scene.lanes, strict=True):
        if box is None:
            continue
        at = moved(box)
        look = LOOKS[1] if vesicle else LOOKS[0]
        # a vesicle's box has two lines, as its membrane has two leaflets
        for grow in (0.0, 2.2) if vesicle else (0.0,):
            edge = Box(at.left - grow, at.bottom - grow, at.right + grow, at.top + grow)
            axes.add_patch(
                PathPatch(
                    outline("rounded", edge),
                    fc=look.fill + "59" if not grow else "none",
                    ec=look.line,
                    lw=0.8,
                    zorder=1,
                )
            )
        axes.text(
            at.left + 8,
            at.top - 4,
            name,
            fontsize=LABEL_SIZE,
            fontweight="bold",
            color=look.line,
            va="top",
            zorder=6,
            gid="box",
        )
        names.append(
            Box(at.left + 8, at.top - 13, at.left + 8 + text_width(name, LABEL_SIZE, "bold"), at.top - 3)
        )
    nodes = [moved(box) for box in layout.nodes]
    routes = [Route(r.edge, tuple((x + dx, y + dy) for x, y in r.points)) for r in layout.routes]
    for route in routes:
        line = scene.lines[route.edge]
        ends = [(scene.spots[n].look.shape, nodes[n]) for n in (line.start, line.end)]
        _arrow(axes, _touching(route, *ends), line)
    for spot, box in zip(scene.spots, nodes, strict=True):
        _node(axes, spot.words, spot.look, box, spot.marked)
    words = {
        route.edge: ",".join(map(str, scene.lines[route.edge].notes[:3]))
        + ("…" if len(scene.lines[route.edge].notes) > 3 else "")
        for route in routes
    }
    sizes = {edge: (text_width(text, _NUMBER) + 2, 7.0) for edge, text in words.items()}
    for number, (x, y) in place_numbers(routes, sizes, [*nodes, *names]).items():
        if words[number]:
            axes.text(
                x,
                y,
                words[number],
                fontsize=_NUMBER,
                color=MUTED,
                ha="center",
                va="center_baseline",
                zorder=5,
                gid="number",
                bbox={"boxstyle": "square,pad=0.08", "fc": "white", "ec": "none", "alpha": 0.85},
            )


def _touching(route: Route, start: tuple[str, Box], end: tuple[str, Box]) -> Route:
    """The arrow from outline to outline instead of from box to box."""
    points = list(route.points)
    for position, (shape, box) in ((0, start), (-1, end)):
        x, y = points[position]
        right = x > (box.left + box.right) / 2
        points[position] = (x + (-1 if right else 1) * inset(shape, box, y, right), y)
    return Route(route.edge, tuple(points))


def _node(axes: Axes, words: Sequence[str], look: Look, box: Box, marked: bool) -> None:
    from matplotlib.patches import PathPatch

    path = outline(look.shape, box)
    axes.add_patch(PathPatch(path, fc=look.fill, ec=look.line, lw=1.8 if marked else 0.9, zorder=4))
    if look.shape == "membrane":
        inner = Box(box.left + 2.4, box.bottom + 2.4, box.right - 2.4, box.top - 2.4)
        axes.add_patch(PathPatch(outline("stadium", inner), fc="none", ec=look.line, lw=0.6, zorder=4))
    axes.text(
        (box.left + box.right) / 2,
        (box.bottom + box.top) / 2,
        "\n".join(words),
        fontsize=NODE_SIZE,
        ha="center",
        va="center",
        linespacing=1.15,
        fontweight="bold" if marked else "normal",
        zorder=5,
        gid="node",
    )


def _arrow(axes: Axes, route: Route, line: Line) -> None:
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    colour = MUTED if not line.stated else INK if line.sign > 0 else LOWERS
    wide = 0.9 + 0.6 * min(max(line.votes, 1) - 1, 4)
    points = list(route.points)
    (x, y), way = points[-1], 1.0 if points[-1][0] >= points[-2][0] else -1.0
    if points[-1][0] == points[-2][0]:
        way = 1.0 if points[-1][0] >= points[0][0] else -1.0
    head = _HEAD + wide
    points[-1] = (x - way * (head if line.sign > 0 else 3.5), y)
    vertices, codes = [points[0]], [Path.MOVETO]
    for k in range(1, len(points)):
        (x0, y0), (x1, y1) = points[k - 1], points[k]
        if k % 2:  # level
            vertices.append((x1, y1))
            codes.append(Path.LINETO)
        else:
            vertices += [((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1), (x1, y1)]
            codes += [Path.CURVE4] * 3
    path = Path(vertices, codes)
    if line.contested:
        axes.add_patch(PathPatch(path, fc="none", ec=CONTESTED, lw=wide + 4.5, capstyle="round", zorder=2))
    dashes: Any = (0, (1.2, 1.8)) if not line.stated else (0, (4, 2.2)) if line.doubtful else "solid"
    axes.add_patch(PathPatch(path, fc="none", ec=colour, lw=wide, ls=dashes, capstyle="butt", zorder=3))
    if line.sign > 0:
        half = 2.4 + wide * 0.5
        corners = [(x - way * 1.0, y), (x - way * head, y + half), (x - way * head, y - half)]
        axes.add_patch(Polygon(corners, closed=True, fc=colour, ec="none", zorder=5))
    else:
        bar = x - way * 2.6
        axes.plot(
            [bar, bar], [y - 4.2, y + 4.2], color=colour, lw=max(wide, 1.6), solid_capstyle="butt", zorder=5
        )


class _Legend:
    """What the shapes and lines mean, those that occur, in rows."""

    def __init__(self, scene: Scene, width: float) -> None:
        used = {spot.look.words for spot in scene.spots}
        entries: list[tuple[str, Look | Line]] = [(look.words, look) for look in LOOKS if look.words in used]
        plain = Line(0, 0, 1, 1, False, True, False, ())
        every = scene.lines
        kinds = [
            ("raises", plain, any(e.sign > 0 and e.stated for e in every)),
            ("lowers", Line(0, 0, -1, 1, False, True, False, ()), any(e.sign < 0 for e in every)),
            ("3 publications", Line(0, 0, 1, 3, False, True, False, ()), any(e.votes > 1 for e in every)),
            ("doubtful", Line(0, 0, 1, 1, True, True, False, ()), any(e.doubtful for e in every)),
            ("joins claims", Line(0, 0, 1, 1, False, False, False, ()), any(not e.stated for e in every)),
            ("contradicted", Line(0, 0, 1, 1, False, True, True, ()), any(e.contested for e in every)),
        ]
        entries += [(words, line) for words, line, occurs in kinds if occurs]
        self.rows: list[list[tuple[float, str, Look | Line]]] = [[]]
        at = 0.0
        for words, what in entries:
            room = 34 + text_width(words, _NOTE) + 16
            if at + room > width and self.rows[-1]:
                self.rows.append([])
                at = 0.0
            self.rows[-1].append((at, words, what))
            at += room
        self.height = 15.0 * len(self.rows)

    def draw(self, axes: Axes, left: float, bottom: float) -> None:
        for number, row in enumerate(self.rows):
            y = bottom + self.height - 15.0 * number - 7.5
            for at, words, what in row:
                x = left + at
                if isinstance(what, Look):
                    _node(axes, (), what, Box(x, y - 4.5, x + 26, y + 4.5), marked=False)
                else:
                    _arrow(axes, Route(0, ((x, y), (x + 28, y))), what)
                axes.text(x + 32, y, words, fontsize=_NOTE, va="center_baseline", color=MUTED, gid="legend")


class _Notes:
    """The claims by number with their publications, in one column or two, and the reviews."""

    def __init__(self, scene: Scene, width: float) -> None:
        self.count = 2 if width > 640 and len(scene.notes) > 3 else 1
        self.column = (width - 20 * (self.count - 1)) / self.count
        blocks = [_wrapped(note, self.column - 16) for note in scene.notes]
        total = sum(len(block) for block in blocks)
        self.columns: list[list[tuple[int, str]]] = [[] for _ in range(self.count)]
        at = 0
        for number, block in enumerate(blocks, start=1):
            if at + 1 < self.count and len(self.columns[at]) + len(block) / 2 > total / self.count:
                at += 1
            self.columns[at] += [(number if k == 0 else 0, line) for k, line in enumerate(block)]
        self.reviews = [line for review in scene.reviews for line in _wrapped(review, width)]
        self.height = 9.0 * (max(map(len, self.columns)) + len(self.reviews)) + 6

    def draw(self, axes: Axes, left: float, top: float) -> None:
        width = self.column * self.count + 20 * (self.count - 1)
        axes.plot([left, left + width], [top + 3, top + 3], color=RULE, lw=0.6)
        style: dict[str, Any] = {"fontsize": _NOTE, "va": "top"}
        for k, column in enumerate(self.columns):
            x = left + k * (self.column + 20)
            for row, (number, line) in enumerate(column):
                y = top - 3 - 9.0 * row
                if number:
                    axes.text(x + 10, y, str(number), ha="right", color=MUTED, gid="note", **style)
                axes.text(x + 15, y, line, gid="note", **style)
        y = top - 6 - 9.0 * max(map(len, self.columns))
        for row, line in enumerate(self.reviews):
            axes.text(left, y - 9.0 * row, line, color=MUTED, gid="note", **style)


def _wrapped(text: str, width: float) -> list[str]:
    """Lines of a text that fit a width in points."""
    lines: list[str] = []
    space, used = text_width(" ", _NOTE), width
    for word in text.split(" "):
        wide = text_width(word, _NOTE)
        if used + space + wide > width:
            lines.append(word)
            used = wide
        else:
            lines[-1] += f" {word}"
            used += space + wide
    return lines
