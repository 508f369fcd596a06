"""The language reference: every part and key of the schema, with type, default, unit and an example."""

from __future__ import annotations

import inspect
import types
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

from _generate.text import code, table
from vesiflux.language import schema
from vesiflux.language.quantities import QUANTITIES
from vesiflux.language.vessels import vessels

__all__ = ["described", "parts", "reference", "vessel_table"]

_UNIT_OF_SIGNAL = "of the signal"
#: Quantities whose unit another part of the model knows.
_UNITS = {
    "Cargo.half": _UNIT_OF_SIGNAL,
    "Signal.half": _UNIT_OF_SIGNAL,
    "Intervention.dose": "any",
    "Intervention.half": "of `dose`",
    "ScheduleItem.amount": "vesicle, copy, or either per mL",
    "Constraint.at_most": "of `unit`",
}


@cache
def described() -> dict[str, dict[str, Any]]:
    """What language.yaml says, by part."""
    text = (Path(__file__).parent / "language.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = YAML(typ="safe").load(text)
    return found


def parts() -> dict[str, type[schema.Part]]:
    """Every part of the language by name."""
    found = {name: getattr(schema, name) for name in schema.__all__}
    return {n: p for n, p in found.items() if isinstance(p, type) and issubclass(p, BaseModel)}


def reference() -> str:
    """All parts, in the order of language.yaml."""
    return "\n\n".join(_part(name, parts()[name]) for name in described())


def _part(name: str, part: type[schema.Part]) -> str:
    said = described()[name]
    rows = []
    for field_name, field in part.model_fields.items():
        key = field.alias or field_name
        sentence, example = said["keys"][key]
        rows.append(
            (
                f"`{key}`" + (" **required**" if field.is_required() else ""),
                _type(field.annotation),
                _default(field),
                _unit(part, field_name),
                sentence,
                code(f"{key}: {example}"),
            )
        )
    where = said["at"]
    return "\n\n".join(
        [f"## {name} {{ #{name.lower()} }}", f"*Stands at:* {where}.", _docstring(part), table(_HEAD, rows)]
    )


def _docstring(part: type[schema.Part]) -> str:
    """What the schema says of the part itself, in Markdown."""
    return inspect.cleandoc(part.__doc__ or "").replace("``", "`").replace("\n\n", "\n")


_HEAD = ("key", "type", "default", "unit", "what", "example")


def _unit(part: type[schema.Part], field: str) -> str:
    for owner in part.__mro__:
        known = QUANTITIES.get((owner, field))
        if known is not None and known.unit is not None:
            return known.unit
    return _UNITS.get(f"{part.__name__}.{field}", "")


def _default(field: FieldInfo) -> str:
    value = field.default
    if field.is_required() or value is None or value is PydanticUndefined or value in ("", {}, ()):
        return ""
    if isinstance(value, schema.Value):
        spread = f" ({value.low} to {value.high})" if value.low is not None else ""
        return f"`{value.typical}`{spread}"
    if isinstance(value, BaseModel):
        written = ", ".join(f"{key}: {getattr(value, key)}" for key in sorted(value.model_fields_set))
        return code("{" + written + "}") if written else ""
    if isinstance(value, bool):
        return code(str(value).lower())
    return code(value)


def _type(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(code(value) for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(a) for a in get_args(annotation) if a is not type(None)))
    if origin is dict:
        return f"mapping of {_type(get_args(annotation)[1])}"
    if origin is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if origin is not None:  # Annotated
        return _type(get_args(annotation)[0])
    if annotation is schema.Value:
        return "[quantity](#value)"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _PLAIN.get(annotation, str(annotation))


_PLAIN = {str: "text", int: "integer", float: "number", bool: "true or false", Any: "anything"}


def vessel_table() -> str:
    """The vessels that `space.vessel` knows."""
    rows = [
        (f"`{v.name}`", f"{v.area.typical}", f"{v.volume.typical}", v.area.mark, v.area.source)
        for v in vessels().values()
    ]
    return table(("vessel", "growth area", "usual volume", "mark", "source"), rows)
