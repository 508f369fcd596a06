"""Compile the kernels of a tissue once, with something to show for it.

A plan needs some of them: those for fields that differ from place to place, and those for vesicles followed
one by one, are left alone unless it asks for them. The programs' kernels are compiled meanwhile by another
process, since the compiler keeps one processor busy.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vesiflux.ir.tissue import (
    Border,
    CargoDraw,
    CellKind,
    FieldSlot,
    Group,
    Layout,
    Mechanics,
    Motility,
    Region,
    TissuePlan,
    TissueSpace,
)

__all__ = ["is_warm", "warm_up"]

_SPACE = TissueSpace((9, 8, 8), (20.0, 20.0, 20.0))
_WALL = Region("wall", "ball", (90.0, 80.0, 80.0), radius=25.0, wall=True)


@dataclass(frozen=True)
class _Part:
    """Kernels that are compiled together. ``share`` of the time; ``folders`` with their sources."""

    title: str
    share: float
    folders: tuple[str, ...]
    work: Callable[[], None]

    def sources(self) -> list[Path]:
        """Every file that their machine code may depend on."""
        from vesiflux.engines import _simd

        here = Path(__file__).parent
        found = [here / "random.py", Path(str(_simd.__file__))]
        for folder in self.folders:
            found += sorted((here / folder).rglob("*.py"))
        return found


def is_warm(plan: TissuePlan) -> bool:
    """Whether everything that ``plan`` needs is compiled on this machine already."""
    from vesiflux.engines import compartments
    from vesiflux.engines._numba import was_warm

    return compartments.is_warm() and all(was_warm(*part.sources()) for part in _parts(plan))


def warm_up(plan: TissuePlan, progress: Callable[[str, float], None] | None = None) -> None:
    """Compile (or load from the cache) every kernel that ``plan`` needs.

    ``progress`` is called with what comes next and the share done, from 0 to 1.
    """
    from vesiflux.engines import compartments
    from vesiflux.engines._numba import mark_warm, was_warm

    tell = progress or (lambda _what, _share: None)
    parts = [part for part in _parts(plan) if not was_warm(*part.sources())]
    whole = sum(part.share for part in parts) + 0.1
    done = 0.0
    with _programs_elsewhere(bool(parts) and not compartments.is_warm()):
        for part in parts:
            tell(part.title, done / whole)
            part.work()
            mark_warm(*part.sources())
            done += part.share
        tell("programs of cells", done / whole)
    compartments.warm_up()
    tell("done", 1.0)


@contextmanager
def _programs_elsewhere(wanted: bool) -> Iterator[None]:
    """Compile the programs' kernels in another process meanwhile; should it fail, they are compiled here."""
    if not wanted or not sys.executable or (os.cpu_count() or 1) < 2:
        yield
        return
    code = "from vesiflux.engines.compartments import warm_up; warm_up()"
    paths = os.pathsep.join(p for p in sys.path if p)
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": paths},
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
    )
    try:
        yield
        child.wait()
    finally:
        if child.poll() is None:  # interrupted
            child.terminate()
            child.wait()


def _parts(plan: TissuePlan) -> list[_Part]:
    """What a plan needs."""
    space = plan.space
    found = [
        _Part("events of cells", 0.15, ("cells",), _events),
        _Part("forces", 0.2, ("mechanics",), _mechanics),
        _Part("fields", 0.3, ("fields",), lambda: _fields(_SPACE)),
    ]
    if any(kind.layout.kind != "at" for kind in plan.cells):
        found.append(_Part("places of cells", 0.25, ("cells/packing",), _places))
    if space.regions or any(space.flow) or space.shape[0] < 8:
        uneven = replace(_SPACE, regions=(_WALL,))
        # another list of folders for another mark
        folders = ("fields", "fields/varied")
        found.append(_Part("fields that differ from place to place", 0.2, folders, lambda: _fields(uneven)))
    if any(group.treatment == "individuals" for group in plan.groups):
        found.append(_Part("single vesicles", 0.4, ("individuals",), _individuals))
    return found


