"""Surfaces send vesicles to organs: tables and model agree; an integrin moves vesicles and niche."""

from __future__ import annotations

import csv
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vesiflux
from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.language import load
from vesiflux.library.tropism import matches, predicted_organ

BESIDE = Path(vesiflux.__file__).parent / "library" / "organotropism"
PROFILES = {
    "a6b4": {"a6b4": 1.0},
    "a6b1": {"a6b1": 1.0},
    "a6": {"a6b4": 1.0, "a6b1": 1.0},
    "avb5": {"avb5": 1.0},
    "avb3": {"avb3": 1.0},
    "aMb2": {"aMb2": 1.0},
    "aLb2": {"aLb2": 1.0},
}
ARMS = ["plain", "a6", "a6b4_off", "a6_off", "avb5", "avb5_off", "educated", "educated_a6", "educated_avb5"]
LUNG, LIVER = "lung_fibroblast.node.S100A4", "kupffer.node.S100A8"
NICHES = ("lung_fibroblast.node.pre_metastatic_niche", "stellate.node.pre_metastatic_niche")


@cache
def seen() -> dict[str, Any]:
    """Medians of 8 draws by arm: per cent of the dose after 24 h, niche after 6 h and after three weeks."""
    with tempfile.TemporaryDirectory() as folder:
        run = vesiflux.run("organotropism", arms=ARMS, draws=8, store=Path(folder), threads=2)
        assert run.summary()["balance_error"] < 1e-6
        found: dict[str, Any] = {}
        arms = run.summary()["arms"]
        for arm in ARMS:  # what they are held against got nothing, and has no organs to look at
            row = arms[arm]
            found[arm] = {o: v["percent_injected_dose"]["24 h"] for o, v in row["organs"].items()}
            for node in (LUNG, LIVER):
                found[arm][node] = float(np.median(run.series(node, arm)[:, 6]))
            for node in NICHES:
                found[arm][node] = np.median(run.series(node, arm), axis=0)
        return found


def rows(name: str) -> list[dict[str, str]]:
    lines = (BESIDE / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader((x for x in lines if not x.startswith("#")), delimiter="\t"))


@pytest.mark.parametrize("arm", PROFILES)
def test_the_matches_of_the_model_are_those_of_the_tables(arm: str):
    spec = load("organotropism").spec
    written: dict[str, float] = {}
    for effect in (e for i in spec.arms[arm].interventions for e in spec.interventions[i].effects):
        cell = effect.target.partition(".")[0]
        written[cell] = written.get(cell, 1.0) * float(str(effect.factor.typical))
    assert written == pytest.approx(matches(PROFILES[arm]), rel=1e-4)


def test_the_body_is_that_of_pk():
    here, there = load("organotropism").spec, load("pk").spec
    shared = set(here.cells) & set(there.cells)
    assert shared >= {"kupffer", "liver_endothelium", "hepatocyte", "lung_endothelium", "blood_cell"}
    for name in shared:
        ours, theirs = here.cells[name], there.cells[name]
        assert numbers(ours.count) == numbers(theirs.count), name
        one, other = ours.takes_up["exosome"], theirs.takes_up["small_ev"]
        for part in ("clearance", "match", "escape", "surface_residence", "recycling"):
            assert numbers(getattr(one, part)) == numbers(getattr(other, part)), (name, part)
    label, theirs = here.preparations["dose"].label, there.preparations["dose"].label
    assert label is not None
    assert theirs is not None
    for part in ("half_life", "returns", "free"):
        assert numbers(getattr(label, part)) == numbers(getattr(theirs, part)), part


def numbers(value: Any) -> tuple[str, ...]:
    return tuple(str(getattr(value, part, value)) for part in ("typical", "low", "high", "evidence"))


def test_ligands_stand_on_cells_of_the_model_where_the_table_says():
    cells = load("organotropism").spec.cells
    assert {r["cell"]: r["organ"] for r in rows("ligands.tsv")} == {
        r["cell"]: cells[r["cell"]].within for r in rows("ligands.tsv")
    }
    assert all(r["source"] and r["mark"] for name in ("ligands.tsv", "integrins.tsv") for r in rows(name))


def test_the_list_of_claims_is_what_its_rule_gives():
    says = {r["outcome"] for r in rows("outcomes.tsv")}
    wanted = {}
    for c in Evidence.load().claims.values():
        vesicle = c.vesicle not in ("", "none")
        if vesicle and (c.kind == "targeting" or c.outcome in says):
            wanted[c.id] = "yes"
        elif c.kind == "targeting" or (vesicle and c.kind in ("transport", "uptake")):
            wanted[c.id] = "no"
    assert {r["claim"]: r["targeting"] for r in rows("targeting-claims.tsv")} == wanted


def test_each_integrin_moves_vesicles_to_its_organ():
    found = seen()
    for arm, organ in (("a6", "lung"), ("avb5", "liver")):
        assert found[arm][organ] > 1.1 * found["plain"][organ], arm
    assert found["a6"]["lung"] > 2 * found["avb5"]["lung"]


def test_switching_an_integrin_off_moves_them_back():
    found = seen()
    assert found["a6"]["lung"] > found["a6b4_off"]["lung"] > found["a6_off"]["lung"]
    for arm in ("a6", "avb5"):
        for organ in ("lung", "liver"):
            assert found[f"{arm}_off"][organ] == pytest.approx(found["plain"][organ], rel=1e-6)


def test_the_niche_goes_with_the_vesicles():
    found = seen()
    assert found["a6"][LUNG] > found["a6_off"][LUNG]
    assert found["avb5"][LIVER] > found["avb5_off"][LIVER]
    assert found["a6"][LUNG] > found["avb5"][LUNG]


def test_the_niche_builds_up_over_days_of_education_and_where_the_integrin_sends_vesicles():
    found, (lung, liver) = seen(), NICHES
    for arm, niche in (("educated_a6", lung), ("educated_avb5", liver)):
        level = found[arm][niche]
        assert level[504] > level[240] > level[48]
        assert level[504] > found["educated"][niche][504]
        assert level[504] > 5 * found[arm.removeprefix("educated_")][niche][504]


@pytest.mark.parametrize(
    ("profile", "organ"),
    [
        ({"a6b4": 1.0}, "lung"),
        ({"a6b1": 1.0}, "lung"),
        ({"avb5": 1.0}, "liver"),
        ({"avb3": 1.0}, "brain"),
        ({"a6b4": 0.01}, ""),
        ({}, ""),
    ],
)
def test_predicted_organ(profile: dict[str, float], organ: str):
    found = predicted_organ(profile)
    assert found.organ == organ
    assert sum(found.percent.values()) < 101.0


def test_an_integrin_helps_in_a_tumour_only_by_its_vessels():
    # what comes through its endothelium is taken up there anyway
    assert predicted_organ({"aMb2": 1.0}).odds["tumour"] < 1.5


def test_predictions_have_intervals_and_the_same_seed_gives_the_same():
    one, other = (predicted_organ({"a6b4": 1.0}, draws=16, seed=3) for _ in range(2))
    assert one == other
    assert one.low["lung"] < one.odds["lung"] < one.high["lung"]
    assert sum(one.chance.values()) == pytest.approx(1.0)


def test_unknown_integrins_and_levels_below_nothing_are_refused():
    with pytest.raises(InputError, match="a6b4, a6b1, avb5, avb3, aMb2"):
        matches({"a9b1": 1.0})
    with pytest.raises(InputError, match="0 or more"):
        matches({"a6b4": -1.0})
    with pytest.raises(InputError, match="draws are 1 or more"):
        predicted_organ({}, draws=0)
