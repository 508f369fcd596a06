"""Numbers that are another for every species.

``count: {by_species: {mouse: 3.3e7 cell, human: 3.6e10 cell}}`` of a cell, a vesicle class, a factor or a
preparation is, in a body, the number of its species; those of the others become options of the choice
``species``. All species of the tables are named, so that none is given another's number unsaid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vesiflux.language.positions import Finding, Path
from vesiflux.language.words import listed, meant

__all__ = ["KEY", "resolve"]

#: What a number that differs by species is written under.
KEY = "by_species"
#: Parts of a model in which such numbers stand -> steps of their path that parameters leave out.
_PARTS = {"cells": 1, "vesicles": 0, "factors": 0, "preparations": 0}


def resolve(
    data: dict[str, Any], name: str | None, known: tuple[str, ...]
) -> tuple[dict[str, dict[str, Any]], list[Finding]]:
    """Put the number of the species ``name`` where ``data`` has one for each; change ``data``.

    Returns what the options of each of the ``known`` species are to set, and what is wrong.
    """
    options: dict[str, dict[str, Any]] = {species: {} for species in known}
    findings: list[Finding] = []
    for path, holder in list(_numbers(data)):
        about = {key: value for key, value in holder[path[-1]].items() if key != KEY}
        written = holder[path[-1]][KEY]
        if name is None:
            message = "this number is by species and the model has none; say which: `space: {species: ...}`"
            findings.append(Finding(path, f"{message}, or write a number"))
            holder[path[-1]] = next(iter(written.values()), 0) if isinstance(written, dict) else 0
            continue
        findings += wrong if (wrong := list(_check(path, written, known))) else []
        if wrong:
            holder[path[-1]] = 0  # so that the rest can be checked
            continue
        each = {species: _with(written[species], about) for species in known}
        holder[path[-1]] = each[name]
        parameter = ".".join(str(step) for step in path[_PARTS[str(path[0])] :])
        for species in known:
            options[species][parameter] = each[species]
    return options, findings


def _with(value: Any, about: Mapping[str, Any]) -> Any:
    """A number with what is said of all species' numbers, like ``vary``."""
    if not about:
        return value
    return {**(value if isinstance(value, dict) else {"typical": value}), **about}


def _check(path: Path, written: Any, known: tuple[str, ...]) -> Iterator[Finding]:
    if not isinstance(written, dict):
        yield Finding((*path, KEY), f"'{KEY}' names species: {{mouse: ..., human: ...}}")
        return
    for other in written:
        if other not in known:
            yield Finding((*path, KEY, other), f"no species {other!r}; {meant(str(other), known, 'species')}")
    if lacking := [species for species in known if species not in written]:
        yield Finding((*path, KEY), f"no number for {listed(lacking)}; '{KEY}' has one for every species")


def _numbers(data: Mapping[str, Any]) -> Iterator[tuple[Path, dict[Any, Any]]]:
    """Places of numbers by species, each with the mapping that holds it."""
    for part in _PARTS:
        yield from _below(data.get(part), (part,))


def _below(value: Any, path: Path) -> Iterator[tuple[Path, dict[Any, Any]]]:
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if isinstance(inner, dict) and KEY in inner:
            yield (*path, key), value
        else:
            yield from _below(inner, (*path, key))
