"""What the report needs of a tissue run, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["FieldFacts", "Kind", "Received", "Tissue", "column"]

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Kind:
    """A cell type: its index in a frame's column ``kind`` is its place in `Tissue.kinds`."""

    name: str
    title: str
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldFacts:
    """A field. ``unit``: of its amount; values are per mL. ``sender`` and ``vesicle``: "" for a factor."""

    name: str
    title: str
    unit: str
    sender: str = ""
    vesicle: str = ""
    molecule: str = ""


@dataclass(frozen=True)
class Received:
    """What one cell type took of what one sender made of one quantity during the run.

    ``quantity``: "vesicles", a cargo's name, or a factor's; ``vesicle``: "" for a factor; ``unit``: vesicle,
    copy or molecule.
    """

    recipient: str
    sender: str
    vesicle: str
    quantity: str
    unit: str
    amount: float


class Tissue(Protocol):
    """One arm of a tissue model as it ran."""

    model: str
    title: str
    summary: str
    arm: str
    arm_title: str
    seed: int
    size: tuple[float, float, float]  # um
    shape: tuple[int, int, int]  # voxels along x, y, z
    kinds: tuple[Kind, ...]
    fields: tuple[FieldFacts, ...]
    times: Floats  # h, of the frames
    units: Mapping[str, str]  # of the shown values
    note: str  # what a reader must know first, "" for nothing

    def cells(self, frame: int) -> Columns:
        """Columns of a frame: id, kind, state, dead, x, y, z, radius, then the shown values."""
        ...

    def vesicles(self, frame: int) -> Columns | None:
        """Places of single vesicles, x, y and z in um; None where all are fields."""
        ...

    def field(self, name: str, frame: int) -> Floats:
        """Concentration per mL, shape (nz, ny, nx)."""
        ...

    def series(self) -> Columns:
        """What was recorded over time; column ``time`` in h."""
        ...

    def received(self) -> tuple[Received, ...]:
        """Amounts by recipient, sender and quantity."""
        ...

    @property
    def errors(self) -> tuple[ErrorRow, ...]:
        """Balance and estimated error of every field."""
        ...

    @property
    def coupling_error(self) -> float:
        """Estimated relative error of what is on cells' surfaces; nan: unknown."""
        ...

    @property
    def gaps(self) -> tuple[GapRow, ...]:
        """What cells show on average, and what one cell shows that senses the mean."""
        ...

    @property
    def events(self) -> Mapping[str, int]:
        """Kind of event -> how often it happened in the run."""
        ...

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Versions, hashes, settings."""
        ...

    @property
    def marks(self) -> Mapping[str, int]:
        """Mark (read, assumed ...) -> how many numbers of the model carry it."""
        ...

    def sources(self) -> tuple[Mapping[str, str], ...]:
        """What the run rests on; each with a text per key."""
        ...


@dataclass(frozen=True)
class ErrorRow:
    """A field's ``balance``: what is unaccounted for, over what there was; ``error``: its estimate.

    Both relative; nan: unknown.
    """

    field: str
    balance: float = float("nan")
    error: float = float("nan")


@dataclass(frozen=True)
class GapRow:
    """A value that cells show: ``cells`` on average, ``alone`` in one cell that senses the mean of them."""

    kind: str
    value: str
    cells: float
    alone: float

    @property
    def relative(self) -> float:
        """How far a dish of mean cells is off, relative to the larger of the two; 0 where both are 0."""
        size = max(abs(self.cells), abs(self.alone))
        return (self.alone - self.cells) / size if size > 0.0 else 0.0


def column(cells: Columns, name: str, default: float = 0.0) -> Floats:
    """A column as float64, `default` throughout where the frame has none."""
    if name in cells:
        return np.asarray(cells[name], dtype=np.float64)
    return np.full(len(next(iter(cells.values()))), default)
