"""A tumour's vesicles in the blood: steady levels, growth, an operation, and what an assay can see of it."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vesiflux
from vesiflux.errors import InputError
from vesiflux.language import Model, load
from vesiflux.library.tumours import (
    assays,
    decides,
    markers,
    people,
    prior_of,
    screening,
    smallest_volume,
    time_to,
    volume_at,
)
from vesiflux.store.run import Run

CHAIN = ("cells_per_volume", "shed", "to_blood")


@cache
def group() -> Any:
    return people(64)


def ran(folder: str, **changed: Any) -> Run:
    """A few draws of the model, with another length or record if asked."""
    data = load("tumour-detection").to_dict()
    data["run"] |= changed.pop("run", {})
    data.pop("cohort", None)
    return vesiflux.run(Model.from_dict(data), draws=4, store=Path(folder), threads=1, **changed)


def test_a_level_is_what_arrives_over_what_clears_it():
    seen = group()
    arriving = np.prod([seen.values[f"tumour.growth.{n}"] for n in CHAIN], axis=0)
    release = seen.values["blood_cell.count"] * seen.values["blood_cell.secretes.small_ev.rate"]
    # both kinds of vesicles are cleared alike, so that their ratio is that of what arrives, and nothing else
    off = seen.per_volume / seen.own / (arriving / release)
    assert np.median(off) == pytest.approx(
        1.0, rel=5e-3
    )  # the tumour grows while its vesicles are on their way
    assert off == pytest.approx(np.ones(seen.size), rel=0.05)  # the slowest have not quite settled


def test_levels_go_with_the_volume():
    small, large = people(8, volume=0.1), people(8, volume=3.0)
    assert large.per_volume == pytest.approx(small.per_volume, rel=0.02)


def test_vesicles_are_all_accounted_for_and_an_operation_ends_them():
    with tempfile.TemporaryDirectory() as folder:
        run = ran(folder, arms=["tumour", "healthy", "operated", "rest_left"])
        assert run.summary()["balance_error"] < 1e-9
        at = {h: int(np.argmin(np.abs(np.asarray(run.times) - h))) for h in (24, 25, 36, 72)}
        levels = {arm: np.asarray(run.series("blood.small_ev.tumour", arm)) for arm in run.arms}
        assert np.all(levels["healthy"] == 0.0)
        before = levels["operated"][:, at[24]]
        assert np.all(levels["tumour"][:, at[72]] > 0.95 * before)
        # what is left of them after an hour and half a day is theirs: nothing more arrives
        assert np.all(levels["operated"][:, at[25]] < before)
        assert np.all(levels["operated"][:, at[36]] < 0.5 * before)
        rest = run.final("tumour.growth.volume", "rest_left") / run.final("tumour.growth.volume", "tumour")
        assert np.all((rest > 1e-4) & (rest < 0.5))
        assert np.all(levels["rest_left"][:, at[72]] > levels["operated"][:, at[72]])


@pytest.mark.parametrize("law", ["gompertz", "exponential"])
def test_growth_is_its_law(law: str):
    with tempfile.TemporaryDirectory() as folder:
        data = load("tumour-detection").to_dict()
        data["run"] |= {"for": "1000 d", "record": "250 d"}
        data.pop("cohort", None)
        data["modules"] = {"tumour": load("tumour-detection").modules["tumour"].model_dump(by_alias=True)}
        data["modules"]["tumour"]["structures"]["law"]["default"] = law
        run = vesiflux.run(
            Model.from_dict(data), arms=["tumour"], draws=2, store=Path(folder), threads=1,
            set={
                "tumour.growth.start_volume": "0.01 mL", "tumour.growth.doubling": "150 d",
                "tumour.growth.largest": "300 mL",
            },
        )  # fmt: skip
        grown = np.asarray(run.series("tumour.growth.volume", "tumour"))[0]
        days = np.asarray(run.times) / 24.0
        largest = np.array(300.0) if law == "gompertz" else None
        wanted = volume_at(days, np.array(0.01), np.array(150.0), largest)
        assert grown == pytest.approx(wanted, rel=1e-3)
        assert time_to(wanted[1:], np.array(0.01), np.array(150.0), largest) == pytest.approx(days[1:])


def test_the_model_shows_what_the_tables_say():
    options = load("tumour-detection").spec.choices["marker"].options
    for name, row in markers().items():
        for key in ("shown", "background"):
            parameter = load("tumour-detection").modules["tumour"].parameters[key]
            written = options[name].get(key, parameter)
            wanted = prior_of(row, key)
            assert (written.low, written.typical, written.high) == pytest.approx(
                (wanted.low, wanted.typical, wanted.high)
            ), (name, key)


@pytest.mark.parametrize("marker", ["mutant", "protein"])
def test_the_smallest_volume_is_what_samples_of_virtual_people_show(marker: str):
    seen, random = group(), np.random.default_rng(5)
    given: dict[str, Any] = {
        "counted": 1e5, "sample": 1.0, "recovery": 0.3, "shown": 0.4, "varies": 0.3,
        "background": 1e-5 if marker == "mutant" else 1e-3,
    }  # fmt: skip
    volume = smallest_volume(seen, "single", marker, given, sensitivity=0.9)
    level = volume * seen.per_volume
    share = level / (level + seen.own)
    repeats, spread = 4000, given["varies"] ** 2
    background = given["background"] * random.gamma(1 / spread, spread, (2, repeats, seen.size))
    healthy = random.poisson(given["counted"] * background[0])
    positive = share * given["shown"] + (1.0 - share) * background[1]
    cut = np.quantile(healthy, 0.95, method="higher") + 1
    found = np.mean(random.poisson(given["counted"] * positive) >= cut, axis=0)
    assert found[np.isfinite(volume)] == pytest.approx(0.9, abs=0.04)


def test_more_counted_and_less_background_see_smaller_tumours():
    seen = group()
    volumes = [np.median(smallest_volume(seen, "single", given={"counted": n})) for n in (1e3, 1e5, 1e7)]
    assert volumes[0] > 10 * volumes[1] > 20 * volumes[2]
    protein = np.median(smallest_volume(seen, "single", "protein", {"counted": 1e7}))
    assert protein > 50 * volumes[2]
    # a sample that holds fewer is not counted further
    little = smallest_volume(seen, "single", given={"counted": 1e12, "sample": 1e-4})
    assert np.all(little > smallest_volume(seen, "single", given={"counted": 1e12, "sample": 1.0}))


def test_what_sheds_and_what_passes_decides_where_the_marker_is_clean():
    found = decides("single", group=group(), points=128)
    first = sorted(found, key=lambda n: -found[n][1])[:2]
    assert set(first) == {"shed", "to_blood"}
    assert found["clearance"][1] < 0.02
    assert sum(one for one, _ in found.values()) == pytest.approx(1.0, abs=0.15)


def test_a_screen_finds_before_symptoms_what_is_visible_before():
    seen = group()
    visible = np.where(np.arange(seen.size) % 2 == 0, 0.1, 100.0)
    found = screening(seen, visible, 182.0, symptoms=30.0)
    assert found.found == pytest.approx(0.5, abs=0.05)
    assert np.all(np.isinf(found.detected[1::2]))
    assert np.all(found.detected[np.isfinite(found.detected)] >= 0.1)
    often = screening(seen, visible, 30.0, symptoms=30.0)
    both = np.isfinite(found.detected) & np.isfinite(often.lead)
    assert np.mean(often.lead[both] - found.lead[both]) == pytest.approx((182 - 30) / 2, rel=0.3)


def test_published_models_with_their_own_numbers():
    """The chain's arithmetic is that of Hori & Gambhir 2011 and Avanzini 2020."""
    # U/day of healthy cells, share to blood, U/day per cell, growth and elimination per day, U/mL, mL
    healthy, passes, sheds, grows, clears, cut, plasma = 4.56e3, 0.1, 4.5e-5, 5.78e-3, 0.11, 34.11, 3150.0
    least = cut - healthy / clears / plasma
    cells = least * plasma * (clears + grows) / (passes * sheds)
    days = time_to(np.array(cells), np.array(1.0), np.array(np.log(2.0) / grows))
    assert days / 365.25 == pytest.approx(10.1, rel=0.01)
    # DNA of dying cells of 1 mL of lung tumour, half-life 30 min, in 15 mL of 5 L of blood: 1.7 genomes
    level = 1e9 * 0.136 * 1.4e-4 / (np.log(2.0) * 48.0) / 5000.0
    assert 15.0 * level == pytest.approx(1.7, rel=0.05)


def test_what_is_not_there_is_refused():
    with pytest.raises(InputError, match="no assay 'pcr'"):
        smallest_volume(group(), "pcr")
    with pytest.raises(InputError, match="no marker 'x'"):
        smallest_volume(group(), "single", "x")
    with pytest.raises(InputError, match="no number 'count'"):
        smallest_volume(group(), "single", given={"count": 3.0})
    with pytest.raises(InputError, match="above 0"):
        people(4, volume=0.0)
    with pytest.raises(InputError, match="more than 0 days"):
        screening(group(), np.ones(64), 0.0, 30.0)
    assert {row["kind"] for row in assays().values()} == {"single", "bulk"}


def test_what_clears_vesicles_is_that_of_pk():
    ours, theirs = load("tumour-detection").spec, load("pk").spec
    human, mouse = theirs.choices["species"].options["human"], ours.choices["species"].options["mouse"]
    for name, cell in ours.cells.items():
        if name == "tumour":
            continue
        assert cell.count.typical == human[f"{name}.count"].typical, name
        assert mouse[f"{name}.count"].typical == theirs.cells[name].count.typical, name
        for kind, uptake in cell.takes_up.items():
            assert uptake.clearance.typical == theirs.cells[name].takes_up[kind].clearance.typical, name
