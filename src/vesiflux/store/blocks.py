"""Blocks: up to a few hundred draws of one arm and structure, whole or absent.

::

    BLOCK/block.json            type, version, group, keys by row, sizes and checksums, provenance
    BLOCK/draws.parquet         one row per draw (and replicate): key, status, final outputs, parameters
    BLOCK/series/OUTPUT/        Zarr v3 array (lane, time), float64, one chunk; BLOCK/series/time (time)
    BLOCK/bursts.parquet        single cells only: row of the cell, time, class, what each burst set free
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import RunError
from vesiflux.store import arrays
from vesiflux.store import columns as arrow
from vesiflux.store.columns import numbers, texts
from vesiflux.store.files import read_json, sync, told, write_files
from vesiflux.store.layout import Store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "PARAMETER",
    "Block",
    "GroupIndex",
    "block_name",
    "commit",
    "read_bursts",
    "read_series",
    "read_table",
]

TYPE, VERSION = "vesiflux-block", 1
#: Column prefix of parameters in the table; outputs stand under their own names.
PARAMETER = "parameter:"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """What is computed in one go. Rows are lanes: (draw, replicate) pairs.

    keys: one per row. columns: bookkeeping by name, each shape (rows,): draw, replicate, status, method,
    steps, rejected, balance_error. final: (n_outputs, rows). parameters: (n_parameters, rows).
    series: (n_series, rows, T) with ``times`` (T,) in h. Names and units in the same order.
    bursts: (n, 3 + contents), single cells only: row, time, class, then contents named ``burst_names``.
    """

    group: str
    keys: tuple[str, ...]
    columns: Mapping[str, npt.NDArray[Any]]
    final: Floats
    final_names: tuple[tuple[str, str], ...]
    parameters: Floats
    parameter_names: tuple[tuple[str, str], ...]
    series: Floats
    series_names: tuple[tuple[str, str], ...]
    times: Floats
    provenance: Mapping[str, Any]
    bursts: Floats | None = None
    burst_names: tuple[str, ...] = ()

    def take(self, rows: Sequence[int]) -> Block:
        """The same with some rows only."""
        index = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            keys=tuple(self.keys[i] for i in index),
            columns={n: c[index] for n, c in self.columns.items()},
            final=self.final[:, index],
            parameters=self.parameters[:, index],
            series=self.series[:, index],
            bursts=None if self.bursts is None else _bursts_of(self.bursts, index),
        )

    def burst_table(self) -> pa.Table:
        """One row per burst."""
        import pyarrow as pa

        assert self.bursts is not None
        names = ["row", "time", "class", *self.burst_names]
        return pa.Table.from_arrays([numbers(c) for c in self.bursts.T.copy()], names=names)

    def table(self) -> pa.Table:
        """One row per lane; units in each column's metadata."""
        import pyarrow as pa

        columns: list[Any] = [texts(self.keys)]
        fields = [pa.field("key", pa.string())]
        for name, values in self.columns.items():
            columns.append(numbers(values))
            fields.append(pa.field(name, columns[-1].type))
        for prefix, names, values in (
            ("", self.final_names, self.final),
            (PARAMETER, self.parameter_names, self.parameters),
        ):
            for (name, unit), row in zip(names, values, strict=True):
                columns.append(numbers(row))
                fields.append(pa.field(prefix + name, pa.float64(), metadata={"units": unit}))
        return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _bursts_of(bursts: Floats, rows: npt.NDArray[np.int64]) -> Floats:
    """Bursts of some rows, numbered anew."""
    parts = []
    for new, old in enumerate(rows):
        part = bursts[bursts[:, 0] == old].copy()
        part[:, 0] = new
        parts.append(part)
    return np.concatenate([bursts[:0], *parts])


def block_name(keys: Sequence[str]) -> str:
    """Name of the block that holds these keys in this order."""
    return hashlib.sha256("".join(keys).encode()).hexdigest()[:32]


class GroupIndex:
    """Which keys of a group are stored, and where. `refresh` reads only blocks that are new."""

    def __init__(self, store: Store, group: str) -> None:
        self.where: dict[str, tuple[str, int]] = {}
        self._folder = store.group(group)
        self._group = group
        self._seen: set[str] = set()

    def refresh(self) -> GroupIndex:
        """Take in what other processes finished since. Raises `RunError` on a damaged block."""
        try:
            names = set(os.listdir(self._folder))
        except FileNotFoundError:
            return self
        for name in sorted(names - self._seen):
            head = read_head(self._folder / name)
            if head["group"] != self._group:
                raise RunError(f"{self._folder / name}: damaged: it belongs to another group; remove it")
            for row, key in enumerate(head["keys"]):
                self.where.setdefault(key, (name, row))
            self._seen.add(name)
        return self


