"""The parts of the language that make a body: blood, organs behind their endothelia, depots."""

from __future__ import annotations

from typing import Literal

from vesiflux.language.base import Part, Value

__all__ = ["Body", "Depot", "Lymph", "Organ"]


class Organ(Part):
    """An organ: fluid between its cells, behind an endothelium that sieves by size.

    What is not written comes from the table of the species and of the kind of endothelium.
    """

    title: str = ""
    volume: Value  # of the whole organ
    plasma: Value  # in its vessels
    interstitium: Value
    flow: Value  # of plasma, arteries and what other organs pass on to it together
    flows_into: str = ""  # the organ that its veins lead to; none: they lead to the heart
    onward: Value | None = None  # what of its flow goes there; none: all
    lymph: Value = Value(
        low=0.001,
        typical=0.002,
        high=0.004,
        mark="assumed",
        source="share of the plasma flow, Shah & Betts 2012",
    )
    endothelium: str = ""  # a row of language/endothelium.tsv
    pore: Value  # diameter
    exchange: Value  # clearance through the pores per volume of the organ, of what is much smaller than they
    transcytosis: Value  # clearance through the cells per volume of the organ, whatever the size


class Depot(Part):
    """A place outside the blood that takes a dose: under the skin, in the airways, in the gut."""

    title: str = ""
    volume: Value
    absorption: Value  # into the blood or the lymph
    by: str = "blood"  # what it drains into: the blood, the lymph or an organ's own vessels
    loss: Value = Value(typical="0 /h")  # in place: digested, cleared, never seen again


class Lymph(Part):
    """Lymph with its nodes: what leaves the organs' fluid passes it on its way to the blood."""

    title: str = ""
    volume: Value  # in the vessels and nodes


class Body(Part):
    """A body: blood and organs between which vesicles and factors pass."""

    kind: Literal["body"]
    species: str = ""  # a species of language/physiology.tsv
    only: bool = False  # the model is of this species: others are no options
    keep: tuple[str, ...] = ()  # organs and lymph that stay apart, others become one, `rest`; none: all stay
    blood: Value  # plasma volume
    organs: dict[str, Organ] = {}
    lymph: Lymph | None = None  # None: the organs' lymph is in the blood at once
    depots: dict[str, Depot] = {}
    temperature: Value = Value(typical="37 degC")
    viscosity: Value = Value(typical="1.2 mPa*s", mark="assumed", source="plasma at 37 degC")
    density: Value = Value(typical="1.025 g/mL", mark="assumed", source="plasma")
