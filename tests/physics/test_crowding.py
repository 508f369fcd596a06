"""Bounds of what fits: numbers that can be worked out by hand."""

from __future__ import annotations

import math

import pytest

from vesiflux.physics.crowding import most_in_lumen, most_on_surface, vesicle_volume_um3


def test_volume_of_a_class() -> None:
    assert vesicle_volume_um3(0.1, 0.0) == pytest.approx(math.pi / 6 * 1e-3)
    assert vesicle_volume_um3(0.1, 0.3) == pytest.approx(math.pi / 6 * 1e-3 * math.exp(4.5 * 0.09))


def test_molecules_of_a_vesicle() -> None:
    assert most_on_surface(0.1, 0.0, 1.0) == pytest.approx(math.pi * 1e4)  # 100 nm: 31,400 nm^2
    assert most_in_lumen(0.1, 0.0, 6.0) == pytest.approx(math.pi / 6 * 91.0**3 / 6.0)
    assert most_in_lumen(0.005, 0.0, 6.0) == 0.0  # all membrane
