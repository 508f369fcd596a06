"""The parts of the language that make a machinery: a module, all data."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictBool

from vesiflux.language.base import Names, Part, Value

__all__ = [
    "Constraint",
    "Individuals",
    "Module",
    "ModuleParameter",
    "ModuleSpecies",
    "Node",
    "Reaction",
    "Readout",
    "Step",
    "Structure",
    "StructureOption",
    "Wire",
]


class ModuleParameter(Value):
    """A parameter of a module; full form only (unit, source and mark are required)."""

    title: str = ""
    claims: tuple[str, ...] = ()  # what its number was chosen for or read in


class Node(Part):
    """A dimensionless activity, 1 in an untreated cell, that interventions act upon."""

    title: str = ""
    kind: str = "protein"
    symbol: Names = ""  # name in the evidence tables
    value: float = 1.0


class ModuleSpecies(Part):
    """A state per cell. ``amount``: counts, halved at division; ``activity``: an intensive level."""

    title: str = ""
    unit: str
    initial: str | float = 0.0  # expression of parameters and nodes
    scale: float = 1.0
    kind: Literal["amount", "activity"] = "amount"
    symbol: Names = ""  # name in the evidence tables


class Reaction(Part):
    """A process: ``rate`` (expression, per cell and hour) moves species by ``moves``."""

    title: str = ""
    rate: str
    moves: dict[str, float]
    unit: str | None = None  # of the rate; checked
    claims: tuple[str, ...] = ()
    source: str = ""


class Wire(Part):
    """One regulatory influence, as a factor that is 1 in the untreated cell.

    Rates and expressions use it by its name. That every influence is one named factor is what lets
    verification take it out, turn its sign, or ask what rests on a claim.
    """

    title: str = ""
    source_names: Names = Field(alias="from")  # nodes, species or expressions
    to: Names  # the reaction, expression, species or wire it acts on
    sign: Literal["+", "-"]  # effect of raising `from` on `to`
    factor: str  # expression, without dimension
    claims: tuple[str, ...] = ()  # of the evidence base
    source: str = ""
    mark: Literal["read", "derived", "assumed", "calibrated"] = "assumed"
    note: str = ""


class Readout(Part):
    """A named quantity of a module."""

    title: str = ""
    expression: str
    unit: str
    series: StrictBool = True
    symbol: Names = ""  # name in the evidence tables
    claims: tuple[str, ...] = ()  # it was made to show what they say: of these it proves nothing


class Constraint(Part):
    """A limit the cell cannot pass; a run that passes it is marked."""

    title: str = ""
    expression: str
    unit: str
    at_most: Value
    source: str = ""
    note: str = ""
    measured_in: Literal["any cell", "untreated cells"] = "any cell"  # a treated cell may differ from these


class Step(Part):
    """One step of a chain of fates: the share that passes; 1 / share is what the step can still give."""

    title: str = ""
    passes: str  # expression in [0, 1]
    nodes: tuple[str, ...] = ()


class StructureOption(Part):
    """One of several competing structures."""

    title: str = ""
    source: str = ""
    claims: tuple[str, ...] = ()  # of the evidence base
    mark: Literal["read", "derived", "assumed"] = "assumed"
    note: str = ""


class Structure(Part):
    """Competing wirings. Option o of structure s is the switch ``s.o`` (0 or 1) in expressions."""

    title: str = ""
    default: str
    options: dict[str, StructureOption]
    concerns: tuple[str, ...] = ()  # interventions whose outcome depends on it


class Individuals(Part):
    """Carriers that single-cell runs simulate one by one, each with its own contents.

    ``stages``: species that count carriers, in the order they are passed. ``contents``: what rides in a
    carrier -> stage -> species that holds the total there. ``capacity``: most contents of one carrier
    (expression). ``bursts``: vesicle class -> reaction by which a carrier sets its contents free as such
    vesicles; the other classes of `Module.release` are set free one at a time. Reactions that move contents
    along with their carriers follow from the carriers and are checked against them.
    """

    title: str = ""
    stages: tuple[str, ...]
    contents: dict[str, dict[str, str]] = {}
    capacity: str | float | None = None
    bursts: dict[str, str] = {}
    source: str = ""


class Module(Part):
    """A machinery: species, reactions, ports and parameters, all data."""

    vesiflux_module: Literal[1]
    name: str
    title: str = ""
    summary: str = ""
    sources: tuple[str, ...] = ()
    rests: StrictBool = True  # comes to rest before t = 0; false: starts as written, as a disease does
    parameters: dict[str, ModuleParameter] = {}
    nodes: dict[str, Node] = {}
    species: dict[str, ModuleSpecies] = {}
    wires: dict[str, Wire] = {}
    expressions: dict[str, str] = {}
    reactions: dict[str, Reaction] = {}
    release: dict[str, str] = {}  # vesicle class -> expression, vesicle/cell/h
    readouts: dict[str, Readout] = {}
    constraints: dict[str, Constraint] = {}
    steps: dict[str, Step] = {}
    structures: dict[str, Structure] = {}
    individuals: Individuals | None = None
    diagram: dict[str, Any] = {}  # layout for figures: see report/diagram
