"""`vesiflux evidence new`: tables to start one's own evidence from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vesiflux.cli._io import Json, print_json

__all__ = ["new"]


def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make; nothing is overwritten.")],
    review: Annotated[
        str | None, typer.Option(help="Short name of the tables, e.g. mylab; the folder's name by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Write tables with a header and an example into a new folder, ready for --table."""
    from vesiflux.evidence.starter import write_starter

    written = write_starter(folder, review)
    if json:
        print_json({"folder": str(folder), "tables": [str(path) for path in written]})
        return
    for path in written:
        typer.echo(f"{path} written")
    claim = f"{written[0].name.partition('.')[0]}-001"
    typer.echo(f"next: replace the example, then vesiflux evidence show {claim} --table {folder}")
