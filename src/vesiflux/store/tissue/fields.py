"""Fields over time as Zarr v3 arrays (frame, z, y, x) of float32, one chunk per frame.

Written directly, for the reasons in `store.arrays`, and because a chunk can then be renamed into place: a
frame is whole or absent whenever the run is killed. Any Zarr reader takes them; frames that are not there
yet read as NaN.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from vesiflux.errors import RunError
from vesiflux.store.arrays import METADATA, encode, group_metadata, metadata
from vesiflux.store.tissue.layout import replace_file

__all__ = ["TYPE", "VERSION", "make", "read", "write"]

TYPE, VERSION = "vesiflux-frames", 1

Values = npt.NDArray[np.float32]


def make(
    folder: Path, times: Sequence[float], fields: Sequence[Mapping[str, Any]], shape: tuple[int, int, int]
) -> None:
    """Write the metadata of all arrays and the times; chunks come with `write`.

    ``times``: of all frames to come, h; ``fields``: name, title and unit of each; ``shape``: (nz, ny, nx).
    Doing it again changes nothing.
    """
    attributes = {"type": TYPE, "version": VERSION}
    _put(folder / METADATA, group_metadata(attributes))
    _put(folder / "field" / METADATA, group_metadata({}))
    _put(folder / "time" / METADATA, metadata((len(times),), ("frame",), "h"))
    _put(folder / "time" / "0", encode(np.asarray(times, dtype=np.float64)))
    for entry in fields:
        text = _metadata((len(times), *shape), entry)
        _put(_array(folder, entry["name"]) / METADATA, text)


def write(folder: Path, frame: int, fields: Mapping[str, npt.NDArray[np.float64]]) -> None:
    """Write one frame of every field, (nz, ny, nx) per mL; an earlier version of it is replaced."""
    import pyarrow as pa

    for name, values in fields.items():
        raw = np.ascontiguousarray(values, dtype="<f4").tobytes()
        _put(_array(folder, name) / _chunk(frame), bytes(pa.Codec("zstd", 1).compress(raw, asbytes=True)))


def read(folder: Path, name: str, frame: int, shape: tuple[int, int, int]) -> Values:
    """One frame of a field, (nz, ny, nx). Raises `RunError` where it is missing or damaged."""
    import pyarrow as pa

    path = _array(folder, name) / _chunk(frame)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror}") from None
    size = 4 * int(np.prod(shape))
    try:
        raw = pa.Codec("zstd").decompress(content, decompressed_size=size, asbytes=True)
        return np.frombuffer(raw, dtype="<f4").reshape(shape).astype(np.float32)
    except (OSError, ValueError, pa.ArrowException):
        raise RunError(f"{path}: damaged; remove the run's folder and run it again") from None


def _array(folder: Path, name: str) -> Path:
    return folder / "field" / quote(name, safe="+-_. ")


def _chunk(frame: int) -> str:
    return f"{frame}.0.0.0"


def _put(path: Path, content: bytes) -> None:
    replace_file(path, lambda p: p.write_bytes(content))


def _metadata(shape: tuple[int, ...], entry: Mapping[str, Any]) -> bytes:
    return json.dumps(
        {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(shape),
            "data_type": "float32",
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [1, *shape[1:]]}},
            "chunk_key_encoding": {"name": "v2", "configuration": {"separator": "."}},
            "fill_value": "NaN",
            "codecs": [
                {"name": "bytes", "configuration": {"endian": "little"}},
                {"name": "zstd", "configuration": {"level": 1, "checksum": False}},
            ],
            "dimension_names": ["frame", "z", "y", "x"],
            "attributes": {
                "name": entry["name"], "title": entry["title"], "units": f"{entry['unit']}/mL",
            },
        },
        separators=(",", ":"),
    ).encode()  # fmt: skip
