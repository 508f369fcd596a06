"""Arrow columns from NumPy arrays and back, by their buffers.

`pyarrow.array` and `to_numpy` import pandas (0.8 s and 50 MB in every worker) to find that none is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["numbers", "texts", "values"]


def numbers(array: npt.NDArray[Any]) -> pa.Array:
    """A one-dimensional NumPy array as an Arrow array."""
    import pyarrow as pa

    flat = np.ascontiguousarray(array)
    return pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), len(flat), [None, pa.py_buffer(flat)])


def texts(items: Sequence[str]) -> pa.Array:
    """Texts as an Arrow array."""
    import pyarrow as pa

    coded = [t.encode() for t in items]
    ends = np.cumsum([0, *map(len, coded)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(coded))]
    return pa.Array.from_buffers(pa.string(), len(coded), buffers)


def values(table: pa.Table, name: str) -> npt.NDArray[Any]:
    """A column of numbers without gaps as a NumPy array of its own."""
    column = table[name]
    dtype = column.type.to_pandas_dtype()
    parts = [
        np.frombuffer(c.buffers()[1], dtype, count=len(c), offset=c.offset * np.dtype(dtype).itemsize)
        for c in column.chunks
        if len(c)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype)
