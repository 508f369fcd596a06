"""`vesiflux assay`: what a protocol leaves and what instruments show of it; and backwards from data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vesiflux.cli._io import Json, print_json
from vesiflux.errors import InputError

__all__ = ["assay"]


def assay(
    protocol: Annotated[
        str | None, typer.Argument(metavar="PROTOCOL", help="A protocol file, or a library protocol.")
    ] = None,
    invert: Annotated[
        Path | None, typer.Option(metavar="DATA.csv", help="Data to read backwards: what was in the tube?")
    ] = None,
    instrument: Annotated[str, typer.Option(help="The instrument behind --invert's data.")] = "nta",
    dose: Annotated[str | None, typer.Option(help="Vesicles in a dose, for scale-up, e.g. 1e11.")] = None,
    culture: Annotated[str, typer.Option(help="How the cells are grown, for scale-up.")] = "cell-factory",
    replicates: Annotated[
        int, typer.Option(help="Also show what one laboratory reads in so many replicates.", min=0)
    ] = 0,
    draws: Annotated[int, typer.Option(help="Draws for the intervals of a protocol.", min=0)] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 1,
    json: Json = False,
) -> None:
    """Carry out a protocol of isolation and measurement, or infer the truth from measured data."""
    if (protocol is None) == (invert is None):
        raise InputError("assay: give a PROTOCOL (e.g. uc-sec) or --invert DATA.csv")
    if invert is not None:
        _invert(invert, instrument, seed, json)
    elif protocol is not None:
        _carry_out(protocol, dose, culture, replicates, draws, seed, json)


def _carry_out(
    name: str, dose: str | None, culture: str, replicates: int, draws: int, seed: int, json: bool
) -> None:
    from vesiflux.assay.carried_out import assay as carry_out
    from vesiflux.assay.isolation.account import text

    found = carry_out(name, draws, seed)
    done, result, shown = found.isolation, found.product, found.readings
    vesicles = done.protocol.dose if dose is None else dose
    scaled = None if vesicles is None else found.scale_up(vesicles, culture)
    repeated = found.replicates(replicates) if replicates else None
    if json:
        told = {"protocol": done.protocol.name, "steps": found.steps, "product": result, "readings": shown}
        told |= {} if repeated is None else {"replicates": repeated}
        print_json(told if scaled is None else {**told, "scale": scaled})
        return
    typer.echo(f"{done.protocol.name}: {done.protocol.about}".rstrip(": "))
    typer.echo("\nshare left after each step\n" + text(done))
    typer.echo("\nproduct")
    for key in ("vesicles", "vesicle_recovery", "purity", "particles_per_ug", "protein_ug"):
        typer.echo(f"  {key.replace('_', ' '):<20}{_words(result[key])}")
    by_size = "; ".join(f"{k} {100 * v['typical']:.0f} %" for k, v in result["recovery_by_size"].items())
    typer.echo(f"  {'left, by size':<20}{by_size}")
    typer.echo("\nwhat instruments show")
    for reading in shown:
        unit = "" if reading["unit"] == "1" else f" {reading['unit']}"
        limit = "; below its limit" if reading["below_limit"] else ""
        typer.echo(f"  {reading['instrument']:<12}{reading['quantity']:<32}{_words(reading)}{unit}{limit}")
    if repeated is not None:
        typer.echo(f"\none laboratory, {replicates} replicates")
        for one in repeated:
            values = ", ".join(f"{value:.3g}" for value in one["values"])
            typer.echo(f"  {one['instrument']:<12}{one['quantity']:<32}{values}")
    if scaled is not None:
        _tell_scale(scaled)


def _tell_scale(scaled: dict[str, Any]) -> None:
    typer.echo(f"\nfor {scaled['dose']:.3g} vesicles from {scaled['culture']}")
    for key in ("litres", "cells", "runs"):
        typer.echo(f"  {key:<20}{_words(scaled[key])}")
    typer.echo(f"  {'days of a run':<20}{scaled['days']:.3g}")
    used = ", ".join(f"{k.replace('_', ' ')} {v:.3g}" for k, v in scaled["per_run"].items() if v)
    typer.echo(f"  {'a run uses':<20}{used}")
    lots = ", ".join(f"{name} {100 * share:.0f} %" for name, share in scaled["lots_within_twofold"].items())
    typer.echo(f"  {'batch CV':<20}{scaled['batch_cv']:.2f}; lots within twofold: {lots}")


def _invert(path: Path, instrument: str, seed: int, json: bool) -> None:
    from vesiflux.assay.measurement.backward import invert

    answer = invert(path, instrument, seed)
    if json:
        print_json(answer)
        return
    typer.echo(f"{path} by {instrument}")
    for key, value in answer["shown"].items():
        typer.echo(f"  shown: {key.replace('_', ' '):<26}{value:.4g}")
    for estimate in answer["estimates"]:
        unit = "" if estimate["unit"] == "1" else f" {estimate['unit']}"
        typer.echo(f"  {estimate['quantity']:<33}{_words(estimate)}{unit}")
    for note in answer["notes"]:
        typer.echo(f"  note: {note}")


def _words(value: dict[str, Any]) -> str:
    if "low" not in value:
        return f"{value['typical']:.3g}"
    return f"{value['median']:.3g} ({value['low']:.3g} to {value['high']:.3g})"
