"""The same bits for any number of threads, any size of blocks, with and without a stop."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from vesiflux.engines.tissue.individuals import Individuals
from vesiflux.ir.tissue import Border, CargoDraw, Group, Region, TissueSpace

SPACE = TissueSpace((8, 8, 8), (10.0, 10.0, 10.0), flow=(50.0, 0.0, 0.0))
GEL = TissueSpace(
    (8, 8, 8),
    (10.0, 10.0, 10.0),
    regions=(Region("gel", "box", (0.0, 0.0, 0.0), (40.0, 80.0, 80.0), 0.0, 0.3),),
)
BORDERS = (Border("periodic"), Border("periodic"), Border(), Border("held", 0.0), Border(), Border())
GROUP = Group("exosome", 14400.0, 2.0, BORDERS, binding=(1.0, 1.0), median=0.1, sigma=0.3)
AT = np.array([[20.0, 20.0, 20.0], [60.0, 50.0, 40.0], [20.0, 31.0, 20.0]])
RADII, IDS, CLEARANCE = np.array([5.0, 7.0, 6.0]), np.array([3, 9, 11]), np.array([3e-7, math.inf, 1e-8])
DRAWS = (CargoDraw("a", False, 3.0),)


def go(v: Individuals, first: int, last: int) -> list[npt.NDArray[Any]]:
    found = []
    for s in range(first, last):
        v.emit(IDS, AT, RADII, np.array([12_000.0, 6000.0, 0.5]), DRAWS, [0, 1, 1], s)
        taken = v.advance(0.002, s, AT + 0.1 * s, RADII, IDS, CLEARANCE)
        found += [taken.cell_row, taken.sender, taken.copies, taken.ident]
    return found


def same(one: list[npt.NDArray[Any]], other: list[npt.NDArray[Any]]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("space", [SPACE, GEL])
def test_threads_and_blocks(space: TissueSpace) -> None:
    straight = Individuals(space, GROUP, ("a",), seed=4)
    taken = go(straight, 0, 3)
    assert straight.count > 16_384  # more than one task
    assert sum(len(t) for t in taken) > 0
    for threads, block in ((2, 1024), (2, 256), (1, 777)):
        v = Individuals(space, GROUP, ("a",), seed=4, threads=threads, block=block)
        assert same(go(v, 0, 3), taken)
        assert same(list(v.state().values()), list(straight.state().values()))


def test_restart_is_the_straight_run() -> None:
    straight = Individuals(SPACE, GROUP, ("a",), seed=4)
    taken = go(straight, 0, 4)
    first = Individuals(SPACE, GROUP, ("a",), seed=4)
    before = go(first, 0, 2)
    second = Individuals(SPACE, GROUP, ("a",), seed=4)
    second.restore(first.state())
    assert same(before + go(second, 2, 4), taken)
    assert same(list(second.state().values()), list(straight.state().values()))


def test_seeds_and_classes_differ() -> None:
    runs = [
        Individuals(SPACE, group, ("a",), seed=seed)
        for seed, group in ((4, GROUP), (5, GROUP), (4, Group("other", 14400.0, 2.0, BORDERS, median=0.1)))
    ]
    for v in runs:
        v.place(np.full((10, 3), 40.0), DRAWS, 0, 0)
        v.advance(0.001, 0)
    x = [v.table()["x"] for v in runs]
    assert not np.array_equal(x[0], x[1])
    assert not np.array_equal(x[0], x[2])


def test_bytes_per_vesicle() -> None:
    v = Individuals(SPACE, GROUP, ("a",))
    for s in range(20):
        v.place(np.full((1000, 3), 40.0), DRAWS, 0, s)
    assert v.nbytes <= 64 * v.count
