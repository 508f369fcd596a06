"""The survey's consistency checks, each with its number, through what the project computes.

Rows of the parameter table are named by their symbol; figures are those the checks state.
"""

from __future__ import annotations

import math

import pytest

from vesiflux.assay.dose import dose
from vesiflux.assay.loading import Occupancy, crossing, sorting
from vesiflux.evidence import Evidence, Prior
from vesiflux.physics import geometry, loading, sedimentation, stokes_einstein, supply, well

HUMAN_PLASMA = 3000.0  # mL
COLLISIONS = supply.sphere_rate(4 * 3600, 8, 1e9)  # D 4 um^2/s, R 8 um, 1e9 vesicle/mL


def prior(symbol: str, unit: str) -> Prior:
    return Evidence.load().prior(symbol).to(unit)


def typical(symbol: str, unit: str) -> float:
    value = prior(symbol, unit).typical
    assert value is not None
    return value


def ends(symbol: str, unit: str) -> tuple[float, float]:
    found = prior(symbol, unit)
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def test_passive_loading() -> None:
    """5e4 copies per cell, 100 nm, 2 pL: 0.0099 copies per vesicle, as m_miR without any sorting."""
    mean = loading.passive_lumen(5e4, geometry.lumen_volume_um3(0.1), 2000)
    assert mean == pytest.approx(0.0099, abs=5e-5)
    assert typical("m_pass", "cell/vesicle") * 5e4 == pytest.approx(mean, rel=0.03)
    assert 0.5 < mean / typical("m_miR", "copy/vesicle") < 2
    assert sorting(typical("m_miR", "copy/vesicle"), 5e4).verdict == "explained by chance"


def test_plasma_balance() -> None:
    """C_pl x 3 L / Q_plasma: 20 min of mean life, a half-life of 13.9 min."""
    minutes = typical("C_pl", "vesicle/mL") * HUMAN_PLASMA / typical("Q_plasma", "vesicle/min")
    assert minutes == pytest.approx(20, rel=1e-9)
    assert minutes * math.log(2) == pytest.approx(13.9, abs=0.05)
    assert minutes * math.log(2) == pytest.approx(typical("t_endo", "min"), rel=0.01)


def test_mouse_clearance_by_label() -> None:
    """2 min in 1 mL: 20.8 mL/h; 23 to 65 times the fluorophore's, 32 times that without macrophages."""
    clearance = math.log(2) / (typical("t_fast", "min") / 60) * 1.0
    assert clearance == pytest.approx(20.8, abs=0.05)
    slow, fast = ends("CL_f", "mL/h")
    assert clearance / fast == pytest.approx(23, abs=0.5)
    assert clearance / slow == pytest.approx(65, abs=0.5)
    assert clearance / typical("CL_I", "mL/h") == pytest.approx(21.7, abs=0.1)
    assert clearance / typical("CL_clod", "mL/h") == pytest.approx(32, abs=0.1)
    assert clearance / typical("CL_clod", "mL/h") == pytest.approx(typical("f_clod", "fold"), rel=0.01)


def test_collision_limit() -> None:
    """1,450 vesicles per cell and hour at 1e9/mL."""
    assert pytest.approx(1450, abs=5) == COLLISIONS
    limit = supply.sphere_clearance(4 * 3600, 8)
    assert limit == pytest.approx(1.4e-6, rel=0.05)
    assert ends("k_up", "mL/cell/h")[1] < limit
    assert typical("V_upt", "vesicle/cell/h") < COLLISIONS


