from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vesiflux.errors import InputError
from vesiflux.language import Model, json_schema, load, starter
from vesiflux.language.checks.context import Context
from vesiflux.language.modules import library_models, library_modules

LIBRARY = sorted(library_models())
DISHES = [name for name in LIBRARY if load(name).spec.space.kind == "dish"]


def small(**changes: object) -> dict[str, object]:
    return {
        "vesiflux": 1,
        "name": "small",
        "space": {"kind": "dish", "volume": "2 mL"},
        "vesicles": {"exosome": {"origin": "mvb", "diameter": {"median": "90 nm"}}},
        "cells": {
            "donor": {
                "is": "tumour_cell",
                "count": 1e6,
                "secretes": {"exosome": {"rate": "60 vesicle/cell/h"}},
            }
        },
        "run": {"for": "24 h"},
        **changes,
    }


@pytest.mark.parametrize("name", LIBRARY)
def test_library_models_make_the_round_trip(name: str, tmp_path: Path):
    model = load(name)
    path = model.save(tmp_path / "copy" / "model.yaml")
    again = load(path)
    assert again == model
    assert path.read_text(encoding="utf-8") == model.text
    assert Model.from_dict(model.to_dict(), tmp_path / "copy") == model
    whole = Model.from_text(model.to_text(whole=True))  # no other file needed
    if model.places:  # read from a file, then written out
        assert {n: [p.typical for q in c.layout.points for p in q] for n, c in whole.spec.cells.items()} == {
            n: [f"{x} um" for spot in model.places[n] for x in spot] for n in whole.spec.cells
        }
    else:
        assert whole == model
    assert not whole.written.tables


@pytest.mark.parametrize("name", DISHES)  # parameters of a tissue are numbers once it is lowered
def test_parameters_are_named_as_in_a_lowered_model(name: str):
    from vesiflux.ir.lowering import lower

    model = load(name)
    known = Context(model.spec, model.modules, {}).parameters
    assert {p.name for p in lower(model).parameters} <= set(known)


def test_library_modules_are_found_without_importing_the_library():
    import subprocess
    import sys

    code = (
        "import sys; from vesiflux.language.modules import library_modules; "
        "assert library_modules(); assert not {'vesiflux.library', 'lark'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "mvb" in library_modules()


_QUANTITY = st.one_of(
    st.floats(1, 1e9).map(lambda x: {"typical": x, "unit": "mL", "mark": "assumed", "source": "a test"}),
    st.floats(1, 1e9).map(lambda x: f"{x!r} mL"),
    st.tuples(st.floats(1, 10), st.floats(10, 20), st.floats(20, 30)).map(
        lambda t: {"low": t[0], "typical": f"{t[1]!r} mL", "high": t[2], "unit": "mL", "vary": "replicate"}
    ),
)


@settings(deadline=None, max_examples=25)
@given(
    _QUANTITY,
    st.dictionaries(st.sampled_from(["a", "b-2", "GAPDH", "no"]), st.floats(0, 1e7), min_size=1, max_size=3),
    st.text("abc: #'\"!é\n", max_size=12),
    st.booleans(),
)
def test_round_trip_of_small_models(volume: object, counts: dict[str, float], title: str, rest: bool):
    data = small(
        title=title,
        space={"kind": "dish", "volume": volume},
        cells={name: {"is": "cell", "count": count} for name, count in counts.items()},
        run={"for": "24 h", "equilibrate": rest},
    )
    model = Model.from_dict(data)
    assert model.to_dict() == data
    assert Model.from_text(model.to_text()) == model
    assert Model.from_text(model.to_text(whole=True)) == model


def test_objects_may_stand_in_the_data():
    from vesiflux.language.schema import Cell, Value

    cell = Cell.model_validate({"is": "tumour_cell", "count": "1e6 cell"})
    model = Model.from_dict(small(cells={"donor": cell}, parameters={"k": Value(typical="2 /h")}))
    assert model.spec.cells["donor"] == cell
    assert Model.from_text(model.to_text()) == model


def test_changed_leaves_the_first_as_it_was():
    model = Model.from_dict(small())
    other = model.changed({"space.volume": "3 mL", "cells.donor.count": 5e5})
    assert other.spec.space.volume is not None
    assert other.spec.space.volume.typical == "3 mL"
    assert other.spec.cells["donor"].count.typical == 5e5
    assert model == Model.from_dict(small())
    assert model != other
    with pytest.raises(InputError, match="must be above 0"):
        model.changed({"space.volume": "0 mL"})
    with pytest.raises(InputError, match="the model has no such place"):
        model.changed({"name.first": "x"})


def test_scalars_are_quantities_everywhere():
    model = Model.from_dict(
        small(cells={"donor": {"is": "x", "count": {"typical": 10, "unit": "cell"}, "radius": "8 um"}})
    )
    assert model.spec.cells["donor"].radius.typical == "8 um"
    assert model.spec.cells["donor"].count.unit == "cell"


def test_starter_runs_as_it_is():
    model = Model.from_text(starter("my new model"))
    assert model.name == "my new model"
    assert set(model.spec.arms) == {"control", "anti_pd1", "gw4869_like"}
    from vesiflux.ir.lowering import lower

    assert lower(model).rates["exosomes_per_cell_per_hour"]


def test_json_schema_knows_the_keys():
    schema = json_schema()
    json.dumps(schema)
    assert set(schema["required"]) == {"vesiflux", "name", "space", "cells", "run"}
    cell = schema["$defs"]["Cell"]
    assert "is" in cell["properties"]
    assert cell["additionalProperties"] is False
    assert {"type": "string"} in schema["$defs"]["Value"]["anyOf"]


def test_problems_of_objects_name_the_place():
    with pytest.raises(InputError) as caught:
        Model.from_dict(small(space={"kind": "dish", "volume": "2 h"}))
    (problem,) = caught.value.problems
    assert problem.file == "model"
    assert problem.message.startswith("'volume'")
