"""`vesiflux tropism`: the organ that vesicles with some integrins go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vesiflux.cli._io import Json, print_json

if TYPE_CHECKING:
    from vesiflux.library.tropism import Tropism

__all__ = ["tropism"]


def tropism(
    profile: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INTEGRIN[=LEVEL]...",
            help="E.g. 'a6b4' or 'a6b4=1 avb5=0.2'; a level of 1 is that of the vesicles it was found on. "
            "None: vesicles without integrins.",
        ),
    ] = None,
    dose: Annotated[float, typer.Option(help="Vesicles into a vein of a mouse.")] = 1e10,
    draws: Annotated[
        int, typer.Option(min=1, help="Draws of all that is uncertain; 1: typical values.")
    ] = 64,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    ligands: Annotated[
        str,
        typer.Option(
            help="Where their ligands are: on the cells that the `study` saw, or by the `rna` of organs."
        ),
    ] = "study",
    json: Json = False,
) -> None:
    """Foretell the organ that vesicles go to, from the integrins on them."""
    from vesiflux.library.tropism import predicted_organ

    levels = dict(_level(text) for text in profile or ())
    found = predicted_organ(levels, dose, draws=draws, seed=seed, ligands=ligands)
    if json:
        print_json(
            {
                "profile": levels,
                "organ": found.organ or None,
                "draws": draws,
                "ligands": ligands,
                "organs": {
                    organ: {
                        "percent_injected_dose": {"24 h": found.percent[organ]},
                        "odds": odds,
                        "low": found.low[organ],
                        "high": found.high[organ],
                        "chance": found.chance[organ],
                    }
                    for organ, odds in found.odds.items()
                },
                "chance_of_none": found.chance[""],
            }
        )
        return
    _print(found, draws)


def _level(text: str) -> tuple[str, float]:
    from vesiflux.errors import InputError

    name, given, level = text.partition("=")
    try:
        return name.strip(), float(level) if given else 1.0
    except ValueError:
        raise InputError(f"{text!r}: not an integrin and its level; write e.g. a6b4=0.5") from None


def _print(found: Tropism, draws: int) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False)
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("organ", "% of the dose, 24 h", "odds over none", "5 to 95 %", "foretold in"):
        table.add_column(column, justify="left" if column == "organ" else "right")
    for organ in sorted(found.odds, key=found.odds.__getitem__, reverse=True):
        if found.percent[organ] >= 0.01:
            between = f"{found.low[organ]:.2g} to {found.high[organ]:.2g}" if draws > 1 else ""
            row = (f"{found.percent[organ]:.2g}", f"{found.odds[organ]:.2g}", between)
            table.add_row(organ, *row, f"{found.chance[organ]:.0%}" if draws > 1 else "")
    console.print(table)
    told = f"foretold: {found.organ}" if found.organ else "no organ is foretold: no odds are 1.2 or more"
    console.print(f"{told} ({found.chance[found.organ]:.0%} of {draws} draws)" if draws > 1 else told)
