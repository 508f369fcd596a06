"""Vesicles in a body: what the library's model says, and that it says it of every species and route."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vesiflux
from vesiflux.engines.compartments import Settings, solve
from vesiflux.ir.lowering import lower
from vesiflux.language import load
from vesiflux.physics import pores

ORGAN_KEYS = ("volume", "exchange", "transcytosis", "pore", "lymph", "flow")


@cache
def summary(arms: tuple[str, ...] = ("intravenous",), **given: str) -> dict[str, Any]:
    """The summary of a run with few draws."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        run = vesiflux.run("pk", arms=list(arms), draws=16, set=given, store=Path(folder), threads=2)
        return run.summary()


def share(found: dict[str, Any], organ: str, time: str) -> float:
    return float(found["organs"][organ]["percent_injected_dose"][time])


def test_minutes_in_blood_and_mostly_the_liver():
    found = summary()
    assert 1.0 < found["half_life_min"] < 60.0
    at_an_hour = {organ: share(found, organ, "1 h") for organ in found["organs"] if organ != "blood"}
    assert max(at_an_hour, key=at_an_hour.__getitem__) == "liver"
    assert sum(at_an_hour.values()) < 100.0
    assert found["balance_error"] < 1e-12


@pytest.mark.parametrize("species", ["rat", "macaque", "human"])
def test_every_species_runs_and_holds_its_balance(species: str):
    found = summary(species=species)
    assert found["balance_error"] < 1e-12
    assert 0 < share(found, "blood", "1 h") < share(found, "blood", "5 min")


def test_macrophages_and_cd47_keep_vesicles_out_of_the_blood_or_in_it():
    arms = summary(("intravenous", "clodronate", "cd47"))["arms"]
    plain, without, spared = (arms[a]["half_life_min"] for a in ("intravenous", "clodronate", "cd47"))
    assert plain < spared < without


def test_a_large_dose_saturates_uptake():
    usual, huge = summary(), summary(dose="1e13")
    assert huge["half_life_min"] is None or huge["half_life_min"] > 2 * usual["half_life_min"]


def test_routes_keep_what_they_hold():
    arms = summary(("intravenous", "subcutaneous", "intratumoural", "oral"))["arms"]
    tumour = {name: share(row, "tumour", "1 h") for name, row in arms.items()}
    assert max(tumour, key=tumour.__getitem__) == "intratumoural"
    blood = {name: share(row, "blood", "1 h") for name, row in arms.items()}
    assert blood["oral"] < blood["subcutaneous"] < 5.0


def test_cells_of_other_species_are_as_dense_as_in_the_mouse():
    spec = load("pk").spec
    options = spec.choices["species"].options
    typical = {c: float(str(cell.count.typical).split()[0]) for c, cell in spec.cells.items()}
    for cell, organ in (("kupffer", "liver"), ("spleen_macrophage", "spleen"), ("hepatocyte", "liver")):
        path = f"space.organs.{organ}.volume"
        volume = {s: float(str(o[path].typical).split()[0]) for s, o in options.items()}
        for name in ("rat", "macaque", "human"):
            count = float(str(options[name][f"{cell}.count"].typical).split()[0])
            assert count / volume[name] == pytest.approx(typical[cell] / volume["mouse"], rel=0.06)


def test_a_rodents_lung_has_the_endothelium_that_was_read():
    spec = load("pk").spec
    options = spec.choices["species"].options
    rat = float(str(options["rat"]["lung_endothelium.count"].typical).split()[0])
    mouse = float(str(spec.cells["lung_endothelium"].count.typical).split()[0])
    # 0.4 m^2 of alveoli in a rat's lung of 1.25 mL, 1.16 times as much endothelium, 946 um^2 a cell
    assert rat == pytest.approx(0.4e12 * 1.16 / 946, rel=0.02)
    assert mouse / 0.204 == pytest.approx(rat / 1.25, rel=0.02)