def commit(store: Store, block: Block, index: GroupIndex, claimed: str) -> int:
    """Store a block; rows whose keys another process stored meanwhile are left out. Returns rows stored.

    ``claimed``: name of the claim the caller holds. Raises `RunError` when the disk refuses.
    """
    while block.keys:
        with told(store.root):
            temporary = store.temporary(claimed)
            try:
                _write(temporary, block)
                with store.commit_lock():
                    index.refresh()
                    fresh = [i for i, key in enumerate(block.keys) if key not in index.where]
                    if len(fresh) == len(block.keys):
                        _put_in_place(store, temporary, block)
                        index.refresh()
                        return len(fresh)
                block = block.take(fresh)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    return 0


def _put_in_place(store: Store, temporary: Path, block: Block) -> None:
    target = store.block(block.group, block_name(block.keys))
    target.parent.mkdir(exist_ok=True)
    temporary.rename(target)
    sync(target.parent)


def _write(folder: Path, block: Block) -> None:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    # parameters mostly differ from row to row: dictionaries would double the time and save nothing
    pq.write_table(block.table(), buffer, compression="zstd", use_dictionary=False)
    files = {"draws.parquet": buffer.getvalue()}
    if block.bursts is not None:
        buffer = io.BytesIO()
        pq.write_table(block.burst_table(), buffer, compression="zstd")
        files["bursts.parquet"] = buffer.getvalue()
    files[f"series/{arrays.METADATA}"] = arrays.group_metadata({"group": block.group})
    rows = len(block.keys)
    for (name, unit), values in zip(block.series_names, block.series, strict=True):
        folder_name = _series_folder(name)
        shape = (rows, len(block.times))
        files[f"{folder_name}/{arrays.METADATA}"] = arrays.metadata(shape, ("lane", "time"), unit)
        files[f"{folder_name}/{arrays.CHUNK[2]}"] = arrays.encode(values)
    files[f"series/time/{arrays.METADATA}"] = arrays.metadata(block.times.shape, ("time",), "h")
    files[f"series/time/{arrays.CHUNK[1]}"] = arrays.encode(block.times)
    head = {
        "type": TYPE,
        "version": VERSION,
        "group": block.group,
        "keys": list(block.keys),
        "files": {name: [len(content), zlib.crc32(content)] for name, content in files.items()},
        "provenance": dict(block.provenance),
    }
    write_files(folder, files | {"block.json": json.dumps(head).encode()})
    sync(folder)


def _series_folder(name: str) -> str:
    return "series/" + name.replace("/", "%2F")


def read_head(folder: Path) -> dict[str, Any]:
    """``block.json``. Raises `RunError` with the cure when the block is damaged."""
    try:
        return read_json(folder / "block.json", TYPE, VERSION)
    except RunError as error:
        raise RunError(f"{error}; remove {folder} and resume the run") from None


def read_table(folder: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """The block's table, or some of its columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = _checked(folder, "draws.parquet")
    try:
        return pq.ParquetFile(pa.BufferReader(content)).read(None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as error:
        raise _damaged(folder / "draws.parquet", folder, str(error)) from None


def read_bursts(folder: Path) -> tuple[Floats, tuple[str, ...]]:
    """Bursts of a block's single cells as in `Block`, and the names of what they set free."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = _checked(folder, "bursts.parquet")
    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read()
    except (OSError, pa.ArrowException) as error:
        raise _damaged(folder / "bursts.parquet", folder, str(error)) from None
    names = table.column_names
    return np.column_stack([arrow.values(table, n) for n in names]), tuple(names[3:])


def read_series(folder: Path, output: str) -> Floats:
    """One output of a block, shape (rows, T)."""
    name = f"{_series_folder(output)}/{arrays.CHUNK[2]}"
    content = _checked(folder, name)
    try:
        shape = json.loads(_checked(folder, f"{_series_folder(output)}/{arrays.METADATA}"))["shape"]
        return arrays.decode(content, shape)
    except (KeyError, ValueError) as error:
        raise _damaged(folder / name, folder, str(error)) from None


def _checked(folder: Path, name: str) -> bytes:
    """A file's content, when it is the one that was written."""
    head = read_head(folder)
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise _damaged(folder / name, folder, error.strerror or str(error)) from None
    if [len(content), zlib.crc32(content)] != head["files"].get(name):
        raise _damaged(folder / name, folder, "not the bytes that were written")
    return content


def _damaged(path: Path, folder: Path, why: str) -> RunError:
    return RunError(f"{path}: damaged: {why}; remove {folder} and resume the run")
