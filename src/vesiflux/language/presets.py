"""``preset: NAME``: what a part of a model takes over from the library before it is read.

The library's presets lie in ``library/_presets``, one file per kind of part: NAME -> what a model would write
there. A part that says ``preset: exosome`` (or ``[exosome, engineered]``, the later on top) is merged over
it: mappings are joined, everything else of the model wins, quantities as a whole (but ``{vary: fixed}``
keeps the preset's number). Lists that add up (``responses``, ``behaviours``, ``states``) begin with the
preset's. What a preset brings stands where the model names it, so that errors point into the model.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from vesiflux.errors import InputError
from vesiflux.language.modules import library_folder
from vesiflux.language.positions import Finding, Path, Place, Positions
from vesiflux.language.words import meant, shown
from vesiflux.language.yaml import read_text, read_yaml

__all__ = ["KINDS", "Merged", "preset_file", "presets", "with_presets"]

#: Kind of preset (its file) -> where parts of this kind stand; outer ones first, for what they bring may
#: name presets of its own. ``*`` is any name.
KINDS: Mapping[str, tuple[Path, ...]] = {
    "vesicles": (("vesicles", "*"),),
    "factors": (("factors", "*"),),
    "cells": (("cells", "*"),),
    "uptake": (("cells", "*", "takes_up", "*"),),
    "secretion": (("cells", "*", "secretes", "*"),),
    "preparations": (("preparations", "*"),),
    "cargo": (("cells", "*", "secretes", "*", "cargo", "*"), ("preparations", "*", "cargo", "*")),
    "interventions": (("interventions", "*"),),
}
#: Lists of which the preset's items come first and the model's follow.
_ADDED = ("responses", "behaviours", "states")
#: Ways of saying one thing: a model that goes one way drops the preset's other one.
_WAYS: tuple[tuple[frozenset[str], ...], ...] = (
    (frozenset({"half_life"}), frozenset({"rate"})),
    (frozenset({"machinery"}), frozenset({"rate"})),
    (frozenset({"copies"}), frozenset({"occupied", "copies_if_occupied"}), frozenset({"passive"})),
    (frozenset({"inhibits"}), frozenset({"blocks"}), frozenset({"scales"})),
)
#: Keys by which a mapping is a quantity, not a part with keys of its own.
_QUANTITY = frozenset({"typical", "low", "high", "evidence", "by_species"})
#: What can be said of a preset's quantity and leaves its number: `clearance: {vary: fixed}`.
_ABOUT = frozenset({"vary"})


@dataclass
class Merged:
    """A model as read, its presets filled in.

    ``data``: what is to be read on, without the parts whose preset is wrong; ``shown``: with them.
    """

    data: Any
    shown: Any
    findings: list[Finding] = field(default_factory=list)


def preset_file(kind: str) -> FilePath:
    """The library's file of one kind of preset."""
    return library_folder() / "_presets" / f"{kind}.yaml"


@cache
def presets(kind: str) -> Mapping[str, Any]:
    """The library's presets of one kind (`KINDS`) by name, as plain data.

    Raises `InputError` where the file is no YAML.
    """
    path = preset_file(kind)
    if not path.is_file():
        return {}
    data, _, problems = read_yaml(read_text(path), str(path))
    if problems:
        raise InputError(problems)
    return data if isinstance(data, dict) else {}


def with_presets(data: Any, positions: Positions) -> Merged:
    """``data`` with every ``preset:`` filled in; places of what they bring are added to ``positions``."""
    if not _names_any(data):
        return Merged(data, data)
    merged = Merged(copy.deepcopy(data), None)
    wrong: list[tuple[Path, Any]] = []
    for kind, patterns in KINDS.items():
        for pattern in patterns:
            for path, holder in list(_matching(merged.data, pattern)):
                part = holder[path[-1]]
                if not isinstance(part, dict) or "preset" not in part:
                    continue
                finding = _fill(kind, path, holder, positions)
                if finding is not None:
                    merged.findings.append(finding)
                    wrong.append((path, holder.pop(path[-1])))
    merged.shown = merged.data
    if wrong:
        merged.shown = copy.deepcopy(merged.data)
        for path, part in wrong:
            _at(merged.shown, path[:-1])[path[-1]] = part
    return merged


def _names_any(data: Any) -> bool:
    if isinstance(data, dict):
        return "preset" in data or any(map(_names_any, data.values()))
    return isinstance(data, list) and any(map(_names_any, data))


def _matching(data: Any, pattern: Path, above: Path = ()) -> Iterator[tuple[Path, dict[Any, Any]]]:
    """Places that fit a pattern, each with the mapping that holds it."""
    if not isinstance(data, dict):
        return
    step, *rest = pattern
    for name in list(data) if step == "*" else [step]:
        if name not in data:
            continue
        if rest:
            yield from _matching(data[name], tuple(rest), (*above, name))
        else:
            yield (*above, name), data


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _fill(kind: str, path: Path, holder: dict[Any, Any], positions: Positions) -> Finding | None:
    """Merge one part over its presets; or what is wrong with their names."""
    own = dict(holder[path[-1]])
    written = own.pop("preset")
    names = written if isinstance(written, list) else [written]
    if not names or not all(isinstance(name, str) for name in names):
        return Finding((*path, "preset"), f"'preset' is a name or a list of names, not {shown(written)}")
    known = presets(kind)
    for i, name in enumerate(names):
        if name not in known:
            at = (*path, "preset", i) if isinstance(written, list) else (*path, "preset")
            cure = meant(name, known, "presets")
            return Finding(at, f"the library has no preset {name!r} of {kind}; {cure}")
    base: dict[str, Any] = {}
    for name in names:
        base = _over(base, copy.deepcopy(known[name]))
    merged = holder[path[-1]] = _over(base, own)
    for step in (k for k in own if k in _ADDED and isinstance(own[k], list)):
        _move(positions, (*path, step), [merged[step].index(item) for item in own[step]])
    _put(positions, path, merged, positions.place((*path, "preset")))
    return None


def _over(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """``top`` merged over ``base``."""
    result = dict(base)
    for ways in _WAYS:
        if any(not way.isdisjoint(top) for way in ways):
            for key in (k for way in ways if way.isdisjoint(top) for k in way):
                result.pop(key, None)
    for key, value in top.items():
        below = result.get(key)
        if key in _ADDED and isinstance(below, list) and isinstance(value, list):
            result[key] = [*below, *(v for v in value if v not in below)]
        elif isinstance(below, dict) and _is_part(below) and _is_part(value):
            result[key] = _over(below, value)
        elif isinstance(below, dict) and isinstance(value, dict) and value and _ABOUT.issuperset(value):
            result[key] = {**below, **value}
        else:
            result[key] = value
    return result


def _is_part(value: Any) -> bool:
    return isinstance(value, dict) and _QUANTITY.isdisjoint(value)


def _move(positions: Positions, path: Path, new: list[int]) -> None:
    """Item i of a list of the model now is item ``new[i]``."""
    moved = {i: positions.places.pop((*path, i)) for i in range(len(new)) if (*path, i) in positions.places}
    positions.put({(*path, new[i]): place for i, place in moved.items()})


def _put(positions: Positions, path: Path, value: Any, place: Place) -> None:
    """Places of what the model itself does not write: where it names the preset."""
    if path not in positions.places:
        positions.put({path: place})
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        _put(positions, (*path, step), inner, place)
