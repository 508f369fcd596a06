"""Rows stay in id order, programs follow their cells, a restart forgets nothing."""

from __future__ import annotations

import numpy as np
import pytest
from small_tissues import crowd

from vesiflux.engines.tissue.cells import ALIVE, APOPTOTIC, Cells


def marked(n: int = 9) -> Cells:
    """Cells of three kinds, each with its id as its state."""
    cells = Cells([1, 1, 1])
    kinds = np.arange(n) % 3
    cells.add(kinds, np.zeros((n, 3)), {k: np.flatnonzero(kinds == k)[:, None] * 1.0 for k in range(3)})
    return cells


def check(cells: Cells) -> None:
    assert (np.diff(cells.id) > 0).all()
    for k, matrix in enumerate(cells.programs):
        rows = cells.of_kind(k)
        assert (cells.row[rows] == np.arange(len(matrix))).all()
        assert (matrix[:, 0] == cells.id[rows]).all()


def test_programs_follow_their_cells_through_everything() -> None:
    cells = marked(30)
    cells.kill(np.array([3, 4, 10]), APOPTOTIC)
    check(cells)
    assert (cells.row[[3, 4, 10]] == -1).all()
    rows = np.array([0, 1, 7, 20])
    new = np.array([2, 0, 2, 0])
    cells.transform(rows, new, {0: cells.id[[1, 20]][:, None] * 1.0, 2: cells.id[[0, 7]][:, None] * 1.0})
    check(cells)
    assert list(cells.kind[rows]) == [2, 0, 2, 0]
    gone = np.zeros(cells.n, dtype=bool)
    gone[[0, 2, 3, 15, 29]] = True
    cells.remove(gone)
    check(cells)
    cells.add(1, np.ones((2, 3)), {1: np.array([[30.0], [31.0]])})
    check(cells)
    assert cells.n == 27
    assert list(cells.id[-2:]) == [30, 31]


def test_ids_are_never_used_again() -> None:
    cells = marked(3)
    cells.remove(np.ones(3, dtype=bool))
    assert cells.n == 0
    cells.add(0, np.zeros((1, 3)), {0: np.array([[3.0]])})
    assert list(cells.id) == [3]


def test_rows_of_ids() -> None:
    cells = marked(5)
    cells.remove(np.array([False, True, False, False, True]))
    assert list(cells.rows_of([0, 1, 2, 3, 4, 99])) == [0, -1, 1, 2, -1, -1]


def test_states_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="kind 0 got states of shape"):
        Cells([2]).add(0, np.zeros((3, 3)), {0: np.zeros((2, 2))})


def test_snapshot_holds_everything() -> None:
    cells = marked(12)
    cells.kill(np.array([5]), APOPTOTIC)
    cells.x[:] = np.arange(12.0)
    cells.remove(cells.id == 2)
    saved = cells.snapshot()
    other = Cells([1, 1, 1])
    other.add(0, np.zeros((50, 3)), {0: np.zeros((50, 1))})  # more than it is to become
    other.restore(saved)
    again = other.snapshot()
    assert saved.keys() == again.keys()
    for name, values in saved.items():
        assert np.array_equal(values, again[name]), name
    assert other.next_id == 12
    cells.x[:] = -1.0
    assert saved["x"].min() == 0.0  # a copy


def test_radius_is_that_of_the_volume() -> None:
    cells = crowd(1)
    cells.volume[:] = 4.0 / 3.0 * np.pi * 5.0**3
    assert cells.radius[0] == pytest.approx(5.0, rel=1e-14)
    assert cells.living.all()
    assert cells.dead[0] == ALIVE
