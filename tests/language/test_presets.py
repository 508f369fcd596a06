from __future__ import annotations

from typing import Any

import pytest

from vesiflux.errors import InputError
from vesiflux.language import Model, json_schema, load
from vesiflux.language.presets import KINDS, preset_file, presets
from vesiflux.language.schema import Intervention

HEAD = """\
vesiflux: 1
name: small
space: {kind: dish, volume: 2 mL}
run: {for: 24 h}
"""


def model(text: str) -> Model:
    return Model.from_text(HEAD + text)


def problems(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        model(text)
    return [f"{p.line}:{p.column} {p.message}" for p in caught.value.problems]


def test_a_part_takes_over_what_it_does_not_say() -> None:
    spec = model("""\
vesicles: {exosome: {preset: exosome, title: mine, diameter: {sigma: 0.2}}}
factors: {IFNG: {preset: IFNG, half: 5e9 molecule/mL}}
cells:
  cd8:
    preset: cd8_t_cell
    count: 1e5
    takes_up: {exosome: {preset: usual, clearance: 1e-9 mL/cell/h}}
""").spec
    exosome = spec.vesicles["exosome"]
    assert (exosome.origin, exosome.title) == ("mvb", "mine")
    assert exosome.diameter.median.evidence == "d_sEV_trps"
    assert exosome.diameter.sigma.typical == 0.2
    assert spec.factors["IFNG"].half is not None
    # a quantity is one thing: nothing of the preset's range is left
    assert spec.factors["IFNG"].half.typical == "5e9 molecule/mL"
    assert spec.factors["IFNG"].half.low is None
    cell = spec.cells["cd8"]
    assert cell.kind == "cd8_t_cell"
    assert cell.radius.typical == "4.5 um"
    uptake = cell.takes_up["exosome"]
    assert uptake.clearance.typical == "1e-9 mL/cell/h"
    assert uptake.clearance.evidence is None
    assert uptake.escape.evidence == "f_esc"


def test_the_same_model_written_out_is_the_same() -> None:
    short = model("vesicles: {e: {preset: exosome}}\ncells: {a: {is: tumour_cell, count: 1}}\n")
    long = model(
        "vesicles: {e: {origin: mvb, title: exosomes, diameter: {median: {evidence: d_sEV_trps}, sigma: 0.3},"
        " decay: {half_life: {evidence: t_ext}}}}\ncells: {a: {is: tumour_cell, count: 1}}\n"
    )
    assert short == long
    assert short.to_dict(whole=True) == long.to_dict(whole=True)
    assert "preset" in short.to_text()
    assert "preset" not in short.to_text(whole=True)
    assert Model.from_text(short.to_text(whole=True)) == short


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Presets of cells made for a test."""
    known: dict[str, Any] = {
        "one": {
            "is": "tumour_cell",
            "states": ["a"],
            "nodes": {"X": {"basal": 0.5}},
            "responses": ["X -> Y"],
        },
        "two": {"title": "two", "states": ["a", "b"], "responses": ["X -> Y", "Y -> Z"]},
    }
    monkeypatch.setattr(
        "vesiflux.language.presets.presets", lambda kind: known if kind == "cells" else presets(kind)
    )
    return known


def test_lists_that_add_up_begin_with_the_presets(own: dict[str, Any]) -> None:
    cell = model("cells: {c: {preset: [one, two], count: 1, responses: [Z -> W], states: [c]}}\n").spec.cells[
        "c"
    ]
    assert cell.states == ("a", "b", "c")
    assert cell.responses == ("X -> Y", "Y -> Z", "Z -> W")
    assert cell.title == "two"


def test_what_is_wrong_is_told_where_the_model_says_it(own: dict[str, Any]) -> None:
    text = "cells:\n  c:\n    preset: [one, two]\n    count: 1\n    responses: [Q -> W]\n"
    (message,) = problems(text)
    assert message.startswith("9:17 nothing called 'Q'")


def test_what_is_wrong_in_a_preset_is_told_where_it_is_named(own: dict[str, Any]) -> None:
    own["one"]["responses"] = ["Q -> Y"]
    (message,) = problems("cells:\n  c:\n    preset: one\n    count: 1\n")
    assert message.startswith("7:13 nothing called 'Q'")


def test_another_way_of_saying_a_thing_takes_the_place_of_the_presets() -> None:
    cell = model("""\
vesicles: {exosome: {preset: exosome, decay: {rate: 0.1 /h}}}
cells:
  a:
    preset: tumour_cell
    count: 1
    secretes: {exosome: {rate: 60 vesicle/cell/h, cargo: {miR-1: {preset: miRNA, passive: 100 copy/cell}}}}
""")
    assert cell.spec.vesicles["exosome"].decay.half_life is None
    cargo = cell.spec.cells["a"].secretes["exosome"].cargo["miR-1"]
    assert cargo.copies is None
    assert cargo.kind == "miRNA"


def test_an_unknown_preset_says_which_are_near() -> None:
    (message,) = problems("vesicles: {e: {preset: exosom}}\ncells: {a: {is: tumour_cell, count: 1}}\n")
    assert message.startswith("5:24 the library has no preset 'exosom' of vesicles; did you mean 'exosome'")


def test_a_preset_is_a_name_or_names() -> None:
    (message,) = problems("vesicles: {e: {preset: 3}}\ncells: {a: {is: tumour_cell, count: 1}}\n")
    assert "'preset' is a name or a list of names, not 3" in message


def test_the_schema_lets_a_preset_say_what_is_needed() -> None:
    vesicle = json_schema()["$defs"]["VesicleClass"]
    assert {"required": ["preset"]} in vesicle["anyOf"]
    assert "required" not in vesicle


#: The least that a model says of a part beside its preset.
LEAST: dict[str, dict[str, Any]] = {
    "cells": {"is": "tumour_cell", "count": 1e5},
    "preparations": {"vesicle": "exosome"},
}


def _around(kind: str, name: str) -> dict[str, Any]:
    said = presets(kind)[name]
    in_body = {"in", "label", "initial"} & set(said)  # what only a body has
    part = {"preset": name, **({} if "in" in said else LEAST.get(kind, {}))}
    spec: dict[str, Any] = {
        "vesiflux": 1,
        "name": "all",
        "space": {"kind": "dish", "volume": "1 mL", "area": "9.5 cm^2"},
        "vesicles": {"exosome": {"preset": "exosome"}},
        "cells": {"c": {"preset": "tumour_cell", "count": 1e5, "nodes": {"PDCD1_signal": {"basal": 0.5}}}},
        "run": {"for": "1 h"},
    }
    if kind == "uptake":
        spec["cells"]["c"]["takes_up"] = {"exosome": part}
    elif kind == "secretion":
        spec["cells"]["c"]["secretes"] = {"exosome": part}
    elif kind == "cargo":
        spec["cells"]["c"]["secretes"] = {"exosome": {"rate": "1 vesicle/cell/h", "cargo": {name: part}}}
    else:
        spec.setdefault(kind, {})[name] = part
    if in_body:
        spec["space"] = {"kind": "body", "species": "mouse"}
        spec["cells"]["c"] |= {"in": "blood"}
    return spec


def test_what_is_said_of_a_number_keeps_it() -> None:
    cell = {"is": "tumour_cell", "count": 1e5, "takes_up": {"e": {"preset": "usual"}}}
    data = {
        "vesiflux": 1,
        "name": "m",
        "space": {"kind": "dish", "volume": "1 mL"},
        "vesicles": {"e": {"preset": "exosome"}},
        "cells": {"a": cell},
        "run": {"for": "1 h"},
    }
    usual = Model.from_dict(data).spec.cells["a"].takes_up["e"].saturation
    cell["takes_up"]["e"]["saturation"] = {"vary": "fixed"}
    held = Model.from_dict(data).spec.cells["a"].takes_up["e"].saturation
    assert usual is not None
    assert held is not None
    assert (usual.vary, held.vary) == ("draw", "fixed")
    assert held.evidence == usual.evidence == "C_sat"


BY_SPECIES = """
vesiflux: 1
name: m
space: {%s}
vesicles: {e: {preset: exosome}}
cells:
  a: {is: tumour_cell, in: blood, count: {by_species: {%s}}}
run: {for: 1 h}
"""
EVERY = "mouse: 1e3, rat: {typical: 2e3, mark: assumed, source: guess}, macaque: 3e3, human: 4e3"


def test_a_number_by_species_is_that_of_the_body() -> None:
    model = Model.from_text(BY_SPECIES % ("kind: body, species: rat", EVERY))
    assert model.spec.cells["a"].count.typical == 2e3
    options = model.spec.choices["species"].options
    found = {s: o["a.count"].typical for s, o in options.items()}
    assert found == {"mouse": 1e3, "rat": 2e3, "macaque": 3e3, "human": 4e3}


def test_a_model_of_one_species_alone_has_none_to_choose() -> None:
    model = Model.from_text(BY_SPECIES % ("kind: body, species: rat, only: true", EVERY))
    assert model.spec.cells["a"].count.typical == 2e3
    assert "species" not in model.spec.choices


@pytest.mark.parametrize(
    ("space", "numbers", "said"),
    [
        ("kind: dish, volume: 1 mL", EVERY, "this number is by species and the model has none"),
        ("kind: body, species: rat", "mouse: 1, rat: 2, human: 4", "no number for macaque"),
        ("kind: body, species: rat", EVERY + ", mose: 3", "no species 'mose'; did you mean 'mouse'?"),
    ],
)
def test_a_number_by_species_that_cannot_be(space: str, numbers: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        Model.from_text(BY_SPECIES % (space, numbers))
    assert said in str(error.value)
    assert "model.yaml:7:" in str(error.value)


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k in KINDS for n in presets(k)])
def test_every_preset_of_the_library_can_be_read(kind: str, name: str) -> None:
    plain = _around(kind, name)
    if kind == "cells":  # what it names must be there, whatever it is
        said = presets(kind)[name]
        for vesicle in {*said.get("takes_up", {}), *said.get("secretes", {})}:
            plain["vesicles"].setdefault(vesicle, {"preset": "exosome"})
        for factor in {*said.get("releases", {}), *said.get("consumes", {})}:
            plain.setdefault("factors", {})[factor] = {"preset": factor}
    if kind == "interventions":  # what it acts upon depends on the model
        Intervention.model_validate(presets(kind)[name])
    else:
        Model.from_dict(plain)


def test_files_of_presets_are_those_that_are_read() -> None:
    folder = preset_file("vesicles").parent
    assert {p.stem for p in folder.glob("*.yaml")} <= set(KINDS)


def test_library_models_do_not_change_by_having_presets() -> None:
    assert load("melanoma-cd8").to_dict(whole=True)["vesicles"]["exosome"]["origin"] == "mvb"
