"""What a body takes over from the tables of its species and of endothelia before it is read.

``space: {kind: body, species: mouse}`` brings blood and organs of ``physiology.tsv``; what the model writes
wins, and organs of its own need all their keys. ``keep: [liver, lung]`` makes one organ, ``rest``, of the
others. The other species become options of the choice ``species``, so that ``--set species=human`` or an arm
that sets ``species: human`` is the same model in another body (but for ``only: true``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from vesiflux.language import by_species
from vesiflux.language.positions import Finding, Path, Positions
from vesiflux.language.tsv import own_rows
from vesiflux.language.words import meant

__all__ = ["bearable", "endothelia", "injections", "organs", "species", "with_species"]

_HERE = FilePath(__file__).parent
#: Keys of an organ that a table brings: key -> (column, unit).
_FROM_SPECIES = {
    "volume": ("volume_mL", "mL"),
    "plasma": ("plasma_mL", "mL"),
    "interstitium": ("interstitium_mL", "mL"),
    "flow": ("plasma_flow_mL_h", "mL/h"),
}
_FROM_ENDOTHELIUM = {
    "pore": ("pore_um", "um"),
    "exchange": ("exchange_per_h", "1/h"),
    "transcytosis": ("transcytosis_per_h", "1/h"),
}
#: Column of what organs that are drawn together pass on to one that is not.
_ONWARD = "onward_mL_h"
#: Rows of ``physiology.tsv`` that are no organs behind an endothelium.
_NO_ORGAN = ("body", "lymph")
#: What organs become that are not kept apart.
_REST = "rest"
Row = Mapping[str, str]


@cache
def organs() -> Mapping[tuple[str, str], Row]:
    """Rows of ``physiology.tsv`` by (species, organ); the organ ``body`` holds weight and plasma volume,
    ``lymph`` the volume of lymph with its nodes.
    """
    return {(row["species"], row["organ"]): row for row in own_rows(_HERE / "physiology.tsv")}


@cache
def species() -> tuple[str, ...]:
    """Names of the species there are tables of."""
    return tuple(dict.fromkeys(name for name, _ in organs()))


@cache
def endothelia() -> Mapping[str, Row]:
    """Rows of ``endothelium.tsv`` by name."""
    return {row["endothelium"]: row for row in own_rows(_HERE / "endothelium.tsv")}


@cache
def injections() -> tuple[Row, ...]:
    """Rows of ``injection.tsv``: what a species bears at once, by the name of the place."""
    return tuple(own_rows(_HERE / "injection.tsv"))


@cache
def bearable() -> Mapping[tuple[str, str], tuple[float, float]]:
    """Largest volumes, mL, at once and slowly, by (species, place), from ``injection.tsv``."""
    return {
        (row["species"], row["place"]): (float(row["most_mL"]), float(row["slowly_mL"] or row["most_mL"]))
        for row in injections()
    }


def with_species(data: Any, positions: Positions) -> tuple[Any, list[Finding]]:
    """``data`` with the organs of its species, and what is wrong with the names of tables."""
    if not isinstance(data, dict):
        return data, []
    space = data.get("space")
    if not isinstance(space, dict) or space.get("kind") != "body":
        return data, by_species.resolve(data, None, species())[1]
    made = copy.deepcopy(data)
    space = made["space"]
    findings: list[Finding] = []
    name = space.get("species")
    written: dict[Any, Any] = space["organs"] if isinstance(space.get("organs"), dict) else {}
    if name is not None and name not in species():
        cure = meant(str(name), species(), "species")
        findings.append(Finding(("space", "species"), f"there is no table of the species {name!r}; {cure}"))
        name = space["species"] = species()[0]  # so that the rest can be checked
    own = {organ: dict(keys) for organ, keys in written.items() if isinstance(keys, dict)}
    if wrong := list(_check_keep(space, name)):
        findings += wrong
        space["keep"] = []  # so that the rest can be checked
    if name is not None:
        _of_species(made, name, own)
    options, unclear = by_species.resolve(made, name, species())
    findings += unclear
    if name is not None:
        _choose(made, name, {other: options[other] for other in _choosable(space, name)})
    found = space.get("organs")
    for organ, keys in found.items() if isinstance(found, dict) else ():
        if isinstance(keys, dict):
            findings += _behind(organ, keys)
    at = positions.place(("space", "species") if name is not None else ("space",))
    positions.put({path: at for path in _paths(made["space"], ("space",)) if path not in positions.places})
    choice: Path = ("choices", "species")
    choices = made.get("choices")
    if isinstance(choices, dict) and "species" in choices:
        below = _paths(made["choices"]["species"], choice)
        positions.put({path: at for path in (choice, *below) if path not in positions.places})
    return made, findings


def _check_keep(space: Mapping[str, Any], name: Any) -> Iterator[Finding]:
    keep = space.get("keep", [])
    if not isinstance(keep, list) or not keep:
        return  # of another shape: said where shapes are checked
    if name is None:
        yield Finding(("space", "keep"), "'keep' goes with a species: keep which of its organs?", key=True)
        return
    known = [organ for other, organ in organs() if other == name and organ != "body"]
    for i, organ in enumerate(keep):
        if organ not in known:
            message = f"{name} has no organ {organ!r} in the table; {meant(str(organ), known)}"
            yield Finding(("space", "keep", i), message)
        elif organ in keep[:i]:
            yield Finding(("space", "keep", i), f"{organ!r} stands there twice")


def _organs_of(name: str, keep: tuple[str, ...]) -> dict[str, Row]:
    """Rows of the organs of a species; with ``keep``, of these and of `rest`, the sum of the others."""
    rows = {
        organ: row for (other, organ), row in organs().items() if other == name and organ not in _NO_ORGAN
    }
    if not keep:
        return rows
    apart = {organ: row for organ, row in rows.items() if organ in keep and organ != _REST}
    lumped = {organ: row for organ, row in rows.items() if organ not in apart}
    rest = {"species": name, "organ": _REST, "mark": "derived"}
    for key, (column, _) in _FROM_SPECIES.items():
        summed = [row for row in lumped.values() if key != "flow" or _counts(row, lumped)]
        rest[column] = f"{sum(float(row[column]) for row in summed):.6g}"
    rest["source"] = f"sum of {', '.join(lumped)}; " + next(iter(lumped.values()))["source"]
    # what drains into an organ that is kept goes there from all of them
    onward = [row for row in lumped.values() if row["flows_into"] in apart]
    rest["flows_into"] = next((row["flows_into"] for row in onward), "")
    rest[_ONWARD] = f"{sum(float(row['plasma_flow_mL_h']) for row in onward):.6g}" if onward else ""
    for organ, row in apart.items():
        if row["flows_into"] in lumped:
            apart[organ] = {**row, "flows_into": _REST}
    return {**apart, _REST: rest}


def _counts(row: Row, among: Mapping[str, Row]) -> bool:
    """Whether an organ's flow is a part of the flow of organs that are drawn together.

    Through some organs all blood passes again, and what leaves some is in the flow of the next.
    """
    return not row["flow_is_of"] and row["flows_into"] not in among


def _of_species(made: dict[str, Any], name: str, own: Mapping[Any, Mapping[str, Any]]) -> None:
    space = made["space"]
    rows: dict[str, dict[str, Any]] = {other: {} for other in _choosable(space, name)}
    if "blood" not in space:
        space["blood"] = _value(organs()[name, "body"], "plasma_mL", "mL")
        for other in rows:
            rows[other]["space.blood"] = _value(organs()[other, "body"], "plasma_mL", "mL")
    kept = space.get("keep", [])
    keep = tuple(str(organ) for organ in kept) if isinstance(kept, list) else ()
    if "lymph" not in space and (not keep or "lymph" in keep):
        space["lymph"] = {"volume": _value(organs()[name, "lymph"], "volume_mL", "mL")}
        for other in rows:
            rows[other]["space.lymph.volume"] = _value(organs()[other, "lymph"], "volume_mL", "mL")
    tables = {other: _organs_of(other, keep) for other in rows}
    usual: dict[Any, Any] = {organ: {} for organ in tables[name]}
    written = space.get("organs", {})
    if not isinstance(written, dict):
        return  # said where the shape is checked
    space["organs"] = {**usual, **written}
    for organ, keys in space["organs"].items():
        if organ not in tables[name] or not isinstance(keys, dict):
            continue
        for key, (column, unit) in _FROM_SPECIES.items():
            if key not in own.get(organ, {}):
                keys[key] = _value(tables[name][organ], column, unit)
                for other, table in tables.items():
                    rows[other][f"space.organs.{organ}.{key}"] = _value(table[organ], column, unit)
        if "flows_into" not in own.get(organ, {}) and (target := tables[name][organ]["flows_into"]):
            keys["flows_into"] = target
            if tables[name][organ].get(_ONWARD):
                keys["onward"] = _value(tables[name][organ], _ONWARD, "mL/h")
                for other, table in tables.items():
                    rows[other][f"space.organs.{organ}.onward"] = _value(table[organ], _ONWARD, "mL/h")
    _choose(made, name, rows)


def _choosable(space: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Species that a model can be run as."""
    return (name,) if space.get("only") is True else species()


