"""`vesiflux controls`: the control arms of a vesicle experiment, and the same for a model, ready to run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vesiflux.cli._io import Json, load_model, print_json

if TYPE_CHECKING:
    from vesiflux.assay.arms import ControlArms
    from vesiflux.evidence.controls import Control

__all__ = ["controls"]


def controls(
    model: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="A model that gets the arms. Without: the arms in general."),
    ] = None,
    arm: Annotated[
        str | None, typer.Option(help="Arm in which the effect is seen. Default: the model's first.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the model with its control arms there.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the control arms of a vesicle experiment, or add them to a model."""
    from vesiflux.errors import InputError

    if model is None:
        if arm is not None or to is not None:
            raise InputError("controls: --arm and --to need a MODEL")
        _general(json)
        return
    from vesiflux.assay.arms import control_arms

    found = control_arms(load_model(model), arm)
    if to is not None:
        found.save(to)
    if json:
        print_json(_plain(found) | ({"file": str(to)} if to is not None else {}))
        return
    _told(found, to)


def _general(json: bool) -> None:
    from vesiflux.evidence.controls import controls as known

    if json:
        print_json({"controls": [_control(control) for control in known().values()]})
        return
    for control in known().values():
        typer.echo(f"{control.name}: {control.done}")
        typer.echo(f"  {control.shows}")
        kept = [f"{100 * control.share(target):.0f} % of {target}" for target in control.left]
        typer.echo(f"  leaves {', '.join(kept)}")


def _told(found: ControlArms, to: Path | None) -> None:
    for arm in found.arms:
        typer.echo(f"{arm.name}: {arm.title}; {arm.control.shows}")
        for target, prior in arm.left.items():
            low, typical, high = (f"{x:g}" for x in (prior.low, prior.typical, prior.high) if x is not None)
            between = "" if prior.low == prior.high else f" ({low} to {high})"
            typer.echo(f"  {target} x {typical}{between} [{prior.mark}]")
    for name, why in found.without.items():
        typer.echo(f"not here: {name}; {why}")
    if to is not None:
        typer.echo(f"{to} written; next: vesiflux run {to}")
    elif found.arms:
        typer.echo(f"compared with {found.base}; --to FILE writes the model with these arms")


def _plain(found: ControlArms) -> dict[str, Any]:
    return {"model": found.model.name, "base": found.base, **found.added(), "without": dict(found.without)}


def _control(control: Control) -> dict[str, Any]:
    left = {
        target: {"low": p.low, "typical": p.typical, "high": p.high, "mark": p.mark, "source": p.source}
        for target, p in control.left.items()
    }
    return {"control": control.name, "done": control.done, "shows": control.shows, "left": left}
