import numpy as np
import pytest

from vesiflux.physics.pelleting import (
    SVEDBERG,
    k_factor,
    pelleted_fixed_angle,
    pelleted_swinging,
    sedimentation_coefficient,
    turns_for_force,
)
from vesiflux.physics.sedimentation import relative_centrifugal_force, settling_velocity


def test_k_factor_is_the_published_formula():
    assert k_factor(66.7, 158.8, 40000) == pytest.approx(2.53e5 * np.log(158.8 / 66.7) / 40**2, rel=2e-3)


def test_all_of_a_swinging_tube_is_cleared_after_k_over_s_and_not_before():
    s = np.array([100 * SVEDBERG])
    hours = k_factor(66.7, 158.8, 40000) / 100
    assert pelleted_swinging(s, hours, 40000, 66.7, 158.8)[0] == pytest.approx(1.0, rel=1e-12)
    assert pelleted_swinging(s, 0.99 * hours, 40000, 66.7, 158.8)[0] < 0.9999


def test_swinging_share_by_moving_particles_one_by_one():
    omega = 2 * np.pi * 28000 / 60
    r = np.linspace(75.3, 161.0, 200001)
    for svedbergs, hours in ((20, 2.0), (100, 1.0), (400, 0.2)):
        end = r * np.exp(omega**2 * svedbergs * SVEDBERG * hours * 3600)
        share = pelleted_swinging(np.array([svedbergs * SVEDBERG]), hours, 28000, 75.3, 161.0)[0]
        assert share == pytest.approx((end >= 161.0).mean(), abs=2e-5)


def test_fixed_angle_share_by_throwing_particles_into_the_tube():
    generator = np.random.default_rng(2)
    axis = 25 / np.cos(np.radians(23))
    x, y = generator.uniform(-0.5, 0.5, (2, 400000))
    inside = x * x + y * y < 0.25
    x, y = x[inside], y[inside]
    s, hours, rpm = 60 * SVEDBERG, 0.5, 40000
    shift = 65.7 * np.expm1((2 * np.pi * rpm / 60) ** 2 * s * hours * 3600) / axis
    gone = (x + shift) ** 2 + y * y > 0.25
    share = pelleted_fixed_angle(np.array([s]), hours, rpm, 39.5, 91.9, 25, 23)[0]
    assert 0.1 < share < 0.9
    assert share == pytest.approx(gone.mean(), abs=3e-3)


def test_a_fixed_angle_clears_sooner_than_its_k_factor_says():
    s = np.array([100 * SVEDBERG])
    half = 0.5 * k_factor(39.5, 91.9, 40000) / 100
    assert pelleted_fixed_angle(s, half, 40000, 39.5, 91.9, 25, 23)[0] == pytest.approx(1.0)


def test_what_floats_is_never_pelleted():
    s = sedimentation_coefficient(np.array([0.05, 0.1]), 0.98, 1.005, 1.0)
    assert (s < 0).all()
    assert (pelleted_swinging(s, 20, 28000, 75.3, 161.0) == 0).all()
    assert (pelleted_fixed_angle(s, 20, 40000, 39.5, 91.9, 25, 23) == 0).all()


def test_coefficient_times_field_is_the_settling_velocity():
    s = sedimentation_coefficient(np.array([0.1]), 1.1, 1.0, 1.0)[0]
    rpm = turns_for_force(100.0, 1e5)
    assert relative_centrifugal_force(100.0, rpm) == pytest.approx(1e5)
    field = 1e5 * 9.80665
    assert s * field * 1e6 * 3600 == pytest.approx(settling_velocity(0.1, 1.1, 1.0, 1.0, 1e5))
