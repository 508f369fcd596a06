"""`vesiflux loading`: what chance loads into a vesicle, and which cells cross a threshold."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vesiflux.cli._io import Json, print_json
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.assay.dose import Interval

__all__ = ["loading"]


class Place(enum.StrEnum):
    """Where the cargo is."""

    lumen = "lumen"
    surface = "surface"


def loading(
    per_cell: Annotated[
        str | None,
        typer.Option("--copies-per-cell", help="Of the donor: one number, or LOW,TYPICAL,HIGH."),
    ] = None,
    measured: Annotated[
        str | None, typer.Option(help="Copies per vesicle measured: one number, or LOW,TYPICAL,HIGH.")
    ] = None,
    place: Annotated[Place, typer.Option(help="Where the cargo is.")] = Place.lumen,
    diameter: Annotated[str | None, typer.Option(help="Median of the vesicles, nm.")] = None,
    cytosol: Annotated[str | None, typer.Option(help="Of the donor, um^3 (fL).")] = None,
    cell_area: Annotated[str | None, typer.Option(help="Of the donor, um^2.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Copies that a recipient needs: who crosses it is told.")
    ] = None,
    mean: Annotated[
        float | None, typer.Option(help="Copies per vesicle for that; default: measured, else by chance.")
    ] = None,
    full: Annotated[float, typer.Option(help="Copies of a vesicle where few vesicles hold many.")] = 80.0,
    size: Annotated[float, typer.Option(help="Of the negative binomial between.")] = 0.1,
    vesicles: Annotated[int, typer.Option(help="Taken up by a recipient.")] = 1000,
    escape: Annotated[float, typer.Option(help="Share of vesicles that set their content free.")] = 0.1,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 1,
    json: Json = False,
) -> None:
    """Compare loading with chance, and a spread of copies over vesicles with a threshold."""
    if per_cell is None and measured is not None:
        raise InputError("loading: --measured needs --copies-per-cell to be compared with")
    if per_cell is None and (threshold is None or mean is None):
        raise InputError("loading: give --copies-per-cell, or --threshold with --mean")
    found: dict[str, Any] = {}
    if per_cell is not None:
        own = {"diameter": diameter, "cytosol": cytosol, "cell_area": cell_area, "seed": seed}
        found = _chance(per_cell, measured, place.value, own)
    if threshold is not None:
        middle = mean
        if middle is None:
            middle = _typical(measured) if measured is not None else found["null"]["median"]
        found["crossing"] = _crossing(middle, full, size, vesicles, threshold, escape)
    if json:
        print_json(found)
        return
    _told(found)


def _chance(per_cell: str, measured: str | None, place: Any, own: dict[str, Any]) -> dict[str, Any]:
    from vesiflux.assay.loading import passive, sorting

    if measured is None:
        made = passive(per_cell, place, **own)
        return {"null": _plain(made.copies)}
    found = sorting(measured, per_cell, place, **own)
    return {
        "null": _plain(found.null),
        "ratio": _plain(found.ratio),
        "enriched": found.enriched,
        "verdict": found.verdict,
    }


def _crossing(
    mean: float, full: float, size: float, vesicles: int, threshold: float, escape: float
) -> dict[str, Any]:
    from vesiflux.assay.loading import Occupancy, crossing, vesicles_needed

    spreads = {
        "poisson": Occupancy("poisson", mean),
        "occupied": Occupancy("occupied", mean, copies=max(full, mean)),
        "negative binomial": Occupancy("negative binomial", mean, size=size),
    }
    told = {"mean": mean, "vesicles": vesicles, "threshold": threshold, "escape": escape}
    by_spread = {
        name: {
            "occupied": spread.occupied,
            "chance": crossing(spread, vesicles, threshold, escape),
            "vesicles_for_half": vesicles_needed(spread, threshold, 0.5, escape),
        }
        for name, spread in spreads.items()
    }
    return told | {"spreads": by_spread}


def _typical(text: str) -> float:
    parts = [float(part) for part in text.split(",")]
    return parts[len(parts) // 2]


def _plain(interval: Interval) -> dict[str, float]:
    return {"median": interval.median, "low": interval.low, "high": interval.high}


def _told(found: dict[str, Any]) -> None:
    if "null" in found:
        typer.echo(f"by chance {_words(found['null'])} copies per vesicle")
    if "ratio" in found:
        typer.echo(f"measured over chance {_words(found['ratio'])}: {found['verdict']}")
    told = found.get("crossing")
    if told is None:
        return
    typer.echo(
        f"{told['threshold']:g} copies in a cell that took {told['vesicles']} vesicles of {told['mean']:.3g} "
        f"copies, of which {told['escape']:.0%} set their content free:"
    )
    for name, one in told["spreads"].items():
        typer.echo(
            f"  {name:<18}chance {one['chance']:.2g}; every second cell from {one['vesicles_for_half']} "
            f"vesicles; {one['occupied']:.2g} of vesicles hold any"
        )


def _words(value: dict[str, float]) -> str:
    return f"{value['median']:.3g} (95 %: {value['low']:.3g} to {value['high']:.3g})"
