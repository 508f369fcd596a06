"""The parts of the language that say what a cell is: what it gives, takes up, senses and does."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool

from vesiflux.language.base import Names, Part, Value
from vesiflux.language.schema_tissue import Layout, Life, Mechanics, Motility
from vesiflux.language.schema_vesicles import Cargo

__all__ = [
    "Cell",
    "FactorRelease",
    "FactorUptake",
    "ResponseNode",
    "Secretion",
    "Signal",
    "Uptake",
]


class Secretion(Part):
    """Release of one vesicle class: a constant rate or a module's release port."""

    preset: Names = ""
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