def _choose(made: dict[str, Any], name: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the species options of a choice, each with its ``rows``; what the model writes there wins."""
    if len(rows) < 2:
        return  # of one species: nothing to choose
    choices = made.setdefault("choices", {})
    if isinstance(choices, dict):
        choice = choices.setdefault("species", {"title": "species", "default": name})
        if isinstance(choice, dict):
            choice.setdefault("default", name)
            options = choice.setdefault("options", {})
            for other, values in rows.items() if isinstance(options, dict) else ():
                own = options.get(other) or {}
                if isinstance(own, dict):  # else of another shape: said where shapes are checked
                    options[other] = {**values, **own}


def _behind(organ: str, keys: dict[str, Any]) -> Iterator[Finding]:
    """Fill in what the organ's kind of endothelium brings."""
    known = endothelia()
    usual = next((kind for kind, row in known.items() if organ in row["organs"].split(";")), "")
    kind = keys.get("endothelium", usual)
    if not isinstance(kind, str):
        kind = usual or next(iter(known))  # said where shapes are checked
    elif "endothelium" in keys and kind not in known:
        path: Path = ("space", "organs", organ, "endothelium")
        yield Finding(path, f"no endothelium {kind!r}; {meant(str(kind), known, 'endothelia')}")
        kind = usual or next(iter(known))  # so that the rest can be checked
    if not kind:
        return
    for key, (column, unit) in _FROM_ENDOTHELIUM.items():
        keys.setdefault(key, _value(known[kind], column, unit))


def _value(row: Row, column: str, unit: str) -> dict[str, Any]:
    found = {"typical": f"{row[column]} {unit}", "mark": row["mark"], "source": row["source"]}
    for end in ("low", "high"):
        if row.get(f"{column}_{end}"):
            found[end] = f"{row[f'{column}_{end}']} {unit}"
    return found


def _paths(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from _paths(inner, (*path, key))
