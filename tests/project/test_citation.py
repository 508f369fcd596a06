"""Citing the software, and the sources behind a model."""

from __future__ import annotations

import pytest

import vesiflux as vf
from vesiflux.errors import InputError

MODEL = {
    "vesiflux": 1,
    "name": "cited",
    "evidence": ["tme-072", "tme-069"],
    "space": {"kind": "dish", "volume": {"typical": "2 mL", "mark": "read", "source": "Smith 2020"}},
    "vesicles": {"exosome": {"origin": "mvb", "diameter": {"median": "90 nm", "sigma": 0.3}}},
    "cells": {
        "donor": {
            "is": "melanoma_cell",
            "count": {"typical": 1e6, "mark": "assumed", "source": "a usual well"},
            "secretes": {
                "exosome": {"rate": {"typical": "60 vesicle/cell/h", "mark": "read", "source": "Smith 2020"}}
            },
        }
    },
    "run": {"for": "72 h"},
}


def test_without_an_argument_it_names_the_software() -> None:
    assert vf.__version__ in vf.citation()


def test_of_a_model_it_lists_each_source_once_and_no_assumption() -> None:
    lines = vf.citation(vf.Model.from_dict(MODEL)).splitlines()
    assert lines[2].startswith("Sources of cited")
    assert [lines.count(f"- {source}") for source in ("Smith 2020", "tme-069", "tme-072")] == [1, 1, 1]
    assert "- a usual well" not in lines


def test_of_something_else_it_says_what_would_be_right() -> None:
    with pytest.raises(InputError, match="str is neither a Model nor a Run"):
        vf.citation("secretion")  # type: ignore[arg-type]
