"""Parquet tables of a tissue run: cells, vesicles, events, series, received. Type and version on each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vesiflux.errors import RunError
from vesiflux.store.tissue.layout import replace_file

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["VERSION", "columns_table", "read_table", "write_table"]

VERSION = 1
KEY = b"vesiflux"


def columns_table(columns: Mapping[str, npt.NDArray[np.generic]]) -> pa.Table:
    """A table of 1-D arrays; floating numbers are kept as float32, whole numbers as they are."""
    import pyarrow as pa

    made = {}
    for name, values in columns.items():
        array = np.ascontiguousarray(values)
        made[name] = pa.array(array.astype(np.float32) if array.dtype.kind == "f" else array)
    return pa.table(made)


def write_table(path: Path, table: pa.Table, kind: str) -> None:
    """Write a table as a whole, or not at all. ``kind``: what is in it, checked by `read_table`."""
    import pyarrow.parquet as pq

    told = json.dumps({"type": f"vesiflux-tissue-{kind}", "version": VERSION}).encode()
    marked = table.replace_schema_metadata({KEY: told})
    replace_file(path, lambda p: pq.write_table(marked, p, compression="zstd"))


def read_table(path: Path, kind: str) -> pa.Table:
    """Read a table of ``kind``. Raises `RunError` where it is missing, damaged or of something else."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except FileNotFoundError:
        raise RunError(f"{path}: missing; the run is not finished, or its folder is damaged") from None
    except (OSError, pa.ArrowException):
        raise RunError(f"{path}: damaged; remove the run's folder and run it again") from None
    try:
        head = json.loads((table.schema.metadata or {})[KEY])
        found, version = str(head["type"]), int(head["version"])
    except (KeyError, ValueError, TypeError):
        raise RunError(f"{path}: no table of a tissue run") from None
    if found != f"vesiflux-tissue-{kind}":
        raise RunError(f"{path}: holds {found}, not vesiflux-tissue-{kind}")
    if version > VERSION:
        raise RunError(f"{path}: format version {version}; this vesiflux reads up to {VERSION}: update it")
    return table.replace_schema_metadata(None)
