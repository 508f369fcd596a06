"""Where everything of a drawing stands, in points: nodes, boxes around cells, arrows.

Columns from left to right, tracks from top to bottom. A box holds the nodes of one cell, alone: boxes of one
track share no column. Arrows run level within the columns and bend between them, so no arrow crosses a node.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vesiflux.report.claims.layers import columns, forward
from vesiflux.report.claims.tracks import Chain, Slot, order_slots, pack, thread

__all__ = ["Box", "Layout", "Route", "arrange"]

ROW_GAP = 9.0  # between nodes of a column
PASS = 10.0  # room of an arrow that passes
PAD = 8.0  # inside a box
LABEL = 13.0  # the box's name
TRACK_GAP = 16.0
LEAVE, ENTER = 5.5, 8.0  # between arrows at one side of a node; heads need more room
LEAD = 9.0  # level piece between a column and a bend, as long as an arrow's head


@dataclass(frozen=True)
class Box:
    """A rectangle: left, bottom, right, top."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Whether the two share more than a border."""
        return (
            self.left < other.right and other.left < self.right
            and self.bottom < other.top and other.bottom < self.top
        )  # fmt: skip

    def holds(self, other: Box) -> bool:
        """Whether the other lies within."""
        return (
            self.left <= other.left and other.right <= self.right
            and self.bottom <= other.bottom and other.top <= self.top
        )  # fmt: skip


@dataclass(frozen=True)
class Route:
    """An arrow: points to pass, level pieces and bends in turn, from its start to its end."""

    edge: int
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Layout:
    """Boxes of nodes, boxes of lanes (None: not drawn), routes of arrows, and the size of it all."""

    nodes: tuple[Box, ...]
    lanes: tuple[Box | None, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def arrange(
    sizes: Sequence[tuple[float, float]],
    lane: Sequence[int],
    labels: Sequence[float],
    edges: Sequence[tuple[int, int]],
) -> Layout:
    """Place nodes, boxes and arrows.

    Parameters
    ----------
    sizes
        Width and height of each node.
    lane
        Lane of each node.
    labels
        Width of each lane's name; 0 for a lane without a box.
    edges
        Pairs of nodes. More than one may join the same two; an edge from a node to itself is not drawn.
    """
    count = len(sizes)
    drawn = [i for i, (u, v) in enumerate(edges) if u != v]
    pairs = [edges[i] for i in drawn]
    ahead = forward(range(count), pairs)
    column = columns(count, ahead)
    members = [[n for n in range(count) if lane[n] == k] for k in range(len(labels))]
    track_of_lane = pack(members, [label > 0 for label in labels], column, ahead)
    slots, chains = thread(column, [track_of_lane[k] for k in lane], lane, [h for _, h in sizes], ahead, PASS)
    _tall_enough(slots, count)
    cells = order_slots(slots)
    lefts, rights = _columns(sizes, column, members, labels, chains)
    height = _rows(cells, track_of_lane, labels)
    nodes = []
    for n in range(count):
        middle, (w, h) = (lefts[column[n]] + rights[column[n]]) / 2, sizes[n]
        h = max(h, slots[n].height)
        nodes.append(Box(middle - w / 2, slots[n].y - h / 2, middle + w / 2, slots[n].y + h / 2))
    passing: dict[int, list[float]] = defaultdict(list)  # arrows that stay within a box
    for slot in slots[count:]:
        passing[slot.lane].append(slot.y)
    boxes = [
        _around([nodes[n] for n in own], passing[k], labels[k]) if labels[k] else None
        for k, own in enumerate(members)
    ]
    turned = [pair != (u, v) for pair, (u, v) in zip(pairs, ahead, strict=True)]
    routes = _routes(chains, nodes, lefts, rights, turned, drawn)
    return Layout(tuple(nodes), tuple(boxes), tuple(routes), rights[-1] + PAD if rights else 0.0, height)


def _tall_enough(slots: Sequence[Slot], count: int) -> None:
    """A node with many arrows at one side is as high as these need."""
    for slot in slots[:count]:
        slot.height = max(slot.height, LEAVE * len(slot.after) + 4, ENTER * len(slot.before) + 4)


def _columns(
    sizes: Sequence[tuple[float, float]],
    column: Sequence[int],
    members: Sequence[Sequence[int]],
    labels: Sequence[float],
    chains: Sequence[Chain],
) -> tuple[list[float], list[float]]:
    """Left and right end of each column."""
    last = max(column, default=-1)
    width = [
        max((sizes[n][0] for n in range(len(sizes)) if column[n] == c), default=0) for c in range(last + 1)
    ]
    between: dict[int, int] = defaultdict(int)
    for chain in chains:
        for slot in chain.slots[:-1]:
            between[slot.column] += 1
    gaps = [min(54.0 + 2.0 * between[c], 96.0) for c in range(last + 1)]
    for nodes, label in zip(members, labels, strict=True):
        if not label or not nodes:
            continue
        first, final = min(column[n] for n in nodes), max(column[n] for n in nodes)
        room = sum(width[first : final + 1]) + sum(gaps[first:final])
        width[final] += max(label + 4 - room - PAD, 0)
    lefts, rights, at = [], [], PAD * 2
    for w, gap in zip(width, gaps, strict=True):
        lefts.append(at)
        rights.append(at + w)
        at += w + gap
    return lefts, rights


def _rows(
    cells: Mapping[tuple[int, int], list[Slot]], track_of_lane: Sequence[int], labels: Sequence[float]
) -> float:
    """Set every slot's y, tracks from the top down; returns the height of it all."""
    boxed = {track for track, label in zip(track_of_lane, labels, strict=True) if label}
    bands: dict[int, tuple[float, float]] = {}
    tracks = sorted({track for _, track in cells})
    need = {
        track: max(_stack(row) for (_, t), row in cells.items() if t == track)
        + (2 * PAD + LABEL if track in boxed else 0)
        for track in tracks
    }
    top = total = sum(need.values()) + TRACK_GAP * (len(tracks) + 1)
    top -= TRACK_GAP
    for track in tracks:
        inner_top = top - (PAD + LABEL if track in boxed else 0)
        bands[track] = (top - need[track] + (PAD if track in boxed else 0), inner_top)
        top -= need[track] + TRACK_GAP
    for (_, track), row in cells.items():
        low, high = bands[track]
        _settle(row, [(low + high) / 2] * len(row), low, high)
    by_column = sorted(cells)
    for sweep in range(16):
        for column, track in by_column if sweep % 2 else reversed(by_column):
            row = cells[column, track]
            wanted = [_wish(slot, sweep % 2 == 1) for slot in row]
            _settle(row, wanted, *bands[track])
    return total


def _stack(row: Sequence[Slot]) -> float:
    return sum(slot.height for slot in row) + ROW_GAP * (len(row) - 1)


def _wish(slot: Slot, forwards: bool) -> float:
    """Height a slot would like: that of its neighbours, those it comes from first."""
    near = (slot.before or slot.after) if forwards else (slot.after or slot.before)
    return sum(s.y for s in near) / len(near) if near else slot.y


def _settle(row: Sequence[Slot], wanted: Sequence[float], low: float, high: float) -> None:
    """Set the y of a column's slots, top first, as near to what is wanted as order and room allow.

    Least squares under order (pool adjacent violators), then kept within low..high.
    """
    below = [0.0]  # how far each slot stands below the first at the least
    for upper, lower in pairwise(row):
        below.append(below[-1] + (upper.height + lower.height) / 2 + ROW_GAP)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, below, strict=True):
        mean, size = want + offset, 1
        while pools and pools[-1][0] < mean:
            other, n = pools.pop()
            mean, size = (mean * size + other * n) / (size + n), size + n
        pools.append((mean, size))
    flat = [mean for mean, size in pools for _ in range(size)]
    top, bottom = high - row[0].height / 2, low + row[-1].height / 2 + below[-1]
    for slot, level, offset in zip(row, flat, below, strict=True):
        slot.y = min(max(level, bottom), top) - offset


