"""What the command itself says about its options, read from the functions behind it."""

from __future__ import annotations

import enum
import inspect
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer import Typer
from typer.models import ArgumentInfo

from _generate.text import code, table
from vesiflux.cli.main import app

__all__ = ["commands", "help_of"]


def commands(group: Typer = app, before: str = "") -> dict[str, Callable[..., Any]]:
    """Every command by its words, e.g. ``evidence search``."""
    found = {}
    for command in group.registered_commands:
        function = typing.cast("Callable[..., Any]", command.callback)
        found[before + (command.name or function.__name__)] = function
    for inner in group.registered_groups:
        found |= commands(typing.cast("Typer", inner.typer_instance), f"{before}{inner.name} ")
    return found


def help_of(*words: str) -> str:
    """A command's help as Markdown: what it does, its arguments and options with their defaults."""
    function = commands()[" ".join(words)]
    # names that a module imports for type checkers only are not in its globals; options use none of them
    hints = typing.get_type_hints(function, include_extras=True)
    rows = []
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = typing.get_args(hints[name])
        if isinstance(info, ArgumentInfo):
            shown = info.metavar or name.upper()
        else:
            # inside Annotated the first declaration lands where the default would be
            declared = [d for d in (info.default, *(info.param_decls or ())) if str(d).startswith("-")]
            declared = declared or [_dashed(name)]
            shown = ", ".join(declared) + _value(kind, info.metavar)
        rows.append((code(shown), _default(parameter), info.help))
    return f"{inspect.getdoc(function)}\n\n" + table(("option", "default", "what"), rows)


def _dashed(name: str) -> str:
    return "--" + name.replace("_", "-")


def _value(kind: Any, metavar: str | None) -> str:
    """What stands behind an option; nothing behind a flag."""
    if metavar:
        return f" {metavar}"
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return _value(next(a for a in typing.get_args(kind) if a is not type(None)), None)
    if typing.get_origin(kind) is list:
        return _value(typing.get_args(kind)[0], None)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return " " + "|".join(str(member.value) for member in kind)
    return {bool: "", Path: " PATH", int: " INTEGER"}.get(kind, " TEXT")


def _default(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if value is inspect.Parameter.empty:
        return "required"
    return "" if value is None or value is False or value == "" else code(getattr(value, "value", value))
