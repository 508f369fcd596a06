"""`vesiflux export`: a run or a model in another program's format."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vesiflux.cli._io import Json, load_model, open_run, print_json
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.store.tissue.run import TissueRun

__all__ = ["export"]


class Target(enum.StrEnum):
    """Formats that can be written."""

    csv = "csv"
    sbml = "sbml"
    anndata = "anndata"
    vtk = "vtk"
    png = "png"


@dataclass(frozen=True)
class _Wish:
    """What is to be written of what, and where."""

    source: str
    out: Path
    arm: str | None
    frame: int | None
    field: str | None
    colour_by: str | None

    def tissue(self, to: str) -> TissueRun:
        """The run, for formats that need places. Raises `InputError` for a run of a dish."""
        from vesiflux.store.tissue.run import TissueRun

        run = open_run(Path(self.source))
        if not isinstance(run, TissueRun):
            raise InputError(f"{self.source}: is a run of a dish, without places to write as {to}; use csv")
        return run

    def refuse(self, to: str, *names: str) -> None:
        """Refuse options that say nothing in this format."""
        for name in names:
            if getattr(self, name) is not None:
                raise InputError(f"--{name.replace('_', '-')}: says nothing about {to}")


def export(
    source: Annotated[
        str,
        typer.Argument(metavar="RUN|MODEL", help="A run's folder, or a model (sbml)."),
    ],
    to: Annotated[
        Target,
        typer.Option(
            help="csv: tables of a run. sbml: a model of a dish as SBML L3V2. Of a tissue also anndata: all "
            "cells in one .h5ad; vtk: .vti and .vtp files for ParaView; png: a picture."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder (csv, vtk) or file (sbml, anndata, png) to write.")],
    arm: Annotated[
        str | None, typer.Option(help="Arm (vtk, png, sbml). Default: all (vtk), or the first.")
    ] = None,
    frame: Annotated[
        int | None, typer.Option(help="Frame (png), from 0, or from the end if negative. Default: the last.")
    ] = None,
    field: Annotated[str | None, typer.Option(help="Field to draw under the cells (png).")] = None,
    colour_by: Annotated[
        str | None, typer.Option(help="Colour of the cells (png): type, state, or a value they show.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a run, or a model, for other programs."""
    wish = _Wish(source, out, arm, frame, field, colour_by)
    wish.refuse(to.value, *(n for n in OPTIONS if n not in WANTED[to]))
    WRITERS[to](wish)
    if json:
        print_json({"path": str(out), "format": to.value})
        return
    typer.echo(out)


def _csv(wish: _Wish) -> None:
    open_run(Path(wish.source)).to_csv(wish.out)


def _sbml(wish: _Wish) -> None:
    from vesiflux.study.export import write_sbml

    model = load_model(wish.source)
    if model.spec.space.kind == "tissue":
        raise InputError(f"{wish.source}: is a model of a tissue; SBML L3V2 core has no places")
    write_sbml(model, wish.out, wish.arm)


def _anndata(wish: _Wish) -> None:
    from vesiflux.store.tissue.export_anndata import write_anndata

    write_anndata(wish.tissue("anndata"), wish.out)


def _vtk(wish: _Wish) -> None:
    from vesiflux.store.tissue.export_vtk import write_vtk

    write_vtk(wish.tissue("vtk"), wish.out, wish.arm)


def _png(wish: _Wish) -> None:
    from vesiflux.report.tissue.picture import draw

    run = wish.tissue("png")
    wish.out.parent.mkdir(parents=True, exist_ok=True)
    frame = -1 if wish.frame is None else wish.frame
    draw(run, wish.arm, frame, wish.out, colour_by=wish.colour_by or "type", field=wish.field)


#: Options that only some formats listen to.
OPTIONS = ("arm", "frame", "field", "colour_by")
WANTED: dict[Target, tuple[str, ...]] = {
    Target.csv: (),
    Target.sbml: ("arm",),
    Target.anndata: (),
    Target.vtk: ("arm",),
    Target.png: OPTIONS,
}
WRITERS: dict[Target, Callable[[_Wish], None]] = {
    Target.csv: _csv,
    Target.sbml: _sbml,
    Target.anndata: _anndata,
    Target.vtk: _vtk,
    Target.png: _png,
}
