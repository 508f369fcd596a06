"""The page of folds is what the model gives: standings computed anew agree with the table that is kept."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

from _generate.folds import folds

ASSETS = Path(__file__).parents[2] / "docs" / "assets"


def _script():
    spec = importlib.util.spec_from_file_location("folds_script", ASSETS / "folds.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_kept_folds_are_those_of_the_model():
    with (ASSETS / "folds.tsv").open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file, delimiter="\t"))
    assert {r["standing"] for r in kept} == {
        "reproduced within the machinery", "exceeds the machinery", "unassigned (no node known)",
        "assay result",
    }  # fmt: skip
    made = _script().lines(arms=["hypoxia", "fluid_shear", "ndrg1_rnai"], draws=48)
    keys = ("stimulus", "reported", "claim", "doubt")
    old = {tuple(r[k] for k in keys): r["standing"] for r in kept}
    assert len(made) > 5
    for row in made:
        assert old[tuple(row[k] for k in keys)] == row["standing"], row["stimulus"]


def test_page_has_every_fold():
    text = folds("table")
    for shown in ("fluid shear", "at least 100", "pH 6.5", "HEK293T at pH 11", "first 5 h"):
        assert shown in text
    assert "150 dyn/cm2" in folds("doubts")
    assert "exceeds the machinery" in folds("standings")
