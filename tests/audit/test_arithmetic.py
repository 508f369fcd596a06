"""The chain says what the arithmetic of its steps says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import vesiflux.audit as room
from vesiflux.audit.case import Case
from vesiflux.audit.chain import Dose, Reader, act, arrive
from vesiflux.audit.judge import Findings
from vesiflux.audit.numbers import Numbers
from vesiflux.evidence import Evidence
from vesiflux.evidence.priors import Prior
from vesiflux.physics.supply import monolayer_fraction

DRAWS = 2000
TUMOUR = Case("msc", "exosome", False, "mirna", "tumour", "tumour", "iv", "effect")


def one(**given: Any) -> Findings:
    found = room.audit(donor="tumour", recipient="fibroblast", cargo="miR-10b", draws=DRAWS, **given)
    findings = found.details[0].findings
    assert findings is not None
    return findings


def fixed(**values: float) -> Numbers:
    put = {name: Prior.from_range(typical=value, distribution="fixed") for name, value in values.items()}
    return Numbers(Evidence.load(), 100, 1, put)


def test_native_microrna_into_a_vein_leaves_5e_4_copies_per_tumour_cell() -> None:
    numbers = fixed(
        organ_cells=3e8, organ_share=0.02, circulation=1, copies=0.00825, escape=0.1, active_share=1,
        half_life=1e9, saturation=1e30,
    )  # fmt: skip
    read = Reader(numbers)
    arrived = arrive(TUMOUR, read, Dose(1e10), 1.0)
    assert np.median(arrived.vesicles) == pytest.approx(0.667, rel=1e-3)
    copies = act(TUMOUR, "delivery", arrived, read).delivered
    assert np.median(copies) == pytest.approx(5.5e-4, rel=1e-2)


@pytest.mark.parametrize(("dose", "copies"), [(1e10, 20), (1e11, 200)])
def test_loaded_vesicles_with_a_fusogen_leave_tens_of_copies(dose: float, copies: float) -> None:
    numbers = fixed(
        organ_cells=3e8, organ_share=0.02, circulation=1, copies=100, escape=0.3, active_share=1,
        half_life=1e9, saturation=1e30,
    )  # fmt: skip
    read = Reader(numbers)
    arrived = arrive(TUMOUR, read, Dose(dose), 1.0)
    assert np.median(act(TUMOUR, "delivery", arrived, read).delivered) == pytest.approx(copies, rel=1e-3)


def test_steps_add_up_to_the_margin() -> None:
    numbers = Numbers(Evidence.load(), 200, 1)
    for setting in ("dish", "neighbours", "iv", "patient", "blood"):
        for cargo, route in (
            ("mirna", "delivery"),
            ("checkpoint", "contact"),
            ("membrane_protein", "transfer"),
        ):
            case = TUMOUR._replace(setting=setting, cargo=cargo)
            read = Reader(numbers)
            outcome = act(case, route, arrive(case, read, None, 1.0), read)
            total = np.sum(list(outcome.steps.values()), axis=0)
            np.testing.assert_allclose(total, np.log10(outcome.margin), atol=1e-9)


def test_a_still_monolayer_gets_no_more_than_diffusion_brings() -> None:
    numbers = fixed(uptake=1.0, depth=3000, time=24, diameter=0.1, loss_half_life=1e12, saturation=1e30)
    case = TUMOUR._replace(setting="dish")
    arrived = arrive(case, Reader(numbers), None, 1.0)
    reached = monolayer_fraction(6.56 * 3600, 3000, 24)
    np.testing.assert_allclose(arrived.vesicles / arrived.offered, reached, rtol=0.01)


def test_uptake_is_limited_by_collisions_among_neighbours() -> None:
    numbers = fixed(uptake=1.0, saturation=1e30)
    case = TUMOUR._replace(setting="neighbours")
    arrived = arrive(case, Reader(numbers), None, 1.0)
    np.testing.assert_allclose(arrived.vesicles, arrived.meetings, rtol=1e-3)


def test_neighbours_take_up_what_is_made_when_nothing_is_lost() -> None:
    numbers = fixed(drainage=1e-12, loss_half_life=1e12, saturation=1e30, distance=1e-9, donors=1e-9)
    case = TUMOUR._replace(setting="neighbours")
    arrived = arrive(case, Reader(numbers), None, 1.0)
    np.testing.assert_allclose(arrived.vesicles, arrived.offered, rtol=1e-6)


def test_uptake_saturates() -> None:
    numbers = Numbers(Evidence.load(), 200, 1)
    for setting in ("dish", "neighbours", "iv"):
        case = TUMOUR._replace(setting=setting)
        little, much = (arrive(case, Reader(numbers), None, scale).vesicles for scale in (1.0, 1e3))
        assert np.all(much > little)
        assert np.all(much <= little * 1e3 * (1 + 1e-9))


def test_where_nothing_saturates_a_thousandfold_dose_is_a_thousandfold_margin() -> None:
    values = {"saturation": 1e30, "own_copies": 1.0, "escape": 0.3, "copies": 100}
    small = one(setting="iv", dose="1e8 particles", values=values)
    large = one(setting="iv", dose="1e11 particles", values=values)
    assert large.median == pytest.approx(1e3 * small.median, rel=1e-6)
    assert small.least_dose is not None
    assert large.least_dose is not None
    assert small.least_dose == pytest.approx(1e3 * large.least_dose, rel=0.01)
    again = one(setting="iv", dose=f"{1e8 * small.least_dose:g} particles", values=values)
    assert again.probability == pytest.approx(0.5, abs=0.01)


def test_the_least_dose_suffices_in_half_of_the_draws_where_uptake_saturates() -> None:
    first = one(
        copies=100, escape="fusogen", setting="dish", dose="1e9 particles/mL", values={"uptake": 1e-7}
    )
    assert first.least_dose is not None
    assert first.least_dose > 1
    dose = f"{1e9 * first.least_dose:.6g} particles/mL"
    again = one(copies=100, escape="fusogen", setting="dish", dose=dose, values={"uptake": 1e-7})
    assert again.probability == pytest.approx(0.5, abs=0.01)


def test_copies_and_escape_move_the_verdict() -> None:
    native = one(setting="neighbours")
    loaded = one(setting="neighbours", copies=100)
    fusogen = one(setting="neighbours", copies=100, escape="fusogen")
    assert native.probability < 0.01 < loaded.probability < fusogen.probability
    assert fusogen.probability > 0.4
    mean = one(setting="neighbours", copies=0.00825)
    assert loaded.median == pytest.approx(mean.median * 100 / 0.00825, rel=1e-6)


@pytest.mark.parametrize(("threshold", "helps"), [(1e4, True), (1e-3, False)])
def test_rare_vesicles_with_many_copies_carry_the_same_mean(threshold: float, helps: bool) -> None:
    """They take a tenth of the cells over a far threshold; where one copy is plenty they miss cells."""
    case = TUMOUR._replace(setting="dish")
    found = []
    for occupancy in (0.25, 0.75):
        numbers = fixed(
            occupancy=occupancy, copies=0.01, threshold=threshold, own_copies=1e-9, escape=0.5,
            active_share=1, half_life=1e9, responders=0.1,
        )  # fmt: skip
        read = Reader(numbers)
        found.append(act(case, "delivery", arrive(case, read, None, 1.0), read))
    np.testing.assert_allclose(found[0].delivered, found[1].delivered)
    poisson, rare = found[0].margin, found[1].margin
    assert np.all(rare > poisson) if helps else np.all(rare < poisson)


def test_what_is_given_holds_of_the_cargo_not_of_an_unnamed_ligand() -> None:
    assert one(copies=100).by_route["another ligand"] == one().by_route["another ligand"]


def test_switches_act() -> None:
    assert one(escape="low").median < one(escape="native").median < one(escape="high").median
    short, long = (one(circulation=choice, setting="iv").median for choice in ("short", "long"))
    assert short < long
    assert one(uptake="match").probability <= one(uptake="recipient").probability
    assert not math.isclose(one(occupancy="poisson").median, 0.0)


@pytest.mark.parametrize(
    ("dose", "ratio"), [("1e10 particles", 1), ("1e13 particles", 1e3), ("1e15 particles", 1e5)]
)
def test_a_dose_beyond_the_pool_is_told_as_a_ratio_and_not_refused(dose: str, ratio: float) -> None:
    assert one(setting="iv", dose=dose).pool == pytest.approx(ratio, rel=0.15)
    assert one(setting="patient", dose=dose).pool == pytest.approx(ratio / 2800, rel=0.15)
    assert one(setting="dish", dose=dose).pool is None


@pytest.mark.parametrize("setting", ["dish", "neighbours", "iv"])
def test_a_fusogen_many_copies_and_a_thousandfold_dose_move_the_margin_as_arithmetic_says(
    setting: str,
) -> None:
    """Where neither own copies nor saturation nor chance intervene: in proportion to each."""
    case = TUMOUR._replace(setting=setting)
    plain = {
        "own_copies": 1e-9, "threshold": 1e4, "copies": 0.01, "copies_if_occupied": 1.0, "occupancy": 0.25,
        "escape": 0.002, "active_share": 1.0, "half_life": 1e9, "saturation": 1e30,
    }  # fmt: skip

    def delivered(scale: float = 1.0, **given: float) -> np.ndarray:  # type: ignore[type-arg]
        read = Reader(fixed(**(plain | given)))
        return act(case, "delivery", arrive(case, read, None, scale), read).delivered

    base = delivered()
    np.testing.assert_allclose(delivered(escape=0.3), 150 * base, rtol=1e-9)
    np.testing.assert_allclose(delivered(copies=100), 1e4 * base, rtol=1e-9)
    np.testing.assert_allclose(delivered(scale=1e3), 1e3 * base, rtol=1e-9)


def test_each_of_them_raises_the_probability_of_a_claim() -> None:
    """miR-10b of neighbours: implausible, until vesicles fuse, are full and many."""
    steps = ({}, {"copies": 100}, {"copies": 100, "escape": "fusogen"})
    shares = [one(setting="neighbours", **given).probability for given in steps]
    assert shares == sorted(shares)
    assert shares[0] < 0.2 < shares[-1]
    small = one(setting="iv", dose="1e10 particles", copies=100, escape="fusogen")
    large = one(setting="iv", dose="1e13 particles", copies=100, escape="fusogen")
    assert small.probability < 0.2 < large.probability


def test_a_switch_for_good_keeps_all_that_came() -> None:
    level, switch = (one(setting="neighbours", readout=readout) for readout in ("level", "switch"))
    assert level.steps["persistence"] < -0.1
    assert switch.steps["persistence"] == pytest.approx(0.0, abs=1e-6)
    assert np.log10(switch.median / level.median) == pytest.approx(-level.steps["persistence"], abs=0.2)
