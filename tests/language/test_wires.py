"""Wires are 1 in the untreated cell, as far as the module alone tells."""

from __future__ import annotations

import pytest

from vesiflux.errors import InputError
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: wired
space: {kind: dish, volume: 2 mL}
vesicles:
  exosome: {origin: mvb, diameter: {median: 90 nm}}
modules:
  core:
    vesiflux_module: 1
    name: core
    parameters:
      k: {typical: 0.5, unit: 1/h, source: a test, mark: assumed}
      daily: {typical: 12, unit: 1/day, source: a test, mark: assumed}
      made: {typical: 10, unit: ILV/cell/h, source: a test, mark: assumed}
      per: {typical: 1, unit: vesicle/ILV, source: a test, mark: assumed}
      even: {low: 0.5, high: 1.5, distribution: uniform, source: a test, mark: assumed, unit: "1"}
      bell: {low: 0.5, high: 1.5, distribution: normal, source: a test, mark: assumed, unit: "1"}
    nodes:
      RAB27A: {}
    species:
      I: {unit: ILV/cell, initial: made / k}
    wires:
      docks: {from: RAB27A, to: out, sign: "+", factor: FACTOR}
    reactions:
      in: {rate: made * even * bell, moves: {I: 1}}
      out: {rate: k * docks * I, moves: {I: -1}}
    release:
      exosome: daily * RAB27A * I * per
cells:
  donor: {is: tumour_cell, count: 1e6, modules: {core: core}, secretes: {exosome: {machinery: core}}}
run: {for: 24 h}
"""


@pytest.mark.parametrize(
    "factor",
    [
        "RAB27A",
        "RAB27A * daily / k",  # in units that differ
        "RAB27A * even",  # a range without a typical value: its median
        "RAB27A * bell",
        "'where(RAB27A > 2, log(RAB27A - 2), 1)'",  # what is not chosen has no value there
        "RAB27A * I * k / made",
    ],
)
def test_factors_that_are_one(factor):
    assert Model.from_text(TEXT.replace("FACTOR", factor)).modules["core"].wires["docks"].mark == "assumed"


@pytest.mark.parametrize(
    ("factor", "told"),
    [
        ("0.5 + RAB27A", "the factor is 1.5 in"),
        ("RAB27A * daily / k / 24", "the factor is 0.0416667 in"),
        ("RAB27A / (1 - RAB27A)", "the factor has no value in"),
        ("log(RAB27A - 2)", "the factor has no value in"),
    ],
)
def test_factors_that_are_not(factor, told):
    with pytest.raises(InputError, match=told):
        Model.from_text(TEXT.replace("FACTOR", factor))
