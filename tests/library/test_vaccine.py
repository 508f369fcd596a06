"""Vesicle vaccines: modules against closed forms; no antigen no protection, more dose more protection."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.library.test_cx3cr1_anchors import published

import vesiflux
from vesiflux.language import load
from vesiflux.language.modules import library_folder, load_module

Floats = npt.NDArray[np.float64]
DAY = 24.0
CHALLENGES = ("challenge_parasite", "challenge_staphylococcus", "challenge_virus", "challenge_tumour")


def typical(module: str) -> Mapping[str, float]:
    """Typical values as written, in the units they are written in."""
    read = load_module(library_folder() / "_modules" / f"{module}.yaml")[0]
    assert read is not None
    return {name: float(str(value.typical)) for name, value in read.parameters.items()}


# ---------------------------------------------------------------- modules alone


def test_complexes_fill_and_fade_as_written():
    p = typical("antigen_presentation")
    days, found = published("antigen_presentation", 3, 6.0, BOUND=1000.0, HELD=700.0)
    fading = np.log(2) / p["half_life"] + p["turnover"] / DAY
    loading = p["share"] * p["entry"] * 1000.0
    rate = fading + loading / p["most"]
    complexes = loading / rate * (1 - np.exp(-rate * days * DAY))
    # ten vesicles an hour and more with ten copies each: every cell has met one
    hits = 700.0 / (p["stay"] / 60)
    touched = hits / (hits + p["turnover"] / DAY)
    assert found["touched"][-1] == pytest.approx(touched, rel=1e-6)
    assert found["complexes"][4:] == pytest.approx(complexes[4:] / touched, rel=1e-4)


def test_few_copies_reach_few_cells_that_have_as_much_as_one_vesicle_brings():
    p = typical("antigen_presentation")
    _, found = published("antigen_presentation", 0.05, 0.3, BOUND=1e-6, HELD=7e-4)
    hits = 7e-4 / (p["stay"] / 60)
    carrying = 1 - np.exp(-1e-6 / (7e-4 / (p["entry"] * p["stay"] / 60)))
    hours = 1.2
    turnover = p["turnover"] / DAY
    rate = hits * carrying + turnover
    assert found["touched"][-1] == pytest.approx(
        hits * carrying / rate * (1 - np.exp(-rate * hours)), rel=1e-3
    )
    assert found["presenting"][-1] < 1e-12


def test_nothing_happens_without_antigen():
    _, found = published("humoral_response", 30, DAY)
    for name in ("igg", "iga", "helpers", "germinal", "memory", "plasma_cells"):
        assert not found[name].any(), name


def test_helpers_without_antigen_in_follicles_grow_as_written_and_help_nobody():
    p = typical("humoral_response")
    days, found = published("humoral_response", 4, DAY, PRESENTING=1e12, renewal=1e-12)
    met = 1e12 / (1e12 + p["search"])
    k, g = p["prime"] * met, p["divide"] - p["follow"]
    # follicular helpers are the integral of helpers, fading; memory helpers are small within four days
    steps = np.linspace(0, 4, 4001)
    helpers = p["naive_helpers"] * k / (g + k) * (np.exp(g * steps) - np.exp(-k * steps))
    faded = np.exp(-p["lose_f"] * (4 - steps))
    assert days[-1] == 4
    assert found["helpers"][-1] == pytest.approx(np.trapezoid(p["follow"] * helpers * faded, steps), rel=0.01)
    assert not found["igg"].any()


def test_cd8_cells_expand_as_written():
    p = typical("cd8_priming")
    days, found = published("cd8_priming", 5, DAY, PRESENTING=1e15, remember=1e-12)
    k, g = p["prime"], p["divide"] - p["loss"]
    exact = p["naive"] * k / (g + k) * (np.exp(g * days) - np.exp(-k * days))
    assert found["effectors"] == pytest.approx(exact, rel=1e-4, abs=1e-6)


def test_tumours_and_parasites_alone_are_logistic():
    p = typical("challenge_tumour")
    days, found = published("challenge_tumour", 30, DAY)
    ratio = p["most"] / p["start"] - 1
    assert found["volume"] == pytest.approx(p["most"] / (1 + ratio * np.exp(-p["grow"] * days)), rel=1e-5)
    p = typical("challenge_parasite")
    days, found = published("challenge_parasite", 10, DAY, innate=1e-12, at=0.0, arrival=1e4)
    ratio = p["most"] / p["inoculum"] - 1
    exact = p["most"] / (1 + ratio * np.exp(-p["grow"] * DAY * days[1:]))
    assert found["load"][1:] == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize(
    ("module", "given"),
    [
        ("challenge_parasite", {"grow": 1e-12, "innate": 1e-12}),
        ("challenge_staphylococcus", {"grow": 1e-12, "kill": 1e-12}),
    ],
)
def test_what_arrives_is_what_was_given(module: str, given: dict[str, float]):
    _, found = published(module, 3, DAY, at=1.0, **given)
    assert found["load"][0] == 0
    assert found["load"][-1] == pytest.approx(typical(module)["inoculum"], rel=1e-6)


def test_each_antibody_neutralises_its_own_antigen():
    readouts = {
        "HLA": "haemolysis",
        "LUKE": "leukocyte_killing",
        "CLFA": "fibrinogen_binding",
        "SPA": "protein_a",
    }
    half = typical("challenge_staphylococcus")["half_hla"]
    for antibody, readout in readouts.items():
        _, found = published("challenge_staphylococcus", 1, DAY, **{antibody: 3 * half})
        for name in readouts.values():
            assert found[name][-1] == pytest.approx(0.25 if name == readout else 1.0), (antibody, name)


def test_antibody_in_the_airways_keeps_virus_out_of_cells():
    bare = published("challenge_virus", 14, DAY, at=0.0)[1]
    kept = published("challenge_virus", 14, DAY, at=0.0, AIRWAY=30.0)[1]
    assert bare["uptake"][-1] > 0.9
    assert kept["uptake"][-1] < 0.01
    assert kept["inflammation"].max() < 0.05 * bare["inflammation"].max()


# ---------------------------------------------------------------- the model


@cache
def run(arms: tuple[str, ...], **given: str) -> Any:
    """A run with few draws; what is asked for is read at once."""
    with tempfile.TemporaryDirectory() as folder:
        done = vesiflux.run("vaccine", arms=list(arms), draws=12, set=given, store=Path(folder), threads=2)
        antigen = "RBD" if "vaccine" in given else "Hla"
        wanted = [f"host.{antigen}.{name}" for name in ("igg", "iga", "memory")]
        wanted += ["host.staphylococcus.survival", "host.tumour.volume"]
        series = {
            (arm, name.removeprefix("host.").removeprefix(f"{antigen}.")): np.asarray(
                done.series(name, arm).transpose("draw", "time")
            )
            for arm in arms
            for name in wanted
        }
        return done.times / DAY, series, done.summary()


def at(arms: tuple[str, ...], arm: str, name: str, day: float, **given: str) -> Floats:
    days, series, _ = run(arms, **given)
    values: Floats = series[arm, name][:, int(np.argmin(np.abs(days - day)))]
    return values


ARMS = ("no_vaccine", "prime", "boost_3w", "empty", "few_copies", "soluble", "ClfA_alone", "no_ClfA")


def test_every_vesicle_and_copy_is_accounted_for():
    assert run(ARMS)[2]["balance_error"] < 1e-12


def test_no_vaccine_and_no_antigen_are_no_protection():
    alive = at(ARMS, "no_vaccine", "staphylococcus.survival", 56)
    assert np.mean(alive > 0.5) < 0.3
    assert not at(ARMS, "empty", "igg", 41).any()
    assert at(ARMS, "empty", "staphylococcus.survival", 56) == pytest.approx(alive, rel=1e-3)


def test_a_boost_gives_more_than_one_dose_in_every_draw():
    assert (at(ARMS, "boost_3w", "igg", 41) > at(ARMS, "prime", "igg", 41)).all()
    more = at(ARMS, "boost_3w", "staphylococcus.survival", 56)
    assert (more >= at(ARMS, "prime", "staphylococcus.survival", 56) * (1 - 1e-6)).all()


def test_vesicles_bring_what_solution_and_few_copies_do_not():
    vesicles, solution, few = (
        np.median(at(ARMS, a, "igg", 41)) for a in ("boost_3w", "soluble", "few_copies")
    )
    assert vesicles > 10 * solution
    assert vesicles > 100 * few


def test_four_antigens_protect_better_than_the_best_alone_or_the_rest_without_it():
    alive = {a: at(ARMS, a, "staphylococcus.survival", 56) for a in ("boost_3w", "ClfA_alone", "no_ClfA")}
    for fewer in ("ClfA_alone", "no_ClfA"):
        assert (alive["boost_3w"] >= alive[fewer] * (1 - 1e-6)).all(), fewer
        assert alive["boost_3w"].mean() > alive[fewer].mean(), fewer


def test_kinetics_are_those_that_the_table_says():
    with (library_folder() / "vaccine" / "predictions.tsv").open(encoding="utf-8") as file:
        table = {r["quantity"]: r for r in csv.DictReader((x for x in file if x[0] != "#"), delimiter="\t")}
    days, series, _ = run(ARMS)
    answers = at(ARMS, "prime", "igg", 14) > 0.01
    once, twice = series["prime", "igg"][answers], series["boost_3w", "igg"][answers]
    before = at(ARMS, "boost_3w", "igg", 21)[answers]
    found = {
        "IgG one week after a boost at three weeks over that before it *": at(ARMS, "boost_3w", "igg", 28)[
            answers
        ]
        / before,
        "IgG three weeks after a boost at three weeks over that before it *": at(ARMS, "boost_3w", "igg", 41)[
            answers
        ]
        / before,
        "day of the highest IgG after one dose": days[once.argmax(axis=1)],
        "day of the highest IgG after a boost at three weeks": days[twice.argmax(axis=1)] - 21,
    }
    assert answers.sum() >= 6
    for quantity, values in found.items():
        row = table[quantity]
        # the median of few draws against that of many: within half of their spread on either side
        low, middle, high = (float(row[f"second{k}"]) for k in ("_low", "", "_high"))
        assert np.sqrt(low * middle) < np.median(values) < np.sqrt(middle * high), quantity


def test_after_the_peak_antibody_falls_no_faster_than_igg_alone():
    days, series, _ = run(ARMS)
    curves = series["boost_3w", "igg"]
    late = days >= 45
    slope = -np.diff(np.log(curves[:, late]), axis=1) / np.diff(days[late])
    assert slope.max() <= np.log(2) / 6.0 * 1.1  # prior of the half-life: 6 to 8 days are 5 and 95 %
    assert np.median(slope[:, -1]) > 0


def test_more_dose_is_more_antibody_and_no_less_protection_and_too_little_fails():
    doses = ("1e6", "1e8", "1e10", "1e12")
    arms = ("no_vaccine", "boost_3w")
    igg = np.array([at(arms, "boost_3w", "igg", 41, dose=d) for d in doses])
    alive = np.array([at(arms, "boost_3w", "staphylococcus.survival", 56, dose=d) for d in doses])
    assert (np.diff(igg, axis=0) > 0).all()
    assert (np.diff(alive, axis=0) > -1e-6).all()
    bare = at(arms, "no_vaccine", "staphylococcus.survival", 56, dose=doses[0])
    assert alive[0] == pytest.approx(bare, abs=0.01)
    assert np.mean(alive[-1] > 0.5) > np.mean(bare > 0.5) + 0.25


def test_what_is_inhaled_gives_more_of_its_antibody_at_the_mucosa():
    arms = ("no_vaccine", "boost_3w")
    inhaled, injected = (
        np.median(at(arms, "boost_3w", "iga", 41, vaccine=v) / at(arms, "boost_3w", "igg", 41, vaccine=v))
        for v in ("rbd_exosome", "salmonella_omv")
    )
    assert inhaled > 10 * injected


def test_an_empty_exosome_leaves_a_tumour_alone_and_a_loaded_one_never_helps_it():
    arms = ("no_vaccine", "hela_exos", "hela_empty")
    bare = at(arms, "no_vaccine", "tumour.volume", 21)
    assert at(arms, "hela_empty", "tumour.volume", 21) == pytest.approx(bare, rel=1e-4)
    loaded = at(arms, "hela_exos", "tumour.volume", 21)
    assert (loaded <= bare * (1 + 1e-4)).all()
    assert loaded.min() < 0.9 * bare.min() or (loaded / bare).min() < 0.9


def test_modules_and_arms_are_those_of_the_model():
    spec = load("vaccine").spec
    assert set(spec.cohort.arms) <= set(spec.arms) if spec.cohort else False
    assert {"boost_2w", "boost_3w", "boost_4w"} <= set(spec.arms)
    assert set(CHALLENGES) <= set(spec.modules)
