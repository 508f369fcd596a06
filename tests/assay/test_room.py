"""The room as Python names it: `vf.assay`."""

from __future__ import annotations

import pytest

import vesiflux as vf
from vesiflux.assay.isolation.account import product
from vesiflux.assay.isolation.chain import isolate
from vesiflux.assay.protocol import load


def test_the_room_can_be_called_and_says_what_the_command_says() -> None:
    found = vf.assay("uc-sec", draws=20)
    assert found.product == product(isolate(load("uc-sec"), 20, 1))
    assert {reading["instrument"] for reading in found.readings} >= {"nta", "trps", "protein"}
    assert found.scale_up("1e11 vesicle")["dose"] == found.scale_up(1e11)["dose"] == 1e11


def test_its_names_are_there_and_others_are_told() -> None:
    for name in vf.assay.__all__:
        assert callable(getattr(vf.assay, name)), name
    with pytest.raises(AttributeError, match=r"has no 'sort'; it has"):
        vf.assay.sort  # noqa: B018
