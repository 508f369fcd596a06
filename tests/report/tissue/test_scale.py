from __future__ import annotations

import numpy as np
import pytest

from vesiflux.report.tissue.scale import FIELD_LEVELS, VALUE_LEVELS, Scale


@pytest.mark.parametrize("levels", [FIELD_LEVELS, VALUE_LEVELS])
def test_linear_numbers_come_back_within_half_a_step(levels: int) -> None:
    values = np.random.default_rng(1).uniform(-3, 5, 1000)
    scale = Scale.of([values], levels)
    assert not scale.log
    assert np.abs(scale.decode(scale.encode(values)) - values).max() <= 8 / (levels - 1) / 2 * (1 + 1e-9)


def test_numbers_of_many_sizes_come_back_by_their_size() -> None:
    values = np.concatenate([[0.0], 10 ** np.random.default_rng(1).uniform(4, 9.9, 1000)])
    scale = Scale.of([values], FIELD_LEVELS)
    assert scale.log
    back = scale.decode(scale.encode(values))
    assert back[0] == 0
    assert np.abs(back[1:] / values[1:] - 1).max() < 0.0018


def test_what_is_not_known_stays_so_and_what_is_tiny_is_nothing() -> None:
    scale = Scale.of([[1.0, 1e9]], FIELD_LEVELS)
    back = scale.decode(scale.encode([np.nan, 1.0, 0.0, 1e9, 2e9]))
    assert np.isnan(back[0])
    assert back[1:].tolist() == pytest.approx([0, 0, 1e9, 1e9])


@pytest.mark.parametrize("values", [[], [np.nan], [0.0, 0.0], [3.0, 3.0], [-2.0]])
def test_nothing_and_constants_have_a_scale_too(values: list[float]) -> None:
    scale = Scale.of([values], FIELD_LEVELS)
    assert scale.high > scale.low
    assert scale.shown[1] > scale.shown[0]
    np.testing.assert_allclose(scale.decode(scale.encode(values)), values, rtol=1e-6)
