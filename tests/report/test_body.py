"""The page of a run that doses a body: curves of the blood, what organs hold, and what is said first."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vesiflux
from vesiflux.language import Model
from vesiflux.report import body, write
from vesiflux.report.figures import body as figure
from vesiflux.report.reader import Reader
from vesiflux.report.style import drawing, to_svg
from vesiflux.store.body import looks

MODEL = """
vesiflux: 1
name: small_body
space:
  kind: body
  blood: 1 mL
  organs:
    liver: {volume: 2 mL, plasma: 0.1 mL, interstitium: 0.4 mL, flow: 50 mL/h, endothelium: sinusoid}
    brain: {volume: 1 mL, plasma: 0.1 mL, interstitium: 0.2 mL, flow: 5 mL/h, endothelium: barrier}
vesicles: {ev: {origin: mvb, diameter: {median: 90 nm}}}
cells:
  kupffer:
    {is: kupffer_cell, in: liver, faces: blood, count: 1e6, takes_up: {ev: {clearance: 1e-5 mL/cell/h}}}
preparations: {dose: {vesicle: ev, label: {half_life: 10 h}}, decoy: {vesicle: ev}}
interventions: {drug: {scales: kupffer.takes_up.ev.clearance, factor: 0.1, start: before}}
schedule:
  - {at: 0 h, dose: dose, amount: 1000 vesicle, arms: [vein, drugged]}
  - {at: 0 h, dose: decoy, amount: 5000 vesicle, arms: [vein, drugged]}
arms:
  vein: {title: into a vein}
  drugged: {title: with a drug, interventions: [drug], against: vein}
run: {for: 2 h, record: 1 min, draws: 4}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    model = Model.from_text(MODEL)
    return vesiflux.run(model, store=tmp_path_factory.mktemp("runs"), threads=1)


def test_half_lives_are_what_the_clearance_says(run: Any):
    data = body.where(Reader(run))
    assert data is not None
    plain, drugged = data.arms
    # 10 mL/h beside exchange with the fluid of organs, a tenth of it with the drug
    assert plain.half_life_min.median < 5.0 < drugged.half_life_min.median
    assert drugged.reference is plain.blood
    assert plain.reference is None


def test_shares_are_of_the_labelled_dose_alone(run: Any):
    data = body.where(Reader(run))
    assert data is not None
    assert data.arms[0].blood.median[0] == pytest.approx(100.0)
    seen = data.arms[0].organs["liver"]
    assert list(seen) == ["5 min", "1 h"]  # the run ends before a day
    assert 0.0 < seen["5 min"].median < seen["1 h"].median <= 100.0
    assert data.organs[0] == "liver"


def test_looks_count_from_the_first_dose_and_arms_without_one_are_not_shown(tmp_path: Path):
    text = MODEL.replace("at: 0 h", "at: 1 h").replace("  vein: {", "  nothing: {title: nothing}\n  vein: {")
    late = vesiflux.run(Model.from_text(text), store=tmp_path, threads=1)
    data = body.where(Reader(late))
    assert data is not None
    assert [arm.arm for arm in data.arms] == ["vein", "drugged"]
    summary = late.summary()
    assert "organs" not in summary["arms"]["nothing"]
    seen = summary["arms"]["vein"]["organs"]["liver"]["percent_injected_dose"]
    assert seen["1 h"] > seen["5 min"] > 1.0
    assert summary["organs"] == summary["arms"]["vein"]["organs"]


