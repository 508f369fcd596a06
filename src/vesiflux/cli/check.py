"""`vesiflux check`: everything that is wrong with a model file, at once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vesiflux.cli._io import Json, load_model, print_json
from vesiflux.errors import InputError, Problem

if TYPE_CHECKING:
    from vesiflux.language import Model

__all__ = ["check"]

COUNTED = ("cells", "vesicles", "factors", "modules", "interventions", "arms")


def check(
    model: Annotated[str | None, typer.Argument(help="A model file, or a library model's name.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema, for editors.")] = False,
    json: Json = False,
) -> None:
    """Check a model and print every problem as file:line:column: what is wrong; what would be right."""
    if schema:
        from vesiflux.language import json_schema

        print_json(json_schema())
        return
    if model is None:
        raise InputError("check: no model given; write `vesiflux check MODEL` or `vesiflux check --schema`")
    try:
        loaded = load_model(model)
        if wrong := _of_readings(loaded):
            raise InputError(wrong)
    except InputError as error:
        if json:
            problems = error.problems or (Problem(str(Path(model)), 1, 1, str(error)),)
            print_json({"ok": False, "problems": [asdict(problem) for problem in problems]})
            raise typer.Exit(error.exit_code) from error
        raise
    if json:
        left_out = [asdict(arrow) for arrow in loaded.left_out]
        print_json({"ok": True, "problems": [], "left_out": left_out})
        return
    counts = {name: len(getattr(loaded.spec, name)) for name in COUNTED}
    told = ", ".join(f"{n} {name if n > 1 else name[:-1]}" for name, n in counts.items() if n)
    typer.echo(f"ok: {loaded.name}, {told}")
    for arrow in loaded.left_out:
        typer.echo(f"left out of {arrow.cell}: {arrow.arrow} [{arrow.claim}]; {arrow.reason}")


def _of_readings(model: Model) -> list[Problem]:
    """What is wrong with the readings of a cohort's markers; most models have none."""
    if model.spec.cohort is None or all(m.through is None for m in model.spec.cohort.markers.values()):
        return []
    from vesiflux.assay.cohort import problems_of_readings

    return list(problems_of_readings(model))
