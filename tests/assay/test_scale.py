import numpy as np
import pytest

from vesiflux.assay.isolation.chain import isolate
from vesiflux.assay.protocol import load
from vesiflux.assay.scale import cultures, scale_up
from vesiflux.errors import InputError


@pytest.fixture(scope="module")
def done():
    return isolate(load("tff-sec"), draws=150)


def test_litres_are_dose_over_titre_and_recovery(done):
    scaled = scale_up(done, 1e11)
    recovery = np.median(done.over_draws(lambda a, b: b.vesicles() / a.vesicles()))
    assert scaled["litres"]["median"] == pytest.approx(1e11 / (2.9e9 * recovery) / 1000, rel=0.25)
    assert scaled["runs"]["median"] == pytest.approx(scaled["litres"]["median"] / 10)


def test_ten_doses_take_ten_times_as_much(done):
    one, ten = scale_up(done, 1e11), scale_up(done, 1e12)
    for key in ("litres", "cells", "runs"):
        assert ten[key]["median"] == pytest.approx(10 * one[key]["median"])
    assert ten["lots_within_twofold"] == one["lots_within_twofold"]


def test_a_bioreactor_takes_fewer_cells(done):
    needed = {name: scale_up(done, 1e11, name)["cells"]["median"] for name in cultures()}
    assert needed["spinner"] == pytest.approx(needed["cell-factory"] / 6, rel=0.25)


def test_potency_varies_more_than_the_number_of_vesicles(done):
    lots = scale_up(done, 1e11)["lots_within_twofold"]
    assert 0 < lots["miRNA"] < lots["vesicles"] < 1


def test_a_rotor_turns_as_often_as_its_tubes_need():
    per_run = scale_up(isolate(load("uc"), draws=20), 1e10)["per_run"]
    # 200 mL: one benchtop load (400 mL) twice, one load of 564 mL twice, 30 mL in one of 231 mL
    assert per_run["rotor_turns"] == 5
    assert per_run["rotor_hours"] == pytest.approx((10 + 20 + 30 + 70 + 70) / 60)


def test_wrong_calls(done):
    with pytest.raises(InputError, match="did you mean 'spinner'"):
        scale_up(done, 1e11, "spiner")
    with pytest.raises(InputError, match="above 0"):
        scale_up(done, 0.0)
    with pytest.raises(InputError, match="needs draws"):
        scale_up(isolate(load("uc"), draws=0), 1e11)
