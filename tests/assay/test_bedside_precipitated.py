"""The mass of a precipitate: it adds up, and vesicles are the least of it."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from vesiflux.assay.bedside.precipitated import Budget, association, budget, given, moved, vesicle_mass
from vesiflux.errors import InputError

TABLE = Path(__file__).parents[2] / "docs" / "assets" / "precipitated-mass.tsv"


@pytest.fixture(scope="module")
def healthy() -> Budget:
    return budget(1200)


def test_the_mass_is_the_sum_of_its_kinds(healthy: Budget) -> None:
    assert np.allclose(healthy.whole, sum(healthy.mass.values()))
    rest = healthy.whole * (1.0 - healthy.share)
    assert np.allclose(rest + healthy.vesicles, healthy.whole)
    assert healthy.weight.sum() == pytest.approx(1.0)


def test_ten_to_the_ten_vesicles_weigh_about_a_microgram() -> None:
    mass = vesicle_mass()
    assert mass.typical == pytest.approx(1.1)  # row m_prot: 1.1e-16 g each
    assert vesicle_mass(3e10).typical == pytest.approx(3.3)


def test_what_is_read_weights_the_draws(healthy: Budget) -> None:
    heavy = given(healthy, 5000.0)
    low, middle, high = heavy.interval(heavy.whole)
    assert 3000.0 < low < middle < high < 9000.0
    assert healthy.interval(healthy.whole)[2] > 2 * high
    assert heavy.size < healthy.size


def test_vesicles_are_the_least_of_it(healthy: Budget) -> None:
    light = given(healthy, 1500.0)
    assert light.interval(light.share)[2] < 0.2
    assert light.interval(light.share)[1] < 0.02


def test_areas_of_one_part_alone_are_the_closed_form() -> None:
    # a log-normal shift: Phi(ln fold / (sqrt 2 sd))
    only = association(800.0, 0.0, vesicle_fold=2.0, vesicle_sd=0.7)
    assert only.auc == pytest.approx(float(ndtr(np.log(2.0) / (np.sqrt(2.0) * 0.7))), abs=0.006)
    assert only.ratio == pytest.approx(2.0, rel=0.03)
    rest = association(0.0, 800.0, rest_fold=1.3, rest_sd=0.35)
    assert rest.auc == pytest.approx(float(ndtr(np.log(1.3) / (np.sqrt(2.0) * 0.35))), abs=0.006)


def test_parts_of_plasma_move_the_mass_by_their_share(healthy: Budget) -> None:
    assert np.allclose(moved(healthy, {}), 1.0)
    besides = ("HDL", "LDL", "VLDL", "large-VLDL", "protein", "AGO2", "exomere")
    everything = {"vesicles": 2.0} | dict.fromkeys(besides, 2.0)
    assert np.allclose(moved(healthy, everything), 2.0)
    assert np.allclose(moved(healthy, {"vesicles": 3.0}), 1.0 + 2.0 * healthy.share)
    # what was read of plasma in sepsis brings the mass down, three times the vesicles do not make up for it
    septic = {"HDL": 0.58, "LDL": 1.0, "VLDL": 1.4, "large-VLDL": 1.4, "protein": 0.8, "vesicles": 3.0}
    assert healthy.interval(moved(healthy, septic))[2] < 1.0
    with pytest.raises(InputError, match="HDL"):
        moved(healthy, {"HDLs": 2.0})


def test_nothing_differs_nothing_is_told_and_vesicles_tell_little() -> None:
    same = association(5.0, 804.0)
    assert same.auc == pytest.approx(0.5, abs=0.006)
    assert same.odds_ratio == pytest.approx(1.0, abs=0.05)
    assert association(5.0, 804.0, vesicle_fold=3.0).auc < 0.53
    assert association(5.0, 804.0, rest_fold=0.8).auc < 0.4


def test_the_page_s_numbers_are_those_of_the_table(healthy: Budget) -> None:
    with TABLE.open(encoding="utf-8") as file:
        rows = {
            r["what"]: [float(r[k]) for k in ("low", "typical", "high")]
            for r in csv.DictReader(file, delimiter="\t")
        }
    # fewer draws: medians within a tenth of one sd or so
    assert healthy.interval(healthy.whole)[1] == pytest.approx(rows["tables: all, ug/mL"][1], rel=0.15)
    assert healthy.interval(healthy.vesicles)[1] == pytest.approx(rows["tables: vesicles, ug/mL"][1], rel=0.4)
    page = TABLE.parents[1].joinpath("assay", "precipitated-mass.md").read_text(encoding="utf-8")
    share = rows["given: vesicles, share"]
    assert f"**{100 * share[1]:.1f} %**" in page
    assert f"({100 * share[0]:.2f} to {100 * share[2]:.0f})" in page
    for fold in ("1.2", "1.3"):
        assert f"{rows[f'the rest x {fold}: area'][1]:.2f} | " in page


def test_what_cannot_be_is_refused(healthy: Budget) -> None:
    with pytest.raises(InputError, match="above 0"):
        given(healthy, 0.0)
    with pytest.raises(InputError, match="hardly any draw"):
        given(healthy, 1.0)
    with pytest.raises(InputError, match="2 or more"):
        budget(1)
