"""Times of doses and interventions, set for a run."""

from __future__ import annotations

from pathlib import Path

import pytest

import vesiflux
from vesiflux.errors import InputError
from vesiflux.language import Model
from vesiflux.language.timing import with_times

TEXT = """
vesiflux: 1
name: timed
space: {kind: dish, volume: 1 mL}
vesicles: {ev: {origin: mvb, diameter: {median: 0.1 um}}}
cells: {eater: {is: macrophage, count: 1e5, takes_up: {ev: {clearance: 1e-8 mL/cell/h}}}}
preparations: {given: {vesicle: ev}}
interventions: {block: {scales: eater.takes_up.ev.clearance, factor: 0.1, start: 1 h}}
schedule: [{at: 2 h, dose: given, parameter: ev_dose, amount: 1e8 vesicle}]
arms: {plain: {}, blocked: {interventions: [block]}}
run: {for: 24 h, record: 1 h}
"""


def test_times_move_and_other_settings_stay() -> None:
    model, rest = with_times(
        Model.from_text(TEXT),
        {
            "ev_dose.at": "4 h",
            "ev_dose.repeat": "6 h",
            "ev_dose.times": "3",
            "block.start": "5 h",
            "ev_dose": "1e9",
        },
    )
    item = model.spec.schedule[0]
    assert (item.at.typical, item.repeat.typical if item.repeat else None, item.times) == ("4 h", "6 h", 3)
    assert getattr(model.spec.interventions["block"].start, "typical", None) == "5 h"
    assert rest == {"ev_dose": "1e9"}


def test_nothing_to_move_leaves_the_model() -> None:
    written = Model.from_text(TEXT)
    model, rest = with_times(written, {"ev_dose": "1e9"})
    assert model is written
    assert rest == {"ev_dose": "1e9"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ev_dose.at": "30 h"}, "after the end"),
        ({"ev_dose.at": "-1 h"}, "0"),
        ({"ev_dose.times": "often"}, "whole number"),
    ],
)
def test_times_that_cannot_be_are_refused(settings: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        with_times(Model.from_text(TEXT), settings)


def test_python_sets_them_as_the_command_line_does(tmp_path: Path) -> None:
    model, later = Model.from_text(TEXT), {"ev_dose.at": "4 h"}
    found = vesiflux.run(model, arms=["plain"], draws=2, set=later, store=tmp_path)
    level = found.series("medium.ev", "plain").to_numpy()[0]
    assert level[3] == 0.0
    assert level[5] > 0.0
