"""Values that a parameter can never have are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from vesiflux.errors import InputError
from vesiflux.ir.lowering import lower
from vesiflux.language import load
from vesiflux.study.plan import fixed_values
from vesiflux.study.settings import check_tissue_settings, settled


def refused(settings: Mapping[str, Any], *arms: str) -> list[str]:
    """What is said of settings of the mouse, line by line."""
    model = load("pk")
    with pytest.raises(InputError) as caught:
        settled(model, settings, arms or None, lambda picked: lower(model, picked))
    return str(caught.value).splitlines()


def test_a_dose_that_does_not_fit_into_its_syringe():
    (line,) = refused({"dose": "1e17"})
    assert "set dose: 1e+17 vesicles of 69 nm take up 25.8 mL, more than the 0.1 mL they are in;" in line
    assert line.endswith("3.9e+14 at most")


def test_a_dose_of_no_arm_that_is_run_may_be_anything():
    (line,) = refused({"vesicles.small_ev.diameter.median": "50 um"})
    assert line.startswith("set dose: ")
    lines = refused({"vesicles.small_ev.diameter.median": "50 um"}, "joint")
    assert [text.split(":")[0] for text in lines] == [
        "set dose",
        "set joint_dose",
    ]  # joint is against the vein


def test_cells_that_do_not_fit_into_a_body_of_the_species():
    (line,) = refused({"species": "human", "kupffer.count": "1e14"})
    assert line.startswith("set kupffer.count: these cells fill 9e+03 mL beside ")
    assert "the liver has room for 2.14e+03 mL of cells" in line


def test_all_that_is_wrong_is_told_at_once():
    lines = refused({"species": "dog", "dos": 1, "dose": "3 mL", "kupffer.count": -1}, "intravenus")
    assert lines == [
        "choice species: no option 'dog'; options: mouse, rat, macaque, human",
        "set: no parameter named 'dos'; did you mean dose, predose?",
        "set dose: '3 mL' is a volume where a number of vesicles is expected, e.g. '1e9 vesicle'",
        "set kupffer.count: -1 cell lies below 0; it is an amount, a rate or a level",
        "no arm named 'intravenus' in model pk; did you mean 'intravenous' or 'intranasal'?",
    ]


def test_a_name_of_many_and_a_setting_of_the_run():
    many, run = refused({"volume": 3, "run.for": "1 h"})
    assert many.startswith("set: parameter 'volume' is ambiguous: space.organs.lung.volume, ")
    assert many.endswith("in all); write the whole name")
    assert run == "set: run.for is a setting of the run, which the model's file holds, no parameter"


def test_all_that_is_wrong_in_a_tissue_is_told_at_once():
    spec = load("leader-follower").spec
    with pytest.raises(InputError) as caught:
        check_tissue_settings(
            spec, {"leader.radius": "-1 um", "leader.volume": "two", "x": True}, ["control"]
        )
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "set leader.radius",
        "set leader.volume",
        "set x",
    ]


def test_shares_stay_shares_and_levels_above_nothing():
    compiled = lower(load("secretion"))
    assert list(fixed_values(compiled, {"mvb.fusing_share": 0.5}).values()) == [0.5]
    assert list(fixed_values(compiled, {"mvb.TAT5": 0}).values()) == [0.0]
    with pytest.raises(InputError, match=r"1.5 lies outside 0 to 1; it is a share"):
        fixed_values(compiled, {"mvb.fusing_share": 1.5})
    with pytest.raises(InputError, match=r"-1 lies below 0"):
        fixed_values(compiled, {"mvb.TAT5": -1})


def test_an_arm_in_another_species_is_a_setting():
    (line,) = refused({}, "subcutaneous@human")
    assert line.endswith(
        "no arm named 'subcutaneous@human' in model pk; write --arm subcutaneous --set species=human"
    )
