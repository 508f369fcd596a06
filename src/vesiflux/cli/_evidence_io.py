"""What the sub-commands of `vesiflux evidence` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from vesiflux.evidence import Evidence

__all__ = ["Folders", "load", "plain_console"]

Folders = Annotated[
    list[Path] | None,
    typer.Option("--table", metavar="FOLDER", help="Also read your own tables from this folder; repeatable."),
]


def load(folders: list[Path] | None) -> Evidence:
    """Load our tables and those in the user's ``folders``."""
    from vesiflux.evidence import Evidence

    return Evidence.load(*(folders or []))


def plain_console() -> Console:
    """Console that prints names as they are: brackets are no mark-up, numbers have no colours."""
    from rich.console import Console

    return Console(highlight=False, markup=False)
