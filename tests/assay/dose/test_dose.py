"""Doses: what is read, that conversions are the arithmetic they claim, and what impossible input is told."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vesiflux
from vesiflux.assay.dose import dose, tables
from vesiflux.errors import InputError

FEW = 500


def factor(symbol: str) -> float:
    typical = tables.evidence_prior(symbol).typical
    assert typical is not None
    return typical


@pytest.mark.parametrize(
    ("text", "particles"),
    [
        ("1e9 particles", 1e9),
        ("2×10⁹ EVs", 2e9),
        ("10^10 exosomes", 1e10),
        ("2 billion particles", 2e9),
        ("1,500,000 small EVs", 1.5e6),
        ("1e9 particle/mL in 2 mL", 2e9),
        ("1e9 particles per mL in 500 µL", 5e8),
        ("1e6 particles/uL in a 6-well", 2e9),  # 2 mL is its usual volume
        ("1000 EV/cell with 2e5 cells", 2e8),
        ("1000 vesicles per cell on 200000 cells", 2e8),
        ("30 pM EVs in 2 mL", 30e-12 * 6.02214076e23 * 2e-3),
        ("1e10 particles/mouse", 1e10),
        ("1e10 particles/kg in 25 g", 2.5e8),
        ("1e10 particles/kg in a human", 7e11),
        ("5 %ID of 1e10 particles", 5e8),
        ("5 %ID/g of 1e10 particles in 0.3 g", 1.5e8),
        ("5 % of injected dose of 1e10 particles", 5e8),
    ],
)
def test_exact_conversions_to_particles(text: str, particles: float) -> None:
    estimate = dose(text, draws=FEW)
    assert (estimate.low, estimate.high) == (estimate.median, estimate.median)
    assert estimate.median == pytest.approx(particles, rel=1e-12)
    assert estimate.drivers == ()


def test_protein_by_the_preparations_ratio() -> None:
    estimate = dose("50 ug", to="particles", prep="uc")
    row = tables.named("preparations", "uc", "preparation")
    assert estimate.median == pytest.approx(50 * float(row["typical"]), rel=0.05)
    # low and high of a row are 5 and 95 %: 2.5 and 97.5 % lie 1.19 times as far from the median
    far = 1.959964 / 1.644854
    for end, got in (("low", estimate.low), ("high", estimate.high)):
        reach = far * math.log(float(row[end]) / float(row["typical"]))
        assert math.log(got / estimate.median) == pytest.approx(reach, rel=0.1)
    assert estimate.unit == "particles"
    assert [driver.share for driver in estimate.drivers] == [1.0]
    assert estimate.draws.shape == (10_000,)


def test_a_microgram_of_an_unknown_preparation_is_1e8_to_1e11_particles() -> None:
    estimate = dose("1 ug")
    assert estimate.low < 1e8 < estimate.median < 1e11 < estimate.high
    assert any("no preparation named" in note for note in estimate.notes)
    assert not dose("1 ug", prep="sec", draws=FEW).notes


def test_every_preparation_is_told_apart_by_its_purity() -> None:
    median = {
        row["preparation"]: dose("1 ug", prep=row["preparation"], draws=FEW).median
        for row in tables.rows("preparations")
    }
    order = ("plasma", "serum-medium", "crude", "precipitation", "uc", "sec", "gradient")
    assert [median[name] for name in order] == sorted(median[name] for name in order)


UNITS = (
    "particles",
    "ug",
    "mg",
    "EV/cell",
    "particles/mL",
    "ug/mL",
    "cell equivalents",
    "%ID",
    "pmol",
    "copies",
)


@pytest.mark.parametrize("unit", UNITS)
def test_there_and_back_again(unit: str) -> None:
    setting = {
        "prep": "sec",
        "cells": 2e5,
        "volume": 2.0,
        "donor": "MSC",
        "cargo": "miR-21",
        "of": "1e11 particles",
        "collected": 48,
    }
    there = dose("3e9 particles", to=unit, draws=FEW, **setting)  # type: ignore[arg-type]
    back = dose(f"{float(there.draws[7])!r} {unit}", to="particles", draws=FEW, **setting)  # type: ignore[arg-type]
    assert back.draws[7] == pytest.approx(3e9, rel=1e-9)
    assert there.unit == unit


@given(st.floats(1e-6, 1e15), st.sampled_from(["ug", "cell equivalents", "pmol"]))
def test_twice_the_dose_is_twice_the_particles(value: float, unit: str) -> None:
    one, two = (dose(f"{x!r} {unit}", prep="uc", cargo="miR-21", draws=100) for x in (value, 2 * value))
    assert np.allclose(two.draws, 2 * one.draws, rtol=1e-12)
    assert 0 < one.low <= one.median <= one.high


def test_cell_equivalents_are_rate_times_hours_times_recovery() -> None:
    estimate = dose("1e7 cell equivalents over 24 h", prep="tff", donor="MSC", draws=20_000)
    expected = 1e7 * 24 * factor("q_MSC") * factor("rec_TFF")
    assert estimate.median == pytest.approx(expected, rel=0.1)
    assert sum(driver.share for driver in estimate.drivers) == pytest.approx(1)
    longer = dose("1e7 cell equivalents over 48 h", prep="tff", donor="MSC", draws=20_000)
    assert longer.median == pytest.approx(2 * estimate.median)


def test_cargo_by_its_copies_per_particle() -> None:
    stated = dose("500 copies/cell with 1e6 cells", cargo="anything", copies=0.01, draws=FEW)
    assert stated.median == pytest.approx(5e10)
    native = dose("10 pmol of miR-10b")
    assert native.median == pytest.approx(10e-12 * 6.02214076e23 / factor("m_miR"), rel=0.05)
    assert native.low < native.median < native.high
    spread = dose("1e9 particles", to="copies", copies="0.001,0.01,0.1", cargo="x", draws=20_000)
    assert spread.median == pytest.approx(1e7, rel=0.05)
    assert math.log10(spread.high / spread.low) == pytest.approx(2 * 1.19, rel=0.05)


def test_a_factor_on_both_sides_cancels() -> None:
    estimate = dose("5 %ID of 50 ug", to="ug", draws=FEW)
    assert (estimate.low, estimate.high) == pytest.approx((2.5, 2.5))
    assert estimate.drivers == ()


def test_draws_are_keyed() -> None:
    assert dose("50 ug", prep="uc", draws=FEW).draws[:100] == pytest.approx(
        dose("50 ug", prep="uc", draws=100).draws
    )
    assert dose("50 ug", prep="uc", draws=FEW, seed=2).median != dose("50 ug", prep="uc", draws=FEW).median


def test_a_dose_of_the_pool_is_a_ratio_and_no_error() -> None:
    estimate = dose("1e10 particles", species="mouse")
    ratio = estimate.compared[0].ratio
    assert ratio.median == pytest.approx(1, rel=0.2)
    assert ratio.low < 0.01 and ratio.high > 100  # noqa: PT018
    assert estimate.warnings == ()
    human = dose("8e9 particles", species="human")
    assert human.compared[0].ratio.median == pytest.approx(8e9 / 3e13, rel=0.2)
    within = {one.with_what: one.place for one in human.compared}
    assert within["trials, i.v. (NCT04798716): human, i.v."] == "within"


def test_1e15_particles_in_a_mouse_are_warned_of() -> None:
    estimate = dose("1e15 particles in a mouse")
    assert estimate.median == 1e15
    ratio, volume = estimate.warnings
    assert "times the vesicles in the plasma of a mouse" in ratio
    assert "mL of plasma" in volume
    assert 3e4 < estimate.compared[0].ratio.median < 3e5
    assert dose("1e15 particles in 2 mL", draws=FEW).warnings


@pytest.mark.parametrize(
    ("text", "more", "told"),
    [
        ("-50 ug", {}, "must be above 0, e.g. '50 ug'"),
        ("0 particles", {}, "must be above 0"),
        ("50", {}, "has no unit"),
        ("", {}, "does not begin with a number"),
        ("nan ug", {}, "does not begin with a number"),
        ("1e400 ug", {}, "finite"),
        ("50 ugg", {}, "did you mean 'ug'"),
        ("50 uM/cell/h", {}, "no unit of dose"),
        ("50 ug", {"to": "particels"}, "did you mean 'particles'"),
        ("50 ug", {"prep": "ultracentrifugatoin"}, "did you mean 'ultracentrifugation'"),
        ("50 ug", {"prep": "magic"}, "known: unknown, uc, "),
        ("50 ug", {"species": "mous"}, "did you mean 'mouse'"),
        ("50 ug", {"vessel": "5-well"}, "did you mean '6-well'"),
        ("50 ug", {"donor": "MCS", "to": "cell equivalents"}, "did you mean 'MSC'"),
        ("50 ug", {"to": "EV/cell"}, "how many cells"),
        ("50 ug", {"to": "particles/mL"}, "how many mL"),
        ("50 ug", {"to": "ug/kg"}, "which animal"),
        ("50 ug", {"to": "%ID"}, "%ID of what dose"),
        ("5 %ID/g of 1e10 particles", {}, "how many g of tissue"),
        ("120 %ID of 1e10 particles", {}, "more than the injected dose"),
        ("50 ug", {"to": "copies"}, "copies of what"),
        ("10 pmol of foo", {}, "--copies 0.01"),
        ("10 pmol of foo", {"copies": "0"}, "one number or low,typical,high"),
        ("10 pmol of foo", {"copies": "1,0.5,2"}, "must rise"),
        ("50 ug in a banana", {}, "says nothing about a dose"),
        ("50 ug", {"cells": -3}, "above 0"),
        ("50 ug", {"volume": "2 h"}, "a volume is expected"),
        ("50 ug", {"draws": 5}, "give no interval"),
        ("50 ug", {"vessel": "6-well", "mixing": "wild"}, "still or stirred"),
    ],
)
def test_impossible_input_is_told_with_its_cure(text: str, more: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)) as caught:
        dose(text, **more)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_public_name() -> None:
    assert vesiflux.dose is dose


def test_every_row_of_the_tables_is_read() -> None:
    for row in tables.rows("preparations"):
        tables.row_prior(row, "vesicle/ug")
        for symbol in filter(None, row["recovery"].split("|")):
            tables.evidence_prior(symbol)
    for row in tables.rows("donors"):
        tables.evidence_prior(row["symbol"]).to("vesicle/cell/h")
    for row in tables.rows("species"):
        assert dose("1e9 particles", species=row["species"], draws=100).compared
    for name in ("preparations", "species", "published", "well"):
        for row in tables.rows(name):
            assert row["mark"] in ("read", "derived", "assumed", "")
            assert row["mark"] == "" or row["source"]


def test_between_animals_by_surface_and_by_weight_is_arithmetic() -> None:
    mouse, human = (float(tables.named("species", n, "")["body_kg"]) for n in ("mouse", "human"))
    by_surface = dose("1e10 particles in a mouse", into="human", scaling="surface", draws=FEW)
    assert by_surface.median == pytest.approx(1e10 * (human / mouse) ** 0.67, rel=1e-12)
    assert by_surface.low == by_surface.high
    per_kg = dose("5 ug/kg in a mouse", "ug/kg", into="human", scaling="weight", draws=FEW)
    assert per_kg.median == pytest.approx(5.0, rel=1e-12)
    per_kg = dose("5 ug/kg", "ug/kg", species="mouse", into="human", scaling="surface", draws=FEW)
    assert per_kg.median == pytest.approx(5.0 * (human / mouse) ** (0.67 - 1), rel=1e-12)


def test_between_animals_by_clearance_is_as_uncertain_as_the_exponent() -> None:
    estimate = dose("1e10 particles in a mouse", into="human")
    ratio = 70 / 0.022
    assert estimate.median == pytest.approx(1e10 * ratio**0.74, rel=0.05)
    far = 1.959964 / 1.644854 * 0.26
    assert math.log(estimate.high / estimate.low) == pytest.approx(2 * far * math.log(ratio), rel=0.15)
    (driver,) = estimate.drivers
    assert (driver.share, driver.prior.mark) == (1.0, "read")
    assert any("0.022 kg to a human of 70 kg" in note for note in estimate.notes)
    assert estimate.compared[0].with_what.endswith("human")


def test_there_and_back_again_between_animals_is_the_dose() -> None:
    there = dose("1e10 particles in a mouse", into="human", draws=FEW)
    back = dose("1e10 particles in a human", into="mouse", draws=FEW)
    assert there.draws * back.draws == pytest.approx(np.full(FEW, 1e20), rel=1e-9)


def test_mass_in_one_animal_to_particles_in_another_has_both_drivers() -> None:
    estimate = dose("50 ug in a mouse", prep="uc", into="rat")
    assert len(estimate.drivers) == 2
    assert sum(d.share for d in estimate.drivers) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "given", "said"),
    [
        ("1e10 particles", {"into": "human"}, "from which animal"),
        ("1e10 particles in a mouse", {"into": "unicorn"}, "no species is called"),
        ("1e10 particles in a mouse", {"into": "human", "scaling": "age"}, "no way to scale a dose"),
        ("5 %ID of 1e10 particles in a mouse", {"into": "human"}, "the same in every animal"),
        ("1e10 particles in a 6-well", {"into": "human"}, "leave the vessel out"),
    ],
)
def test_what_is_none_of_an_animals_is_refused(text: str, given: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        dose(text, draws=FEW, **given)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("1e17 particles/mL in 2 mL", r"4.4e\+15 per mL"),
        ("5e15 particles in a mouse", r"holds 4.4e\+15 small vesicles"),
        ("1e14 EV/cell with 2e5 cells in a 6-well", r"2 mL of medium holds 8.8e\+15"),
        ("10 g in a mouse", r"holds 1.4e\+06 ug of protein"),
        ("1e20 particles", r"a human, 3000 mL, holds 1.3e\+19"),
        ("1e35 particles", r"at most 1e\+30"),
    ],
)
def test_what_would_fill_more_than_its_liquid_is_refused_with_the_most(text: str, most: str) -> None:
    with pytest.raises(InputError, match=most):
        dose(text, draws=FEW)


def test_what_just_fits_is_warned_of() -> None:
    for text in ("4.3e15 particles/mL in 2 mL", "4.3e15 particles in a mouse", "1 g in a mouse"):
        assert dose(text, draws=FEW).warnings
