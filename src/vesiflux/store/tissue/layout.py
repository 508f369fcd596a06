"""Where things lie in the folder of a tissue run.

::

    run.json                      what was asked, of which model, how it ended; facts of each arm
    arms/ARM/frames.zarr/         Zarr v3: time (frame), field/NAME (frame, z, y, x) in amounts per mL
    arms/ARM/cells/00000.parquet  one row per cell; a frame is there once this file is
    arms/ARM/vesicles/00000.parquet   single vesicles, where a class is treated so
    arms/ARM/events/00000.parquet     divisions, deaths ... since the frame before
    arms/ARM/series.parquet       one row per record time
    arms/ARM/received.parquet     who got how much from whom
    arms/ARM/checkpoint.npz       the whole state at some step; gone once the arm is finished
    arms/ARM/result.json          how the arm ended; there once it is finished

Every file is written under another name and renamed, so that it is whole or absent.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from vesiflux.store.files import sync

__all__ = ["RECORD_VERSION", "RESULT", "RESULT_VERSION", "ArmFolder", "replace_file"]

#: Version of ``run.json`` of a tissue run; runs of a dish keep version 1.
RECORD_VERSION = 2
RESULT, RESULT_VERSION = "vesiflux-tissue-arm", 1

_TEMPORARY = re.compile(r"\.tmp-[0-9a-f]{8}-")


class ArmFolder:
    """The folder of one arm, and the names of the files in it."""

    def __init__(self, run: Path, arm: str) -> None:
        self.root = run / "arms" / quote(arm, safe="+-_. ,=")

    @property
    def zarr(self) -> Path:
        """The group of field arrays."""
        return self.root / "frames.zarr"

    @property
    def series(self) -> Path:
        """Rows of the record times."""
        return self.root / "series.parquet"

    @property
    def received(self) -> Path:
        """Amounts by recipient and field."""
        return self.root / "received.parquet"

    @property
    def checkpoint(self) -> Path:
        """The state to go on from."""
        return self.root / "checkpoint.npz"

    @property
    def result(self) -> Path:
        """How the arm ended."""
        return self.root / "result.json"

    def table(self, kind: str, frame: int) -> Path:
        """Table of one frame; ``kind``: cells, vesicles or events."""
        return self.root / kind / f"{frame:05d}.parquet"

    def frames(self) -> int:
        """Number of whole frames, counted from the first without a gap."""
        count = 0
        while self.table("cells", count).is_file():
            count += 1
        return count

    def clean(self) -> None:
        """Remove what a killed process left half written. Only the holder of the run's claim may."""
        for path in list(self.root.rglob(".tmp-*")):
            if _TEMPORARY.match(path.name):
                path.unlink(missing_ok=True)


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` make a file under another name, flush it, and put it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".tmp-{secrets.token_hex(4)}-{path.name}")
    try:
        write(temporary)
        sync(temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)