def test_monolayer_limit() -> None:
    """Under 3 mm of still medium perfect absorbers get 28 % in a day, and real cells less."""
    diffusion = stokes_einstein.diffusion(0.1, 0.692, 310.15)
    share = supply.monolayer_fraction(diffusion, 3000, 24)
    assert share == pytest.approx(0.28, abs=0.005)
    velocity = well.uptake_velocity(typical("k_up", "mL/cell/h"), 1000)
    assert 0 < well.layer_uptake_fraction(diffusion, 3000, 24, velocity) < share
    found = dose(
        "1e9 particles", vessel="6-well", volume=0.3 * 9.5, cells=9.5e5, diameter=100, draws=300
    ).well
    assert found is not None
    assert found.reach.median - found.settled.median == pytest.approx(share, abs=0.002)


def test_native_delivery() -> None:
    """1e10 i.v., 2 % to a tumour of 3e8 cells: 0.67 per cell; 5.5e-4 copies after escape of 10 %."""
    per_cell = dose("2 %ID of 1e10 particles", to="EV/cell", cells=3e8, draws=100).median
    assert per_cell == pytest.approx(0.67, abs=0.005)
    mean = typical("m_miR", "copy/vesicle")
    copies = per_cell * mean * 0.1
    assert copies == pytest.approx(5.5e-4, abs=5e-6)
    low, middle = ends("n_thr", "copy/cell")[0], typical("n_thr", "copy/cell")
    assert low / copies == pytest.approx(1.8e5, rel=0.02)
    assert middle / copies == pytest.approx(1.8e6, rel=0.02)
    assert crossing(Occupancy("poisson", mean), 1, 100, 0.1) < 1e-200


def test_engineered_delivery() -> None:
    """100 copies per vesicle and 30 % escape: 20 copies per cell at 1e10, 200 at 1e11."""
    for particles, copies in ((1e10, 20), (1e11, 200)):
        taken = dose(f"2 %ID of {particles} particles", to="EV/cell", cells=3e8, draws=100).median
        assert taken * 100 * 0.3 == pytest.approx(copies, rel=0.005)
    assert 20 < ends("n_thr", "copy/cell")[0] < 200 < typical("n_thr", "copy/cell")


def test_local_action() -> None:
    """4e4 to 1.2e6 vesicles must be taken up: 28 to 830 h at the collision limit at 1e9/mL."""
    mean = typical("m_miR", "copy/vesicle")
    least, most = (copies / escape / mean for copies, escape in ((100, 0.3), (1000, 0.1)))
    assert 100 / 0.1 / mean == pytest.approx(typical("n_EV_need", "vesicle/cell"), rel=0.02)
    assert (least, most) == pytest.approx(ends("n_EV_need", "vesicle/cell"), rel=0.02)
    assert least / COLLISIONS == pytest.approx(28, abs=0.5)
    assert most / COLLISIONS == pytest.approx(837, abs=5)


def test_human_dose() -> None:
    """2e9 to 8e9 beside 3e13 in the plasma: 0.01 to 0.03 %."""
    shares = []
    for particles in ends("D_iv", "vesicle"):
        estimate = dose(f"{particles} particles", species="human")
        shares.append(estimate.compared[0].ratio.median * 100)
        assert estimate.warnings == ()
    assert shares == pytest.approx([0.0067, 0.027], rel=0.15)
    low, high = (
        particles / (typical("C_pl", "vesicle/mL") * HUMAN_PLASMA) for particles in ends("D_iv", "vesicle")
    )
    assert 0.5e-4 < low < high < 3e-4


def test_mouse_dose() -> None:
    """1e10 beside about 1e10: the whole pool."""
    assert typical("D_an", "vesicle") / (typical("C_pl", "vesicle/mL") * 1.0) == 1.0
    estimate = dose(f"{typical('D_an', 'vesicle')} particles", species="mouse")
    assert estimate.compared[0].ratio.median == pytest.approx(1, rel=0.15)


