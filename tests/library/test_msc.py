"""The whole model of the MSC review: what it names, what reaches a cell, what cannot, and its map."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

import vesiflux as vf
from vesiflux.evidence import Evidence
from vesiflux.language import load
from vesiflux.language.responses import parse_response
from vesiflux.language.schema import Value
from vesiflux.language.tsv import read_table
from vesiflux.language.yaml import read_text, read_yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "src" / "vesiflux" / "library" / "msc"
ASSETS = ROOT / "docs" / "assets"


@pytest.fixture(scope="module")
def model():
    return load("msc")


@pytest.fixture(scope="module")
def run(model, tmp_path_factory):
    arms = ["control", "no_msc_exosomes", "mir_145_5p"]
    return vf.run(model, arms=arms, draws=4, threads=1, store=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("msc_map", ASSETS / "msc-map.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["msc_map"] = module
    spec.loader.exec_module(module)
    return module


def checks():
    data, _, _ = read_yaml(read_text(FOLDER / "checks.yaml"), "checks.yaml")
    return {c["claim"]: c for c in data["checks"]}


def told(model):
    """Claims of responses that are in the model."""
    texts = [text for cell in model.spec.cells.values() for text in cell.responses]
    return {claim for text in texts for claim in parse_response(text).claims}


# ---------------------------------------------------------------- what it says


def test_nearly_every_checkable_claim_is_in_an_arrow_or_a_check(model):
    claims = [c for c in Evidence.load().claims.values() if c.review == "msc" and c.checkable]
    by_hand = {c for c, check in checks().items() if "inexpressible" not in check}
    named = told(model) | by_hand
    # what carriers bring and what cells take up is said by secretion and uptake
    carried = {"msc-004", "msc-018", "msc-019", "msc-031", "msc-047", "msc-109", "msc-075"}
    missing = [c.id for c in claims if c.id not in named | carried]
    assert len(missing) <= 0.15 * len(claims), missing


def test_no_arrow_is_left_out_because_its_vesicles_are_missing(model):
    assert [x for x in model.left_out if "takes up" in x.reason and x.claim != "msc-018"] == []


def test_sources_send_classes_of_their_own(model):
    senders = {}
    for name, cell in model.spec.cells.items():
        for vesicle in cell.secretes:
            senders.setdefault(vesicle, []).append(name)
    assert all(len(cells) == 1 for cells in senders.values()), senders
    assert sum("msc" in vesicle for vesicle in senders) >= 8


def test_no_cell_takes_up_one_vesicle_twice(model):
    """The exosomes of MSC in general stand in the model under three names; each cell meets one of them."""
    same = {"msc_exosome", "msc_cargo_exosome", "msc_listed_exosome"}
    assert {
        n: set(c.takes_up) & same for n, c in model.spec.cells.items() if len(set(c.takes_up) & same) > 1
    } == {}


def test_what_contradicts_itself_is_a_structure(model):
    assert {"emt_and_resistance", "patients_vesicles"} <= set(model.spec.structures)
    contested = {s for s in model.spec.structures if "msc_exosome" in s}
    assert {s.rpartition("-")[2] for s in contested} == {"tumour_growth", "metastasis", "tumour_angiogenesis"}


def test_nothing_is_chosen_to_meet_a_claim(model):
    def values(part):
        if isinstance(part, Value):
            yield part
        elif isinstance(part, dict):
            for inner in part.values():
                yield from values(inner)
        elif isinstance(part, list | tuple):
            for inner in part:
                yield from values(inner)
        elif hasattr(type(part), "model_fields"):
            for name in type(part).model_fields:
                yield from values(getattr(part, name))

    found = [v for v in values(model.spec) if v.mark == "calibrated"]
    assert found == []
    assert sum(v.mark == "assumed" and not v.source for v in values(model.spec)) == 0


def test_controls_name_parts_of_the_model(model):
    table = read_table(
        FOLDER / "controls.tsv",
        ("id", "agent", "factor", "start", "window", "outcome", "reason", "source", "claim"),
        (),
    )
    cells = model.spec.cells
    assert len(table.rows) >= 20
    for row in table.rows:
        agent, outcome = (row.text(k).split(".") for k in ("agent", "outcome"))
        assert row.text("reason")
        assert agent[0] in cells
        assert outcome[0] in cells
        if agent[1:2] in (["secretes"], ["takes_up"]):
            assert agent[2] in getattr(cells[agent[0]], agent[1]), agent
        targets = {parse_response(t).target for t in cells[outcome[0]].responses}
        assert outcome[1] in targets | set(cells[outcome[0]].nodes), outcome


# ---------------------------------------------------------------- what it does


def test_without_msc_exosomes_nothing_is_held(run):
    held = run.final("osteosarcoma_cell.held.bm_msc_exosome", "control")
    assert np.all(held > 0.0)
    assert np.all(run.final("osteosarcoma_cell.held.bm_msc_exosome", "no_msc_exosomes") == 0.0)


def test_a_native_microrna_stays_below_one_copy_and_changes_nothing(run):
    """What is delivered at the cells' own release, beside what a cell has and what it would need."""
    own = run.final("nsclc_cell.copies.miR-144.cytosol", "no_msc_exosomes")
    delivered = run.final("nsclc_cell.copies.miR-144.cytosol", "control") - own
    assert np.all(own >= 1.0)
    assert np.median(delivered) < 1.0
    fold = run.final("nsclc_cell.node.CCNE1", "control") / run.final(
        "nsclc_cell.node.CCNE1", "no_msc_exosomes"
    )
    assert np.median(np.abs(np.log2(fold))) < 0.1


