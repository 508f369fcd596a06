"""Every model of a body takes what its cells take up from one place: the library's presets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vesiflux.ir.lowering import lower
from vesiflux.language import Model, load
from vesiflux.language import presets as presets_module
from vesiflux.language.modules import library_models
from vesiflux.language.presets import presets
from vesiflux.language.yaml import read_text, read_yaml

BODIES = sorted(name for name in library_models() if load(name).spec.space.kind == "body")
#: Cells of a body that the presets describe, and what they take vesicles up with.
SHARED = {
    "kupffer": "body_macrophage",
    "spleen_macrophage": "body_macrophage",
    "marrow_macrophage": "body_macrophage",
    "node_macrophage": "body_macrophage",
    "monocyte": "body_macrophage",
    "liver_endothelium": "body_cell",
    "hepatocyte": "body_cell",
    "lung_endothelium": "body_cell",
    "kidney_endothelium": "body_cell",
    "b_cell": "body_b_cell",
    "blood_cell": "body_blood_cell",
}
REASON = "receptors for what antibodies have marked, beside the usual"
#: What is no uptake of vesicles from a body's fluids by its cells, with the reason.
OWN = {
    ("vaccine", "host", "vaccine_ev"): "follicles hold what lymph brings, no cell eats",
    ("organotropism", "hepatocyte", "free_cargo"): "no vesicle",
    ("organotropism", "astrocyte", "free_cargo"): "no vesicle",
    ("organotropism", "tumour_cell", "free_cargo"): "no vesicle",
    ("repeat-dose", "marked_liver", "small_ev"): REASON,
    ("repeat-dose", "marked_spleen", "small_ev"): REASON,
}
#: What a model may say of uptake beside its preset: ligands, and what becomes of the vesicle in the cell.
BESIDE = {"preset", "match", "escape", "surface_residence"}
#: Models in which the body's own level does not saturate what clears it; their README says why.
LINEAR = {"markers"}


def written(name: str) -> dict[str, Any]:
    """A model of the library as its file has it, before presets are filled in."""
    path = library_models()[name]
    data, _, problems = read_yaml(read_text(path), str(path))
    assert not problems
    return data


def names_of(part: Any) -> list[str]:
    """Presets that a part names."""
    said = part.get("preset", []) if isinstance(part, dict) else []
    return [said] if isinstance(said, str) else list(said)


def test_there_are_bodies():
    assert {"pk", "repeat-dose", "organotropism", "markers", "sepsis-therapy", "vaccine"} <= set(BODIES)
    assert "tumour-detection" in BODIES


@pytest.mark.parametrize("name", BODIES)
def test_cells_that_presets_describe_are_those_of_the_presets(name: str):
    for cell, part in written(name)["cells"].items():
        shared = [known for known in names_of(part) if known in SHARED]
        if cell in SHARED and part.get("in") is None:
            assert shared == [cell], f"{name}: {cell} is written anew"
        if shared:
            assert {"in", "faces", "count"}.isdisjoint(part), f"{name}: {cell} is moved or counted anew"


@pytest.mark.parametrize("name", BODIES)
def test_no_body_has_an_uptake_of_vesicles_of_its_own(name: str):
    """But for ligands and what becomes of the vesicle in the cell."""
    for cell, part in written(name)["cells"].items():
        for vesicle, uptake in part.get("takes_up", {}).items():
            if (name, cell, vesicle) in OWN:
                continue
            used = [known for known in names_of(uptake) if known.startswith("body_")]
            assert len(used) == 1, f"{name}: {cell} takes up {vesicle} by numbers of its own"
            for key in set(uptake) - BESIDE:
                linear = key == "saturation" and uptake[key] is None and name in LINEAR
                assert linear or set(uptake[key]) == {"vary"}, f"{name}: {cell} has a {key} of its own"
            for kind in (known for known in names_of(part) if known in SHARED):
                assert used == [SHARED[kind]], f"{name}: {cell} takes up {vesicle} as no {kind}"


@pytest.mark.parametrize("name", BODIES)
def test_a_change_of_the_fit_in_one_place_reaches_every_body(name: str, monkeypatch: pytest.MonkeyPatch):
    changed = {
        kind: {**said, "clearance": {"typical": "1.25e-9 mL/cell/h", "mark": "assumed", "source": "test"}}
        if kind.startswith("body_")
        else said
        for kind, said in presets("uptake").items()
    }
    cells = {
        kind: {**said, "count": {"by_species": dict.fromkeys(said["count"]["by_species"], "12345 cell")}}
        if kind in SHARED
        else said
        for kind, said in presets("cells").items()
    }
    replaced = {"uptake": changed, "cells": cells}
    monkeypatch.setattr(presets_module, "presets", lambda kind: replaced.get(kind) or presets(kind))
    model = Model.load(Path(library_models()[name]))
    values = {p.name: p.prior.typical for p in lower(model).parameters}
    for path, value in values.items():
        cell, _, rest = path.partition(".")
        vesicle = rest.partition(".")[2].partition(".")[0]
        if rest.startswith("takes_up.") and rest.endswith(".clearance") and (name, cell, vesicle) not in OWN:
            assert value == 1.25e-9, path
        if cell in SHARED and rest == "count" and "in" not in written(name)["cells"][cell]:
            assert value == 12345, path


@pytest.mark.parametrize("name", ["pk", "repeat-dose", "tumour-detection"])
def test_the_bodys_own_vesicles_are_released_by_one_number(name: str):
    (released,) = written(name)["cells"]["blood_cell"]["secretes"].values()
    assert released["preset"] == "own_vesicles"
    assert "rate" not in released


def test_what_antibodies_mark_is_taken_up_by_the_fit_and_the_row():
    """(f_ADA - 1) times clearance and match of a macrophage: to be changed with the fit."""
    values = {p.name: p.prior.typical for p in lower(load("repeat-dose"), {"donor": "foreign"}).parameters}
    usual = values["kupffer.takes_up.small_ev.clearance"] * values["kupffer.takes_up.small_ev.match"]
    fold = {p.name: p for p in lower(load("pk")).parameters}
    effect = next(p for n, p in fold.items() if n.startswith("interventions.antibodies.effects.kupffer"))
    assert effect.prior.typical is not None
    more = (effect.prior.typical - 1.0) * usual
    assert values["marked_liver.behaviours.1.max"] == pytest.approx(more, rel=0.05)