def availability(species: str, saturated: bool) -> tuple[float, dict[str, float]]:
    """Area under the level in blood of a swallowed dose, over that if it got into the blood at once."""
    model, times = load("pk"), np.concatenate([[0.0], np.geomspace(0.005, 400.0, 150)])
    areas = []
    for made in (model, model.changed({"space.depots.gut_lumen.by": "blood"})):
        compiled = lower(made, {"species": species})
        value = {p.name: float(p.prior.typical or 0.0) for p in compiled.parameters}
        if not saturated:
            value |= {name: 1e30 for name in value if name.endswith(".saturation")}
        found = solve(
            compiled.program,
            np.array([value[p.name] for p in compiled.parameters])[:, None],
            times=times.tolist(),
            events=compiled.arms["oral"].events,
            settings=Settings(rtol=1e-7, atol=1e-9),
        )
        names = [o.name for o in compiled.program.outputs if o.series]
        areas.append(float(np.trapezoid(found.outputs_series[names.index("medium.small_ev"), 0], times)))
    return areas[0] / areas[1], value


@pytest.mark.parametrize(
    ("species", "usual", "most"),
    [("mouse", 0.018, 0.033), ("rat", 0.0087, 0.031), ("macaque", 0.014, 0.036), ("human", 0.023, 0.073)],
)
def test_what_is_swallowed_passes_the_liver_first(species: str, usual: float, most: float):
    """The numbers of docs/maths/body.md, and closed forms about them."""
    assert 1.0 - availability(species, True)[0] == pytest.approx(usual, rel=0.05)
    left, value = availability(species, False)
    assert 1.0 - left == pytest.approx(most, rel=0.05)
    size = value["vesicles.small_ev.diameter.median"]
    of = {k: value[f"space.organs.liver.{k}"] for k in ORGAN_KEYS}
    eaten = sum(
        value[f"{cell}.count"] * value[f"{path}.clearance"] * value[f"{path}.match"]
        for cell in ("kupffer", "liver_endothelium")
        if (path := f"{cell}.takes_up.small_ev")
    )
    through = pores.hindrance(min(size / of["pore"], 1.0))
    out = of["volume"] * (of["exchange"] * through + of["transcytosis"]) + of["lymph"] * of["flow"] * through
    # what cells take at least; all that leaves the vessels at most, for of it some comes back
    assert eaten / (eaten + of["flow"]) < 1.0 - left < (eaten + out) / (eaten + out + of["flow"])


def test_a_usual_dose_is_about_as_much_as_the_body_has():
    found = summary()
    assert 0.3 < found["dose_over_endogenous_pool"] < 3.0
    assert summary(species="human")["dose_over_endogenous_pool"] < 0.01


def test_blocked_or_sated_scavengers_keep_antibodies_and_phosphatidylserine_take():
    names = ("intravenous", "scavengers_blocked", "predosed", "antibodies", "phosphatidylserine")
    arms = summary(names)["arms"]
    plain, blocked, sated, bound, exposed = (arms[a]["half_life_min"] for a in names)
    assert max(bound, exposed) < plain < blocked < sated


def test_of_a_dose_that_met_another_only_what_is_labelled_is_counted():
    arms = summary(("intravenous", "predosed"))["arms"]
    for row in arms.values():
        assert share(row, "blood", "5 min") < 100.0
    assert share(arms["predosed"], "blood", "5 min") > share(arms["intravenous"], "blood", "5 min")


def test_what_is_given_under_the_skin_passes_the_lymph():
    arms = summary(("intravenous", "subcutaneous"))["arms"]
    ratio = {name: share(row, "lymph", "1 h") / share(row, "blood", "1 h") for name, row in arms.items()}
    assert ratio["subcutaneous"] > 5 * ratio["intravenous"]


def test_blood_cells_hold_some_of_what_floats(tmp_path: Path):
    run = vesiflux.run("pk", arms=["intravenous"], draws=16, store=tmp_path, threads=2)
    held = {c: run.series(f"{c}.held.small_ev", "intravenous") for c in ("b_cell", "blood_cell")}
    floating = np.median(run.series("organs.blood.dose", "intravenous"), axis=0)
    within = int(np.argmin(np.abs(np.asarray(run.times) - 0.25)))
    counts = {c: run.series(f"{c}.count", "intravenous") for c in held}
    shares = {c: np.median(counts[c] * held[c], axis=0)[within] / floating[within] for c in held}
    assert 1e-3 < shares["blood_cell"] < 0.2
    # each B cell meets more than one vesicle within minutes: most of them hold some, as in macaques
    assert np.median(held["b_cell"], axis=0)[within] > 1.0
