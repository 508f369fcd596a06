"""The parts of the language that float: vesicles and what they carry, soluble factors, what is counted."""

from __future__ import annotations

from typing import Literal

from vesiflux.language.base import Names, Part, Value
from vesiflux.language.schema_tissue import Matrix

__all__ = [
    "Cargo",
    "Count",
    "Decay",
    "Diameter",
    "Factor",
    "Label",
    "Preparation",
    "VesicleClass",
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
