"""Rows of a drawing: which boxes share a track, and in which order nodes stand in a column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["Chain", "Slot", "order_slots", "pack", "thread"]


@dataclass(eq=False)
class Slot:
    """A place in a column: a node, or where a long arrow passes (``node`` is None)."""

    column: int
    track: int
    node: int | None
    height: float
    lane: int = -1
    y: float = 0.0
    before: list[Slot] = field(default_factory=list)
    after: list[Slot] = field(default_factory=list)


@dataclass(frozen=True)
class Chain:
    """An arrow of the layout, left to right, with the slots it passes."""

    edge: int
    slots: tuple[Slot, ...]


def pack(
    lanes: Sequence[Sequence[int]],
    boxed: Sequence[bool],
    column: Sequence[int],
    edges: Sequence[tuple[int, int]],
) -> list[int]:
    """Track of every lane (a cell, a vesicle, a node by itself) so that few arrows go far up or down.

    A box shares its columns of a track with nobody. The order of the lanes is improved by moving one at a
    time until no move helps.

    Parameters
    ----------
    lanes
        Nodes of each lane.
    boxed
        Whether a lane is drawn as a box.
    column
        Column of each node.
    edges
        Pairs of nodes.
    """
    spans = [(min(column[n] for n in lane), max(column[n] for n in lane)) for lane in lanes]
    lane_of = {node: number for number, lane in enumerate(lanes) for node in lane}
    pairs: dict[tuple[int, int], int] = defaultdict(int)
    for u, v in edges:
        a, b = sorted((lane_of[u], lane_of[v]))
        if a != b:
            pairs[a, b] += 1

    def tracks(order: Sequence[int]) -> list[int]:
        found = [0] * len(lanes)
        used: list[list[int]] = [[]]
        for lane in order:
            low, high = spans[lane]
            if any(
                (boxed[lane] or boxed[k]) and low <= spans[k][1] and spans[k][0] <= high for k in used[-1]
            ):
                used.append([])
            used[-1].append(lane)
            found[lane] = len(used) - 1
        return found

    def cost(order: Sequence[int]) -> float:
        found = tracks(order)
        return sum(n * abs(found[a] - found[b]) for (a, b), n in pairs.items()) + 0.9 * max(found, default=0)

    best = sorted(range(len(lanes)), key=lambda lane: (spans[lane], lane))
    lowest = cost(best)
    improved = True
    while improved:
        improved = False
        for i in range(len(best)):
            for j in range(len(best)):
                trial = best[:i] + best[i + 1 :]
                trial.insert(j, best[i])
                if (here := cost(trial)) < lowest - 1e-9:
                    best, lowest, improved = trial, here, True
    return tracks(best)


def thread(
    column: Sequence[int],
    track: Sequence[int],
    lane: Sequence[int],
    heights: Sequence[float],
    edges: Sequence[tuple[int, int]],
    gap: float,
) -> tuple[list[Slot], list[Chain]]:
    """Slots of the nodes and of the places where long arrows pass, and each arrow's chain of slots."""
    slots = [Slot(column[n], track[n], n, heights[n], lane[n]) for n in range(len(column))]
    taken: dict[tuple[int, int], float] = defaultdict(float)
    for slot in slots:
        taken[slot.column, slot.track] += slot.height
    chains = []
    for number, (u, v) in enumerate(edges):
        chain = [slots[u]]
        low, high = sorted((track[u], track[v]))
        for passed in range(column[u] + 1, column[v]):
            here = min(range(low, high + 1), key=lambda t: (taken[passed, t], abs(t - chain[-1].track)))
            taken[passed, here] += gap
            slot = Slot(passed, here, None, gap, lane[u] if lane[u] == lane[v] else -1)
            slots.append(slot)
            chain.append(slot)
        chain.append(slots[v])
        for left, right in pairwise(chain):
            left.after.append(right)
            right.before.append(left)
        chains.append(Chain(number, tuple(chain)))
    return slots, chains


def order_slots(slots: Sequence[Slot], sweeps: int = 12) -> dict[tuple[int, int], list[Slot]]:
    """Slots of each (column, track) from top to bottom, so that few arrows cross (barycentres, both ways)."""
    cells: dict[tuple[int, int], list[Slot]] = defaultdict(list)
    for slot in slots:
        cells[slot.column, slot.track].append(slot)
    last = max((slot.column for slot in slots), default=0)
    rank = _ranks(cells)
    best, fewest = {key: list(row) for key, row in cells.items()}, _crossings(cells, last)
    for sweep in range(sweeps):
        forwards = sweep % 2 == 0
        for column in range(last + 1) if forwards else range(last, -1, -1):
            for key in [k for k in cells if k[0] == column]:
                rest = {slot: _middle(slot.before if forwards else slot.after, rank, rank[slot])
                        for slot in cells[key]}  # fmt: skip
                cells[key].sort(key=rest.__getitem__)
            rank |= _ranks({k: row for k, row in cells.items() if k[0] == column})
        if (here := _crossings(cells, last)) < fewest:
            best, fewest = {key: list(row) for key, row in cells.items()}, here
    return best


def _ranks(cells: Mapping[tuple[int, int], Sequence[Slot]]) -> dict[Slot, float]:
    """Height of each slot in its column: a track is one unit high."""
    return {
        slot: track + (position + 0.5) / len(row)
        for (_, track), row in cells.items()
        for position, slot in enumerate(row)
    }


def _middle(neighbours: Sequence[Slot], rank: Mapping[Slot, float], otherwise: float) -> float:
    return sum(rank[n] for n in neighbours) / len(neighbours) if neighbours else otherwise


def _crossings(cells: Mapping[tuple[int, int], Sequence[Slot]], last: int) -> int:
    rank = _ranks(cells)
    total = 0
    for column in range(last):
        lines = [
            (rank[s], rank[t]) for (c, _), row in cells.items() if c == column for s in row for t in s.after
        ]
        total += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(lines) for c, d in lines[:i])
    return total
