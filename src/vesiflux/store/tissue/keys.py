"""The key of one arm of a tissue run: its plan without what is only for people, the seed, the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vesiflux.store.keys import digest, engine_hash

if TYPE_CHECKING:
    from vesiflux.ir.tissue import TissuePlan

__all__ = ["arm_key"]

#: Parts of a plan that change no number.
FOR_PEOPLE = ("title", "report")


def arm_key(plan: TissuePlan, seed: int) -> str:
    """SHA-256 of everything that decides what an arm comes out as; threads and hosts do not."""
    content = {f.name: _plain(getattr(plan, f.name)) for f in fields(plan) if f.name not in FOR_PEOPLE}
    return digest({"plan": content, "seed": int(seed), "engine": engine_hash()})


def _plain(value: Any) -> Any:
    """Plain data with a canonical form: arrays by their hash, numbers of numpy as Python's."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        told = f"{little.dtype.str}{little.shape}".encode()
        return hashlib.sha256(told + little.tobytes()).hexdigest()
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
