"""The public names: how they are called, and what they say of themselves."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import Any

import vesiflux
from _generate.text import code, table

__all__ = ["members", "signature"]


def members(name: str) -> str:
    """Public methods and properties of a public class, in the order of its source."""
    kind = getattr(vesiflux, name)
    rows = []
    bases = [vars(base) for base in reversed(kind.__mro__) if base.__module__.startswith("vesiflux.")]
    for attribute, value in {n: v for base in bases for n, v in base.items()}.items():
        function: Any = value
        for inner in ("__func__", "fget", "func"):  # class methods, properties, cached properties
            function = getattr(function, inner, function)
        if attribute.startswith("_") or not inspect.getdoc(function):
            continue
        shown = (
            attribute if isinstance(value, property | cached_property) else attribute + _arguments(function)
        )
        rows.append((code(shown), _first(function)))
    return table((f"`vf.{name}`", "what"), rows)


def signature(name: str) -> str:
    """A public function: how it is called, and its whole docstring."""
    function = getattr(vesiflux, name)
    return f"```python\nvf.{name}{_arguments(function)}\n```\n\n```text\n{inspect.getdoc(function)}\n```"


def _arguments(function: Any) -> str:
    """Arguments as a caller sees them, types left out."""
    parameters = list(inspect.signature(function).parameters.values())
    parameters = [p.replace(annotation=p.empty) for p in parameters if p.name not in ("self", "cls")]
    return str(inspect.Signature(parameters)).replace("'", '"')


def _first(function: Any) -> str:
    """The first paragraph of a docstring, in Markdown."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split()).replace("``", "`")
