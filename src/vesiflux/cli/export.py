"""`vesiflux export`: a run or a model in another program's format."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from vesiflux.cli._io import Json, load_model, open_run, print_json

__all__ = ["export"]


class Target(enum.StrEnum):
    """Formats that can be written."""

    csv = "csv"
    sbml = "sbml"


def export(
    source: Annotated[
        str, typer.Argument(metavar="RUN|MODEL", help="A run's folder (csv) or a model (sbml).")
    ],
    to: Annotated[Target, typer.Option(help="csv: tables of a run. sbml: a model as SBML L3V2.")],
    out: Annotated[Path, typer.Option(help="Folder (csv) or file (sbml) to write.")],
    json: Json = False,
) -> None:
    """Write a run's tables, or a model, for other programs."""
    WRITERS[to](source, out)
    if json:
        print_json({"path": str(out), "format": to.value})
        return
    typer.echo(out)


def _csv(source: str, out: Path) -> None:
    open_run(Path(source)).to_csv(out)


def _sbml(source: str, out: Path) -> None:
    from vesiflux.study.export import write_sbml

    write_sbml(load_model(source), out)


WRITERS = {Target.csv: _csv, Target.sbml: _sbml}
