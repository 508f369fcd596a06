"""Standings, pushes and synergy on a gland whose release is proportional to its one node."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import TEXT, model

from vesiflux.report.reader import Reader
from vesiflux.store.standing import ASSAY, EXCEEDS, UNASSIGNED, WITHIN, not_run
from vesiflux.study.reach import reach, short_of
from vesiflux.study.run import run

RATE = "exosomes_per_cell_per_hour"
ARMS = """
interventions:
  loss: {scales: RAB, factor: 0.5, start: before}
  twice: {scales: RAB, factor: 2, mark: calibrated, start: before}
  drug: {scales: RAB, factor: {typical: 0.25, low: 0.2, high: 0.3}, start: before}
arms:
  control: {}
  loss: {interventions: [loss], against: control, reported: [{readout: RATE, low: 0.4, high: 0.6}]}
  weak: {interventions: [twice], against: control, reported: [{readout: RATE, low: 3.9, high: 4.1}]}
  far: {interventions: [twice], against: control, reported: [{readout: RATE, low: 1000}]}
  lost: {interventions: [loss], against: control, node: unknown, reported: [{readout: RATE, high: 0.6}]}
  odd: {interventions: [loss], against: control,
        reported: [{readout: RATE, low: 9, high: 9, doubtful: assay, doubt: frozen cells}]}
  drug: {interventions: [drug], against: control}
  loss+drug: {interventions: [loss, drug], against: control}
unassigned:
  unheard: {reported: [{readout: RATE, low: 3, high: 3}]}
"""
# a limit that the tenfold gland passes; what was measured in untreated cells rules nothing out
LIMITS = (
    "constraints: {most: {expression: pool, unit: vesicle/cell, at_most: 10000 vesicle/cell},"
    " usual: {expression: pool, unit: vesicle/cell, at_most: 0.001 vesicle/cell,"
    " measured_in: untreated cells}}"
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    text = TEXT.replace(
        "constraints: {most: {expression: pool, unit: vesicle/cell, at_most: 300 vesicle/cell}}", LIMITS
    )
    head, _, tail = text.partition("interventions:")
    text = head + ARMS.strip().replace("RATE", RATE) + "\nrun:" + tail.partition("run:")[2]
    return run(model(text), draws=16, threads=1, store=tmp_path_factory.mktemp("store"))


def _one(found, arm):
    return next(s for s in found.standings() if s.arm == arm)


def test_standings_follow_from_the_run(finished):
    assert _one(finished, "loss").standing == WITHIN
    assert _one(finished, "loss").reported == "0.4-0.6"
    assert _one(finished, "lost").standing == UNASSIGNED
    assert _one(finished, "lost").reported == "at most 0.6"
    assert _one(finished, "odd").standing == ASSAY
    assert "frozen cells" in _one(finished, "odd").plain()["doubt"]
    assert _one(finished, "far").standing == EXCEEDS
    assert "not tried" in _one(finished, "far").limit
    (unheard,) = not_run(finished)
    assert unheard.standing == UNASSIGNED
    assert not unheard.predicted


def test_what_falls_short_is_pushed_before_it_exceeds(finished):
    assert short_of(finished) == ["weak", "far"]
    further = reach(finished, threads=1)
    weak, far = _one(further, "weak"), _one(further, "far")
    assert (weak.standing, weak.power) == (WITHIN, 2)
    assert "stronger effect than assumed" in weak.remark
    assert far.standing == EXCEEDS
    assert "however far it is pushed" in far.limit
    assert further.fold(RATE, "weak/push4") == pytest.approx(np.full(16, 16), rel=1e-3)
    assert reach(further, threads=1) is further
    assert Reader(further).arms == Reader(finished).arms  # pushes are no arms of their own in a report


def test_limits_of_untreated_cells_rule_nothing_out(finished):
    assert finished.limit_names() == {
        "donor.gland.limit.most": False, "donor.gland.limit.usual": True,
    }  # fmt: skip
    assert _one(finished, "loss").predicted[0].beyond == {"donor.gland.limit.usual": 1.0}


def test_synergy_of_independent_factors_is_one_in_every_draw(finished):
    (pair,) = finished.synergies()
    assert pair.parts == ("loss", "drug")
    assert (pair.synergy.low, pair.synergy.high) == pytest.approx((1, 1), rel=1e-4)
    assert pair.together.median == pytest.approx(0.125, rel=0.1)
    assert finished.summary()["arms"]["loss+drug"]["synergy"][0]["alone"]["loss"]["median"] == pytest.approx(
        0.5, rel=1e-3
    )
