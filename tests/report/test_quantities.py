"""What the page shows over time: levels in a body's blood by sender, readouts of modules, the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import vesiflux
from vesiflux.language import Model
from vesiflux.report import quantities, write
from vesiflux.report.figures import quantities as figure
from vesiflux.report.reader import Reader
from vesiflux.report.style import drawing, to_svg

SENDS = "secretes: {ev: {machinery: growth}}"
MODEL = f"""
vesiflux: 1
name: two_senders
space:
  kind: body
  blood: 1 mL
  organs:
    liver: {{volume: 2 mL, plasma: 0.1 mL, interstitium: 0.4 mL, flow: 50 mL/h, endothelium: sinusoid}}
vesicles: {{ev: {{origin: mvb, diameter: {{median: 90 nm}}}}}}
modules:
  source:
    vesiflux_module: 1
    name: source
    parameters: {{k: {{typical: 3, low: 2, high: 5, unit: vesicle/cell/h, mark: assumed, source: example}}}}
    nodes: {{OPEN: {{title: what opens it}}}}
    species: {{S: {{title: made so far, unit: vesicle/cell, initial: 0, scale: 10}}}}
    reactions: {{make: {{title: making, rate: k * OPEN, moves: {{S: 1}}, unit: vesicle/cell/h}}}}
    release: {{ev: k * OPEN}}
    readouts:
      made: {{title: made so far, expression: S, unit: vesicle/cell}}
      still: {{title: never changes, expression: "2", unit: "1"}}
cells:
  one: {{title: the first, is: platelet, count: 100, modules: {{growth: source}}, {SENDS}}}
  other: {{title: the second, is: platelet, count: 100, modules: {{growth: source}}, {SENDS}}}
interventions: {{shut: {{inhibits: one.growth.OPEN, efficacy: 0.9}}}}
arms: {{control: {{}}, shut: {{title: one is shut, interventions: [shut], against: control}}}}
run: {{for: 4 h, record: 30 min, draws: 4, equilibrate: false}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return vesiflux.run(Model.from_text(MODEL), store=tmp_path_factory.mktemp("runs"), threads=1)


def test_levels_come_first_and_what_never_changes_is_left_out(run: Any):
    data = quantities.watched(Reader(run))
    assert data is not None
    assert [q.output for q in data.quantities] == [
        "blood.ev.one", "blood.ev.other", "one.growth.made", "other.growth.made",
    ]  # fmt: skip
    assert data.quantities[0].title == "evs of the first"
    assert data.quantities[2].title == "the first: made so far"


def test_a_cell_called_blood_is_no_blood(tmp_path: Path):
    text = """
vesiflux: 1
name: dish
space: {kind: dish, volume: 1 mL}
cells: {blood: {is: macrophage, count: 1e6, nodes: {TNF: {basal: 0.2}}, responses: [TNF -> IL6]}}
run: {for: 1 h, record: 30 min, draws: 2}
"""
    dish = vesiflux.run(Model.from_text(text), store=tmp_path, threads=1)
    assert "blood.node.TNF" in dish.outputs(True)
    assert "blood_per_mL" not in dish.summary()["arms"]["control"]
    assert quantities.answers(Reader(dish), quantities.watched(Reader(dish))) == []


def test_the_end_is_told_by_arm(run: Any):
    reader = Reader(run)
    data = quantities.watched(reader)
    assert data is not None
    told = quantities.ends(reader, data)
    assert told["arms"] == ["control", "one is shut"]
    bands = data.quantities[0].bands
    assert bands["shut"].median[-1] == pytest.approx(0.1 * bands["control"].median[-1], rel=1e-6)
    assert told["rows"][0][0] == "evs of the first, vesicle/mL"
    said = quantities.answers(reader, data)
    assert "one is shut" in said[0]
    assert said[2].startswith("At the end, the first: made so far, vesicle/cell: 14 (11–18) in “control”")
    assert not any("the second: made" in sentence for sentence in said)  # the same in both arms


def test_a_summary_has_the_levels_of_each_sender(run: Any):
    arms = run.summary()["arms"]
    control, shut = (arms[a]["blood_per_mL"]["ev"] for a in ("control", "shut"))
    assert shut["one"] == pytest.approx(0.1 * control["one"], rel=1e-6)
    assert shut["other"] == pytest.approx(control["other"], rel=1e-6)


def test_the_figure_the_rows_and_the_page(run: Any, tmp_path: Path):
    data = quantities.watched(Reader(run))
    assert data is not None
    with drawing():
        svg = to_svg(figure.draw(data), "quantities")
    for words in ("evs of the first", "one is shut", "time (h)"):
        assert words in svg, words
    assert len(figure.rows(data)) == 2 * 4 * len(data.times)
    page = write([run], tmp_path / "page").read_text(encoding="utf-8")
    assert "Over time" in page
    assert "At the end of the run" in page
