"""The model language as typed objects: what a model says, once, whatever runs it.

Every class is frozen and forbids unknown keys. Keys that are Python keywords or read badly as
attributes have an alias (``for`` -> ``duration``, ``is`` -> ``kind``). Quantities stay as written
(`Value`); they are converted to inside units once, when a model is lowered. The parts stand in files of
their own, ``schema_*.py``; here is the whole that they make, and every name of the language.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vesiflux.language.base import (
    Part,
    Value,
    each_of,
)
from vesiflux.language.schema_body import (
    Body,
    Depot,
    Lymph,
    Organ,
)
from vesiflux.language.schema_cells import (
    Cell,
    FactorRelease,
    FactorUptake,
    ResponseNode,
    Secretion,
    Signal,
    Uptake,
)
from vesiflux.language.schema_cohort import (
    Cohort,
    Correlated,
    Detection,
    Marker,
    Outcome,
    Through,
    Trial,
)
from vesiflux.language.schema_dish import DishSpace
from vesiflux.language.schema_experiment import (
    Arm,
    Choice,
    Effect,
    Intervention,
    Reported,
    RunPlan,
    ScheduleItem,
)
from vesiflux.language.schema_module import (
    Constraint,
    Individuals,
    Module,
    ModuleParameter,
    ModuleSpecies,
    Node,
    Reaction,
    Readout,
    Step,
    Structure,
    StructureOption,
    Wire,
)
from vesiflux.language.schema_tissue import (
    Ball,
    Binding,
    Borders,
    Layout,
    Life,
    Matrix,
    Mechanics,
    Motility,
    Region,
    Segment,
    Tissue,
    Vessels,
    VesselSupply,
)
from vesiflux.language.schema_vesicles import (
    Cargo,
    Count,
    Decay,
    Diameter,
    Factor,
    Label,
    Preparation,
    VesicleClass,
)

__all__ = [
    "Arm",
    "Ball",
    "Binding",
    "Body",
    "Borders",
    "Cargo",
    "Cell",
    "Choice",
    "Cohort",
    "Constraint",
    "Correlated",
    "Count",
    "Decay",
    "Depot",
    "Detection",
    "Diameter",
    "DishSpace",
    "Effect",
    "Factor",
    "FactorRelease",
    "FactorUptake",
    "Individuals",
    "Intervention",
    "Label",
    "Layout",
    "Life",
    "Lymph",
    "Marker",
    "Matrix",
    "Mechanics",
    "ModelSpec",
    "Module",
    "ModuleParameter",
    "ModuleSpecies",
    "Motility",
    "Node",
    "Organ",
    "Outcome",
    "Part",
    "Preparation",
    "Reaction",
    "Readout",
    "Region",
    "Reported",
    "ResponseNode",
    "RunPlan",
    "ScheduleItem",
    "Secretion",
    "Segment",
    "Signal",
    "Step",
    "Structure",
    "StructureOption",
    "Through",
    "Tissue",
    "Trial",
    "Uptake",
    "Value",
    "VesicleClass",
    "VesselSupply",
    "Vessels",
    "Wire",
    "each_of",
]


class ModelSpec(Part):
    """A whole model, as written. `vesiflux.Model` wraps it with its origin and its modules."""

    vesiflux: Literal[1]
    name: str
    title: str = ""
    summary: str = ""
    review: str = ""
    evidence: tuple[str, ...] = ()
    space: Annotated[DishSpace | Tissue | Body, Field(discriminator="kind")]
    parameters: dict[str, Value] = {}
    vesicles: dict[str, VesicleClass] = {}
    counts: dict[str, Count] = {}  # what an instrument would count of them
    factors: dict[str, Factor] = {}
    modules: dict[str, str | Module] = {}  # name -> library module, relative path, or the module itself
    choices: dict[str, Choice] = {}
    structures: dict[str, Structure] = {}
    cells: dict[str, Cell]
    preparations: dict[str, Preparation] = {}
    interventions: dict[str, Intervention] = {}
    schedule: tuple[ScheduleItem, ...] = ()
    arms: dict[str, Arm] = {}
    unassigned: dict[str, Arm] = {}  # stimuli whose node nobody knows: each_of, never run
    tables: dict[str, str] = {}  # "stimuli" | "choices.NAME" -> TSV file beside the model
    cohort: Cohort | None = None  # virtual patients: a whole study
    run: RunPlan
