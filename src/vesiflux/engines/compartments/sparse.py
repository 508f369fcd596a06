"""Symbolic LU of a sparse pattern, done once per program.

The matrix is 1/(h gamma) - J: its diagonal is full and, for the step sizes error control allows,
large enough to pivot on. So pivots are taken from the diagonal in the order that makes least fill
(Markowitz' rule), and the numeric part becomes fixed lists of multiply-subtract operations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Pattern", "analyse"]

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Pattern:
    """L and U in one row-wise pattern; rows, columns and entries are numbered in pivot order.

    ``order``: pivot -> original index. ``entry_row``/``entry_column``: original indices of each entry.
    Entries of row k are ``row_from[k]:row_from[k+1]``, columns ascending; ``diagonal[k]`` is its pivot.
    Entry e is reduced by the products of the entries ``pair[pair_from[e]:pair_from[e+1]]``.
    """

    order: Ints
    row_from: Ints
    diagonal: Ints
    column: Ints
    entry_row: Ints
    entry_column: Ints
    pair_from: Ints
    pair: Ints

    @property
    def n_entries(self) -> int:
        """Entries of L and U together."""
        return len(self.column)


def _eliminate(n: int, rows: list[set[int]], columns: list[set[int]]) -> list[int]:
    """Order of pivots by Markowitz count; ``rows``/``columns`` (diagonal included) take up the fill."""
    left = set(range(n))
    live_row = [len(r) for r in rows]
    live_column = [len(c) for c in columns]
    order = []
    while left:
        pivot = min(left, key=lambda k: ((live_row[k] - 1) * (live_column[k] - 1), k))
        left.discard(pivot)
        order.append(pivot)
        below = [i for i in columns[pivot] if i in left]
        right = [j for j in rows[pivot] if j in left]
        for i in below:
            live_row[i] -= 1
            for j in right:
                if j not in rows[i]:
                    rows[i].add(j)
                    columns[j].add(i)
                    live_row[i] += 1
                    live_column[j] += 1
        for j in right:
            live_column[j] -= 1
    return order


def analyse(n: int, row_index: npt.ArrayLike, column_index: npt.ArrayLike) -> Pattern:
    """Pattern of the LU factors of an ``n`` x ``n`` matrix with these nonzeros and a full diagonal."""
    rows: list[set[int]] = [{i} for i in range(n)]
    columns: list[set[int]] = [{i} for i in range(n)]
    for i, j in zip(np.asarray(row_index).tolist(), np.asarray(column_index).tolist(), strict=True):
        rows[i].add(j)
        columns[j].add(i)
    order = _eliminate(n, rows, columns)
    place = {original: k for k, original in enumerate(order)}
    sorted_rows = [sorted(place[j] for j in rows[order[k]]) for k in range(n)]
    row_from = np.concatenate([[0], np.cumsum([len(r) for r in sorted_rows])])
    entry = {(k, j): int(row_from[k]) + i for k, row in enumerate(sorted_rows) for i, j in enumerate(row)}
    upper = [[j for j in row if j > k] for k, row in enumerate(sorted_rows)]
    pairs: list[list[tuple[int, int]]] = [[] for _ in entry]
    for k, row in enumerate(sorted_rows):
        for p in (p for p in row if p < k):
            for j in upper[p]:
                pairs[entry[k, j]].append((entry[k, p], entry[p, j]))
    return Pattern(
        order=np.array(order, dtype=np.int32),
        row_from=row_from.astype(np.int32),
        diagonal=np.array([entry[k, k] for k in range(n)], dtype=np.int32),
        column=np.array([j for row in sorted_rows for j in row], dtype=np.int32),
        entry_row=np.array([order[k] for k, row in enumerate(sorted_rows) for _ in row], dtype=np.int32),
        entry_column=np.array([order[j] for row in sorted_rows for j in row], dtype=np.int32),
        pair_from=np.concatenate([[0], np.cumsum([len(p) for p in pairs])]).astype(np.int32),
        pair=np.array([pq for p in pairs for pq in p], dtype=np.int32).reshape(-1, 2),
    )
