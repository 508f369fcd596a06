"""Random numbers that belong to a draw: they depend on seed, name and index, and on nothing else.

Counter-based (Philox 4x64, Salmon et al. 2011): the key is made of seed, parameter name and, for what
differs between repeats, the replicate; the counter is the draw's index. So neither block size, nor order,
nor the other parameters of a model change a draw, and all arms share the same numbers.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

__all__ = ["uniforms"]

_PER_COUNT = 4  # 64-bit numbers from one value of the counter


def uniforms(
    seed: int, name: str, start: int, stop: int, replicate: int | None = None
) -> npt.NDArray[np.float64]:
    """Numbers in (0, 1), both ends excluded, for draws ``start`` to ``stop - 1``; shape (stop - start,)."""
    text = f"{seed}\0{name}" + ("" if replicate is None else f"\0{replicate}")
    key = np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], dtype="<u8")
    first = start // _PER_COUNT
    generator = np.random.Philox(key=key, counter=first)
    raw = generator.random_raw(stop - first * _PER_COUNT)[start - first * _PER_COUNT :]
    # 53 bits, moved to the middle of their interval: never 0, never 1
    return ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
