"""The design's numbers, limits with known answers, and that every function compiles in a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesiflux.physics import geometry, loading, lognormal, sedimentation, stokes_einstein, supply

WATER_37 = (0.692, 310.15)
D_100 = stokes_einstein.diffusion(0.1, *WATER_37)


@pytest.mark.parametrize(
    ("nm", "viscosity", "per_s"),
    [
        (200, 0.692, 3.3),
        (100, 0.692, 6.6),
        (50, 0.692, 13.1),
        (200, 1.2, 1.9),
        (100, 1.2, 3.8),
        (50, 1.2, 7.6),
    ],
)
def test_diffusion_in_water_and_plasma(nm: float, viscosity: float, per_s: float) -> None:
    assert stokes_einstein.diffusion(nm / 1000, viscosity, 310.15) / 3600 == pytest.approx(per_s, abs=0.051)


@pytest.mark.parametrize(("celsius", "expected"), [(20, 1.002), (25, 0.890), (37, 0.692)])
def test_water_viscosity(celsius: float, expected: float) -> None:
    assert stokes_einstein.water_viscosity(celsius + 273.15) == pytest.approx(expected, rel=0.01)


def test_matrix_hinders_and_binds() -> None:
    assert stokes_einstein.diffusion_in(10.0, 0.5, 3.0) == 1.25


def test_settling_of_a_100_nm_vesicle_in_a_day() -> None:
    mm = sedimentation.settling_velocity(0.1, 1.093, 0.993, 0.692) * 24 / 1000
    assert mm == pytest.approx(0.07, abs=0.003)
    assert sedimentation.settling_velocity(0.1, 0.9, 0.993, 0.692) < 0
    assert sedimentation.settling_velocity(0.1, 1.093, 0.993, 0.692, 1e5) == pytest.approx(mm / 24 * 1e8)


def test_rotor() -> None:
    # 70,000 rpm at 82 mm: the usual rule 1.118e-6 r n^2 (r in mm)
    assert sedimentation.relative_centrifugal_force(82, 70_000) == pytest.approx(
        1.118e-6 * 82 * 7e4**2, rel=1e-3
    )


@pytest.mark.parametrize(("nm", "aL", "n"), [(50, 0.036, 2.0e4), (100, 0.395, 8.8e4), (150, 1.47, 2.0e5)])
def test_vesicle_geometry(nm: float, aL: float, n: float) -> None:
    assert geometry.lumen_volume_um3(nm / 1000) * 1000 == pytest.approx(aL, rel=0.01)
    assert geometry.lipids(nm / 1000) == pytest.approx(n, rel=0.03)


def test_one_molecule_in_a_100_nm_vesicle_is_4_2_micromolar() -> None:
    litres = geometry.lumen_volume_um3(0.1) * 1e-15
    assert 1 / 6.02214076e23 / litres == pytest.approx(4.2e-6, rel=0.01)


def test_spheres() -> None:
    assert geometry.sphere_diameter(geometry.sphere_volume_um3(0.37)) == pytest.approx(0.37)
    assert geometry.sphere_area(2.0) == pytest.approx(4 * math.pi)
    assert geometry.lumen_volume_um3(0.005) == geometry.inner_area(0.005) == 0.0
    assert geometry.depth(2.0, 9.6e8) == pytest.approx(2083.3, rel=1e-4)


def test_ilvs_that_fit() -> None:
    assert round(geometry.packing_limit(0.25, 0.065)) == 34
    assert 140 <= geometry.packing_limit(0.5, 0.08) <= geometry.packing_limit(0.5, 0.065) <= 275


def test_smoluchowski() -> None:
    assert supply.sphere_rate(4 * 3600, 8, 1e9) == pytest.approx(1450, abs=5)
    assert supply.sphere_rate(4 * 3600, 8, 1e9) == supply.sphere_clearance(4 * 3600, 8) * 1e9


def test_monolayer_under_3_mm_gets_at_most_30_per_cent_in_a_day() -> None:
    share = supply.monolayer_fraction(D_100, 3000, 24)
    assert 0.27 < share <= 0.30
    per_cell = supply.monolayer_clearance(share, 3000, 1000, 24) * 1e9
    assert 34 < per_cell < 39


def by_modes(tau: float, n_modes: int = 20_000) -> float:
    waves = ((2 * n + 1) * math.pi / 2 for n in range(n_modes))
    return 1 - math.fsum(2 / w**2 * math.exp(-(w**2) * tau) for w in waves)


@pytest.mark.parametrize("tau", [1e-3, 0.01, 0.1, 0.1999, 0.2, 0.5, 2.0])
def test_monolayer_is_exact_on_both_sides_of_the_switch(tau: float) -> None:
    assert supply.monolayer_fraction(tau, 1.0, 1.0) == pytest.approx(by_modes(tau), abs=3e-14)


@given(st.floats(1e-9, 50), st.floats(1e-9, 50))
def test_monolayer_rises_with_time_within_bounds(a: float, b: float) -> None:
    first, second = sorted((a, b))
    early, late = supply.monolayer_fraction(1.0, 1.0, first), supply.monolayer_fraction(1.0, 1.0, second)
    assert 0 <= early <= late + 1e-15 <= 1 + 1e-15


def test_series_of_supply_and_uptake() -> None:
    assert supply.in_series(2.0, 2.0) == 1.0
    assert supply.in_series(0.0, 0.0) == 0.0
    assert supply.in_series(3.0, math.inf) == 3.0
    assert supply.in_series(1e-300, 1e300) == pytest.approx(1e-300)
    assert supply.settling_clearance(-1.0, 100.0) == 0.0
    assert supply.settling_clearance(2.9, 1000.0) == pytest.approx(2.9e-9)


def test_passive_loading_meets_the_published_mean() -> None:
    mean = loading.passive_lumen(5e4, geometry.lumen_volume_um3(0.1), 2000)
    assert mean == pytest.approx(0.0099, abs=5e-5)
    assert loading.passive_lumen(5e3, geometry.lumen_volume_um3(0.1), 2000) == pytest.approx(mean / 10)


def test_passive_surface_of_pd_l1() -> None:
    assert loading.passive_surface(1e5, geometry.inner_area(0.1), 2000) == pytest.approx(1.3, abs=0.01)
    assert loading.passive_surface(1e5, geometry.sphere_area(0.1), 2000) == pytest.approx(1.571, abs=0.01)


def test_same_mean_two_spreads() -> None:
    rare_p, rare_n = 1e-4, 80.0
    mean = rare_p * rare_n
    assert loading.occupied_poisson(mean) == pytest.approx(0.00797, abs=1e-5)
    assert loading.occupied_poisson(mean) * loading.copies_if_occupied_poisson(mean) == pytest.approx(mean)
    assert loading.occupied_variance(rare_p, rare_n) > 50 * mean
    assert loading.copies_if_occupied_poisson(0.0) == 1.0
    assert loading.chance_of_any(1e-4, 1e4) == pytest.approx(1 - math.exp(-1), rel=1e-3)
    assert (loading.chance_of_any(1.0, 1.0), loading.chance_of_any(1.0, 0.0)) == (1.0, 0.0)


def test_lognormal_moments_against_quadrature() -> None:
    from scipy.integrate import quad

    median, sigma, shell = 0.09, 0.3, 0.009

    def density(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    def mean_of(f: Callable[[float], float]) -> float:
        return float(
            quad(lambda z: f(median * math.exp(sigma * z)) * density(z), -12, 12, epsabs=0, limit=200)[0]
        )

    assert lognormal.moment(median, sigma, 2) == pytest.approx(mean_of(lambda d: d**2))
    lumen = mean_of(lambda d: math.pi / 6 * max(d - shell, 0) ** 3)
    assert lognormal.mean_lumen_volume_um3(median, sigma, shell / 2) == pytest.approx(lumen, rel=1e-9)
    assert lognormal.mean_lumen_volume_um3(0.1, 0.0, 0.0045) == geometry.lumen_volume_um3(0.1)
    assert lognormal.mean_lumen_volume_um3(0.1, 1e-6, 0.0045) == pytest.approx(geometry.lumen_volume_um3(0.1))
    assert lognormal.mean_lumen_volume_um3(median, sigma, 0.0) == pytest.approx(
        math.pi / 6 * lognormal.moment(median, sigma, 3)
    )
    assert lognormal.fraction_above(median, median, sigma) == 0.5
    assert lognormal.fraction_above(0.06, 0.09, 0.0) == lognormal.fraction_above(0.0, 0.09, 0.3) == 1.0
    assert lognormal.sigma_from_cv(math.sqrt(math.expm1(sigma**2))) == pytest.approx(sigma)
    assert lognormal.weighted_median(median, sigma, 3) == pytest.approx(median * math.exp(0.27))


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (stokes_einstein.diffusion, (0.1, 0.692, 310.0)),
        (sedimentation.settling_velocity, (0.1, 1.1, 1.0, 0.7, 1.0)),
        (geometry.lipids, (0.1, 0.0045, 0.65e-6)),
        (supply.monolayer_fraction, (24e3, 3000.0, 24.0)),
        (supply.in_series, (1.0, 2.0)),
        (lognormal.mean_lumen_volume_um3, (0.09, 0.3, 0.0045)),
        (loading.chance_of_any, (0.1, 3.0)),
    ],
)
def test_works_inside_a_kernel(function: Callable[..., float], args: tuple[float, ...]) -> None:
    from numba import njit

    assert njit(function)(*args) == pytest.approx(function(*args), rel=1e-13)


def test_functions_are_self_contained() -> None:
    """A call to another plain function would not compile in a kernel."""
    for module in (geometry, loading, lognormal, sedimentation, stokes_einstein, supply):
        functions = [vars(module)[name] for name in module.__all__ if callable(vars(module)[name])]
        for function in functions:
            assert not set(function.__code__.co_names) & {f.__name__ for f in functions}
