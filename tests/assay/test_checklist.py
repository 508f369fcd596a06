"""The reporting checklist: filled from what a file says, and what a gap costs follows from the priors."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import vesiflux as vf
from vesiflux.assay.arms import control_arms
from vesiflux.assay.protocol import library, read
from vesiflux.assay.reporting import checklist
from vesiflux.assay.reporting.cost import Factor, costs, spread
from vesiflux.assay.reporting.delivered import delivered, shares_taken
from vesiflux.assay.reporting.facts import MODEL, PROTOCOL
from vesiflux.assay.tables import rows
from vesiflux.cli.main import app
from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior
from vesiflux.physics.well import layer_uptake_fraction


def test_items_name_facts_that_there_are_and_say_where_they_are_from() -> None:
    for row in rows("reporting/items.tsv"):
        assert row["protocol"] in ("", *PROTOCOL), row["item"]
        assert row["model"] in ("", *MODEL), row["item"]
        assert row["mark"] in ("read", "recalled", "derived"), row["item"]
        assert bool(row["address"]) == (row["mark"] == "read"), row["item"]
        assert bool(row["counts_for"]) == bool(row["source"]), row["item"]
    assert sum(row["mark"] == "read" for row in rows("reporting/items.tsv")) >= 8


KNOWN, UNKNOWN = Prior.from_range(0.5, 1, 2), Prior.from_range(0.1, 1, 10)
TO_95 = 2 * 1.959964 / 1.644854  # from 5-95 % points to a 95 % interval, both sides


def of_product(drawn: Mapping[str, np.ndarray], _: Mapping[str, bool]) -> np.ndarray:
    return drawn["a"] * drawn["b"]


def of_the_least(drawn: Mapping[str, np.ndarray], _: Mapping[str, bool]) -> np.ndarray:
    """Two limits in series, as of supply and uptake."""
    return 1.0 / (1.0 / drawn["a"] + 1.0 / (1e-3 * drawn["b"]))


def test_a_cost_is_what_log_normal_factors_give_by_hand() -> None:
    factors = {"a": Factor(UNKNOWN, KNOWN), "b": Factor(UNKNOWN, KNOWN)}
    found = costs(of_product, factors, {"a": False, "b": True}, draws=200_000)

    def by_hand(*highs: float) -> float:
        return TO_95 * math.sqrt(sum(math.log(high) ** 2 for high in highs))

    assert math.log(spread(found.now)) == pytest.approx(by_hand(10, 2), rel=0.01)
    assert math.log(spread(found.complete)) == pytest.approx(by_hand(2, 2), rel=0.01)
    assert math.log(spread(found.each["b"].missing)) == pytest.approx(by_hand(10, 10), rel=0.01)
    assert found.each["a"].missing == found.now == found.each["b"].reported
    assert found.each["a"].reported == found.complete


def test_what_does_not_limit_costs_nothing_and_gaps_together_are_no_product() -> None:
    factors = {"a": Factor(UNKNOWN, KNOWN), "b": Factor(UNKNOWN, KNOWN)}
    found = costs(of_the_least, factors, {"a": False, "b": False}, draws=50_000)
    assert found.each["a"].fold == pytest.approx(1.0, abs=0.05)
    assert found.each["b"].fold > 10.0
    both = costs(of_product, factors, {"a": False, "b": False}, draws=50_000)
    alone = [one.fold for one in both.each.values()]
    assert spread(both.now) / spread(both.complete) > 2.0 * alone[0] * alone[1]


def test_shares_taken_are_those_of_the_exact_series() -> None:
    g = np.random.default_rng(3)
    for _ in range(200):
        diffusion, depth, hours = (float(10.0**x) for x in g.uniform((3.0, 2.5, 0.0), (5.0, 4.0, 2.5)))
        velocity = float(10.0 ** g.uniform(-3.0, 5.0))
        exact = layer_uptake_fraction(diffusion, depth, hours, velocity)
        assert float(shares_taken(diffusion, depth, hours, velocity)) == pytest.approx(
            exact, rel=0.01, abs=1e-9
        )


def test_copies_delivered_are_the_chain_s_and_take_no_more_than_is_given() -> None:
    model = vf.Model.load("melanoma-cd8")
    fixed = Prior.from_range(typical=1.0, distribution="fixed")
    factors = {name: Factor(fixed, fixed) for name in ("particle number", "uptake", "time", "release")}
    number = delivered(model, factors)
    reported = dict.fromkeys(factors, True)
    one = {name: np.ones(1) for name in factors}
    usual = float(number(one, reported)[0])
    assert float(number({**one, "particle number": np.full(1, 3.0)}, reported)[0]) == pytest.approx(3 * usual)
    slow, fast = (float(number({**one, "uptake": np.full(1, x)}, reported)[0]) for x in (1e-3, 1e6))
    assert slow == pytest.approx(1e-3 * usual, rel=0.5)  # in proportion where little is taken
    assert fast < 1e3 * usual  # and no more than diffusion brings


def test_a_dose_by_protein_alone_is_known_worse_and_goes_with_the_protocol() -> None:
    shown = {name: checklist(name) for name in ("uc-sec", "plasma-sec")}
    pure = {name: found.complete.median for name, found in shown.items()}
    assert pure["plasma-sec"] < 0.1 * pure["uc-sec"] < 1e10  # most of what is counted in plasma is no vesicle


@pytest.mark.parametrize("name", library())
def test_every_protocol_of_the_library_is_listed(name: str) -> None:
    found = checklist(name)
    assert found.of == "protocol"
    assert 0 < found.filled < len(found.items)
    assert found.width >= found.width_complete
    assert all(item.cost is None or item.cost.fold > 0.97 for item in found.items)
    assert found.now.low < found.now.median < found.now.high


@pytest.mark.parametrize("fluid", ["serum-free-medium", "plasma"])
def test_counting_narrows_the_dose_where_what_is_counted_is_vesicles(fluid: str) -> None:
    text = f"sample: {{from: {fluid}, volume: 0.5 mL}}\nsteps: [{{sec: {{column: qEV-70}}}}]\nmeasure: [%s]\n"
    none, count, both = (checklist(read(text % m, "p.yaml")) for m in ("em", "nta", "nta, protein"))
    if fluid == "plasma":  # most particles are lipoproteins: their count tells no more than protein does
        assert count.width > 0.7 * none.width
        assert both.width < 0.95 * min(none.width, count.width)
    else:  # a ratio adds nothing where all of what is counted is vesicles
        assert both.width < 1.01 * count.width < 0.1 * none.width
    assert {"particle number", "two quantities"} <= {item.name for item in none.gaps}


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
    keys = {"width_reported", "width_missing", "fold", "reported", "missing", "source"}
    assert keys == set(plain["details"][2]["cost"])
    assert plain["fold_together"] > plain["fold_of_product"]
    assert set(plain["interval"]) == {"median", "low", "high"}


def test_what_is_neither(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'uc-sec'"):
        checklist("uc-sce")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("steps: []\n")
    with pytest.raises(InputError, match="sample"):
        checklist(wrong)
