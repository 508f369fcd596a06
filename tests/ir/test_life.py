"""Rates of division and death that a cell states without any signal."""

from __future__ import annotations

import math
from typing import Any

import pytest
from test_lowering import case, run, with_cell

from vesiflux.errors import InputError
from vesiflux.ir.lowering.behaviours import changes_numbers
from vesiflux.language import Model


def grower(life: dict[str, Any], *behaviours: str, **more: Any) -> dict[str, Any]:
    cell = {"is": "any_cell", "count": "1000 cell", "nodes": {"GO": {"basal": 0.5}}, "life": life}
    return with_cell("grower", {**cell, "behaviours": list(behaviours)}, **more)


def test_numbers_follow_the_stated_rates():
    out = run(grower({"proliferation": "0.03 /h", "apoptosis": "0.01 /h", "necrosis": "0.005 /h"}))
    assert out["grower.count"] == pytest.approx(1000 * math.exp(0.015 * 24), rel=1e-6)
    dead = {cause: out["states"][f"dead.grower.{cause}"] for cause in ("apoptosis", "necrosis")}
    assert dead["apoptosis"] == pytest.approx(2 * dead["necrosis"], rel=1e-9)
    assert dead["necrosis"] == pytest.approx(0.005 * out["states"]["grower.cell_hours"], rel=1e-9)


def test_a_sentence_starts_from_the_stated_rate():
    sentence = "GO increases apoptosis from 0.01 /h to 0.05 /h, half 0.5, hill 1"
    out = run(grower({"apoptosis": "0.01 /h"}, sentence))
    assert out["grower.count"] == pytest.approx(1000 * math.exp(-0.03 * 24), rel=1e-6)
    drawn = run(grower({"apoptosis": "0.01 /h"}, sentence), grower__life__apoptosis=0.03)
    assert drawn["grower.count"] == pytest.approx(1000 * math.exp(-0.04 * 24), rel=1e-6)


@pytest.mark.parametrize(
    ("target", "left"), [("grower.life.proliferation", 0.5), ("grower.proliferation", 0.5),
                         ("proliferation", 0.5)]
)  # fmt: skip
def test_an_intervention_acts_on_it_once(target: str, left: float):
    model = grower(
        {"proliferation": "0.02 /h"},
        interventions={"drug": {"scales": target, "factor": 0.5, "start": "0 h"}},
        arms={"control": {"mark": "control"}, "drug": {"interventions": ["drug"], "against": "control"}},
    )
    out = run(model, arm="drug")
    assert out["grower.count"] == pytest.approx(1000 * math.exp(0.02 * left * 24), rel=1e-6)


def test_a_model_knows_whose_numbers_change():
    spec = Model.from_dict(grower({"necrosis": "0 /h"})).spec
    assert changes_numbers(spec, "grower")
    assert not changes_numbers(Model.from_dict(case()).spec, "sender")
    assert not changes_numbers(Model.from_dict(grower({"dying": "4 h"})).spec, "grower")


def test_a_sentence_from_another_rate_is_refused():
    with pytest.raises(InputError, match=r"starts from 0.02 /h \(life.proliferation\), not from 0.03 /h"):
        Model.from_dict(
            grower({"proliferation": "0.02 /h"}, "GO decreases proliferation from 0.03 /h to 0 /h")
        )
