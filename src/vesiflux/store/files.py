"""Files that are whole or absent, also when the power fails or the disk is full."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vesiflux.errors import RunError

__all__ = ["read_json", "replace_json", "sync", "told", "write_file", "write_files"]


def write_file(path: Path, content: bytes) -> None:
    """Write and flush to disk."""
    path.write_bytes(content)
    sync(path)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, in new folders where need be, then flush them all."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in files:
        sync(folder / name)


def sync(path: Path) -> None:
    """Flush a file, or a folder's list of names, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_json(path: Path, value: Any) -> None:
    """Write ``value`` as JSON under another name, then put it in place in one step."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write_file(temporary, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False).encode())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def read_json(path: Path, kind: str, version: int) -> dict[str, Any]:
    """A JSON file of ours.

    Raises `RunError` when it is no JSON, not a ``kind``, or written by a newer version of vesiflux.
    """
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise RunError(f"{path}: damaged: not JSON") from None
    if not isinstance(value, dict) or value.get("type") != kind:
        raise RunError(f"{path}: not a {kind} file")
    if not isinstance(value.get("version"), int) or value["version"] > version:
        raise RunError(
            f"{path}: format version {value.get('version')!r}; this vesiflux reads up to {version}: update it"
        )
    return value


@contextmanager
def told(where: Path) -> Iterator[None]:
    """Turn what the disk refuses into one line with the cure."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RunError(
                f"{where}: the disk is full; finished blocks are kept: make room and start the run again"
            ) from None
        raise RunError(f"{where}: cannot be written: {error.strerror or error}") from None
