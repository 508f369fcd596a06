"""A tissue run as CSV tables: what came out and nothing of when, where and with how many threads."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.store.files import told

if TYPE_CHECKING:
    import pyarrow as pa

    from vesiflux.store.tissue.run import TissueRun

__all__ = ["named_cells", "write_csv"]

#: Columns of positions and lengths get their unit into their name.
LENGTHS = ("x", "y", "z", "radius")


def write_csv(run: TissueRun, folder: Path) -> Path:
    """Write the tables of a run.

    ``series.csv``: numbers over time; ``cells.csv``: every cell of every frame; ``events.csv``;
    ``received.csv``: who got how much from whom; ``fields.csv``: amount in the box, mean, least and most of
    every field and frame; ``profiles.csv``: mean of every field by distance from the middle of the box.
    Arms stand below one another. Raises `RunError` when the disk refuses.
    """
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _tables(folder / "series.csv", [_marked(_timed(run.series(arm)), arm=arm) for arm in run.arms])
        _tables(folder / "received.csv", [_marked(run.received(arm), arm=arm) for arm in run.arms])
        _tables(folder / "events.csv", [_marked(_timed(run.events(arm)), arm=arm) for arm in run.arms])
        _cells(run, folder / "cells.csv")
        head = [
            "arm",
            "frame",
            "time_h",
            "field",
            "unit",
            "amount",
            "mean_per_mL",
            "least_per_mL",
            "most_per_mL",
        ]
        _rows(folder / "fields.csv", head, _totals(run))
        head = ["arm", "frame", "time_h", "field", "unit", "from_um", "to_um", "voxels", "mean_per_mL"]
        _rows(folder / "profiles.csv", head, _profiles(run))
    return folder


def named_cells(run: TissueRun, arm: str, frame: int) -> pa.Table:
    """Cells of a frame with types and states by name, as text."""
    import pyarrow as pa

    table = run.cells(frame, arm)
    kinds = run.facts(arm)["kinds"]
    kind = table["kind"].to_numpy()
    state = table["state"].to_numpy()
    states = [kinds[k]["states"] for k in kind]
    named = {
        "kind": [kinds[k]["name"] for k in kind],
        "state": [s[i] if 0 <= i < len(s) else "" for s, i in zip(states, state, strict=True)],
    }
    for name, values in named.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values, pa.string()))
    return table


def _cells(run: TissueRun, path: Path) -> None:
    """Frame by frame, so that one frame at a time is in memory; columns of all arms and frames."""
    import pyarrow as pa
    import pyarrow.csv

    def tables() -> Iterator[pa.Table]:
        for arm in run.arms:
            for frame, time in enumerate(run.frame_times(arm)):
                table = _marked(named_cells(run, arm, frame), arm=arm, frame=frame, time_h=float(time))
                yield table.rename_columns([f"{n}_um" if n in LENGTHS else n for n in table.column_names])

    schema = pa.unify_schemas([table.schema for table in tables()])
    with pa.csv.CSVWriter(path, schema) as writer:
        for table in tables():
            missing = [n for n in schema.names if n not in table.column_names]
            for name in missing:
                table = table.append_column(name, pa.nulls(table.num_rows, schema.field(name).type))
            writer.write_table(table.select(schema.names).cast(schema))


def _timed(table: pa.Table) -> pa.Table:
    return table.rename_columns(["time_h" if n == "time" else n for n in table.column_names])


def _marked(table: pa.Table, **columns: str | int | float) -> pa.Table:
    """``table`` with columns of one value in front."""
    import pyarrow as pa

    for position, (name, value) in enumerate(columns.items()):
        table = table.add_column(position, name, pa.array([value] * table.num_rows))
    return table


def _tables(path: Path, tables: Sequence[pa.Table]) -> None:
    import pyarrow as pa
    import pyarrow.csv

    pa.csv.write_csv(pa.concat_tables(tables, promote_options="default"), path)


def _rows(path: Path, head: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def _each(run: TissueRun) -> Iterator[tuple[list[Any], np.ndarray[Any, Any], list[float]]]:
    """Arm, frame, time, field and unit; values (z, y, x); edges of a voxel."""
    for arm in run.arms:
        facts = run.facts(arm)
        for frame, time in enumerate(run.frame_times(arm)):
            for name, unit in run.fields(arm).items():
                values = run.field(name, frame, arm).to_numpy().astype(np.float64)
                yield [arm, frame, float(time), name, unit.removesuffix("/mL")], values, facts["voxel"]


def _totals(run: TissueRun) -> Iterator[list[Any]]:
    for told_by, values, voxel in _each(run):
        volume = float(np.prod(voxel)) / 1e12  # um^3 to mL
        numbers = (values.sum() * volume, values.mean(), values.min(), values.max())
        yield [*told_by, *map(float, numbers)]


def _profiles(run: TissueRun) -> Iterator[list[Any]]:
    """Shells as thick as the longest edge of a voxel."""
    for told_by, values, voxel in _each(run):
        middles = [(np.arange(n) + 0.5 - n / 2) * d for n, d in zip(values.shape[::-1], voxel, strict=True)]
        x, y, z = middles
        distance = np.sqrt(z[:, None, None] ** 2 + y[None, :, None] ** 2 + x[None, None, :] ** 2)
        edge = max(voxel[: 2 if values.shape[0] == 1 else 3])
        shell = (distance / edge).astype(np.int64).ravel()
        count = np.bincount(shell)
        total = np.bincount(shell, weights=values.ravel())
        for number in np.flatnonzero(count):
            low, high = float(number * edge), float((number + 1) * edge)
            yield [*told_by, low, high, int(count[number]), float(total[number] / count[number])]
