"""A tissue in the language: read as written, checked in numbers, named as in a lowered model."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from vesiflux.errors import InputError, Problem
from vesiflux.ir.lowering import lower
from vesiflux.language import Model, json_schema, starter
from vesiflux.language.checks.context import Context
from vesiflux.language.schema import DishSpace, Segment, Tissue


def tissue(**changes: Any) -> dict[str, Any]:
    """A small slab with everything in it."""
    return {
        "vesiflux": 1,
        "name": "small",
        "space": {
            "kind": "tissue",
            "size": ["400 um", "300 um"],
            "voxel": "20 um",
            "borders": {"x": "open"},
            "flow": ["0.1 um/s", "0 um/s"],
            "regions": {"rim": {"box": [["0 um", "0 um"], ["400 um", "20 um"]], "hindrance": 0.1}},
            "vessels": {
                "capillary": {
                    "at": [["200 um", "200 um"]],
                    "radius": "5 um",
                    "supplies": {"oxygen": {"inside": "7e16 molecule/mL", "permeability": "1000 um/h"}},
                    "clears": {"exosome": "10 um/h"},
                }
            },
        },
        "vesicles": {
            "exosome": {
                "origin": "mvb",
                "diameter": {"median": "90 nm"},
                "matrix": {"hindrance": 0.2, "binding": {"on": "0.1 /h", "off": "0.05 /h"}},
            }
        },
        "factors": {"oxygen": {"diffusion": "2000 um^2/s", "border": "6e16 molecule/mL"}},
        "cells": {
            "tumour": {
                "is": "tumour_cell",
                "count": 20,
                "secretes": {"exosome": {"rate": "60 vesicle/cell/h"}},
                "life": {"proliferation": "0.02 /h"},
                "mechanics": {"adhesion_to": {"tumour": 0.5}},
                "motility": {"speed": "1 um/min", "towards": {"oxygen": -1}},
                "lysis": {"oxygen": "10 molecule/cell"},
            }
        },
        "run": {"for": "24 h"},
        **changes,
    }


def test_what_is_read_is_written_again():
    model = Model.from_dict(tissue())
    assert isinstance(model.spec.space, Tissue)
    assert Model.from_dict(model.to_dict()) == model
    assert Model.from_text(model.to_text(whole=True)) == model


def test_parameters_are_named_as_in_the_lowered_model():
    from vesiflux.ir.lowering.builder import Builder
    from vesiflux.ir.lowering.tissue.parts import PartsMaker

    model = Model.from_dict(tissue())
    known = Context(model.spec, model.modules, {}).parameters
    infos, _ = PartsMaker(model, model.spec, lambda: Builder(model.spec.name)).known()
    made = {p.name for p in infos}
    assert {"space.flow.1", "tumour.motility.towards.oxygen", "tumour.life.growth"} <= made
    assert made <= set(known)


@pytest.mark.parametrize(
    "target",
    [
        "space.vessels.capillary.supplies.oxygen.permeability",
        "space.vessels.capillary.clears.exosome",
        "vesicles.exosome.matrix.binding.on",
        "factors.oxygen.border",
        "tumour.mechanics.adhesion_to.tumour",
        "tumour.motility.speed",
        "tumour.lysis.oxygen",
        "tumour.proliferation",
        "life.growth",
    ],
)
def test_interventions_reach_what_a_tissue_has(target: str):
    drug = {"interventions": {"drug": {"scales": target, "factor": 0.5}}}
    assert Model.from_dict(tissue(**drug)).spec.interventions["drug"].scales == target
    if "." in target and not target.startswith(("tumour.proliferation", "life")):
        with pytest.raises(InputError, match="nothing in the model is called"):
            Model.from_dict(dish(**drug))


def dish(**changes: Any) -> dict[str, Any]:
    return tissue(space={"kind": "dish", "volume": "2 mL"}, **changes)


def test_a_dish_reads_the_cells_of_a_tissue_and_leaves_their_places_out():
    compiled = lower(Model.from_dict(dish()))
    names = {p.name for p in compiled.parameters}
    assert "tumour.life.proliferation" in names
    assert not any("motility" in n or "mechanics" in n or "lysis" in n for n in names)


def test_a_tissue_is_no_dish():
    with pytest.raises(InputError, match="happens in a tissue"):
        lower(Model.from_dict(tissue()))
    assert isinstance(Model.from_dict(dish()).spec.space, DishSpace)


def test_vessels_of_a_block_lead_from_one_place_to_another():
    data = tissue()
    ends = {"from": ["0 um", "150 um", "150 um"], "to": ["400 um", "150 um", "150 um"]}
    data["space"] |= {"size": ["400 um", "300 um", "300 um"], "flow": [], "regions": {}}
    data["space"]["vessels"]["capillary"]["at"] = [ends]
    (piece,) = Model.from_dict(data).spec.space.vessels["capillary"].at
    assert isinstance(piece, Segment)
    assert [v.typical for v in piece.end] == ends["to"]


def test_cells_that_just_fit_are_accepted():
    data = tissue()
    room = 400 * 300
    most = int(0.9 * room / (3.141592653589793 * 64))
    data["cells"]["tumour"]["count"] = most
    Model.from_dict(data)
    data["cells"]["tumour"]["count"] = most + 1
    with pytest.raises(InputError, match=f"at most {most}"):
        Model.from_dict(data)


def test_a_spheroid_may_reach_across_periodic_sides():
    data = tissue()
    data["cells"]["tumour"]["layout"] = {"kind": "spheroid", "centre": ["10 um", "150 um"], "radius": "90 um"}
    with pytest.raises(InputError, match="reaches out of the box"):
        Model.from_dict(data)
    data["space"]["borders"] = {"x": "periodic", "y": "open"}
    Model.from_dict(data)


def test_quick_uptake_is_no_matter_for_a_factor_at_steady_state():
    data = tissue()
    data["cells"]["tumour"]["consumes"] = {"oxygen": {"clearance": "1e-4 mL/cell/h"}}
    Model.from_dict(data)
    data["factors"]["oxygen"]["treatment"] = "field"
    with pytest.raises(InputError, match=r"take run\.step: .* or less, or treatment: steady"):
        Model.from_dict(data)


def test_responses_from_evidence_are_told_in_a_tissue_as_well():
    data = tissue()
    data["cells"]["tumour"]["responses"] = ["from evidence [tme-999]"]
    with pytest.raises(InputError, match="tme-999"):
        Model.from_dict(data)


def test_json_schema_tells_the_spaces_by_kind():
    schema = json_schema()
    space = schema["properties"]["space"]
    assert set(space["discriminator"]["mapping"]) == {"dish", "tissue", "body"}
    assert {"Tissue", "Layout", "Vessels", "Motility"} <= set(schema["$defs"])


def test_the_starter_is_a_model_that_lowers():
    from vesiflux.ir.lowering.tissue import lower_tissue

    model = Model.from_text(starter("mine", "tissue"))
    for arm in model.spec.arms:
        plan = lower_tissue(model, arm)
        assert [kind.name for kind in plan.cells] == ["tumour", "t_cell"]
    assert plan.groups[0].treatment == "steady"


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_done_to_a_tissue_it_loads_or_says_what_is_wrong(seed: int):
    rng = random.Random(seed)
    words = ["[]", "{}", "-1 um", "0", "[[]]", "{from: [1 um]}", "x", "1e400", "[1 um, 2 um, 3 um]", "'", ""]
    lines = starter("fuzz", "tissue").split("\n")
    for _ in range(rng.randint(1, 3)):
        k = rng.randrange(len(lines))
        how = rng.randrange(3)
        key, colon, _ = lines[k].partition(":")
        if how == 0:
            del lines[k]
        elif how == 1:
            lines[k] = f"{key}{colon} {rng.choice(words)}"
        else:
            lines[k] = lines[k].replace(" um", rng.choice([" h", "", " mm"]))
    problems = _problems("\n".join(lines))
    assert all(p.line >= 1 and "\n" not in p.message for p in problems)


def _problems(text: str) -> tuple[Problem, ...]:
    try:
        Model.from_text(text)
    except InputError as error:
        return error.problems
    return ()


def _with_file(folder: Path, text: str, count: int = 3, **layout: str) -> Model:
    data = tissue()
    data["cells"]["tumour"] |= {"count": count, "layout": {"kind": "file", "file": "cells.csv", **layout}}
    (folder / "cells.csv").write_text(text, encoding="utf-8")
    return Model.from_dict(data, folder)


CELLS = "x,y,type\n10,20,tumour\n30.5,40,tumour\n1,2,other\n50,60,tumour\n"


def test_places_come_from_a_file(tmp_path: Path):
    from vesiflux.ir.lowering.tissue import lower_tissue

    model = _with_file(tmp_path, CELLS)
    spots = [(10.0, 20.0), (30.5, 40.0), (50.0, 60.0)]
    assert model.places == {"tumour": spots}
    whole = Model.from_text(model.to_text(whole=True))  # without the file
    for one in (model, whole):
        points = lower_tissue(one).cells[0].layout.points
        assert points is not None
        assert [(x, y) for x, y, _ in points] == spots
    saved = Model.load(model.save(tmp_path / "copy" / "model.yaml"))
    assert saved.places == model.places
    assert _with_file(tmp_path, CELLS, 1, type="other").places == {"tumour": [(1.0, 2.0)]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1,2\n", r"cells\.csv:1:1: no column type"),
        ("x,y,type\n1,2,tumor\n", r"no cell has the type 'tumour'; did you mean 'tumor'"),
        ("x,y,type\n1,two,tumour\n", r"cells\.csv:2:1: x, y and z are plain numbers"),
        (
            "x,y,type\n1,2,tumour\n1,400,tumour\n",
            r"cells\.csv:3:1: the cell \(1, 400 um\) lies outside the box",
        ),
        ("x,y,type\n1,2,tumour\n", r"cells\.csv has 1 cells of tumour, count says 3"),
        ("", r"cells\.csv:1:1: no column x, y, type"),
    ],
)
def test_what_is_wrong_with_a_file_of_places(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=message):
        _with_file(tmp_path, text)


def test_a_file_of_places_has_to_be_there(tmp_path: Path):
    data = tissue()
    data["cells"]["tumour"]["layout"] = {"kind": "file", "file": "cells.csv"}
    with pytest.raises(InputError, match=r"cells\.csv: no such file"):
        Model.from_dict(data, tmp_path)
    with pytest.raises(InputError, match="lies beside the model, but this model has no file"):
        Model.from_dict(data)
