"""The table's numbers checked against each other and against the physics, as a reader with a pencil would."""

from __future__ import annotations

import math

import pytest

from vesiflux import units
from vesiflux.evidence import Evidence
from vesiflux.physics import geometry, loading, sedimentation, stokes_einstein, supply


def typical(symbol: str, unit: str) -> float:
    value = Evidence.load().prior(symbol).to(unit).typical
    assert value is not None
    return value


def test_passive_loading_equals_the_measured_mean_without_sorting() -> None:
    passive = loading.passive_lumen(5e4, geometry.lumen_volume_um3(0.1), 2000)
    measured = typical("m_miR", "copy/vesicle")
    assert passive == pytest.approx(0.0099, abs=1e-4)
    assert 0.5 < passive / measured < 2
    assert typical("m_pass", "cell/vesicle") * 5e4 == pytest.approx(passive, rel=0.03)


def test_look_up_tables_follow_from_physics() -> None:
    """low / typical / high of a look-up row are values at three conditions that its row names."""
    ev = Evidence.load()
    per_s = 1 / 3600
    for symbol, viscosity in (("D_w", 0.692), ("D_pl", 1.2)):
        row = ev.parameters[symbol]
        for nm, stated in ((200, row.low), (100, row.typical), (50, row.high)):
            value = stokes_einstein.diffusion(nm / 1000, viscosity, 310.15) * per_s
            assert value == pytest.approx(stated, abs=0.051), symbol
    row = ev.parameters["J_dl"]
    for concentration, stated in ((1e8, row.low), (1e9, row.typical), (1e10, row.high)):
        assert supply.sphere_rate(4 * 3600, 8, concentration) == pytest.approx(stated, rel=0.01)
    row = ev.parameters["V_lum"]
    for nm, stated in ((50, row.low), (100, row.typical), (150, row.high)):
        assert geometry.lumen_volume_um3(nm / 1000) * 1e3 == pytest.approx(stated, rel=0.01)
    row = ev.parameters["n_lip"]
    for nm, stated in ((50, row.low), (100, row.typical), (150, row.high)):
        assert geometry.lipids(nm / 1000) == pytest.approx(stated, rel=0.03)


def test_settling() -> None:
    um_per_h = sedimentation.settling_velocity(0.1, 1.1, 1.0, 0.692)
    assert um_per_h == pytest.approx(typical("z_sed", "um/h"), rel=0.05)


def test_decay_length_from_diffusion_and_half_life() -> None:
    row = Evidence.load().parameters["lambda"]
    shortest = math.sqrt(0.5 * 3600 / (math.log(2) / 1))
    longest = math.sqrt(4 * 3600 / (math.log(2) / 6))
    assert shortest == pytest.approx(row.low, rel=0.01)
    assert longest == pytest.approx(row.high, rel=0.02)


def test_plasma_balance_gives_the_endogenous_half_life() -> None:
    pool = typical("C_pl", "vesicle/mL") * units.convert(3, "L", "mL")
    life = pool / typical("Q_plasma", "vesicle/min")
    assert life == pytest.approx(20, rel=1e-9)
    assert life * math.log(2) == pytest.approx(typical("t_endo", "min"), rel=0.01)


def test_cd63_balance() -> None:
    released = typical("F_CD63_5h", "1")
    assert -math.log1p(-released) / 5 == pytest.approx(typical("k_CD63", "1/h"), rel=0.01)


def test_mouse_clearance_differs_by_label_as_much_as_by_removing_macrophages() -> None:
    gluc = math.log(2) / units.convert(2, "min", "h") * 1.0  # half-life 2 min in 1 mL
    assert gluc == pytest.approx(20.8, rel=0.01)
    fluorophore = Evidence.load().prior("CL_f")
    assert fluorophore.low is not None
    assert fluorophore.high is not None
    assert 22 < gluc / fluorophore.high < gluc / fluorophore.low < 66
    assert gluc / typical("CL_clod", "mL/h") == pytest.approx(typical("f_clod", "fold"), rel=0.01)


def test_native_mirna_after_an_intravenous_dose_is_far_below_threshold() -> None:
    per_cell = typical("D_an", "vesicle") * 0.02 / 3e8
    copies = per_cell * typical("m_miR", "copy/vesicle") * 0.1
    assert per_cell == pytest.approx(0.67, abs=0.01)
    assert copies == pytest.approx(5.5e-4, rel=0.01)
    assert typical("n_thr", "copy/cell") / copies > 1e6
    engineered = per_cell * 100 * 0.3
    assert engineered == pytest.approx(20, rel=0.01)


def test_local_action_needs_long_at_the_collision_limit() -> None:
    row = Evidence.load().parameters["n_EV_need"]
    per_vesicle = typical("m_miR", "copy/vesicle")
    needed = [100 / 0.3 / per_vesicle, 100 / 0.1 / per_vesicle, 1000 / 0.1 / per_vesicle]
    for value, stated in zip(needed, (row.low, row.typical, row.high), strict=True):
        assert value == pytest.approx(stated, rel=0.02)
    hours = [value / supply.sphere_rate(4 * 3600, 8, 1e9) for value in needed]
    assert hours[0] == pytest.approx(28, abs=0.5)
    assert hours[-1] == pytest.approx(837, abs=5)


def test_uptake_stays_below_the_collision_limit() -> None:
    ev = Evidence.load()
    limit = supply.sphere_clearance(4 * 3600, 8)
    assert limit == pytest.approx(1.4e-6, rel=0.05)
    clearance = ev.prior("k_up").to("mL/cell/h")
    assert clearance.high is not None
    assert clearance.high < limit
    assert typical("V_upt", "vesicle/cell/h") < supply.sphere_rate(4 * 3600, 8, 1e9)


def test_human_and_mouse_doses_against_the_endogenous_pool() -> None:
    dose = Evidence.load().prior("D_iv")
    pool = typical("C_pl", "vesicle/mL") * 3000
    assert dose.low is not None
    assert dose.high is not None
    assert 0.5e-4 < dose.low / pool < dose.high / pool < 3e-4  # 0.01-0.03 %
    assert typical("D_an", "vesicle") / (typical("C_pl", "vesicle/mL") * 1.0) == 1.0


def test_detection_limit_in_molecules_and_vesicles() -> None:
    copies = typical("LOD_miR", "copy")
    assert copies == pytest.approx(1385, abs=1)
    assert copies / typical("m_miR", "copy/vesicle") == pytest.approx(1.7e5, rel=0.02)