def test_a_ligand_on_the_vesicle_does_more_than_a_microrna_in_it(run):
    def change(node):
        top, bottom = (run.final(f"osteosarcoma_cell.node.{node}", a) for a in ("control", "no_msc_exosomes"))
        return np.abs(np.log2(top / bottom))

    assert np.median(change("hedgehog_signalling")) > 100 * np.median(change("PDCD4"))


def test_a_loaded_carrier_brings_more_than_nothing(run):
    name = "pancreatic_cancer_cell.copies.miR-145-5p.cytosol"
    assert np.all(run.final(name, "mir_145_5p") > run.final(name, "no_msc_exosomes"))


def test_culture_and_passage_reach_every_class_they_name(model):
    culture, passage = (model.spec.choices[c].options for c in ("culture", "passage"))
    rate = "bm_msc.secretes.bm_msc_exosome.rate"
    assert culture["bioreactor"][rate].typical > 2 * Evidence.load().prior("q_MSC").typical
    spread = [o["bm_msc.secretes.bm_msc_exosome.cargo.miR-144.sorting"].high for o in passage.values()]
    assert spread == sorted(spread)
    assert {p.split(".")[0] for o in culture.values() for p in o} <= set(model.spec.cells)


# ---------------------------------------------------------------- the map


def test_the_map_has_models_of_one_source(script):
    for source in ("msc", "mm_patient_bm_msc"):
        made = script.one_source(source, doses=(1.0,))
        assert set(script.tumours(script.written())) <= set(made.spec.cells)
        assert list(made.spec.arms) == ["dose_0", "dose_1"]
    marrow, fat = (script.one_source(s, doses=(1.0,)).spec.cells for s in ("bm_msc", "adipose_msc"))
    assert "miR-144" in marrow["bm_msc"].secretes["exosome"].cargo
    assert "miR-144" not in fat["adipose_msc"].secretes["exosome"].cargo
    assert any("hedgehog" in t and "@held" in t for t in marrow["osteosarcoma_cell"].responses)
    assert not any("hedgehog" in t and "@held" in t for t in fat["osteosarcoma_cell"].responses)


def test_a_flip_is_found_between_doses_sources_and_tumours(script):
    def row(source, tumour, dose, sign):
        return {"source": source, "tumour": tumour, "outcome": "growth", "dose": dose, "sign": sign}

    assert script.flips([row("a", "x", "1", "for"), row("a", "x", "10", "none")]) == []
    one = [row("a", "x", "1", "for"), row("a", "x", "10", "against")]
    assert ("x", "growth", "dose, a") in script.flips(one)
    two = [row("a", "x", "1", "for"), row("b", "x", "1", "against")]
    assert script.flips(two) == [("x", "growth", "source, dose 1")]
    three = [row("a", "x", "1", "for"), row("a", "y", "1", "against")]
    assert script.flips(three) == [("", "growth", "tumour, a")]


def test_the_map_in_the_repository_is_of_this_script(script):
    table = read_table(ASSETS / "msc-map.tsv", script.COLUMNS, ())
    assert {row.text("source") for row in table.rows} == set(script.SOURCES)
    assert {float(row.text("dose")) for row in table.rows} == set(script.DOSES)
    assert {row.text("tumour") for row in table.rows} == set(script.tumours(script.written()))
