"""Keys: the same question has the same key, whoever asks it, on whatever machine.

A key is the SHA-256 of canonical JSON (sorted keys, no blanks, floats as hexadecimal). A draw's key is
made of its *group* (model as lowered, inputs, events, record times, solver settings, engine sources) and
its own parameter values; it knows nothing of the block, the arm's name or the seed. Two arms that ask
the same question therefore share their answers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vesiflux.ir.program import Event, Program

    Floats = npt.NDArray[np.float64]

__all__ = ["canonical", "digest", "engine_hash", "group_key", "lane_keys", "program_hash"]

#: Rooms whose sources decide what a number comes out as; their change makes every key new.
ENGINE_ROOMS = ("engines", "ir", "physics")


def canonical(value: Any) -> bytes:
    """``value`` as canonical JSON. Tuples are lists; floats become their hexadecimal text.

    Raises `TypeError` for anything JSON does not know.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value).hex()
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    raise TypeError(f"a {type(value).__name__} has no canonical form: {value!r}")


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of ``value``, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


@cache
def engine_hash(package: Path | None = None) -> str:
    """SHA-256 over the names and contents of all engine sources (kernels, tape, lowering, physics)."""
    root = package or Path(__file__).parent.parent
    total = hashlib.sha256()
    for room in ENGINE_ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            total.update(f"{path.relative_to(root).as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def program_hash(program: Program, description: Mapping[str, Any]) -> str:
    """SHA-256 of a model as lowered: its description and the constants its event tapes refer to."""
    return digest({"description": description, "constants": _bytes_hash(program.constants)})


def group_key(
    model: str,
    inputs_before: Floats,
    inputs: Floats,
    events: Sequence[Event],
    times: Sequence[float],
    settings: Mapping[str, Any],
    engine: str,
) -> str:
    """Key of everything but the parameter values. ``model``: its `program_hash`."""
    return digest(
        {
            "model": model,
            "inputs_before": _bytes_hash(inputs_before),
            "inputs": _bytes_hash(inputs),
            "events": [_event(e) for e in events],
            "times": [float(t) for t in times],
            "settings": settings,
            "engine": engine,
        }
    )


def lane_keys(group: str, parameters: Floats) -> list[str]:
    """Keys of all lanes. ``parameters``: shape (n_parameters, lanes), in the program's order.

    The values enter as the hexadecimal digits of big-endian IEEE doubles: exact, and quick to write.
    """
    import numpy as np

    rows = np.ascontiguousarray(np.asarray(parameters, dtype=np.float64).T + 0.0, dtype=">f8")  # -0.0 is 0.0
    head = f'{{"group":"{group}","values":"'.encode()
    return [hashlib.sha256(head + row.tobytes().hex().encode() + b'"}').hexdigest() for row in rows]


def _event(event: Event) -> dict[str, Any]:
    tape = event.tape
    return {
        "time": float(event.time),
        "states": [int(s) for s in event.states],
        "tape": None if tape is None else [_bytes_hash(tape.code), _bytes_hash(tape.results)],
        "inputs": {str(int(i)): float(v) for i, v in event.inputs.items()},
    }


def _bytes_hash(array: npt.NDArray[Any]) -> str:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return hashlib.sha256(f"{array.dtype.str[1:]}{array.shape}".encode() + little.tobytes()).hexdigest()
