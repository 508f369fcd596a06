"""A lowered model: the program every arm shares, and what differs between arms, draws and structures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vesiflux.ir.program import Event, Program

if TYPE_CHECKING:
    from vesiflux.evidence.priors import Prior

__all__ = [
    "AmountSwitch",
    "ArrowSwitch",
    "CompiledArm",
    "CompiledModel",
    "EffectSwitch",
    "LevelSwitch",
    "Limit",
    "ParameterInfo",
    "StructureGroup",
    "Switches",
    "WireSwitch",
    "find_parameter",
]


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter of the program with its prior and where it comes from.

    ``name`` equals the program's slot; ``vary``: "draw" (uncertainty), "replicate" (spread between
    repeats of one experiment) or "fixed".
    """

    name: str
    unit: str
    prior: Prior
    vary: str = "draw"
    title: str = ""


@dataclass(frozen=True)
class StructureGroup:
    """Competing wirings: one input of the program (a parameter, in a model lowered with switches) per
    option, 1 for the option in force, else 0.

    ``shared``: the wiring also exists in the untreated cell, so the reference arm must be run with it.
    """

    name: str
    title: str
    default: str
    options: Mapping[str, int]  # option -> input index
    titles: Mapping[str, str]
    concerns: tuple[str, ...] = ()
    shared: bool = True


@dataclass(frozen=True)
class Limit:
    """A constraint: output ``output`` must stay at or below output ``bound`` (both indices).

    ``untreated``: measured in untreated cells, so that it rules nothing out in treated ones.
    """

    name: str
    title: str
    output: int
    bound: int
    unit: str
    untreated: bool = False


@dataclass(frozen=True)
class CompiledArm:
    """What one arm changes.

    ``overrides``: parameter index -> prior in this arm (choices and ``set``).
    ``inputs_before`` / ``inputs``: input index -> value before t = 0 (equilibration) and from t = 0.
    ``events``: in time order. ``groups``: structure groups that matter to this arm.
    """

    name: str
    title: str
    overrides: Mapping[int, Prior]
    inputs_before: Mapping[int, float]
    inputs: Mapping[int, float]
    events: tuple[Event, ...]
    against: str | None
    groups: tuple[str, ...]
    mark: str = "assumed"
    reported: tuple[Mapping[str, Any], ...] = ()
    interventions: tuple[str, ...] = ()
    note: str = ""
    node: str = "inferred"  # known, inferred or unknown: where it acts


@dataclass(frozen=True)
class WireSwitch:
    """A wire: 1 as it is, 0 taken out, -1 its sign turned. ``index``: parameter."""

    cell: str
    instance: str
    name: str
    index: int


@dataclass(frozen=True)
class EffectSwitch:
    """What an intervention does to a target: 1 as it is, 0 taken out, -1 its sign turned."""

    intervention: str
    target: str
    alternative: str
    index: int


@dataclass(frozen=True)
class LevelSwitch:
    """An activity species, or a node: what its level is multiplied by for all that reads it."""

    cell: str
    instance: str
    name: str
    index: int


@dataclass(frozen=True)
class AmountSwitch:
    """What an amount is multiplied by, 1 in the untreated model; ``index``: parameter.

    ``kind``: of ``node`` (cell, name) the activity as others see it, at most 1; ``secretion`` (cell, class),
    ``uptake`` (cell, class) and ``release`` (cell, factor) the rate; ``cargo`` (cell, class, ``of`` the
    molecule) the copies per vesicle; ``factor`` (name) all that cells release, that is there at the start,
    supplied or added; ``count`` (cell) the number of cells; ``dose`` all vesicles held and copies delivered,
    as signals see them, in the whole model; ``injected`` all doses of vesicles that are brought from outside.
    ``given`` (cell, node) is no factor but the basal level of what
    is given from outside, 0 in the untreated model.
    """

    kind: str
    cell: str
    name: str
    of: str
    index: int


@dataclass(frozen=True)
class ArrowSwitch:
    """A response of a cell: 1 as written, 0 taken out, -1 an activator inhibits and the reverse."""

    cell: str
    text: str
    target: str
    claims: tuple[str, ...]
    index: int


@dataclass(frozen=True)
class Switches:
    """Parameters that only verification changes; of structures, see `CompiledModel.structures`."""

    wires: tuple[WireSwitch, ...]
    effects: tuple[EffectSwitch, ...]
    levels: tuple[LevelSwitch, ...]
    amounts: tuple[AmountSwitch, ...] = ()
    arrows: tuple[ArrowSwitch, ...] = ()


@dataclass(frozen=True)
class CompiledModel:
    """Everything a study needs. ``times``: record times in h. ``summary``: summary name -> (outputs).

    ``rates``: summary name -> (numerator output, denominator output), both cumulative: the mean rate
    over the run is the ratio of their values at the end (released vesicles / cell-hours).
    ``description``: canonical JSON-able content of the model as lowered; part of every key.
    """

    name: str
    title: str
    program: Program
    parameters: tuple[ParameterInfo, ...]
    arms: Mapping[str, CompiledArm]
    default_arms: tuple[str, ...]
    structures: Mapping[str, StructureGroup]
    limits: tuple[Limit, ...]
    rates: Mapping[str, tuple[str, str]]
    times: tuple[float, ...]
    settings: Mapping[str, Any]  # rtol, atol, method, equilibrate
    draws: int
    choices: Mapping[str, tuple[str, ...]]  # choice -> its options; `lower(model, choose=...)` picks
    description: Mapping[str, Any]
    report: Mapping[str, Any] = field(default_factory=dict)  # titles, diagram, steps, sources for the report
    switches: Switches | None = None  # what `lower(model, switches=True)` lets every lane change

    def parameter(self, name: str) -> int:
        """Index of a parameter by its full dotted name or by an unambiguous ending of it."""
        return find_parameter([p.name for p in self.parameters], name)


def find_parameter(names: Sequence[str], name: str) -> int:
    """Index of a parameter by its full dotted name or by an unambiguous ending of it.

    Raises `InputError` naming the nearest ones.
    """
    if name in names:
        return names.index(name)
    hits = [i for i, n in enumerate(names) if n.endswith("." + name)]
    # what an intervention does to X ends in X as well; the plain name means X itself
    hits = [i for i in hits if not names[i].startswith("interventions.")] or hits
    if len(hits) == 1:
        return hits[0]
    import difflib

    from vesiflux.errors import InputError

    if hits:
        told = ", ".join(names[i] for i in hits[:4]) + (f" ... ({len(hits)} in all)" if len(hits) > 4 else "")
        raise InputError(f"parameter {name!r} is ambiguous: {told}; write the whole name")
    short = (n.rsplit(".", 1)[-1] for n in names)
    near = difflib.get_close_matches(name, list(dict.fromkeys([*names, *short])), 4)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise InputError(f"no parameter named {name!r}{hint}")
