"""The reporting checklist: filled from what a file says, and what a gap costs follows from the priors."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

import vesiflux as vf
from vesiflux.assay.arms import control_arms
from vesiflux.assay.protocol import library, read
from vesiflux.assay.reporting import checklist
from vesiflux.assay.reporting.cost import Factor, costs
from vesiflux.assay.reporting.facts import MODEL, PROTOCOL
from vesiflux.assay.tables import rows
from vesiflux.cli.main import app
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior


def test_items_name_facts_that_there_are_and_say_where_they_are_from() -> None:
    for row in rows("reporting/items.tsv"):
        assert row["protocol"] in ("", *PROTOCOL), row["item"]
        assert row["model"] in ("", *MODEL), row["item"]
        assert row["mark"] in ("read", "recalled", "derived"), row["item"]
        assert bool(row["address"]) == (row["mark"] == "read"), row["item"]
        assert bool(row["counts_for"]) == bool(row["source"]), row["item"]
    assert sum(row["mark"] == "read" for row in rows("reporting/items.tsv")) >= 8


def test_a_cost_is_what_log_normal_factors_give_by_hand() -> None:
    known, unknown = Prior.from_range(0.5, 1, 2), Prior.from_range(0.1, 1, 10)
    factors = {"a": Factor(unknown, known), "b": Factor(unknown, known)}
    width, found = costs(factors, {"a": False, "b": True}, draws=200_000)
    to_95 = 2 * 1.959964 / 1.644854  # from 5-95 % points to a 95 % interval, both sides

    def by_hand(*highs: float) -> float:
        return to_95 * math.sqrt(sum(math.log(high) ** 2 for high in highs))

    assert math.log(width) == pytest.approx(by_hand(10, 2), rel=0.01)
    assert math.log(found["a"].reported) == pytest.approx(by_hand(2, 2), rel=0.01)
    assert math.log(found["b"].missing) == pytest.approx(by_hand(10, 10), rel=0.01)
    assert found["a"].missing == width
    assert found["b"].reported == width


@pytest.mark.parametrize("name", library())
def test_every_protocol_of_the_library_is_listed(name: str) -> None:
    found = checklist(name)
    assert found.of == "protocol"
    assert 0 < found.filled < len(found.items)
    assert found.width >= found.width_complete
    assert all(item.cost is None or item.cost.fold >= 1 for item in found.items)


def test_counting_and_a_second_quantity_narrow_the_dose() -> None:
    text = "sample: {from: plasma, volume: 0.5 mL}\nsteps: [{sec: {column: qEV-70}}]\nmeasure: [%s]\n"
    none, count, both = (checklist(read(text % m, "p.yaml")) for m in ("em", "nta", "nta, protein"))
    assert none.width > 10 * count.width
    assert count.width > 2 * both.width
    assert none.gaps[0].name == "particle number"


def test_control_arms_fill_items_of_a_model(tmp_path: Path) -> None:
    model = vf.Model.load("melanoma-cd8")
    before = checklist(model)
    after = checklist(control_arms(model, "dosed").save(tmp_path / "with.yaml"))
    opened = {i.name for i in after.items if i.filled} - {i.name for i in before.items if i.filled}
    assert opened == {"serum", "topology", "label", "no vesicles", "no cargo"}
    assert after.width < before.width


def test_a_measured_number_fills_its_item_and_narrows_the_interval() -> None:
    model = vf.Model.load("melanoma-cd8")
    before = checklist(model)
    read_it = {"typical": 0.02, "low": 0.01, "high": 0.04, "mark": "read", "source": "counted here"}
    after = checklist(model.changed({"cells.cd8.takes_up.exosome.escape": read_it}))
    names = {item.name: item for item in after.items}
    assert names["release"].filled
    assert not {item.name: item for item in before.items}["release"].filled
    assert after.width < before.width / 3


def test_command(tmp_path: Path) -> None:
    page = tmp_path / "list.html"
    told = CliRunner().invoke(app, ["checklist", "uc-sec", "--html", str(page)])
    assert told.exit_code == 0
    assert "dearest gaps: " in told.output
    assert "<table>" in page.read_text(encoding="utf-8")
    assert "http" not in page.read_text(encoding="utf-8")
    plain = json.loads(CliRunner().invoke(app, ["checklist", "melanoma-cd8", "--json"]).output)
    assert plain["items"] == len(plain["details"])
    assert {"width_reported", "width_missing", "fold", "source"} == set(plain["details"][2]["cost"])


def test_what_is_neither(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'uc-sec'"):
        checklist("uc-sce")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("steps: []\n")
    with pytest.raises(InputError, match="sample"):
        checklist(wrong)
