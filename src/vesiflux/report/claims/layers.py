"""Columns of a drawing from left to right: which node stands in which.

Layered drawing after Sugiyama, Tagawa and Toda 1981: arrows that close a circle are turned for the layout,
and every arrow leads to a later column.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

__all__ = ["columns", "forward"]

N = TypeVar("N", bound=Hashable)


def forward(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[tuple[N, N]]:
    """The edges without self-loops, those that close a circle turned round.

    Order after Eades, Lin and Smyth 1993: sinks last, sources first, else the node that leaves most.
    """
    order = {node: position for position, node in enumerate(_order(nodes, edges))}
    return [(u, v) if order[u] < order[v] else (v, u) for u, v in edges if u != v]


def _order(nodes: Sequence[N], edges: Sequence[tuple[N, N]]) -> list[N]:
    after: dict[N, set[N]] = {node: set() for node in nodes}
    before: dict[N, set[N]] = {node: set() for node in nodes}
    for u, v in edges:
        if u != v:
            after[u].add(v)
            before[v].add(u)
    left: list[N] = []
    right: list[N] = []
    rest = dict.fromkeys(nodes)
    while rest:
        sink = next((node for node in rest if not after[node]), None)
        source = next((node for node in rest if not before[node]), None)
        if sink is not None:
            taken = sink
            right.append(taken)
        else:
            taken = source if source is not None else max(rest, key=lambda n: len(after[n]) - len(before[n]))
            left.append(taken)
        del rest[taken]
        for node in after.pop(taken):
            before[node].discard(taken)
        for node in before.pop(taken):
            after[node].discard(taken)
    return left + right[::-1]


def columns(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Column of each of ``count`` nodes, from 0, so that arrows are short; edges lead to later columns.

    The sum of the arrows' lengths is least (Gansner, Koutsofios, North and Vo 1993). The matrix of the
    program is totally unimodular, so its corners are whole numbers.
    """
    import numpy as np
    from scipy.optimize import linprog

    if not edges:
        return [0] * count
    cost = np.zeros(count)
    rows = np.zeros((len(edges), count))
    for number, (u, v) in enumerate(edges):
        cost[v] += 1.0
        cost[u] -= 1.0
        rows[number, u], rows[number, v] = 1.0, -1.0
    cost += 1e-6  # to the left, where nothing else decides
    solved = linprog(cost, A_ub=rows, b_ub=-np.ones(len(edges)), bounds=(0, count), method="highs-ds")
    return [round(float(x)) for x in solved.x]
