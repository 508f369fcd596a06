"""`vesiflux new`: a commented model to start from."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import Annotated

import typer

from vesiflux.cli._io import Json, print_json
from vesiflux.errors import InputError

__all__ = ["new"]


class Kind(enum.StrEnum):
    """Spaces a starting model exists for."""

    dish = "dish"


def new(
    name: Annotated[str, typer.Argument(help="The model's name; the file is NAME.yaml, in this folder.")],
    kind: Annotated[Kind, typer.Option(help="The model's space.")] = Kind.dish,
    json: Json = False,
) -> None:
    """Write a commented starting model to NAME.yaml; an existing file is never overwritten."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise InputError(f"new: {name!r} cannot name a model; use letters, digits, - and _, a letter first")
    from vesiflux.language import starter

    text = starter(name)
    path = Path(f"{name}.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"new: {path} exists already; choose another name, or remove it first") from None
    except OSError as error:
        raise InputError(f"new: {path} cannot be written: {error.strerror}") from error
    if json:
        print_json({"model": str(path), "kind": kind.value})
        return
    typer.echo(f"{path} written; next: vesiflux check {path}, vesiflux run {path}")
