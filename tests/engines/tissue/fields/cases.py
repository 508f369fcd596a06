"""One list of configurations that the property tests of fields run over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vesiflux.engines.tissue.fields.fields import Fields
from vesiflux.ir.tissue import Border, FieldSlot, Group, Region, TissueSpace, Vessel

CLOSED, RING = Border(), Border("periodic")
HINDERED = Region("dense", "box", (0.0, 0.0, 0.0), (100.0, 90.0, 60.0), hindrance=0.2)
WALL = Region("bone", "ball", (130.0, 80.0, 70.0), radius=42.0, wall=True)
VESSEL = Vessel("capillary", (50.0, 50.0, 20.0), (150.0, 120.0, 110.0), 5.0, {"g": (30.0, 1e6)})


def held(value: float) -> Border:
    return Border("held", value)


@dataclass(frozen=True)
class Case:
    name: str
    space: dict[str, Any]
    group: dict[str, Any]
    saturation: float | None = None


def _case(name: str, shape: Any = (12, 9, 7), **more: Any) -> Case:
    space = {"shape": shape, "voxel": (20.0, 20.0, 20.0)}
    group: dict[str, Any] = {"diffusion": 2000.0, "decay": 0.1, "borders": (CLOSED,) * 6}
    saturation = more.pop("saturation", None)
    for key, value in more.items():
        (space if key in ("flow", "regions", "vessels", "voxel") else group)[key] = value
    return Case(name, space, group, saturation)


MIXED = (held(2e6), CLOSED, RING, RING, held(0.0), held(3e6))
CASES = [
    _case("closed"),
    _case("slab", shape=(21, 18, 1)),
    _case("line", shape=(33, 1, 1)),
    _case("periodic", borders=(RING,) * 6),
    _case("held", borders=MIXED),
    _case("flow", borders=(RING,) * 6, flow=(300.0, -100.0, 50.0)),
    _case("strong flow", borders=MIXED, flow=(3000.0, -1000.0, 500.0)),
    _case("hindered", regions=(HINDERED,), borders=MIXED),
    _case("walls", regions=(WALL,), borders=(RING,) * 6),
    _case("flow around walls", regions=(WALL, HINDERED), borders=MIXED, flow=(300.0, 0.0, 0.0)),
    _case("binding", binding=(2.0, 1.0)),
    _case("binding among walls", regions=(WALL,), binding=(2.0, 0.0), borders=MIXED),
    _case("vessel", vessels=(VESSEL,)),
    _case("saturation", saturation=5e5),
    _case("all", regions=(WALL, HINDERED), vessels=(VESSEL,), borders=MIXED, flow=(300.0, 50.0, 0.0),
          binding=(2.0, 1.0), saturation=5e5),
    _case("fast", diffusion=2e5),
]  # fmt: skip


def slot(name: str, group: int = 0, initial: float = 0.0) -> FieldSlot:
    return FieldSlot(name, name, "vesicle", "vesicles", group, initial=initial)


def build(case: Case, tolerance: float = 1e-3, threads: int = 1, initial: float = 1e6) -> Fields:
    """Two fields of one group: one even at first, one empty."""
    space, group = TissueSpace(**case.space), Group("g", **case.group)
    return Fields(space, [group], [slot("a", initial=initial), slot("b")], tolerance, threads)


def loads(fields: Fields, seed: int = 1, pulses: int = 9) -> tuple[Any, Any]:
    """(source, clearance): cells in a few voxels that release, in all voxels that take up."""
    rng = np.random.default_rng(seed)
    n = fields.grid.n_voxels
    source = np.zeros((len(fields.fields), n))
    source[:, rng.integers(0, n, pulses)] = 200.0
    return source, rng.random((len(fields.groups), n)) * 2e-8