def _kinds() -> list[CellKind]:
    """Two types of a few cells, with a program that does nothing."""
    from vesiflux.ir.assemble import assemble
    from vesiflux.ir.graph import Graph

    program, _ = assemble(
        "warm up", Graph(), parameters=[], inputs=[], states=[], initial=[], rhs=[], outputs=[]
    )
    points = np.random.default_rng(1).uniform(0.0, 160.0, (20, 3))
    layout = Layout("at", points=points)
    plain = CellKind("a", "", program, 20, 8.0, layout, Mechanics(600.0, 24.0), Motility())
    return [plain, replace(plain, name="b", states=("one", "two"), start=(0.5, 0.5))]


def _places() -> None:
    """Cells at random places, and packed."""
    from vesiflux.engines.tissue.cells.layout import place

    for kind in _kinds():
        place(replace(kind, layout=Layout("random")), _SPACE, 1)
        place(replace(kind, layout=Layout("spheroid")), _SPACE, 1)


def _events() -> None:
    """Cells in their states, and what happens to them."""
    from vesiflux.engines.tissue.cells.events import live
    from vesiflux.engines.tissue.cells.outcome import Callbacks
    from vesiflux.engines.tissue.cells.rates import Rates
    from vesiflux.engines.tissue.cells.start import settle

    kinds = _kinds()
    cells = settle(kinds, _SPACE, 1, lambda k, n: np.zeros((n, 0)))
    often = np.full(cells.n, 1.0)
    rates = Rates(
        often,
        often,
        often,
        killing={0: often},
        phagocytosis={1: often},
        transition={(1, 0, 1): often},
        recruitment={0: 10.0},
    )
    pairs = np.array([[0, 30], [1, 31], [2, 3]])
    nothing = Callbacks(lambda a, b, i, states: np.zeros(0), lambda k, i: np.zeros(0))
    live(cells, kinds, rates, pairs, 0.1, 1, 0.0, 1, nothing, _SPACE)


def _mechanics() -> None:
    """Neighbours, forces, own ways."""
    from vesiflux.engines.tissue.mechanics import Neighbours, move, turn

    kinds, n = _kinds(), 40
    space, periodic = replace(_SPACE, regions=(_WALL,)), (True, False, False)
    x, y, z = np.random.default_rng(1).uniform(0.0, 160.0, (3, n))
    radius, kind = np.full(n, 8.0), np.repeat(np.array([0, 1], dtype=np.int32), n // 2)
    near = Neighbours(space, periodic, x, y, z, radius)
    near.contacts(np.where(kind == 0, kind, -1), 2)
    near.pressure()
    heading = (np.zeros(n), np.zeros(n), np.zeros(n))
    speed, bias, persistence = np.full(n, 6.0), np.full(n, 0.5), np.full(n, 0.25)
    own = turn(np.arange(n), heading, speed, bias, persistence, np.zeros((n, 3)), 0.1, 1, 1, False)
    for step in (-1.0, 0.05, 0.0):
        move(space, periodic, kinds, (x, y, z), radius, kind, own, 0.1, step, np.zeros((n, 3)))


def _fields(space: TissueSpace) -> None:
    """Steps, steady states, the positive step."""
    from vesiflux.engines.tissue.fields.fields import Fields

    closed, held = Border(), Border("held", 1.0)
    sides = (held, held, closed, closed, closed, closed)
    slow = Group("slow", 1e3, 0.1, sides, binding=(0.1, 0.1))
    groups = (slow, replace(slow, name="steady", binding=(0.0, 0.0), treatment="steady"))
    slots = tuple(FieldSlot(g.name, "", "molecule", "factor", i, initial=1.0) for i, g in enumerate(groups))
    fields = Fields(space, groups, slots)
    n = fields.grid.n_voxels
    fields.advance(0.1, np.ones((2, n)), np.full((2, n), 1e-9))


def _individuals() -> None:
    """Vesicles set free, moved among cells, taken up."""
    from vesiflux.engines.tissue.individuals import Individuals

    closed = Border()
    group = Group("v", 1e3, 0.1, (closed,) * 6, (0.1, 0.1), "individuals", 0.1, 0.3)
    free = Individuals(replace(_SPACE, regions=(_WALL,)), group, ["m"])
    at, radius, ids = np.array([[40.0, 40.0, 40.0], [60.0, 40.0, 40.0]]), np.full(2, 8.0), np.arange(2)
    draws = [CargoDraw("m", False, 2.0, 0.5)]
    free.emit(ids, at, radius, np.full(2, 20.0), draws, 0, 1)
    free.place(at + 15.0, draws, 0, 1)
    free.advance(0.01, 1, at, radius, ids, np.full(2, 1e-8))
