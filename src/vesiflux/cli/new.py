"""`vesiflux new`: a commented model to start from, or a copy of a library model."""

from __future__ import annotations

import enum
import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from vesiflux.cli._io import Json, print_json
from vesiflux.errors import InputError

__all__ = ["new"]


class Kind(enum.StrEnum):
    """Spaces a starting model exists for."""

    dish = "dish"
    tissue = "tissue"


def new(
    name: Annotated[str, typer.Argument(help="The model's name; the file is NAME.yaml, in this folder.")],
    kind: Annotated[Kind, typer.Option(help="The model's space.")] = Kind.dish,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="MODEL", help="Copy this library model into the folder NAME."),
    ] = None,
    json: Json = False,
) -> None:
    """Write a commented starting model to NAME.yaml, or copy a library model; nothing is overwritten."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise InputError(f"new: {name!r} cannot name a model; use letters, digits, - and _, a letter first")
    path = _start(name, kind) if source is None else _copy(source, name)
    if json:
        print_json({"model": str(path), "kind": kind.value})
        return
    typer.echo(f"{path} written; next: vesiflux check {path}, vesiflux run {path}")


def _start(name: str, kind: Kind) -> Path:
    from vesiflux.language import starter

    text = starter(name, kind.value)
    path = Path(f"{name}.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise InputError(f"new: {path} cannot be written: {error.strerror}") from error
    return path


def _copy(source: str, name: str) -> Path:
    """The folder of a library model, its tables and its README with it, under a new name."""
    from vesiflux.language.modules import library_models
    from vesiflux.language.words import meant

    known = library_models()
    if source not in known:
        raise InputError(f"new: the library has no model {source!r}; {meant(source, known, 'models')}")
    folder = Path(name)
    if folder.exists():
        raise _taken(folder)
    try:
        shutil.copytree(known[source].parent, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        _rename(folder / "model.yaml", rf"^name: {re.escape(source)}$", f"name: {name}")
        if (folder / "README.md").exists():  # its commands are to run the copy
            _rename(folder / "README.md", rf"(vesiflux run ){re.escape(source)}\b", rf"\g<1>{name}")
    except OSError as error:
        raise InputError(f"new: {folder} cannot be written: {error.strerror}") from error
    return folder


def _rename(file: Path, pattern: str, text: str) -> None:
    written = file.read_text(encoding="utf-8")
    file.write_text(re.sub(pattern, text, written, flags=re.MULTILINE), encoding="utf-8")


def _taken(path: Path) -> InputError:
    return InputError(f"new: {path} exists already; choose another name, or remove it first")
