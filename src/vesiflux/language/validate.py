"""Plain data -> typed parts, with every problem in words and at its place.

What is wrong is cut out, as little of it as possible, so that the rest can still be checked.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from vesiflux import units
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import QUANTITIES
from vesiflux.language.schema import ModelSpec, Module, Part, Value
from vesiflux.language.words import listed, meant, shown

__all__ = ["part_types", "validate"]

P = TypeVar("P", bound=Part)

#: How keys without a quantity are written, for those that lack them.
_EXAMPLES = {
    "vesiflux": "1",
    "vesiflux_module": "1",
    "name": "my-model",
    "space": "{kind: dish, vessel: 6-well}",
    "run": "{for: 72 h}",
    "is": "tumour_cell",
    "cells": "{tumour: {is: tumour_cell, count: 1e6}}",
    "diameter": "{median: 90 nm}",
    "half": "100 copy/cell",
    "unit": "copy/cell",
    "size": "[1000 um, 1000 um]",
    "voxel": "20 um",
}
_SCALAR_TAGS = ("str", "int", "float", "bool")
_ROUNDS = 60


#: Takes the place of a required part that is wrong, so that the others can still be checked.
STAND_INS: dict[type[Part], dict[str, Any]] = {
    ModelSpec: {
        "vesiflux": 1,
        "name": "?",
        "space": {"kind": "dish", "volume": "1 mL"},
        "cells": {},
        "run": {"for": "1 h"},
    },
    Module: {"vesiflux_module": 1, "name": "?"},
}


def validate(data: Any, kind: type[P], what: str) -> tuple[P | None, list[Finding]]:
    """``data`` as a ``kind``; with findings it is what is left of it, or `None` if that is nothing.

    ``what`` names the whole in messages ("a model").
    """
    if not isinstance(data, dict):
        return None, [Finding((), f"{what} is a mapping of keys such as 'name: ...', not {shown(data)}")]
    findings: list[Finding] = []
    rest = data
    for turn in range(_ROUNDS):
        try:
            return kind.model_validate(rest), findings
        except ValidationError as error:
            groups = _by_path(error, rest)
        if turn == 0:
            misspelt = _misspelt(groups)
            findings = [_finding(p, e, kind, data) for p, e in groups.items() if p not in misspelt]
            rest = copy.deepcopy(rest)
        for path, errors in groups.items():
            if not _cut(rest, path, errors[0]["type"] == "missing", STAND_INS.get(kind, {})):
                return None, findings
    return None, findings


def _by_path(error: ValidationError, data: Any) -> dict[Path, list[Any]]:
    """Errors by where they stand in ``data``, without the noise of unions."""
    groups: dict[Path, list[Any]] = {}
    for one in map(_untagged, error.errors(include_url=False)):
        at, path, noise = data, [], False
        for i, step in enumerate(one["loc"]):
            listed_step = isinstance(at, list | tuple) and isinstance(step, int)
            if listed_step or (isinstance(at, dict) and step in at):
                at = at[step]
                path.append(step)
            elif one["type"] == "missing" and i == len(one["loc"]) - 1:
                path.append(step)
            else:  # the name of a union's member
                noise = noise or (isinstance(at, dict) and step in _SCALAR_TAGS)
                noise = noise or str(step).startswith("literal")
        if not noise:
            groups.setdefault(tuple(path), []).append(one)
        else:
            groups.setdefault(tuple(path), [])
    return {path: errors for path, errors in groups.items() if errors}


def _untagged(error: Any) -> Any:
    """A part told from its fellows by a key: what is wrong is that key, missing or unknown."""
    if error["type"] not in ("union_tag_not_found", "union_tag_invalid"):
        return error
    key = error["ctx"]["discriminator"].strip("'")
    at = (*error["loc"], key)
    if error["type"] == "union_tag_not_found":
        return {**error, "type": "missing", "loc": at}
    wanted = error["ctx"]["expected_tags"]
    return {**error, "type": "literal_error", "loc": at, "input": error["input"][key],
            "ctx": {"expected": wanted}}  # fmt: skip


def _misspelt(groups: dict[Path, list[Any]]) -> set[Path]:
    """Missing keys that stand there misspelt: the unknown key is said already."""
    unknown = [path for path, errors in groups.items() if errors[0]["type"] == "extra_forbidden"]
    return {
        path
        for path, errors in groups.items()
        if errors[0]["type"] == "missing"
        and any(p[:-1] == path[:-1] and get_close_matches(str(p[-1]), [str(path[-1])]) for p in unknown)
    }


def _cut(data: Any, path: Path, missing: bool, stand_ins: dict[str, Any]) -> bool:
    """Take the wrong part out; of a list the whole list, of a part that lacks a key the part."""
    if path and len(path) == 1 + (missing and len(path) > 1) and path[0] in stand_ins:
        data[path[0]] = copy.deepcopy(stand_ins[str(path[0])])
        return True
    if missing:
        path = path[:-1]
    for i, step in enumerate(path):
        if isinstance(step, int):
            path = path[:i]
            break
    if not path:
        return False
    at = data
    for step in path[:-1]:
        if step not in at:
            return True  # cut already, with something above it
        at = at[step]
    at.pop(path[-1], None)
    return True


# ---------------------------------------------------------------- words


def _finding(path: Path, errors: list[Any], root: type[Part], data: Any) -> Finding:
    first = errors[0]
    kind, value = first["type"], first["input"]
    key = str(path[-1]) if path else ""
    if path and isinstance(path[-1], int):
        listed_in = next((str(step) for step in reversed(path) if isinstance(step, str)), "the list")
        item = f"item {path[-1] + 1} of '{listed_in}'"
        if value is None:
            return Finding(path, f"nothing stands in {item}; write it or leave it out")
        return Finding(path, _words(key, kind, value, errors).replace(f"'{key}'", item, 1))
    if kind == "extra_forbidden":
        if value is None and not re.fullmatch(r"[\w@ .+/-]+", key):
            return Finding(
                path, f"{key!r} is cut off at a comma; put the whole expression in quotes", key=True
            )
        parts = part_types(root, path[:-1], data)
        fellows = [p for p in part_types(root, path[:-1]) if p not in parts and key in _keys(p)]
        if fellows and parts:
            own, other = (_kind_of(p) for p in (parts[0], fellows[0]))
            return Finding(path, f"'{key}' is for `{path[-2]}: {other}`; this is a {own}", key=True)
        known = [k for part in parts for k in _keys(part)]
        return Finding(
            path, f"unknown key '{key}'{_inside(path[:-1])}; {meant(key, known, 'its keys')}", key=True
        )
    if kind == "missing":
        message = f"{_inside(path[:-1], start=True)} the key '{key}' is missing{_example(root, path)}"
        return Finding(path[:-1], message, key=True)
    if value is None and not kind.endswith("literal_error"):
        return Finding(path, f"nothing stands after '{key}:'; write its value or leave the key out", key=True)
    names_wanted = (
        kind in ("model_type", "dict_type") and len(path) == 2 and not isinstance(value, dict | list)
    )
    if names_wanted and any(key in _keys(part) for part in part_types(root, path)):
        message = f"'{key}' stands where the name of one of the {path[0]} belongs; keys come below the name"
        return Finding(path, message, key=True)
    return Finding(path, _words(key, kind, value, errors))


def _words(key: str, kind: str, value: Any, errors: list[Any]) -> str:
    kinds = {e["type"] for e in errors}
    wants_value = (
        any("Value" in str(e["msg"]) for e in errors) or {"int_type", "float_type", "string_type"} <= kinds
    )
    if wants_value:
        return f"'{key}' is a quantity such as 0.05 or '2 mL', or {{evidence: SYMBOL}}, not {shown(value)}"
    if kind == "literal_error":
        choices = [c.strip("' ") for c in str(errors[0]["ctx"]["expected"]).replace(" or ", ", ").split(",")]
        allowed = f"one of {listed(choices)}" if len(choices) > 1 else f"{choices[0]} in this version"
        return f"'{key}' is {allowed}, not {shown(value)}" + _near(value, choices)
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"'{key}' is a mapping of keys, not {shown(value)}"
    if kind == "tuple_type":
        return f"'{key}' is a list, e.g. [{value if isinstance(value, str) else '...'}], not {shown(value)}"
    if kind == "string_type":
        hint = "; put it in quotes" if isinstance(value, int | float) and not isinstance(value, bool) else ""
        return f"'{key}' is a text, not {shown(value)}{hint}"
    if kind == "bool_type":
        return f"'{key}' is true or false, not {shown(value)} (yes and no are words in YAML 1.2)"
    if kind in ("int_type", "float_type", "int_parsing", "float_parsing", "int_from_float"):
        return f"'{key}' is a {'whole ' if kind.startswith('int') else ''}number, not {shown(value)}"
    if kind == "finite_number":
        return f"'{key}' is a finite number, not {shown(value)}"
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        words = {"ge": "at least", "le": "at most", "gt": "above", "lt": "below"}
        bounds = " and ".join(f"{words[k]} {v}" for k, v in errors[0]["ctx"].items() if k in words)
        return f"'{key}' is {bounds}, not {shown(value)}"
    return f"'{key}': {errors[0]['msg']}, not {shown(value)}"


def _example(root: type[Part], path: Path) -> str:
    """How the missing key could be written."""
    key = str(path[-1])
    text = _EXAMPLES.get(key, "")
    for part in part_types(root, path[:-1]):
        names = [n for n, field in part.model_fields.items() if key in (n, field.alias)]
        annotation = part.model_fields[names[0]].annotation if names else None
        quantity = QUANTITIES.get((part, names[0])) if names else None
        if get_origin(annotation) is Literal and not text:
            text = str(get_args(annotation)[0])
        elif quantity is not None and quantity.unit is not None and Value in _open(annotation) and not text:
            text = units.describe(quantity.unit)[1]
    return f"; write e.g. {key}: {text}" if text else ""


def _near(value: Any, choices: list[str]) -> str:
    hint = meant(str(value), choices)
    return f"; {hint}" if hint.startswith("did") else ""


def _inside(path: Path, start: bool = False) -> str:
    place = ".".join(str(step + 1 if isinstance(step, int) else step) for step in path)
    if start:
        return f"in {place}" if place else "in the file"
    return f" in {place}" if place else ""


def _keys(part: type[Part]) -> Iterator[str]:
    for name, field in part.model_fields.items():
        yield field.alias or name


def part_types(root: type[Part], path: Path, data: Any = None) -> list[type[Part]]:
    """The kinds of part that may stand at ``path``; with ``data`` those that its ``kind`` leaves."""
    types: list[Any] = [root]
    at = data
    for step in path:
        types = [inner for one in types for inner in _step(one, step)]
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            at = None
        told = at.get("kind") if isinstance(at, dict) else None
        if len(types) > 1 and told in [_kind_of(one) for one in types]:
            types = [one for one in types if _kind_of(one) == told]
    return [one for one in types if isinstance(one, type) and issubclass(one, Part)]


def _kind_of(part: Any) -> str | None:
    """The only ``kind`` that a part may have, which tells it from its fellows."""
    field = getattr(part, "model_fields", {}).get("kind")
    words = get_args(field.annotation) if field is not None else ()
    return str(words[0]) if len(words) == 1 else None


def _step(kind: Any, step: str | int) -> list[Any]:
    """Types found one step below ``kind``."""
    if isinstance(kind, type) and issubclass(kind, Part):
        for name, field in kind.model_fields.items():
            if step in (name, field.alias):
                return _open(field.annotation)
        return []
    origin, args = get_origin(kind), get_args(kind)
    if origin in (dict, tuple):
        return _open(args[1] if origin is dict else args[0])
    return []


def _open(kind: Any) -> list[Any]:
    """Members of a union, annotations taken off."""
    origin = get_origin(kind)
    if origin is Annotated:
        return _open(get_args(kind)[0])
    if origin in (Union, UnionType):
        return [one for member in get_args(kind) for one in _open(member)]
    return [] if kind is type(None) or origin is Literal else [kind]