def test_the_summary_table_says_where_the_dose_is(run: Any, tmp_path: Path):
    with (run.to_csv(tmp_path) / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = {(r["arm"], r["quantity"]): r for r in csv.DictReader(file)}
    data = body.where(Reader(run))
    assert data is not None
    liver = data.arms[0].organs["liver"]["1 h"]
    told = rows["vein", "dose in liver after 1 h"]
    assert (float(told["median"]), told["unit"]) == (pytest.approx(liver.median), "%")
    assert float(rows["vein", "half-life in blood"]["median"]) < 5.0


def test_looks_that_no_record_is_near_are_left_out():
    times = np.arange(0.0, 73.0, 6.0)
    share = {"blood": np.where(times >= 12.0, 0.5, 0.0)[None]}
    assert looks(times, share) == {"24 h": 6}


def test_the_figure_and_its_rows(run: Any):
    data = body.where(Reader(run))
    assert data is not None
    with drawing():
        svg = to_svg(figure.draw(data), "dose")
    for words in ("with a drug", "liver", "brain", "after 1 h", "half-life"):
        assert words in svg, words
    table = figure.rows(data)
    at_start = next(r for r in table if r["arm"] == "vein" and r["place"] == "blood")
    assert at_start["median"] == pytest.approx(100.0)
    assert {r["place"] for r in table} == {"blood", "liver", "brain"}
    assert all(np.isfinite(float(str(r["median"]))) for r in table)


def test_the_page_says_where_the_dose_is_before_all_else(run: Any, tmp_path: Path):
    page = write([run], tmp_path).read_text(encoding="utf-8")
    assert "Where the dose is" in page
    assert "after 1 h the liver holds" in page
    assert (tmp_path / "figures" / "body.svg").exists()
    assert "half-life<br>in blood" in page
    assert "<td>1 h</td>" in page


def test_a_dose_is_told_in_numbers(run: Any):
    reader = Reader(run)
    found = body.table(reader, body.where(reader))
    assert found is not None
    assert found.organs == ("blood", "liver", "brain")
    vein, drugged = found.rows
    assert (vein.title, vein.pool) == ("into a vein", "–")  # no cell of this body sends anything
    assert [look for look, _ in vein.looks] == ["1 h"]
    assert float(drugged.half.split()[0]) > 5.0
    assert body.table(reader, None) is None


SENDS = "    secretes: {ev: {rate: 100 vesicle/cell/h, initial: 1e5 vesicle/mL}}\npreparations"


def test_what_cells_send_is_told_where_an_arm_changes_it(tmp_path: Path):
    text = MODEL.replace("    {is: kupffer_cell", "    is: kupffer_cell\n    #", 1)
    block = (
        "    in: liver\n    faces: blood\n    count: 1e6\n    takes_up: {ev: {clearance: 1e-5 mL/cell/h}}\n"
    )
    text = text.replace("preparations", block + SENDS, 1)
    runs = {}
    for name, target in (("still", "takes_up.ev.clearance"), ("moved", "secretes.ev.rate")):
        model = Model.from_text(text.replace("kupffer.takes_up.ev.clearance", f"kupffer.{target}"))
        runs[name] = vesiflux.run(model, draws=2, store=tmp_path / name, threads=1)
    pages = {name: write([r], tmp_path / name / "page").read_text("utf-8") for name, r in runs.items()}
    assert "released per cell and hour" not in pages["still"]
    assert "released per cell and hour" in pages["moved"]
    assert "dose over<br>own pool" in pages["still"]
    reader = Reader(runs["still"])
    found = body.table(reader, body.where(reader))
    assert found is not None
    assert found.rows[0].pool == "1.0 %"  # 1,000 labelled vesicles on 1e5 in 1 mL of blood


def test_a_run_without_a_body_has_none_of_it(tmp_path: Path):
    text = """
vesiflux: 1
name: dish
space: {kind: dish, volume: 1 mL}
vesicles: {ev: {origin: mvb, diameter: {median: 90 nm}}}
cells: {a: {is: macrophage, count: 1e6, secretes: {ev: {rate: 10 vesicle/cell/h}}}}
run: {for: 1 h, record: 1 h, draws: 2}
"""
    run = vesiflux.run(Model.from_text(text), store=tmp_path, threads=1)
    assert body.where(Reader(run)) is None
    assert body.answers(None) == []
