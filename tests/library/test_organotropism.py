"""Integrins send vesicles to organs: tables and model agree, switching one off moves vesicles and niche."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vesiflux
from vesiflux.errors import InputError
from vesiflux.language import load
from vesiflux.library.tropism import matches, predicted_organ

OPTIONS = {
    "lung": {"a6b4": 1.0, "a6b1": 1.0},
    "lung_a6b1": {"a6b1": 1.0},
    "liver": {"avb5": 1.0},
    "liver_cancer": {"aMb2": 1.0},
}


@cache
def seen() -> dict[str, Any]:
    """Medians of 12 draws by arm: per cent of the dose after 24 h, and activity of the niche."""
    arms = ["plain", "a6", "a6b4_off", "a6_off", "avb5", "avb5_off", "aMb2", "aMb2_off"]
    with tempfile.TemporaryDirectory() as folder:
        run = vesiflux.run("organotropism", arms=arms, draws=12, store=Path(folder), threads=2)
        rows = run.summary()["arms"]
        found: dict[str, Any] = {
            arm: {o: v["percent_injected_dose"]["24 h"] for o, v in row["organs"].items()}
            for arm, row in rows.items()
        }
        for arm in arms:
            for node in ("lung_fibroblast.node.S100A4", "kupffer.node.S100A8"):
                found[arm][node] = float(np.median(run.final(node, arm)))
        return found


@pytest.mark.parametrize("option", OPTIONS)
def test_the_matches_of_the_model_are_those_of_the_tables(option: str):
    spec = load("organotropism").spec
    written = {k: float(str(v.typical)) for k, v in spec.choices["profile"].options[option].items()}
    base = dict.fromkeys(("kupffer", "spleen_macrophage"), 10.0)  # row r_mac
    wanted = {
        f"{cell}.takes_up.tumour_ev.match": more * base.get(cell, 1.0)
        for cell, more in matches(OPTIONS[option]).items()
    }
    assert written == pytest.approx(wanted)


def test_each_integrin_moves_vesicles_to_its_organ():
    found = seen()
    for arm, organ in (("a6", "lung"), ("avb5", "liver")):
        assert found[arm][organ] > 1.1 * found["plain"][organ], arm
    assert found["a6"]["lung"] > 2 * found["avb5"]["lung"]


def test_no_integrin_helps_where_the_endothelium_holds_back():
    # what comes into the tumour is taken up there anyway; Kupffer cells, which have some ICAM1, take more
    plain, with_it = predicted_organ({}).percent, predicted_organ({"aMb2": 1.0}).percent
    assert with_it["tumour"] < plain["tumour"]
    assert with_it["liver"] > plain["liver"]


def test_switching_an_integrin_off_moves_them_back():
    found = seen()
    assert found["a6"]["lung"] > found["a6b4_off"]["lung"] > found["a6_off"]["lung"]
    for arm in ("a6", "avb5", "aMb2"):
        for organ in ("lung", "liver"):
            # every arm has draws of its own, so that medians agree to what a dozen draws allow
            assert found[f"{arm}_off"][organ] == pytest.approx(found["plain"][organ], rel=0.25)


def test_the_niche_goes_with_the_vesicles():
    found = seen()
    lung, liver = "lung_fibroblast.node.S100A4", "kupffer.node.S100A8"
    assert found["a6"][lung] > found["a6_off"][lung]
    assert found["avb5"][liver] > found["avb5_off"][liver]
    assert found["a6"][lung] > found["avb5"][lung]


@pytest.mark.parametrize(
    ("profile", "organ"),
    [
        ({"a6b4": 1.0}, "lung"),
        ({"a6b1": 1.0}, "lung"),
        ({"avb5": 1.0}, "liver"),
        ({"aMb2": 1.0}, ""),
        ({"a6b4": 0.01}, ""),
        ({}, ""),
    ],
)
def test_predicted_organ(profile: dict[str, float], organ: str):
    found = predicted_organ(profile)
    assert found.organ == organ
    assert sum(found.percent.values()) < 101.0


def test_unknown_integrins_and_levels_below_nothing_are_refused():
    with pytest.raises(InputError, match="a6b4, a6b1, avb5, aMb2"):
        matches({"a9b1": 1.0})
    with pytest.raises(InputError, match="0 or more"):
        matches({"a6b4": -1.0})
