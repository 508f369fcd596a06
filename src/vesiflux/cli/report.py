"""`vesiflux report`: one HTML file that opens offline, and every figure as SVG and CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vesiflux.cli._io import Json, open_run, print_json

__all__ = ["report"]


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of finished runs.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("vesiflux-report"),
    json: Json = False,
) -> None:
    """Write a report of one or more runs and print its path."""
    opened = [open_run(path) for path in runs]
    from vesiflux.cli._progress import ProgressBars
    from vesiflux.report import write

    with ProgressBars() as progress:
        progress("writing the report", 0, 1)
        page = write(opened, out)
        progress("writing the report", 1, 1)
    if json:
        print_json({"report": str(page)})
        return
    typer.echo(page)
