"""The parts of the language that need places apart: the tissue, and how cells lie and move in it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictBool, Tag

from vesiflux.language.base import Part, Value

__all__ = [
    "Ball",
    "Binding",
    "Borders",
    "Layout",
    "Life",
    "Matrix",
    "Mechanics",
    "Motility",
    "Point",
    "Region",
    "Segment",
    "Tissue",
    "VesselSupply",
    "Vessels",
]

_PHYSICELL = "PhysiCell's default, recalled"

#: x and y, and z in three dimensions; um from the corner of the box.
Point = tuple[Value, ...]

BorderKind = Literal["closed", "periodic", "open"]


class Borders(Part):
    """Sides of the box, by axis; both sides of an axis are alike.

    ``closed``: nothing passes. ``periodic``: what leaves on one side comes in on the other. ``open``:
    what leaves is gone; the outside is empty, or at the factor's ``border``.
    """

    x: BorderKind = "closed"
    y: BorderKind = "closed"
    z: BorderKind = "closed"


class Binding(Part):
    """Reversible binding to the matrix; what is bound neither moves nor decays nor reaches cells."""

    on: Value
    off: Value


class Matrix(Part):
    """What lies between the cells: how it slows and holds what diffuses."""

    hindrance: Value | None = None  # share of the free diffusion that remains; None: the space's, or 1
    binding: Binding | None = None


class Ball(Part):
    """A ball about a centre; in a slab a disc that crosses it."""

    centre: Point
    radius: Value


class Region(Part):
    """A part of the tissue that differs: exactly one of ``box`` and ``ball``."""

    title: str = ""
    box: tuple[Point, ...] | None = None  # two opposite corners
    ball: Ball | None = None
    hindrance: Value | None = None  # share of the diffusion elsewhere that remains there; None: all
    wall: StrictBool = False  # nothing passes, no cell enters


class Segment(Part):
    """A straight piece of vessel in three dimensions."""

    start: Point = Field(alias="from")
    end: Point = Field(alias="to")


class VesselSupply(Part):
    """Exchange of a factor or vesicle class with the blood: permeability x wall x (inside - outside)."""

    inside: Value
    permeability: Value


def _piece(data: Any) -> str:
    return "segment" if isinstance(data, dict | Segment) else "point"


class Vessels(Part):
    """Blood vessels of one kind: exactly one of ``at`` and ``count``."""

    title: str = ""
    #: points where they cross a slab, segments in three dimensions
    at: tuple[
        Annotated[Annotated[Point, Tag("point")] | Annotated[Segment, Tag("segment")], Discriminator(_piece)],
        ...,
    ] = ()
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None  # spread evenly over the box
    radius: Value
    supplies: dict[str, VesselSupply] = {}
    clears: dict[str, Value] = {}  # factor or vesicle class -> permeability to blood without it


class Tissue(Part):
    """A box of tissue: a slab (two sizes) or three dimensions (three sizes), from the origin."""

    kind: Literal["tissue"]
    size: Point
    thickness: Value | None = None  # of a slab; None: one voxel
    voxel: Value
    borders: Borders = Borders()
    matrix: Matrix = Matrix()
    flow: Point = ()  # velocity of the fluid between the cells
    regions: dict[str, Region] = {}
    vessels: dict[str, Vessels] = {}
    temperature: Value = Value(typical="37 degC")
    viscosity: Value = Value(typical="0.692 mPa*s", mark="assumed", source="water at 37 degC")
    density: Value = Value(typical="1.00 g/mL", mark="assumed", source="interstitial fluid taken as water")


class Layout(Part):
    """Where the cells of a type lie at the start.

    ``random``: in the box ``from`` to ``to``, or anywhere. ``spheroid``: packed about ``centre``, as large
    as they need or thinly up to ``radius``. ``ring``: between ``inner`` and ``radius``. ``at``:
    ``points``. ``file``: a CSV file with columns x, y (and z) in um and ``type``, beside the model.
    """

    kind: Literal["random", "spheroid", "ring", "at", "file"]
    centre: Point | None = None  # None: the middle of the box
    radius: Value | None = None
    inner: Value | None = None
    corner: Point | None = Field(default=None, alias="from")
    opposite: Point | None = Field(default=None, alias="to")
    points: tuple[Point, ...] = ()
    file: str = ""
    type: str = ""  # value of the column `type`; default: the cell's own name


class Mechanics(Part):
    """Forces between cells that touch, as in PhysiCell: speeds at full overlap, per pair."""

    repulsion: Value = Value(typical="10 um/min", mark="assumed", source=_PHYSICELL)
    adhesion: Value = Value(typical="0.4 um/min", mark="assumed", source=_PHYSICELL)
    reach: Value = Value(typical=1.25, mark="assumed", source=_PHYSICELL)  # of adhesion, in radii
    adhesion_to: dict[str, Value] = {}  # the other's type -> factor on adhesion; default 1
    fixed: StrictBool = False  # pushed by nobody


class Motility(Part):
    """Movement of a cell's own: a persistent walk, biased up or down fields."""

    speed: Value = Value(typical="0 um/min")
    bias: Value = Value(typical=0.0)  # 0: random, 1: directed
    persistence: Value = Value(typical="15 min", mark="assumed", source="order of minutes in tissue")
    towards: dict[str, Value] = {}  # FACTOR, VESICLE or VESICLE.MOLECULE -> weight; negative: away


class Life(Part):
    """Rates of division and death without any signal: the base that behaviours start from."""

    proliferation: Value | None = None
    apoptosis: Value | None = None
    necrosis: Value | None = None
    # tissue only:
    growth: Value = Value(typical="0.1 /h", mark="assumed", source="full volume within about a day")
    dying: Value = Value(typical="8 h", mark="assumed", source="usual length of apoptosis")  # until gone
