"""Where things lie in a store.

::

    STORE/store.json                    type and version
    STORE/blocks/GROUP/BLOCK/           finished blocks; the name says what is inside, never who made it
    STORE/runs/NAME-HASH/run.json       runs: which blocks they consist of
    STORE/tmp/BLOCK.RANDOM/             blocks being written
    STORE/locks/                        commit lock, one claim per block being computed
"""

from __future__ import annotations

import secrets
import shutil
from contextlib import AbstractContextManager
from pathlib import Path

from vesiflux.errors import RunError
from vesiflux.store.files import read_json, replace_json, told
from vesiflux.store.locks import FileLock, acquire, held

__all__ = ["Store"]

TYPE, VERSION = "vesiflux-store", 1
FOLDERS = ("blocks", "runs", "tmp", "locks")


class Store:
    """A store's folder. `Store.open` checks it, and makes it where it is missing or empty."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def open(cls, root: str | Path) -> Store:
        """Open or make the store at ``root``, and clear away what dead processes left half written.

        Raises `RunError` when the folder holds something else, or cannot be written.
        """
        store = cls(Path(root))
        marker = store.root / "store.json"
        if marker.exists():
            read_json(marker, TYPE, VERSION)
        elif store.root.exists() and not store._is_new():
            raise RunError(
                f"{store.root}: not a vesiflux store, and not empty; name another folder for the store"
            )
        with told(store.root):
            for name in FOLDERS:
                (store.root / name).mkdir(parents=True, exist_ok=True)
            if not marker.exists():
                replace_json(marker, {"type": TYPE, "version": VERSION})
            store._clean()
        return store

    def _is_new(self) -> bool:
        """Empty, or being made by another process right now."""
        if not self.root.is_dir():
            return False
        return all(p.name in FOLDERS or p.name.startswith(".store.json") for p in self.root.iterdir())

    def group(self, key: str) -> Path:
        """Folder of all blocks of one group."""
        return self.root / "blocks" / key[:32]

    def block(self, group: str, name: str) -> Path:
        """Folder of one finished block."""
        return self.group(group) / name

    def run(self, name: str) -> Path:
        """Folder of one run."""
        return self.root / "runs" / name

    def temporary(self, block: str) -> Path:
        """A new folder to write a block in; only the holder of the block's claim may."""
        path = self.root / "tmp" / f"{block}.{secrets.token_hex(4)}"
        path.mkdir()
        return path

    def commit_lock(self) -> AbstractContextManager[None]:
        """The one lock under which blocks get their final name, so that no key is stored twice."""
        return held(self.root / "locks" / "commit")

    def claim(self, block: str) -> FileLock | None:
        """Claim a block for computing; `None` when a living process has it."""
        return acquire(self.root / "locks" / block, wait=False)

    def _clean(self) -> None:
        """Remove temporary folders and claims of processes that are gone."""
        left = {p.name.partition(".")[0] for p in (self.root / "tmp").iterdir()}
        left |= {p.name for p in (self.root / "locks").iterdir()} - {"commit"}
        for block in left:
            claim = self.claim(block)
            if claim is None:
                continue
            for path in (self.root / "tmp").glob(f"{block}.*"):
                shutil.rmtree(path, ignore_errors=True)
            claim.release(remove=True)
