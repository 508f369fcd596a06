"""The compiled form of a tissue: fields, cell types with their programs, places, and what ties them.

Plain data for `engines.tissue`, made by `ir.lowering.tissue`. Units: um, h, mL for concentrations; amounts
are vesicles, copies, molecules. A *field* is (sender, class, quantity) or a factor; fields of one *group*
(a vesicle class, or one factor) share transport and how cells take them up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from vesiflux.ir.program import Program

__all__ = [
    "Action",
    "Border",
    "CargoDraw",
    "CellKind",
    "Dose",
    "FieldSlot",
    "Group",
    "Layout",
    "Mechanics",
    "Motility",
    "Region",
    "TissuePlan",
    "TissueSpace",
    "Vessel",
]

Floats = npt.NDArray[np.float64]
Treatment = Literal["field", "steady", "individuals"]


@dataclass(frozen=True)
class Border:
    """One side of the box: ``closed`` (no flux), ``periodic`` or ``held`` at ``value`` (per mL)."""

    kind: Literal["closed", "periodic", "held"] = "closed"
    value: float = 0.0


@dataclass(frozen=True)
class FieldSlot:
    """One field. ``name``: FACTOR, VESICLE.SENDER or VESICLE.SENDER.MOLECULE; ``unit`` of its amount."""

    name: str
    title: str
    unit: Literal["vesicle", "copy", "molecule"]
    quantity: Literal["vesicles", "cargo", "factor"]
    group: int
    sender: str = ""  # cell type or preparation
    vesicle: str = ""
    molecule: str = ""
    initial: float = 0.0  # per mL, everywhere


@dataclass(frozen=True)
class Group:
    """Transport that fields share.

    ``diffusion``: um^2/h, free of cells, the matrix's share already taken. ``decay``: 1/h. ``binding``: (on,
    off), 1/h, to the matrix as a depot where nothing moves or decays; (0, 0) none. ``borders``: x low, x
    high, y low, y high, z low, z high. ``treatment``: a field in time, at quasi-steady state, or individuals;
    "auto" is settled before an engine sees it. ``median``, ``sigma``: diameter, um, and of its logarithm.
    """

    name: str
    diffusion: float
    decay: float
    borders: tuple[Border, Border, Border, Border, Border, Border]
    binding: tuple[float, float] = (0.0, 0.0)
    treatment: Treatment = "field"
    median: float = 0.0
    sigma: float = 0.0


@dataclass(frozen=True)
class Region:
    """A part of the box: ``box`` (corner ``a`` to corner ``b``) or ``ball`` (centre ``a``, ``radius``).

    ``hindrance``: share of the free diffusion that remains there; ``wall``: nothing passes.
    """

    name: str
    shape: Literal["box", "ball"]
    a: tuple[float, float, float]
    b: tuple[float, float, float] = (0.0, 0.0, 0.0)
    radius: float = 0.0
    hindrance: float = 1.0
    wall: bool = False


@dataclass(frozen=True)
class Vessel:
    """A straight piece of blood vessel from ``a`` to ``b``, ``radius`` um.

    ``exchange``: group name -> (permeability um/h, concentration inside per mL). A vessel whose ends are one
    point crosses the slab (2-D).
    """

    name: str
    a: tuple[float, float, float]
    b: tuple[float, float, float]
    radius: float
    exchange: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class TissueSpace:
    """The box. ``shape``: voxels along x, y, z (z is 1 in a slab); ``voxel``: edges, um, x y z.

    ``flow``: velocity of the fluid, um/h. ``periodic``: axes whose two sides are one, for cells. The box
    begins at the origin.
    """

    shape: tuple[int, int, int]
    voxel: tuple[float, float, float]
    flow: tuple[float, float, float] = (0.0, 0.0, 0.0)
    regions: tuple[Region, ...] = ()
    vessels: tuple[Vessel, ...] = ()
    periodic: tuple[bool, bool, bool] = (False, False, False)

    @property
    def size(self) -> tuple[float, float, float]:
        """Edges of the box, um."""
        x, y, z = (n * d for n, d in zip(self.shape, self.voxel, strict=True))
        return x, y, z

    @property
    def volume(self) -> float:
        """Of the box, mL."""
        x, y, z = self.size
        return x * y * z * 1e-12  # um^3 in mL

    @property
    def flat(self) -> bool:
        """Whether it is a slab (2-D)."""
        return self.shape[2] == 1


@dataclass(frozen=True)
class Layout:
    """Where cells of a type start. Positions in um; ``None``: the middle of the box, or all of it.

    ``random``: in the box ``a`` to ``b``. ``spheroid``: packed in a ball (disc) about ``centre`` of
    ``radius`` (None: as large as the cells need). ``ring``: from ``inner`` to ``radius`` about ``centre``.
    ``at``: ``points``, shape (n, 3), from the model or a file (columns x, y and z).
    """

    kind: Literal["random", "spheroid", "ring", "at"]
    centre: tuple[float, float, float] | None = None
    radius: float | None = None
    inner: float = 0.0
    a: tuple[float, float, float] | None = None
    b: tuple[float, float, float] | None = None
    points: Floats | None = None


@dataclass(frozen=True)
class Mechanics:
    """Pair forces as in PhysiCell: speeds in um/h at full overlap, reach in multiples of the radii.

    ``adhesion_to``: factor on adhesion by the other's type (default 1). ``fixed``: pushed by nobody.
    """

    repulsion: float
    adhesion: float
    reach: float = 1.25
    adhesion_to: Mapping[str, float] = field(default_factory=dict)
    fixed: bool = False


@dataclass(frozen=True)
class Motility:
    """Own movement: ``speed`` um/h, ``bias`` 0 (random) to 1 (directed), ``persistence`` h.

    ``towards``: field or sum of fields (FACTOR, VESICLE, VESICLE.MOLECULE) -> weight, negative: away.
    Behaviours can replace speed, bias and each weight.
    """

    speed: float = 0.0
    bias: float = 0.0
    persistence: float = 0.25
    towards: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """A behaviour whose size the cell's program computes: output ``output`` of its output tape.

    ``kind`` and ``args`` as in `language.behaviours.ACTIONS`; rates 1/h (recruitment cell/h, of the type, at
    vessels or the borders).
    """

    kind: str
    args: tuple[str, ...]
    output: int


@dataclass(frozen=True)
class CargoDraw:
    """Copies of one cargo in one vesicle set free as an individual.

    Poisson of ``mean``; or, with ``occupied`` below 1, ``mean`` / ``occupied`` in that share of vesicles.
    """

    molecule: str
    surface: bool
    mean: float
    occupied: float = 1.0


@dataclass(frozen=True)
class CellKind:
    """One cell type.

    ``program``: one cell, its parameters folded into constants; lanes are cells. Its inputs: ``local``: field
    index -> input that holds what the cell senses there, per mL; ``contact``: type -> input, cells touched;
    ``gradient``: name -> input, per mL and um; ``state_inputs``: state -> input, 1 in that state;
    ``pressure``: input or -1; ``switches``: names of inputs that interventions turn. ``before``: values of
    inputs before t = 0, where they differ. ``view``: the same cell with the outputs that people look at.
    States that the engine moves: ``bound``: field index -> state that what is taken up joins; ``outbox``:
    field index -> state that holds what the cell gave to the medium since it was emptied, newly made or given
    back; ``released``: the newly made part of it.
    ``halved``: states that are amounts (shared at division); the rest are levels, inherited.
    Outputs: ``clearance``: group index -> output, mL/h, of one cell, at what it senses.
    ``inside``: field index -> what became of it in the cell: name (bound, endosome, degraded, delivered) ->
    state; their sum is what the cell took and did not give back.
    """

    name: str
    title: str
    program: Program
    count: int
    radius: float
    layout: Layout
    mechanics: Mechanics
    motility: Motility
    states: tuple[str, ...] = ()
    start: tuple[float, ...] = ()  # share of the cells in each state
    growth: float = 0.1  # 1/h, of the volume towards the full one after division
    dying: float = 8.0  # h until a dead cell is gone
    lysis: Mapping[int, float] = field(default_factory=dict)  # field -> amount set free by necrosis
    view: Program | None = None
    local: Mapping[int, int] = field(default_factory=dict)
    contact: Mapping[str, int] = field(default_factory=dict)
    gradient: Mapping[str, int] = field(default_factory=dict)
    state_inputs: Mapping[str, int] = field(default_factory=dict)
    pressure: int = -1
    switches: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[int, float] = field(default_factory=dict)
    bound: Mapping[int, int] = field(default_factory=dict)
    outbox: Mapping[int, int] = field(default_factory=dict)
    released: Mapping[int, int] = field(default_factory=dict)
    inside: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    halved: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    fastest: float = 0.0  # 1/h, of leaving the surface, for the error of exchanging once a step
    clearance: Mapping[int, int] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    shown: Mapping[str, int] = field(default_factory=dict)  # name -> output of ``view``, for people
    draws: Mapping[str, tuple[CargoDraw, ...]] = field(default_factory=dict)  # vesicle class -> cargo


@dataclass(frozen=True)
class Dose:
    """``amount`` of a field added evenly to the whole box at ``time`` h."""

    time: float
    field: int
    amount: float


@dataclass(frozen=True)
class TissuePlan:
    """One arm of a tissue model with one parameter set, ready to run.

    ``duration``, ``record`` (series), ``frames``, ``step`` (cells and coupling) and ``mechanics_step`` in h;
    ``mechanics_step`` 0: positions never change by force. ``tolerance``: relative, of fields per step.
    ``switches``: (time, input name, value) of interventions that start or stop during the run.
    ``report``: titles and facts for people; part of no key.
    """

    name: str
    title: str
    arm: str
    space: TissueSpace
    groups: tuple[Group, ...]
    fields: tuple[FieldSlot, ...]
    cells: tuple[CellKind, ...]
    duration: float
    record: float
    frames: float
    step: float
    mechanics_step: float
    tolerance: float
    rtol: float = 1e-6
    atol: float = 1e-9
    equilibrate: bool = True
    doses: tuple[Dose, ...] = ()
    switches: tuple[tuple[float, str, float], ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
