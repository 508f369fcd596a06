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
from vesiflux.library.tropism import MAPS, matches, predicted_organ

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
EDUCATED = [
    "educated", "educated_a6", "educated_a6b4_off", "educated_src",
    "educated_avb5", "educated_tgfb", "week_a6", "week_avb5",
]  # fmt: skip
ARMS = ["plain", "undosed", "a6", "a6b4_off", "a6_off", "avb5", "avb5_off", *EDUCATED]
LUNG, LIVER = "lung_fibroblast.node.S100A4", "kupffer.node.S100A8"
NICHES = ("lung_fibroblast.node.pre_metastatic_niche", "stellate.node.pre_metastatic_niche")
COUNTS = ("liver_macrophage.count", "lung_seed.count", "liver_seed.count")


@cache
def seen() -> dict[str, Any]:
    """Medians of 5 draws by arm: per cent of the dose after 24 h, niche after 6 h and after three weeks."""
    with tempfile.TemporaryDirectory() as folder:
        run = vesiflux.run("organotropism", arms=ARMS, draws=5, store=Path(folder), threads=2)
        assert run.summary()["balance_error"] < 1e-6
        assert all(np.isfinite(run.series("kupffer.count", arm)).all() for arm in ARMS)  # no draw failed
        found: dict[str, Any] = {}
        arms = run.summary()["arms"]
        for arm in ARMS:  # what they are held against got nothing, and has no organs to look at
            row = arms[arm]
            found[arm] = {o: v["percent_injected_dose"]["24 h"] for o, v in row.get("organs", {}).items()}
            for node in (LUNG, LIVER):
                found[arm][node] = float(np.median(mean(run, node, arm)[:, 6]))
            for node in NICHES:
                found[arm][node] = np.median(mean(run, node, arm), axis=0)
            for cell in ("kupffer", "lung_fibroblast", "marrow_progenitor"):
                share = run.series(f"{cell}.educated.count", arm) / run.series(f"{cell}.count", arm)
                found[arm][f"{cell}.educated"] = np.median(np.asarray(share), axis=0)
            for count in COUNTS:
                found[arm][count] = float(np.median(run.series(count, arm)[:, -1]))
        return found


def mean(run: Any, name: str, arm: str) -> np.ndarray:
    """What cells of all states of a type show, (draw, time)."""
    cell, _, rest = name.partition(".")
    states = load("organotropism").spec.cells[cell].states
    if not states:
        return np.asarray(run.series(name, arm))
    shown = [
        np.asarray(run.series(f"{cell}.{s}.{rest}", arm)) * run.series(f"{cell}.{s}.count", arm)
        for s in states
    ]
    return np.asarray(sum(shown) / run.series(f"{cell}.count", arm))


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
    assert {r["map"] for r in rows("ligands.tsv")} == set(MAPS)
    assert all(r["source"] and r["mark"] for name in ("ligands.tsv", "integrins.tsv") for r in rows(name))


def test_ligands_by_rna_are_those_of_the_organs():
    table = [r for r in rows("ligand-rna.tsv") if r["counted"] == "yes"]

    def made(ligand: str, organ: str) -> float:
        return sum(float(r[organ]) for r in table if r["ligand"] == ligand)

    derived = [r for r in rows("ligands.tsv") if r["mark"] == "derived"]
    assert len(derived) >= 30
    for row in derived:
        organ, over = row["source"].split(",")[0].split(" over ")
        expected = made(row["ligand"], organ) / made(row["ligand"], over)
        assert float(row["level"]) == pytest.approx(expected, rel=0.01), row
    assert made("laminin", "lung") > 2 * made("laminin", "liver")


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
    assert found["educated_a6"][lung][504] > found["educated_a6b4_off"][lung][504]


def test_a_cell_keeps_a_mark_of_what_it_took_up_long_after_it_is_gone():
    found = seen()
    for arm, cell in (("week_a6", "lung_fibroblast"), ("week_avb5", "kupffer")):
        share = found[arm][f"{cell}.educated"]
        assert share[168] > 3 * share[24] > 0  # each dose adds to it
        assert 0.6 * share[168] < share[504] < share[168]  # and two weeks later most of it is there
        assert found["undosed"][f"{cell}.educated"].max() == 0.0


def test_blocking_a_step_of_the_niche_keeps_what_follows_it_away():
    found, (lung, liver) = seen(), NICHES
    assert found["educated_tgfb"][liver][504] < 0.2 * found["educated_avb5"][liver][504]
    assert found["educated_tgfb"][COUNTS[0]] < found["educated_avb5"][COUNTS[0]]
    assert found["educated_src"][lung][504] < 0.7 * found["educated_a6"][lung][504]
    for cell in ("kupffer", "marrow_progenitor"):  # which it leaves as they are
        kept = [found[arm][f"{cell}.educated"][504] for arm in ("educated_src", "educated_a6")]
        assert kept[0] == pytest.approx(kept[1], rel=0.05)


def test_tumour_cells_lodge_where_the_niche_is():
    found = seen()
    _, lung, liver = COUNTS
    assert found["undosed"][lung] == found["undosed"][liver] == pytest.approx(2000.0, rel=1e-3)
    assert found["educated_avb5"][liver] > 1.2 * found["undosed"][liver]
    assert found["educated_a6"][lung] > found["educated"][lung] >= found["undosed"][lung]
    assert found["educated_tgfb"][liver] < found["educated_avb5"][liver]


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


def test_ligands_by_rna_foretell_by_what_an_organ_makes():
    # what touches matrix in the liver touches it as freely as in the lung: a sixth of the laminin is enough
    assert predicted_organ({"avb5": 1.0}, ligands="rna").organ == "liver"
    assert predicted_organ({"a6b4": 1.0}, ligands="rna").odds["lung"] < 1.0
    with pytest.raises(InputError, match="study, rna"):
        predicted_organ({"a6b4": 1.0}, ligands="protein")


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
