"""Locks between processes: held by the kernel for an open file, so they end with their owner."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vesiflux.errors import RunError

__all__ = ["FileLock", "acquire", "held"]


class FileLock:
    """An exclusive lock on a file. `release` it; a process that dies releases its own."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def release(self, *, remove: bool = False) -> None:
        """Let go; ``remove`` takes the file away too (no longer needed by anybody)."""
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def acquire(path: Path, *, wait: bool) -> FileLock | None:
    """Lock the file at ``path``, made if missing. `None` when it is taken and ``wait`` is off.

    Raises `RunError` where the file system knows no locks.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError as error:
            os.close(descriptor)
            raise RunError(
                f"{path}: this file system has no locks ({error.strerror}); put the store on a local disk"
            ) from None
        if _is_at(descriptor, path):
            return FileLock(path, descriptor)
        os.close(descriptor)  # its last owner removed the file between our opening and locking it


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Wait for the lock at ``path`` and hold it inside the ``with`` block."""
    lock = acquire(path, wait=True)
    assert lock is not None
    try:
        yield
    finally:
        lock.release()
