"""Bases of behaviours: what a cell does untouched is said once."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vesiflux import units
from vesiflux.language.behaviours import Action, Behaviour
from vesiflux.language.checks.context import Context
from vesiflux.language.positions import Finding, Path
from vesiflux.language.quantities import range_of
from vesiflux.language.schema import Cell, Tissue, Value

__all__ = ["LIFE", "check_bases"]

#: Behaviours whose base a cell may state under ``life``.
LIFE = ("proliferation", "apoptosis", "necrosis")


def check_bases(context: Context) -> Iterator[Finding]:
    """A behaviour has one base: the rate or clearance the cell states, else that of its first sentence.

    What a machinery releases has no fixed base at all.
    """
    for cell in context.spec.cells:
        first: dict[Action, tuple[str, Value]] = {}
        for i, behaviour in context.behaviours[cell].items():
            path: Path = ("cells", cell, "behaviours", i)
            action = behaviour.behaviour
            if action.kind == "secretion" and _by_machinery(context, cell, action.args[0]):
                message = f"a machinery releases {action.args[0]}; let an intervention act on a node of it"
                yield Finding(path, message, behaviour.columns["behaviour"])
                continue
            own = Value(typical=behaviour.base)
            told, value = first.setdefault(action, _stated(context, cell, action) or ("said before", own))
            here, there = (_typical(v, _unit(context, behaviour), action) for v in (own, value))
            if here is not None and there is not None and not math.isclose(here, there, rel_tol=1e-6):
                message = f"this behaviour starts from {value.typical} ({told}), not from {behaviour.base}"
                yield Finding(path, message, behaviour.columns["base"])


def _by_machinery(context: Context, cell: str, vesicle: str) -> bool:
    secretion = context.spec.cells[cell].secretes.get(vesicle)
    return secretion is not None and secretion.machinery is not None


def _stated(context: Context, cell: str, action: Action) -> tuple[str, Value] | None:
    """Where the cell states the size of a behaviour itself, and what it states."""
    spec = context.spec.cells[cell]
    name = action.args[0] if action.args else ""
    if isinstance(context.spec.space, Tissue) and (moves := _movement(spec, action)) is not None:
        return moves
    if action.kind == "uptake" and name in spec.takes_up:
        return f"takes_up.{name}.clearance", spec.takes_up[name].clearance
    if action.kind in LIFE and (stated := getattr(spec.life, action.kind)) is not None:
        return f"life.{action.kind}", stated
    if action.kind == "secretion" and name in spec.releases:
        return f"releases.{name}.rate", spec.releases[name].rate
    if action.kind == "secretion" and name in spec.secretes:
        rate = spec.secretes[name].rate
        return None if rate is None else (f"secretes.{name}.rate", rate)
    return None


def _movement(cell: Cell, action: Action) -> tuple[str, Value] | None:
    """What the cell states of its movement; speed and bias are stated even by default."""
    name = action.args[0] if action.args else ""
    if action.kind == "migration_speed":
        return "motility.speed", cell.motility.speed
    if action.kind == "migration_bias":
        return "motility.bias", cell.motility.bias
    if action.kind == "chemotaxis" and name in cell.motility.towards:
        return f"motility.towards.{name}", cell.motility.towards[name]
    if action.kind == "adhesion" and name in cell.mechanics.adhesion_to:
        return f"mechanics.adhesion_to.{name}", cell.mechanics.adhesion_to[name]
    return None


def _unit(context: Context, behaviour: Behaviour) -> str:
    if behaviour.behaviour.kind != "secretion":
        return behaviour.unit
    factor = behaviour.behaviour.args[0] in context.spec.factors
    return "copy/cell/h" if factor else "vesicle/cell/h"


def _typical(value: Value, unit: str, action: Action) -> float | None:
    """None where the quantity itself is wrong, which is said elsewhere, or a row of the evidence."""
    try:
        number = range_of(value, unit).get("typical")
    except units.UnitError:
        return None
    weight = action.kind == "chemotaxis"  # may be below 0
    return None if number is None or (number < 0 and not weight) else number
