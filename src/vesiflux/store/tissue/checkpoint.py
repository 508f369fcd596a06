"""The whole state of a simulation in one file, replaced in one step.

A zip of ``.npy`` members (what `numpy.load` reads as ``.npz``) whose CRCs tell damage: ``state/NAME`` for
the engine's arrays, ``kept/NAME`` for what the run has collected and not yet written elsewhere, and
``meta.json``.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vesiflux.errors import RunError
from vesiflux.store.tissue.layout import replace_file

__all__ = ["Checkpoint", "read_checkpoint", "write_checkpoint"]

TYPE, VERSION = "vesiflux-checkpoint", 1
META = "meta.json"
#: A fixed date on every member: the same state gives the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Checkpoint:
    """A state and what belongs to it.

    ``step``: steps done; ``key``: of the arm's plan, seed and engine; ``state``: the engine's arrays;
    ``kept``: arrays of the run (rows of the series, events since the last frame); ``seconds`` so far.
    """

    step: int
    key: str
    state: Arrays
    kept: Arrays = field(default_factory=dict)
    seconds: float = 0.0


def write_checkpoint(path: Path, point: Checkpoint) -> None:
    """Put a checkpoint in the place of the one before."""
    meta = {
        "type": TYPE, "version": VERSION, "step": point.step, "key": point.key, "seconds": point.seconds,
    }  # fmt: skip

    def write(temporary: Path) -> None:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            archive.writestr(zipfile.ZipInfo(META, DATE), json.dumps(meta))
            for group, arrays in (("state", point.state), ("kept", point.kept)):
                for name, values in arrays.items():
                    member = zipfile.ZipInfo(f"{group}/{name}.npy", DATE)
                    with archive.open(member, "w", force_zip64=True) as file:
                        np.lib.format.write_array(file, np.asanyarray(values), allow_pickle=False)

    replace_file(path, write)


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint at ``path``; `None` when there is none.

    Raises `RunError` when it is damaged or of a newer version.
    """
    if not path.exists():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            meta = json.loads(archive.read(META))
            arrays: dict[str, dict[str, npt.NDArray[Any]]] = {"state": {}, "kept": {}}
            if meta["type"] == TYPE and meta["version"] <= VERSION:
                for name in archive.namelist():
                    group, _, rest = name.partition("/")
                    if group in arrays:
                        with archive.open(name) as file:
                            values = np.lib.format.read_array(file, allow_pickle=False)
                        arrays[group][rest.removesuffix(".npy")] = values
            step, key, seconds = int(meta["step"]), str(meta["key"]), float(meta["seconds"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        raise RunError(f"{path}: damaged; remove this file, and the arm starts anew") from None
    if meta["type"] != TYPE:
        raise RunError(f"{path}: not a {TYPE} file")
    if meta["version"] > VERSION:
        raise RunError(
            f"{path}: format version {meta['version']}; this vesiflux reads up to {VERSION}: update it"
        )
    return Checkpoint(step, key, arrays["state"], arrays["kept"], seconds)
