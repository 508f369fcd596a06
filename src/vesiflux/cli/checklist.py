"""`vesiflux checklist`: what a model or a protocol reports, and what each gap costs in uncertainty."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vesiflux.cli._io import Json, print_json, write_table

if TYPE_CHECKING:
    from vesiflux.assay.reporting import Checklist

__all__ = ["checklist"]


def checklist(
    what: Annotated[
        str, typer.Argument(metavar="MODEL|PROTOCOL", help="A file, or a name of either library.")
    ],
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page there as well.")] = None,
    draws: Annotated[int, typer.Option(min=1000, help="Draws of the priors.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    json: Json = False,
) -> None:
    """Fill a reporting checklist (after MISEV and EV-TRACK) from a model or a protocol."""
    from vesiflux.assay.reporting import checklist as fill

    found = fill(what, draws, seed)
    if html is not None:
        from vesiflux.report.checklist import checklist_page

        write_table(html, checklist_page(found))
    if json:
        print_json(found.to_dict())
        return
    _told(found)


def _told(found: Checklist) -> None:
    section = ""
    for item in found.items:
        if item.section != section:
            section = item.section
            typer.echo(f"{section}")
        cost = ""
        if not item.filled and item.cost is not None and item.cost.fold >= 1.05:
            known = item.cost.reported
            cost = f"; reported, {known.low:.2g} to {known.high:.2g} ({item.cost.fold:.2g} x narrower)"
        told = f": {item.answer}" if item.filled else cost
        typer.echo(f"  [{'x' if item.filled else ' '}] {item.asks}{told}")
    typer.echo(f"{found.filled} of {len(found.items)} filled")
    for said, interval, width in (
        ("as it stands", found.now, found.width),
        ("with every item reported", found.complete, found.width_complete),
    ):
        ends = f"{interval.low:.2g} to {interval.high:.2g}; a factor of {width:.2g}"
        typer.echo(f"{found.quantity}, {said}: {interval.median:.2g} (95 %: {ends})")
    dear = [item for item in found.gaps if item.cost is not None][:3]
    if dear:
        typer.echo("dearest gaps: " + ", ".join(f"{i.name} ({i.cost.fold:.2g} x)" for i in dear if i.cost))
        typer.echo(
            f"all gaps together: {found.fold:.2g} x (one by one, multiplied: {found.fold_of_product:.2g} x)"
        )