def test_stage_1_signal() -> None:
    """0.1 cm^3, 60 vesicles/cell/h, 1-5 % to the blood: 0.7-3e-6 of the plasma's; 1000/h, 10 %: 1e-4."""
    cells = 0.1 * 1e9
    loss = math.log(2) / (14 / 60)
    pool = typical("C_pl", "vesicle/mL") * HUMAN_PLASMA

    def share(rate: float, to_blood: float) -> float:
        return cells * rate * to_blood / loss / pool

    assert share(60, 0.01) == pytest.approx(0.7e-6, rel=0.05)
    assert share(60, 0.05) == pytest.approx(3.4e-6, rel=0.05)
    assert share(1000, 0.1) == pytest.approx(1.1e-4, rel=0.05)
    assert share(1000, 0.1) < ends("f_tumEV", "1")[1]  # below 0.1 %, the bound that was read


def test_particle_mass() -> None:
    """500 to 3,000 proteins of 45 kDa per vesicle: 2.7e10 to 4e9 particles per ug."""
    per_ug = [1e-6 / (proteins * 45e3 / 6.02214076e23) for proteins in (500, 3000)]
    assert per_ug == pytest.approx([2.7e10, 4.4e9], rel=0.02)
    assert per_ug[0] == pytest.approx(typical("PPR_hi", "vesicle/ug"), rel=0.12)
    pure = dose("1 ug", prep="gradient")
    assert pure.low < per_ug[1] < per_ug[0] < pure.high


def test_sedimentation() -> None:
    """0.07 mm in 24 h: what is nominal in 3 mm is not what cells get."""
    mm = sedimentation.settling_velocity(0.1, 1.1, 1.0, 0.692) * 24 / 1000
    assert round(mm, 2) == 0.07
    assert mm / 24 * 1000 == pytest.approx(typical("z_sed", "um/h"), rel=0.05)
    assert typical("z_sed", "um/h") * 24 / 1000 == pytest.approx(0.07)


def test_decay_length() -> None:
    """sqrt(D/k), D 0.5-4 um^2/s and half-lives of 1-6 h: 51 to 350 um."""
    lengths = [math.sqrt(d * 3600 / (math.log(2) / h)) for d, h in ((0.5, 1), (4, 6))]
    assert lengths == pytest.approx([51, 350], rel=0.01)
    assert lengths == pytest.approx(ends("lambda", "um"), rel=0.01)


def test_look_up_rows_follow_from_physics() -> None:
    """low / typical / high of a look-up row are values at three conditions that its row names."""
    rows = Evidence.load().parameters
    for symbol, viscosity in (("D_w", 0.692), ("D_pl", 1.2)):
        for nm, stated in ((200, rows[symbol].low), (100, rows[symbol].typical), (50, rows[symbol].high)):
            value = stokes_einstein.diffusion(nm / 1000, viscosity, 310.15) / 3600
            assert value == pytest.approx(stated, abs=0.051), symbol
    for nm, end in ((50, "low"), (100, "typical"), (150, "high")):
        volume = geometry.lumen_volume_um3(nm / 1000) * 1e3
        assert volume == pytest.approx(getattr(rows["V_lum"], end), rel=0.01)
        assert geometry.lipids(nm / 1000) == pytest.approx(getattr(rows["n_lip"], end), rel=0.03)
    for concentration, end in ((1e8, "low"), (1e9, "typical"), (1e10, "high")):
        stated = getattr(rows["J_dl"], end)
        assert supply.sphere_rate(4 * 3600, 8, concentration) == pytest.approx(stated, rel=0.01)


def test_cd63_balance() -> None:
    """What leaves in 5 h, 0.3 to 0.6 %, as a rate."""
    released = typical("F_CD63_5h", "1")
    assert -math.log1p(-released) / 5 == pytest.approx(typical("k_CD63", "1/h"), rel=0.01)


def test_detection_limit_in_molecules_and_vesicles() -> None:
    """2.3 zmol: 1,385 molecules, 1.7e5 vesicles."""
    copies = typical("LOD_miR", "copy")
    assert copies == pytest.approx(1385, abs=1)
    assert copies / typical("m_miR", "copy/vesicle") == pytest.approx(1.7e5, rel=0.02)