def _around(nodes: Sequence[Box], passing: Sequence[float], label: float) -> Box:
    left, right = min(b.left for b in nodes) - PAD, max(b.right for b in nodes) + PAD
    wide = max(label + 2 * PAD - (right - left), 0) / 2
    bottom = min(*(b.bottom for b in nodes), *passing, nodes[0].top)
    top = max(*(b.top for b in nodes), *passing, nodes[0].bottom)
    return Box(left - wide, bottom - PAD, right + wide, top + PAD + LABEL)


def _routes(
    chains: Sequence[Chain],
    nodes: Sequence[Box],
    lefts: Sequence[float],
    rights: Sequence[float],
    turned: Sequence[bool],
    drawn: Sequence[int],
) -> list[Route]:
    leaving: dict[Slot, list[tuple[float, int]]] = defaultdict(list)
    entering: dict[Slot, list[tuple[float, int]]] = defaultdict(list)
    for chain in chains:
        leaving[chain.slots[0]].append((chain.slots[1].y, chain.edge))
        entering[chain.slots[-1]].append((chain.slots[-2].y, chain.edge))
    ports = {("out", s, e): y for s, ends in leaving.items() for y, e in _ports(s, ends, LEAVE)}
    ports |= {("in", s, e): y for s, ends in entering.items() for y, e in _ports(s, ends, ENTER)}
    routes = []
    for chain in chains:
        first, *middle, last = chain.slots
        y = ports["out", first, chain.edge]
        points = [(nodes[first.node or 0].right, y), (rights[first.column] + LEAD, y)]
        for slot in middle:
            points += [(lefts[slot.column] - LEAD, slot.y), (rights[slot.column] + LEAD, slot.y)]
        y = ports["in", last, chain.edge]
        points += [(lefts[last.column] - LEAD, y), (nodes[last.node or 0].left, y)]
        if turned[chain.edge]:
            points.reverse()
        routes.append(Route(drawn[chain.edge], tuple(points)))
    return routes


def _ports(slot: Slot, ends: Sequence[tuple[float, int]], most: float) -> list[tuple[float, int]]:
    """Heights at which arrows touch a side of a node, in the order of where they go."""
    ordered = sorted(ends, key=lambda end: (-end[0], end[1]))
    step = min(most, (slot.height - 4) / max(len(ends) - 1, 1))
    return [
        (slot.y + step * ((len(ends) - 1) / 2 - position), edge) for position, (_, edge) in enumerate(ordered)
    ]
