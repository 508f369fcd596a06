"""What modules show at the end of a run: closed forms, spread, and no machineries."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import vesiflux
from vesiflux.language import Model

TEXT = """
vesiflux: 1
name: fading
space: {kind: dish, volume: 1 mL}
modules:
  pool:
    vesiflux_module: 1
    name: pool
    rests: false
    parameters: {k: {low: 0.1, typical: 0.1, high: 0.1, unit: 1/h, mark: assumed, source: example}}
    nodes: {DOOR: {}}
    species: {S: {unit: "1", initial: 1, kind: activity}}
    reactions: {empty: {rate: k * DOOR * S, moves: {S: -1}, unit: 1/h}}
    readouts: {left: {title: what is left, expression: S, unit: "1"}}
cells: {holder: {is: macrophage, count: 1, modules: {store: pool}}}
interventions: {shut: {scales: holder.store.DOOR, factor: 0, start: before}}
arms: {open: {}, closed: {interventions: [shut]}}
run: {for: 10 h, record: 1 h}
"""


def test_ends_of_each_arm_in_closed_form(tmp_path: Path):
    arms = vesiflux.run(Model.from_text(TEXT), draws=4, store=tmp_path).summary()["arms"]
    left = {arm: row["readouts"]["holder.store.left"] for arm, row in arms.items()}
    assert left["open"]["median"] == pytest.approx(math.exp(-1.0), rel=1e-5)
    assert left["open"]["low"] <= left["open"]["median"] <= left["open"]["high"]
    assert left["closed"]["median"] == 1.0
    assert (left["open"]["title"], left["open"]["unit"]) == ("what is left", "1")


def test_a_machinery_has_its_own_picture_and_no_readouts(tmp_path: Path):
    arms = vesiflux.run("secretion", arms=["control"], draws=2, store=tmp_path).summary()["arms"]
    assert "readouts" not in arms["control"]


def test_where_no_module_tells_anything_a_body_tells_of_cells_that_changed(tmp_path: Path):
    given = ["week_avb5", "undosed"]
    arms = vesiflux.run("organotropism", arms=given, draws=2, store=tmp_path).summary()["arms"]
    one, none = (arms[arm]["readouts"] for arm in given)
    assert one["kupffer.educated.count"]["title"] == "Kupffer cells, educated"
    assert one["kupffer.educated.count"]["median"] > none["kupffer.educated.count"]["median"] == 0.0
    assert one["liver_macrophage.count"]["unit"] == "cell"
    assert not {"kupffer.resident.count", "kupffer.count", "astrocyte.count"} & set(one)
