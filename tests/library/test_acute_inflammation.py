"""The acute inflammatory response of Reynolds 2006 has its three ends: health, aseptic and septic death.

Read: equations and values in BIOMD0000000714, the three courses in figure 5 of the paper. Its whole map is
held in ``test_reynolds_map.py``.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from tests.library.test_cx3cr1_anchors import published

from vesiflux.language.modules import library_folder, load_module


def end(growth: float, start: float) -> dict[str, float]:
    """Readouts after fifty days."""
    _, found = published("acute_inflammation", 50, 240.0, k_pg=growth, start=start)
    return {name: float(curve[-1]) for name, curve in found.items()}


def test_health():
    found = end(0.3, 1.0)
    assert found["pathogen"] < 1e-3
    assert found["damage"] < 0.05


def test_more_of_the_same_pathogen_leaves_inflammation_behind():
    found = end(0.3, 1.5)
    assert found["pathogen"] < 1e-3
    assert found["damage"] > 10.0


def test_a_fast_pathogen_is_never_cleared():
    found = end(0.6, 1.0)
    assert found["pathogen"] > 1.0
    assert found["damage"] > 10.0


def test_curves_are_those_of_the_written_equations():
    module = load_module(library_folder() / "_modules" / "acute_inflammation.yaml")[0]
    assert module is not None
    p = {name: float(value.typical or 0.0) for name, value in module.parameters.items()}

    def rates(_: float, y: np.ndarray) -> list[float]:
        pathogen, n, d, ca = y
        calm = 1 + (ca / p["c_inf"]) ** 2
        r = (p["k_nn"] * n + p["k_np"] * pathogen + p["k_nd"] * d) / calm
        alarmed = (n + p["k_cnd"] * d) / calm
        x = (n / calm) ** 6
        return [
            p["k_pg"] * pathogen * (1 - pathogen / p["p_inf"])
            - p["k_pm"] * p["s_m"] * pathogen / (p["mu_m"] + p["k_mp"] * pathogen)
            - p["k_pn"] * n / calm * pathogen,
            p["s_nr"] * r / (p["mu_nr"] + r) - p["mu_n"] * n,
            p["k_dn"] * x / (p["x_dn"] ** 6 + x) - p["mu_d"] * d,
            p["s_c"] + p["k_cn"] * alarmed / (1 + alarmed) - p["mu_c"] * ca,
        ]

    days, found = published("acute_inflammation", 6, 24.0)
    exact = solve_ivp(rates, (0, 144), [1, 0, 0, 0.125], t_eval=days * 24, rtol=1e-10, atol=1e-12).y
    for name, curve in zip(("pathogen", "phagocytes", "damage", "mediators"), exact, strict=True):
        assert found[name] == pytest.approx(curve, rel=1e-5, abs=1e-7), name
