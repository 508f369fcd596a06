"""Typed parts -> plain data: only what was written, quantities as short as they can be."""

from __future__ import annotations

from typing import Any

from vesiflux.language.schema import Part, Value

__all__ = ["to_plain"]


def to_plain(value: Any) -> Any:
    """Mappings, lists, texts and numbers that validate to an equal part.

    Keys that were not set are left out; ``{typical: x}`` becomes ``x``.
    """
    if isinstance(value, Part):
        kind, written = type(value), value.model_fields_set
        if isinstance(value, Value) and written == {"typical"} and value.typical is not None:
            return value.typical
        return {
            field.alias or name: to_plain(getattr(value, name))
            for name, field in kind.model_fields.items()
            if name in written
        }
    if isinstance(value, dict):
        return {key: to_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(inner) for inner in value]
    return value
