"""What every benchmark shares: rows in ``results.json``, the printed table, peers that may be missing.

A row: ``id`` (P1 ...), ``case``, ``ours``, ``peer`` (its name), ``peer_value``, ``ratio`` (ours / peer),
``unit``, ``error_ours``, ``error_peer``, ``target`` (largest ratio that passes; without a peer the
largest figure), and where they make sense ``aim``, ``note``. What there is not is null. Rows are merged
by (id, case): a new measurement replaces the old one.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.json")
CACHE = Path(__file__).with_name(".cache")

Row = dict[str, Any]

#: Keys that every row has, in the order of the printed table.
COLUMNS = (
    "id", "case", "ours", "peer", "peer_value", "ratio", "unit", "error_ours", "error_peer", "target",
)  # fmt: skip


def peer(module: str, install: str) -> Any | None:
    """The peer's module, or None after saying how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        print(f"skipped: {module} cannot be imported ({error}); pip install {install}")
        return None


def interleaved(tasks: Sequence[Callable[[], float]], repeats: int) -> list[float]:
    """Median of each task's own figure, the tasks taking turns, since the machine's load drifts."""
    figures: list[list[float]] = [[] for _ in tasks]
    for _ in range(repeats):
        for kept, task in zip(figures, tasks, strict=True):
            kept.append(task())
    return [statistics.median(kept) for kept in figures]


def save(rows: Sequence[Row]) -> None:
    """Merge rows into ``results.json``, in a fixed order, replacing the file in one go."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    table = {_key(row): dict.fromkeys(COLUMNS) | row for row in [*known, *rows]}
    temporary = RESULTS.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps([table[k] for k in sorted(table)], indent=1) + "\n")
    temporary.replace(RESULTS)


def _key(row: Row) -> tuple[str, str]:
    return row["id"], row["case"]


def show(rows: Sequence[Row]) -> None:
    """Print a table: ours, peer, ratio, errors, target."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="ours against peers (ratio below target passes)")
    for column in COLUMNS:
        table.add_column(column)
    for row in rows:
        table.add_row(*(_text(row.get(column)) for column in COLUMNS))
    Console(width=150).print(table)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
