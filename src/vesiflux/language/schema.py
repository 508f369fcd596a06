"""The model language as typed objects: what a model says, once, whatever runs it.

Every class is frozen and forbids unknown keys. Keys that are Python keywords or read badly as
attributes have an alias (``for`` -> ``duration``, ``is`` -> ``kind``). Quantities stay as written
(`Value`); they are converted to inside units once, when a model is lowered.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from vesiflux.language.base import Names, Part, Value, each_of
from vesiflux.language.schema_body import Body, Depot, Lymph, Organ
from vesiflux.language.schema_cohort import (
    Cohort,
    Correlated,
    Detection,
    Marker,
    Outcome,
    Through,
    Trial,
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


class Diameter(Part):
    """Lognormal diameter of a vesicle class."""

    median: Value
    sigma: Value = Value(typical=0.3)


class Decay(Part):
    """First-order loss: a half-life or a rate, not both."""

    half_life: Value | None = None
    rate: Value | None = None


class VesicleClass(Part):
    """One class of vesicles."""

    preset: Names = ""
    origin: Literal["mvb", "plasma_membrane", "apoptosis", "bacterium", "engineered"]
    title: str = ""
    diameter: Diameter
    density: Value = Value(
        typical="1.10 g/mL", mark="assumed", source="between sucrose and iodixanol densities"
    )
    decay: Decay | None = None
    symbol: Names = ""  # name in the evidence tables
    # tissue only:
    treatment: Literal["field", "individuals"] = "field"
    matrix: Matrix | None = None  # None: the space's
    border: Literal["closed", "open"] | None = None  # of sides that are not periodic; None: the space's


class Factor(Part):
    """A soluble molecule in the medium (cytokine, oxygen, lactate)."""

    preset: Names = ""
    title: str = ""
    diffusion: Value | None = None  # um^2/s; needed in a tissue, and when mixing is static
    decay: Decay | None = None
    initial: Value = Value(typical="0 molecule/mL")
    supply: Value | None = None  # concentration held in fresh medium (medium change brings it back)
    half: Value | None = None  # at half effect, where a cell says nothing else
    symbol: Names = ""  # name in the evidence tables
    # tissue only:
    treatment: Literal["auto", "field", "steady"] = "auto"
    matrix: Matrix | None = None  # None: the space's
    border: Value | None = None  # concentration held at open borders; None: 0


class DishSpace(Part):
    """One well-mixed or layered dish. ``static`` resolves diffusion and sedimentation in layers."""

    kind: Literal["dish"]
    vessel: str | None = None  # a row of language/vessels.tsv: growth area, usual volume, source
    area: Value | None = None  # overrides the vessel's
    volume: Value | None = None
    mixing: Literal["static", "stirred"] = "stirred"
    layers: Annotated[int, Field(ge=2, le=64)] = 12
    temperature: Value = Value(typical="37 degC")
    viscosity: Value = Value(typical="0.692 mPa*s", mark="assumed", source="water at 37 degC")
    density: Value = Value(typical="1.00 g/mL", mark="assumed", source="culture medium taken as water")


class Cargo(Part):
    """What one vesicle of a class carries of one molecule. Exactly one way of stating the amount.

    ``copies``: mean copies per vesicle (Poisson); ``occupied`` with ``copies_if_occupied``: the
    rare-high-copy form; ``passive``: copies per cell, loaded by volume (lumen) or area (surface)
    share of the cell (needs the cell's ``volume`` or ``area``), times ``sorting``.
    """

    preset: Names = ""
    copies: Value | None = None
    occupied: Value | None = None
    copies_if_occupied: Value | None = None
    passive: Value | None = None
    sorting: Value = Value(typical=1.0)
    on: Literal["lumen", "surface"] = "lumen"
    kind: str = ""  # miRNA, protein, lipid, drug ...
    raised_by: str | None = None  # a signal of the secreting cell
    raised_to: Value = Value(typical=1.0)  # fold of copies at full signal
    half: Value | None = None  # signal at half effect, in the signal's unit
    hill: Value = Value(typical=1.0)
    symbol: Names = ""  # name in the evidence tables


class Secretion(Part):
    """Release of one vesicle class: a constant rate or a module's release port."""

    machinery: str | None = None  # name of one of the cell's modules
    rate: Value | None = None  # vesicle/cell/h
    initial: Value | None = None  # body only: level at the start where the cell sends to, vesicle/mL
    cargo: dict[str, Cargo] = {}
    symbol: Names = ""  # what the evidence calls this class from this sender


class Uptake(Part):
    """Binding, internalisation and fate of one vesicle class in this cell."""

    preset: Names = ""
    clearance: Value  # mL/cell/h at low dose
    saturation: Value | None = None  # vesicle/mL, in the sum of all particles of all classes
    surface_residence: Value = Value(
        typical="10 min", low="2 min", high="30 min", mark="assumed", source="tau_surf"
    )
    endosome_residence: Value = Value(
        typical="1 h", mark="assumed", source="time in endosomes before lysosome"
    )
    escape: Value = Value(
        typical=0.05, low=1e-4, high=0.3, distribution="loguniform", mark="assumed", source="f_esc"
    )
    recycling: Value = Value(typical=0.1, mark="assumed", source="f_rec")
    match: Value = Value(typical=1.0)  # ligand match, multiplies clearance
    supply: Literal["auto", "none"] = "auto"  # geometry's limit in series with clearance


class FactorRelease(Part):
    """Secretion of a soluble factor by a cell."""

    rate: Value  # molecule/cell/h


class FactorUptake(Part):
    """Consumption of a soluble factor by a cell."""

    clearance: Value  # mL/cell/h


class Signal(Part):
    """How an amount becomes a normalised activity: x^n / (half^n + x^n), x = own + delivered."""

    half: Value
    hill: Value = Value(typical=1.4)
    endogenous: Value | None = None  # the cell's own copies
    half_life: Value | None = None  # of delivered copies in the cytosol


class ResponseNode(Part):
    """Constants of one node of the response network (normalised-Hill logic)."""

    tau: Value = Value(typical="1 h", mark="assumed", source="default of the logic layer")
    basal: Value = Value(typical=0.0)
    maximum: Value = Value(typical=1.0, unit="1")
    weight: Value = Value(typical=1.0)
    ec50: Value = Value(typical=0.5, mark="assumed", source="Kraeutler 2010 default")
    hill: Value = Value(typical=1.4, mark="assumed", source="Kraeutler 2010 default")
    given: StrictBool = False  # from outside, by an arm that sets its `basal`: a drug, a stimulus


class Cell(Part):
    """One cell type."""

    kind: str = Field(alias="is")
    title: str = ""
    count: Value
    volume: Value | None = None  # um^3; passive loading
    cytosol: Value | None = None  # um^3
    surface: Value | None = None  # um^2
    radius: Value = Value(typical="8 um", mark="assumed", source="design value for supply limits")
    states: tuple[str, ...] = ()
    start: dict[str, Value] = {}  # share of the count in each state; default: all in the first
    modules: dict[str, str] = {}  # instance name -> module name of the model's `modules`
    set: dict[str, Value] = {}  # overrides of module parameters, "instance.parameter"
    secretes: dict[str, Secretion] = {}
    releases: dict[str, FactorRelease] = {}
    consumes: dict[str, FactorUptake] = {}
    takes_up: dict[str, Uptake] = {}
    signals: dict[str, Signal] = {}
    nodes: dict[str, ResponseNode] = {}
    responses: tuple[str, ...] = ()
    behaviours: tuple[str, ...] = ()
    symbol: Names = ""  # further names in the evidence tables, beside what it `is`
    life: Life = Life()
    preset: Names = ""
    # body only:
    within: str = Field("blood", alias="in")  # the blood, the lymph or an organ
    faces: Literal["tissue", "blood"] = "tissue"  # what cells of an organ touch
    # tissue only:
    layout: Layout = Layout(kind="random")
    mechanics: Mechanics = Mechanics()
    motility: Motility = Motility()
    lysis: dict[str, Value] = {}  # factor -> molecules that a necrotic cell sets free


class Intervention(Part):
    """Something done to the system. Exactly one of ``inhibits``, ``blocks``, ``scales``, ``sets``.

    Targets are module nodes or parameters (``SMPD3``, ``mvb.SMPD3``, ``producer.mvb.SMPD3``), or
    response nodes (``blocks``). Several targets at once: a mapping target -> Value in ``effects``.
    """

    preset: Names = ""
    title: str = ""
    inhibits: str | None = None  # target x (1 - efficacy)
    blocks: str | None = None  # output of a response node x (1 - efficacy)
    scales: str | None = None  # target x factor
    efficacy: Value | None = None
    factor: Value | None = None
    effects: tuple[Effect, ...] = ()  # the general form; `alternative` groups compete
    dose: Value | None = None  # with half: efficacy x dose / (dose + half)
    half: Value | None = None
    # "before": the cells are at rest under it at t = 0
    start: Annotated[Literal["before"] | Value, Field(union_mode="left_to_right")] = Value(typical="0 h")
    stop: Value | None = None
    claims: tuple[str, ...] = ()
    source: str = ""
    mark: Literal["read", "derived", "assumed", "calibrated", "predicted"] = "assumed"
    note: str = ""


class Effect(Part):
    """One effect of an intervention on one target, in one of its alternative readings."""

    target: str
    factor: Value  # multiplies the target while the intervention is on
    alternative: str = ""  # effects with the same label act together; labels compete


class Reported(Part):
    """What a paper reported for an arm: to be compared with, never fitted to."""

    readout: str  # a summary name: exosomes_per_cell_per_hour, or a module readout "mvb.rab27a_protein"
    low: float | None = None
    high: float | None = None
    sign: Literal["+", "-", "0"] | None = None
    window: Value | None = None  # length of the assay
    claim: str = ""
    note: str = ""
    # what is doubtful about it; "assay": what was measured is not the release of living cells
    doubtful: Literal["assay", "number", "dose", "cell", "citation", "cause"] | None = None
    doubt: str = ""


class Arm(Part):
    """One experimental arm: interventions, choices and parameter values; compared with ``against``."""

    title: str = ""
    interventions: tuple[str, ...] = ()
    set: dict[str, Any] = {}  # choice -> option, or parameter -> value
    against: str | None = None
    mark: Literal["calibrated", "predicted", "assumed", "exceeds machinery", "control"] = "assumed"
    # where it acts; "unknown": nothing says where, so that it is run on every feasible node
    node: Literal["known", "inferred", "unknown"] = "inferred"
    reported: tuple[Reported, ...] = ()
    note: str = ""


class Choice(Part):
    """A named alternative set of parameter values (cell type, species); rows may come from a table."""

    title: str = ""
    default: str
    scope: str = ""  # prefix of the parameter names in the options, e.g. a cell's name
    options: dict[str, dict[str, Value]] = {}
    titles: dict[str, str] = {}


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


class Count(Part):
    """What a count by size shows of the vesicles released: those within a window of diameters."""

    title: str = ""
    classes: tuple[str, ...] = ()  # vesicle classes that are seen; default: all
    smallest: Value | None = None  # diameter
    largest: Value | None = None


class Label(Part):
    """What a tracer shows of vesicles that are gone: it stays where they were taken apart."""

    half_life: Value  # in the organ
    returns: Value = Value(typical=0.0)  # share of what leaves an organ that comes back into the blood
    free: Value | None = None  # half-life of what came back, in the blood


class Preparation(Part):
    """Vesicles brought from outside, with their cargo."""

    preset: Names = ""
    vesicle: str
    title: str = ""
    cargo: dict[str, Cargo] = {}
    symbol: Names = ""  # what the evidence calls these vesicles
    label: Label | None = None  # body only


class ScheduleItem(Part):
    """Something done to the dish at a time: exactly one of ``dose``, ``add``, ``change_medium``."""

    at: Value
    dose: str | None = None  # a preparation
    amount: Value | None = None  # vesicle, or vesicle/mL
    over: Value | None = None  # evenly over this time, as an infusion; None: at once
    parameter: str = ""  # name of the amount, to be set by; else schedule.N.amount
    into: str = "blood"  # body only: the blood, the lymph, an organ or a depot
    volume: Value | None = None  # body only: of the fluid that is given, held against what the species bears
    add: str | None = None  # a factor; amount in molecule or molecule/mL
    change_medium: Value | None = None  # share replaced
    arms: tuple[str, ...] = ()  # only in these arms; empty: all
    repeat: Value | None = None  # period
    times: Annotated[int, Field(ge=1, le=1000)] = 1


class RunPlan(Part):
    """How long, how often recorded, with which tolerances; which arms by default."""

    duration: Value = Field(alias="for")
    record: Value = Value(typical="1 h")
    equilibrate: StrictBool = True  # cell programs start at rest (under "before" interventions)
    rtol: float = 1e-6
    atol: float = 1e-9
    method: Literal["auto", "dopri5", "rodas4"] = "auto"
    draws: int = 64
    arms: tuple[str, ...] = ()
    # tissue only:
    frames: Value | None = None  # between pictures of fields and cells; None: a twelfth of the run
    step: Value = Value(typical="6 min")  # of cells and of what ties them to the fields
    mechanics: Annotated[Literal["auto", "off"] | Value, Field(union_mode="left_to_right")] = "auto"
    tolerance: float = 1e-3  # relative error of the fields per step


# ---------------------------------------------------------------- modules


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


Intervention.model_rebuild()
ModelSpec.model_rebuild()
