"""Markers of sepsis in virtual patients: their compartments, their instruments, and the fold they need."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

import vesiflux
from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language.measures import Measure
from vesiflux.library import septic_markers as markers
from vesiflux.study.cohort_study import CohortStudy
from vesiflux.study.patients import Patients

PATIENTS = 500
FOLDS = Path(__file__).parents[2] / "docs" / "assets" / "marker-folds.tsv"
ALIKE = {  # one course of the illness in everybody
    f"patient.core.{name}": value
    for name, value in {"k_pg": 0.6, "k_dn": 0.35, "mu_d": 0.02, "mu_n": 0.05}.items()
}


def study(folder: Path, **settings: float) -> CohortStudy:
    return vesiflux.cohort("markers", patients=PATIENTS, arms=["septic"], set=settings, store=folder)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> CohortStudy:
    return study(tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> CohortStudy:
    return study(
        tmp_path_factory.mktemp("unmoved"), **ALIKE,
        **{"patient.state.fold": 1.0, "patient.state.vesicle_fold": 4.0, "patient.state.response": 1.0},
    )  # fmt: skip


def level(patients: Patients, text: str, arm: str = "septic") -> np.ndarray:
    measure = Measure.read(text)
    return patients.level(measure, measure.time, arm)


def auc(of: CohortStudy, name: str, outcome: str = "sepsis") -> tuple[float, float, float]:
    told = next(t for t in (*of.markers.get(name, ()), *of.panels.get(name, ())) if t.outcome == outcome)
    return told.roc.low, told.roc.auc, told.roc.high


def test_it_is_small_and_nothing_gets_lost(usual: CohortStudy) -> None:
    assert len(lower(vesiflux.Model.load("markers")).program.states) < 120
    assert usual.summary()["balance_error"] < 1e-12


def test_a_shift_of_log_normals_has_the_area_of_the_closed_form(unmoved: CohortStudy) -> None:
    # vesicles alone move, and alike in all: ln level is normal in both groups
    text = "medium.plasma_ev * patient.state.tetraspanin @ 24 h"
    ill, sound = (np.log(level(unmoved.patients, text, arm)) for arm in ("septic", "healthy"))
    assert ill.std() == pytest.approx(sound.std(), rel=0.05)
    low, found, high = auc(unmoved, "level")
    expected = float(ndtr((ill.mean() - sound.mean()) / np.hypot(ill.std(), sound.std())))
    assert low < expected < high
    assert found == pytest.approx(expected, abs=0.04)


def test_without_a_fold_nothing_is_told(unmoved: CohortStudy) -> None:
    for name in ("mir_34a", "mir_15a", "mir_27a"):
        ill, sound = (
            level(unmoved.patients, f"patient.state.{name} @ 24 h", a) for a in ("septic", "healthy")
        )
        assert np.array_equal(ill, sound)
        # half of the patients in each group: a standard error of 0.026
        assert auc(unmoved, f"{name}_each")[1] == pytest.approx(0.5, abs=0.08)


def test_a_mirna_of_blood_cells_is_diluted_in_vesicles(usual: CohortStudy) -> None:
    patients = usual.patients
    for name, least, most in (("mir_199b_cells", 1.5, 4.0), ("mir_199b", 1.0, 1.3)):
        ill, sound = (level(patients, f"patient.state.{name} @ 24 h", arm) for arm in ("septic", "healthy"))
        assert least < np.median(ill / sound) < most
    assert auc(usual, "mir_199b_cells")[1] > auc(usual, "mir_199b")[1] + 0.05


def test_what_falls_per_vesicle_rises_per_millilitre(usual: CohortStudy) -> None:
    for name in ("mir_15a", "mir_27a"):
        assert auc(usual, name)[2] < 0.5  # asked whether it is low
        ill, sound = (level(usual.patients, f"patient.state.{name} @ 24 h", a) for a in ("septic", "healthy"))
        assert (ill <= sound).all()
        assert np.median(ill / sound) < 1.0


def test_vesicles_rise_with_damage_and_the_mass_of_a_precipitate_does_not_tell(usual: CohortStudy) -> None:
    vesicles = level(usual.patients, "medium.plasma_ev @ 24 h")
    harm = level(usual.patients, "patient.state.harm @ 72 h")
    assert np.corrcoef(np.argsort(np.argsort(vesicles)), np.argsort(np.argsort(harm)))[0, 1] > 0.15
    assert auc(usual, "level", "shock")[0] > 0.53
    for name in ("level_mass", "level_counted"):
        assert 0.42 < auc(usual, name)[1] < 0.57


def test_urinary_markers_follow_the_kidney(usual: CohortStudy) -> None:
    injured = level(usual.patients, "patient.state.kidney @ 48 h") > 0.5
    atf3 = level(usual.patients, "patient.state.atf3 @ 48 h")
    sound = level(usual.patients, "patient.state.atf3 @ 48 h", "healthy")
    assert np.median(atf3[injured]) > np.median(atf3[~injured]) > 0.95 * np.median(sound)
    assert auc(usual, "atf3", "kidney")[0] > 0.6
    assert auc(usual, "kidney_pair", "kidney")[1] >= auc(usual, "atf3", "kidney")[1] - 0.02


def test_sptlc3_runs_against_the_temperature(tmp_path: Path) -> None:
    run = vesiflux.run("markers", arms=["septic", "healthy"], draws=24, store=tmp_path)

    def at_a_day(name: str, arm: str) -> np.ndarray:
        return run.series(f"patient.state.{name}", arm).to_numpy()[:, 12]

    fallen = np.log(at_a_day("sptlc3", "septic") / at_a_day("sptlc3", "healthy"))
    warmth = at_a_day("warmth", "septic")
    assert warmth.max() > 1.0
    assert np.corrcoef(warmth, fallen)[0, 1] == pytest.approx(-1.0, abs=1e-6)


def test_circular_rna_is_below_the_limit_in_a_millilitre(usual: CohortStudy) -> None:
    low, found, high = auc(usual, "circ_104484")
    assert found < 0.58
    assert high - low < 0.08  # nearly everybody has the same reading


def test_folds_in_closed_form() -> None:
    assert markers.ideal(0.7, 0.8) == pytest.approx(np.exp(np.sqrt(2.0) * 0.7 * 0.8416212), rel=1e-6)
    assert markers.implied_sd(markers.ideal(0.7, 0.8), 0.8) == pytest.approx(0.7)
    assert markers.in_cells(2.0, 0.01) == pytest.approx(101.0)
    assert markers.in_cells(1.5, 0.5, up=False) == pytest.approx(3.0)  # 1 - 0.5 (1 - 1/3) = 1/1.5
    assert np.isinf(markers.in_cells(2.0, 0.4, up=False))
    for up in (True, False):
        assert markers.diluted(markers.in_cells(1.3, 0.5, up), 0.5, up) == pytest.approx(1.3)
    assert markers.diluted(2.0, 0.23) == pytest.approx(1.23)  # innate cells double, vesicles show a quarter


def test_the_fold_that_is_needed_without_an_instrument_is_the_ideal_one() -> None:
    values = np.random.default_rng(1).lognormal(3.0, 0.8, 6000)
    plain = markers.Levels("plain", values)
    assert markers.area(plain, 1.0) == pytest.approx(0.5, abs=0.01)
    assert markers.area(plain, 2.0) == pytest.approx(
        float(ndtr(np.log(2.0) / (np.sqrt(2.0) * 0.8))), abs=0.012
    )
    assert markers.needed(plain, 0.8) == pytest.approx(markers.ideal(plain.sd, 0.8), rel=0.05)
    falling = markers.Levels("falling", values, up=False)
    assert markers.needed(falling, 0.8) == pytest.approx(markers.ideal(plain.sd, 0.8), rel=0.05)


def test_a_limit_and_a_background_make_the_fold_larger() -> None:
    from vesiflux.assay.bedside import reader

    values = np.random.default_rng(1).lognormal(np.log(3e4), 0.8, 4000)
    said = {"fluid": "serum", "sample": "1 mL", "isolation": "uc", "instrument": "qpcr"}
    hidden = markers.Levels("hidden", values, read=reader(said))
    assert hidden.visible < 0.1
    assert markers.needed(hidden, 0.8) > 2.0 * markers.ideal(0.8, 0.8)
    more = markers.Levels("more", values * 1e3, read=reader(said))
    assert more.visible == 1.0
    assert markers.needed(more, 0.8) < 1.2 * markers.ideal(0.8, 0.8)
    behind = markers.Levels("behind", values * 1e3, read=reader({**said, "isolation": "none", "free": 3e8}))
    assert markers.needed(behind, 0.8) > 3.0 * markers.ideal(0.8, 0.8)


def test_what_was_read_of_published_folds() -> None:
    rows = markers.published()
    assert all(row["source"] and row["mark"] == "read" for row in rows)
    atf3 = next(row for row in rows if row["marker"] == "atf3")
    assert markers.implied_sd(float(atf3["fold"]), float(atf3["auc"])) == pytest.approx(1.86, abs=0.01)
    assert not [
        row for row in rows if row["study"] in ("Tian 2021", "Im 2020") and (row["fold"] or row["auc"])
    ]


def test_the_figure_s_numbers(usual: CohortStudy) -> None:
    with FOLDS.open(encoding="utf-8") as file:
        rows = {row["marker"]: row for row in csv.DictReader(file, delimiter="\t")}
    spec = usual.patients.spec
    assert set(rows) == set(spec.markers)
    for name in ("level", "mir_34a_each", "atf3"):
        measure = Measure.read(spec.markers[name].measure)
        values = usual.patients.level(measure, measure.time, "healthy")
        assert np.log(values).std() == pytest.approx(float(rows[name]["sd"]), rel=0.1)
        ideal = markers.ideal(float(rows[name]["sd"]), 0.8)
        assert float(rows[name]["ideal_0.8"]) == pytest.approx(ideal, rel=0.01)
        assert float(rows[name]["read_0.8"]) > 0.95 * ideal


def test_the_page_says_what_the_table_says() -> None:
    with FOLDS.open(encoding="utf-8") as file:
        rows = {row["marker"]: row for row in csv.DictReader(file, delimiter="\t")}
    page = FOLDS.parents[1].joinpath("models", "marker-folds.md").read_text(encoding="utf-8")
    for name, form in (
        ("mir_199b_cells", "(miR-199b-5p) need {:.1f}-fold for 0.8"),
        ("mir_199b", "the same miRNA needs {:.1f}-fold in the fluid"),
        ("circ_104484", "**circRNA**: {:.0f}-fold for 0.8"),
        ("level", "**Vesicle number**: {:.1f}-fold by CD63"),
        ("atf3", "**Urine**: {:.0f}-fold for 0.8"),
    ):
        fold = float(rows[name]["read_0.8"])
        assert form.format(fold) in page or form.format(fold + 1e-9) in page


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: markers.ideal(0.0, 0.8), "sd above 0"),
        (lambda: markers.ideal(0.5, 0.4), "0.5 to 1"),
        (lambda: markers.implied_sd(1.0, 0.8), "above 1"),
        (lambda: markers.in_cells(2.0, 0.0), "share"),
        (lambda: markers.needed(markers.Levels("x", np.ones(4)), 1.0), "between 0.5 and 1"),
    ],
)
def test_what_cannot_be_asked(call, told: str) -> None:
    with pytest.raises(InputError, match=told):
        call()
