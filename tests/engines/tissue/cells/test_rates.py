"""Outputs of programs become rates of cells, by the names of the model."""

from __future__ import annotations

import numpy as np
import pytest
from small_tissues import crowd, kind

from vesiflux.engines.tissue.cells import APOPTOTIC, rates_of
from vesiflux.ir.tissue import Action


def test_every_action_lands_where_it_belongs() -> None:
    actions = [
        Action("proliferation", (), 0),
        Action("apoptosis", (), 1),
        Action("necrosis", (), 2),
        Action("killing", ("b",), 3),
        Action("phagocytosis", ("a",), 4),
        Action("transition", ("q", "p"), 5),
        Action("transformation", ("b",), 6),
        Action("recruitment", (), 7),
        Action("migration_speed", (), 8),
    ]
    kinds = [kind("a", states=("p", "q"), actions=tuple(actions)), kind("b")]
    cells = crowd(5, kinds=2, which=np.array([1, 0, 0, 1, 0]))
    cells.kill(np.array([2]), APOPTOTIC)
    outputs = np.array([10.0, 100.0])[:, None] + np.arange(9.0)
    rates = rates_of(cells, kinds, {0: outputs, 1: np.zeros((2, 0))})

    def spread(one: float, other: float) -> list[float]:
        return [0.0, one, 0.0, 0.0, other]

    assert list(rates.proliferation) == spread(10.0, 100.0)
    assert list(rates.apoptosis) == spread(11.0, 101.0)
    assert list(rates.necrosis) == spread(12.0, 102.0)
    assert {k: list(v) for k, v in rates.killing.items()} == {1: spread(13.0, 103.0)}
    assert {k: list(v) for k, v in rates.phagocytosis.items()} == {0: spread(14.0, 104.0)}
    assert {k: list(v) for k, v in rates.transition.items()} == {(0, 1, 0): spread(15.0, 105.0)}
    assert {k: list(v) for k, v in rates.transformation.items()} == {1: spread(16.0, 106.0)}
    assert rates.recruitment == {0: pytest.approx(62.0)}  # the type's own: the mean


def test_a_type_that_is_not_there_does_nothing() -> None:
    kinds = [kind("a", actions=(Action("recruitment", (), 0),))]
    rates = rates_of(crowd(0), kinds, {0: np.zeros((0, 1))})
    assert rates.recruitment == {}
    assert rates.apoptosis.shape == (0,)
