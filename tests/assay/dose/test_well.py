"""What reaches cells in a vessel."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vesiflux.assay.dose import WellEstimate, dose
from vesiflux.physics import supply, well


def in_well(**more: object) -> WellEstimate:
    setting: dict[str, object] = {"vessel": "6-well", "volume": 2, "hours": 24, "cells": 2e5, "draws": 200}
    found = dose("1e9 particles", **{**setting, **more}).well  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize("tau", [0.01, 0.0299, 0.0301, 0.1, 0.5])
@pytest.mark.parametrize("ratio", [0.01, 1.0, 30.0, 1e4])
def test_uptake_under_still_medium_against_finite_volumes(tau: float, ratio: float) -> None:
    """Diffusion in 300 slabs with a leaky bottom, by the exponential of its matrix."""
    from scipy.linalg import expm

    n = 300
    exchange = np.zeros((n, n))
    inner = np.arange(n - 1)
    for a, b in ((inner, inner + 1), (inner + 1, inner)):
        exchange[a, a] -= n**2
        exchange[a, b] += n**2
    exchange[0, 0] -= n / (0.5 / n + 1.0 / ratio)
    left = (expm(exchange * tau) @ np.ones(n)).mean()
    share = well.layer_uptake_fraction(tau, 1.0, 1.0, ratio * tau)
    assert share == pytest.approx(1.0 - left, rel=2e-4)


def test_limits_of_uptake_under_still_medium() -> None:
    for tau in (1e-4, 0.02, 0.2, 3.0):
        assert well.layer_uptake_fraction(tau, 1.0, 1.0, math.inf) == pytest.approx(
            supply.monolayer_fraction(tau, 1.0, 1.0), abs=1e-14
        )
        slow = 1e-7 * tau  # far slower than diffusion: as if well mixed
        assert well.layer_uptake_fraction(tau, 1.0, 1.0, slow) == pytest.approx(-math.expm1(-slow), rel=1e-6)
    assert well.layer_uptake_fraction(1.0, 1.0, 0.0, 1.0) == well.layer_uptake_fraction(1, 1, 1, 0) == 0.0
    for ratio in (0.1, 5.0, 1e3):  # where the half-space hands over to the modes
        a, b = (well.layer_uptake_fraction(tau, 1.0, 1.0, ratio * 0.03) for tau in (0.03 - 1e-13, 0.03))
        assert a == pytest.approx(b, abs=1e-11)


def test_half_of_a_nominal_dose_reaches_the_bottom_of_a_6_well_in_a_day() -> None:
    found = in_well(diameter=100)
    assert found.depth_mm == pytest.approx(2.105, abs=0.001)
    exact = supply.monolayer_fraction(6.6 * 3600, 2105.3, 24)
    assert found.reach.median == pytest.approx(exact + found.settled.median, rel=0.02)
    assert 0.35 < found.reach.median < 0.55
    assert found.settled.median * found.depth_mm == pytest.approx(0.07, abs=0.004)  # settling row


def test_taken_never_exceeds_what_reaches() -> None:
    for clearance in (1e-10, 1e-8, 1e-6, 1e-3):
        found = in_well(clearance=clearance)
        assert found.taken is not None
        assert found.taken.high <= found.reach.high + 1e-12
    greedy = in_well(clearance=1.0, diameter=100)
    assert greedy.taken is not None
    assert greedy.taken.median == pytest.approx(greedy.reach.median - greedy.settled.median, rel=1e-3)


def test_stirring_brings_more_and_time_too() -> None:
    still, stirred = in_well(), in_well(mixing="stirred")
    assert stirred.reach.median > 1.5 * still.reach.median
    assert in_well(hours=1).reach.median < 0.25 * still.reach.median
    slow = in_well(clearance=1e-10), in_well(clearance=1e-10, mixing="stirred")
    assert slow[0].taken is not None
    assert slow[1].taken is not None  # slow cells see an even medium in both
    assert slow[0].taken.median == pytest.approx(slow[1].taken.median, rel=1e-3)


def test_per_cell_and_without_cells() -> None:
    found = in_well()
    assert found.nominal_per_cell is not None
    assert found.nominal_per_cell.median == pytest.approx(5000)
    alone = in_well(cells=None)
    assert alone.taken is None
    assert "taken" not in alone.to_dict()


def test_large_vesicles_settle() -> None:
    estimate = dose("1e9 particles", vessel="6-well", cells=2e5, diameter=400, draws=200)
    assert any("settling" in note for note in estimate.notes)
