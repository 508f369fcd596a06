"""The tables as read: rows of one or more folders, each in the words of its file."""

from __future__ import annotations

from dataclasses import dataclass, field

from vesiflux.errors import Problem
from vesiflux.evidence.rows import (
    Claim,
    Dropped,
    Edge,
    EdgeCell,
    EdgeKey,
    EdgeStatus,
    NameRow,
    ParameterRow,
    Quantity,
    Readout,
    Reference,
    Review,
    Transfer,
)
from vesiflux.evidence.tables import Cells

__all__ = ["Form", "Tables", "WrittenUnit"]


@dataclass(frozen=True)
class Form:
    """How a parameter row is read when it is no plain range (`parameter-forms.tsv`)."""

    kind: str
    low: float | None
    high: float | None
    upper: float | None
    reason: str


@dataclass(frozen=True)
class WrittenUnit:
    """A unit as tables write it (`written-units.tsv`): ``unit`` times ``factor``; ``upper`` of a share."""

    unit: str
    factor: float
    upper: float | None


@dataclass
class Tables:
    """All rows of one or more folders, by table."""

    claims: dict[str, Claim] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    edge_keys: set[EdgeKey] = field(default_factory=set)
    edge_status: dict[EdgeKey, EdgeStatus] = field(default_factory=dict)
    edge_cells: dict[EdgeKey, EdgeCell] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    parameters: dict[str, ParameterRow] = field(default_factory=dict)
    references: dict[tuple[str, str], Reference] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    readouts: dict[str, Readout] = field(default_factory=dict)
    claim_outcomes: dict[str, Readout] = field(default_factory=dict)
    vocabulary: dict[tuple[str, str], NameRow] = field(default_factory=dict)
    synonyms: dict[tuple[str, str], str] = field(default_factory=dict)
    parents: list[Cells] = field(default_factory=list)  # vocabulary rows whose parent is still to be checked
    continuations: dict[str, str] = field(default_factory=dict)
    directions: dict[str, tuple[str, str]] = field(default_factory=dict)  # corrected, with the reason
    contexts: dict[str, str] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    written_units: dict[str, WrittenUnit] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # ids of claims whose own row is wrong
    follow_ups: list[Problem] = field(default_factory=list)  # wrong only because such a claim is missing
    own: bool = False  # a user's: units of numbers are looked up, which ours, tested, need not at every load
    judged: dict[tuple[str, EdgeKey], int] = field(default_factory=dict)  # line by (file, edge)
