"""What the sub-commands share: finding models and runs, JSON on stdout, words on stderr."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vesiflux.language import Model
    from vesiflux.store.run import Run
    from vesiflux.store.tissue.run import TissueRun

__all__ = ["Json", "cores", "load_model", "open_run", "print_json", "write_table"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def print_json(value: object) -> None:
    """Print `value` as JSON on stdout; a figure that is not finite is an error of ours, not a token."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def load_model(name: str) -> Model:
    """Load the model file or folder at `name` or, where there is none, the library model of that name."""
    from vesiflux.language import load

    return load(name)


def open_run(path: Path) -> Run | TissueRun:
    """Open the run in folder `path`, of a dish or of a tissue."""
    from vesiflux.store.tissue.run import open_run

    return open_run(path)


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def write_table(path: Path, text: str) -> None:
    """Write a table to a file that may lie in folders yet to be made; `RunError` where that fails."""
    from vesiflux.errors import RunError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror}") from None
