"""Under what a run was made: versions, host, date. Told, and part of no key."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from typing import Any

from vesiflux._version import __version__

__all__ = ["provenance"]

PACKAGES = ("numpy", "scipy", "numba", "pyarrow", "pydantic")


def provenance(threads: int) -> dict[str, Any]:
    """Versions of the program, its engine sources and libraries; when and where; with how many threads."""
    from importlib.metadata import version

    from vesiflux.store.keys import engine_hash

    return {
        "vesiflux": __version__,
        "engine": engine_hash(),
        "versions": {"python": platform.python_version(), **{n: version(n) for n in PACKAGES}},
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "system": platform.platform(),
        "threads": threads,
    }
