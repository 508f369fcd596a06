"""Published models of CD8 responses and CAR-T cells, run by this engine, against what their papers print.

Read for this: equations, values and counts of Crauste 2017, and what its fit predicts, in the PEtab benchmark
collection; table 1 of Stein 2019, in nlmixr2lib, and its abstract; equations and fitted sets of Kirouac
2023, in the public repository mstadt/CART2; the abstract of De Boer 2001 and table 1 of Bocharov 2015.
Recalled, and therefore no test: what Fraietta 2018 counted in single patients, and how De Boer & Yates (2023)
write their branched models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from vesiflux.engines.compartments.engine import Settings, solve
from vesiflux.ir.lowering import lower
from vesiflux.language import Model

Curves = dict[str, npt.NDArray[np.float64]]


def curves(cell: Mapping[str, Any], hours: float, every: float, **values: float) -> tuple[Any, Curves]:
    """Times (h) and recorded outputs of one cell type at typical values, some of them replaced."""
    model = Model.from_dict(
        {
            "vesiflux": 1, "name": "anchor", "space": {"kind": "dish", "volume": "1 mL", "area": "10 cm^2"},
            "modules": {m: m for m in cell.get("modules", {}).values()},
            "cells": {"host": {"is": "host", **cell}} if "is" not in cell else dict(cell["cells"]),
            "arms": {"control": {}},
            "run": {"for": f"{hours} h", "record": f"{every} h", "equilibrate": False},
        }
    )  # fmt: skip
    compiled = lower(model)
    drawn = np.array([[p.prior.typical] for p in compiled.parameters])
    for name, value in values.items():
        drawn[compiled.parameter(f"host.m.{name}")] = value
    inputs = np.array([p.value for p in compiled.program.inputs])
    solution = solve(
        compiled.program, drawn, times=compiled.times, inputs=inputs, inputs_before=inputs,
        events=compiled.arms["control"].events, settings=Settings(equilibrate=False, rtol=1e-8),
    )  # fmt: skip
    assert solution.ok.all()
    names = [o.name.removeprefix("host.m.") for o in compiled.program.outputs if o.series]
    return np.array(compiled.times), dict(zip(names, solution.outputs_series[:, 0], strict=True))


def published(module: str, days: float, every: float = 24.0, **values: float) -> tuple[Any, Curves]:
    """The curves of one module of the library; times in days."""
    hours, found = curves({"count": 1, "modules": {"m": module}}, days * 24, every, **values)
    return hours / 24, found


# ---------------------------------------------------------------- Crauste 2017: CD8 cells after vaccinia

# day, cells counted, their standard deviation, what the published fit gives
CRAUSTE = {
    "naive": [(4, 459, 290, 392.523), (6, 74, 64, 83.7721)],
    "early": [
        (4, 386, 266, 274.479), (6, 1172, 526, 1490.96), (7, 47470, 23855, 9788.85),
        (8, 175825, 19722, 177098.73), (13, 4911, 3048, 6488.51), (15, 7417, 2924, 1753.90),
        (22, 3359, 1540, 41.3897),
    ],
    "late": [
        (6, 888, 182, 880.451), (7, 4577, 1976, 2899.82), (8, 32860, 4105, 32234.0),
        (13, 46727, 23601, 47759.0), (15, 27586, 6841, 27940.4), (22, 13650, 7266, 10127.5),
        (28, 3936, 2705, 6074.65),
    ],
    "memory_cells": [
        (8, 289, 80, 321.046), (13, 9564, 4206, 14512.5), (15, 15631, 5745, 16148.9),
        (22, 41744, 15987, 18755.5), (28, 32705, 7909, 19813.5),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def crauste():
    return published("cd8_crauste", 28)


@pytest.mark.parametrize("what", CRAUSTE)
def test_crauste_2017_counts_of_the_published_fit(crauste, what):
    days, found = crauste
    at = [int(np.flatnonzero(days == row[0])[0]) for row in CRAUSTE[what]]
    assert found[what][at] == pytest.approx([row[3] for row in CRAUSTE[what]], rel=5e-4)


def test_crauste_2017_fits_what_was_counted(crauste):
    days, found = crauste
    z = [
        (found[what][int(np.flatnonzero(days == day)[0])] - counted) / sd
        for what, rows in CRAUSTE.items()
        for day, counted, sd, _ in rows
    ]
    assert len(z) == 21
    assert np.mean(np.abs(z) < 2) >= 0.9
    assert np.mean(np.square(z)) < 1.5


def test_crauste_2017_goes_one_way_and_keeps_its_cells(crauste):
    """Without division or loss nothing is made of nothing: naive cells end up as memory."""
    still = {"rho_P": 0.0, "rho_E": 0.0, "mu_N": 0.0, "mu_EE": 0.0, "mu_LL": 0.0, "mu_LE": 0.0}
    _, found = published("cd8_crauste", 28, **still)
    total = sum(found[name] for name in CRAUSTE)
    assert total == pytest.approx(np.full(total.size, 8090), rel=1e-6)
    assert np.all(np.diff(found["naive"]) <= 0)
    assert np.all(np.diff(found["memory_cells"]) >= 0)


# ---------------------------------------------------------------- Stein 2019: tisagenlecleucel in children


@pytest.fixture(scope="module")
def stein():
    return published("car_t_stein", 400, 2.4)


def _half_life(days, curve, start, stop):
    inside = (days >= start) & (days <= stop)
    return -np.log(2) / np.polyfit(days[inside], np.log(curve[inside]), 1)[0]


def test_stein_2019_expansion(stein):
    days, found = stein
    copies = found["copies"]
    assert days[copies.argmax()] == pytest.approx(9.3, abs=0.1)
    assert copies.max() == pytest.approx(24_000, rel=0.01)
    assert copies.max() / copies[0] == pytest.approx(3_900, rel=0.02)
    assert -_half_life(days, copies, 0, 9) == pytest.approx(
        0.78, abs=0.01
    )  # the doubling time of the abstract


def test_stein_2019_two_declines(stein):
    days, found = stein
    assert _half_life(days, found["copies"], 9.5, 15) == pytest.approx(4.3, abs=0.15)
    assert _half_life(days, found["copies"], 150, 400) == pytest.approx(220, rel=0.03)
    assert (
        0.5 < found["copies"][int(np.argmin(abs(days - 100)))] / (0.0079 * 24_000) < 1
    )  # memory alone is left


# ---------------------------------------------------------------- Kirouac 2023: CAR-T cells in leukaemia

PARTIAL = {
    "B50": 2398245951, "mu_B": 0.050214273, "k_kill": 1.0, "f_loss": 814.978509, "T50": 792201780.2,
    "kt": 0.253514773, "kb1": 0.821567314, "kb2": 0.959303151, "mu_m": 0.939305043, "k_m": 2.700795895,
    "f_max": 0.630926276, "k_e": 2.999101814, "mu_e": 0.337906481, "N": 5.644439375, "k_ex": 0.088386507,
    "d_m": 0.966457848, "d_e1": 0.024612811, "d_e2": 0.986213208, "d_x": 1.0, "B_max": 2437402357,
    "k_x": 1.048132118, "r_m": 0.861551811, "k_r": 2.999414426, "to_memory": 6.389831152,
    "to_first": 1.0, "to_second": 30.0, "to_exhausted": 6.850973444,
}  # fmt: skip
NONE = {
    "B50": 3526479554, "mu_B": 0.050841155, "k_kill": 0.87185846, "f_loss": 1000.0, "T50": 158624182.1,
    "kt": 1.859949578, "kb1": 1.0, "kb2": 0.351151384, "mu_m": 0.00103388406, "k_m": 0.257543429,
    "f_max": 0.965005576, "k_e": 0.422843528, "mu_e": 0.112676002, "N": 5.996056676, "k_ex": 0.003348089,
    "d_m": 1.0, "d_e1": 0.001, "d_e2": 0.00156982, "d_x": 0.001, "B_max": 14581417747,
    "k_x": 0.321686249, "r_m": 0.352946818, "k_r": 0.781174063, "to_memory": 5.69800969,
    "to_first": 10.0, "to_second": 30.77568043, "to_exhausted": 5.0,
}  # fmt: skip
SETS = {"complete": {}, "partial": PARTIAL, "none": NONE}


@pytest.fixture(scope="module")
def kirouac():
    return {name: published("car_t_kirouac", 180, **values) for name, values in SETS.items()}


def test_kirouac_2023_answers_of_the_three_groups_of_fraietta(kirouac):
    at_three_months = {n: f["tumour"][int(np.argmin(abs(d - 90)))] / 1e10 for n, (d, f) in kirouac.items()}
    assert at_three_months["complete"] < 0.002
    assert 0.005 < at_three_months["partial"] < 0.1
    assert at_three_months["none"] > 1


def test_kirouac_2023_kinetics_of_the_three_groups_of_fraietta(kirouac):
    """Responders' CAR-T cells peak higher by two orders, within four weeks, and are fewer by three months."""
    peaks = {n: f["car_t"].max() for n, (_, f) in kirouac.items()}
    assert peaks["complete"] > 2 * peaks["partial"] > 20 * peaks["none"]
    for days, found in kirouac.values():
        assert 7 < days[found["car_t"].argmax()] < 28
        assert found["car_t"][int(np.argmin(abs(days - 90)))] < 0.4 * found["car_t"].max()


