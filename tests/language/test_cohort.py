"""The cohort of a model: what can be read, the names of outputs, and that it survives a round trip."""

from __future__ import annotations

import pytest

from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language import Model, json_schema, load
from vesiflux.language.checks.context import Context
from vesiflux.language.measures import By, Event, Formula, Measure
from vesiflux.language.modules import library_models
from vesiflux.language.outputs import output_names

MODEL = {
    "vesiflux": 1, "name": "ward", "space": {"kind": "dish", "volume": "1 mL"},
    "cells": {"patient": {"is": "patient", "count": 1, "nodes": {"PD-1": {"basal": 0.5}}}},
    "arms": {"usual": {}},
    "cohort": {
        "for": "2 d",
        "outcomes": {"high": {"measure": "`patient.node.PD-1` / patient.count @ 48 h less 0 h", "above": 1}},
        "markers": {"a": {"measure": "patient.count @ 1 d"}, "b": {"measure": "patient.count @ 2 h"}},
        "panels": {"both": ["a", "b"]},
        "detection": ["a"],
    },
    "run": {"for": "3 d"},
}  # fmt: skip


def test_round_trip_and_the_short_form_of_detection():
    model = Model.from_dict(MODEL)
    assert model.spec.cohort.detection.markers == ("a",)
    assert Model.from_dict(model.to_dict(whole=True)) == model
    assert Model.from_text(model.to_text()) == model
    short, whole = json_schema()["$defs"]["Detection"]["anyOf"]
    assert short["type"] == "array"
    assert "specificity" in whole["properties"]


def test_what_a_measure_names():
    measure = Measure.read("`patient.node.PD-1` / patient.count @ 48 h less 0 h")
    assert measure.formula.outputs == {"patient.node.PD-1": 1, "patient.count": 23}
    assert measure.times == (48.0, 0.0)
    assert measure.formula.only is None
    assert Formula("`a.PD-1`").only == "a.PD-1"
    assert By.read(" death by  14 d ").time == 336.0
    assert str(Event.read("below 0.5")) == "below 0.5"


@pytest.mark.parametrize("text", ["death at 14 d", "death by soon", "14 d"])
def test_events_that_cannot_be_read(text):
    with pytest.raises(InputError):
        By.read(text)


@pytest.mark.parametrize("name", library_models())
def test_every_output_of_the_library_is_known_before_it_is_lowered(name):
    model = load(name)
    if model.spec.space.kind == "tissue":
        return
    known = output_names(Context(model.spec, model.modules, {}))
    assert {o.name for o in lower(model).program.outputs} <= set(known)