def test_kirouac_2023_without_antigen_nothing_expands():
    _, found = published("car_t_kirouac", 28, tumour_start=1.0)
    assert found["car_t"].max() < 1e6  # a hundredth of what antigen brings


# ---------------------------------------------------------------- De Boer 2001: CD8 cells after LCMV


def test_de_boer_2001_expansion_death_and_memory_as_populations():
    """3 /d up to days 5 to 6, then 0.5 /d, 1 to 2 % a day to memory: about a twentieth of the peak stays."""
    model = {
        "effector": {
            "is": "cd8_effector_t_cell", "count": 100, "radius": "4 um",
            "behaviours": [
                "time decreases proliferation from 0.125 /h to 0 /h, half 132 h, hill 20",
                "time increases apoptosis from 0 /h to 0.0208333 /h, half 132 h, hill 20",
                "time increases transformation into memory from 0 /h to 0.000833333 /h, half 132 h, hill 20",
            ],
        },
        "memory": {"is": "cd8_memory_t_cell", "count": 1, "radius": "4 um"},
    }  # fmt: skip
    hours, found = curves({"is": "x", "cells": model}, 720, 6)
    effector = found["effector.count"]
    assert 5 <= hours[effector.argmax()] / 24 <= 6
    assert 19.6 < 24 * _half_life(hours / 24, effector, 10, 20) < 87.6  # the range of Bocharov 2015, table 1
    assert 5.5 <= -24 * _half_life(hours / 24, effector, 0, 3) <= 7.6
    assert 0.02 < found["memory.count"][-1] / effector.max() < 0.08
