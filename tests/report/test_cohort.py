"""The page of a cohort: one file, every figure with its numbers, and what it must say."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

from ward import ward

from vesiflux import report
from vesiflux.errors import InputError
from vesiflux.report.cohort import write
from vesiflux.study.cohort_study import HONEST, cohort_study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return cohort_study(ward(), store=tmp_path_factory.mktemp("store"), threads=1)


@pytest.fixture(scope="module")
def page(study, tmp_path_factory):
    return write(study, tmp_path_factory.mktemp("report"))


def test_the_page_asks_nothing_of_the_net_and_says_what_it_is_not(page):
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r'(src|href)="(?!https://(doi\.org|pubmed)|#|data:|figures/)', text)
    assert "<script" not in text
    assert HONEST.replace("'", "&#39;") in text
    for words in ("In short", "Against usual", "Time to detection", "What this model cannot say"):
        assert words in text


def test_every_figure_has_its_files(page):
    text = page.read_text(encoding="utf-8")
    for name in ("survival", "areas", "rocs", "detection"):
        assert f'id="figure-{name}"' in text
        assert (page.parent / "figures" / f"{name}.svg").read_text(encoding="utf-8").startswith("<?xml")
        with (page.parent / "figures" / f"{name}.csv").open(encoding="utf-8") as lines:
            assert len(list(csv.DictReader(lines))) > 2


def test_numbers_of_the_curves_are_those_of_the_study(study, page):
    with (page.parent / "figures" / "survival.csv").open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["arm"] == "halved"]
    assert [float(r["alive"]) for r in rows] == list(study.arms["halved"].curve.share)


def test_a_study_without_survival_and_markers_has_a_page(tmp_path):
    outcomes = {"frail": {"measure": "patient.ward.danger @ 24 h", "above": 0.004}}
    model = ward(survival=None, outcomes=outcomes, markers=None, panels=None, detection=None, trial=None)
    text = write(cohort_study(model, store=tmp_path / "store", threads=1), tmp_path / "report").read_text(
        encoding="utf-8"
    )
    assert "Survival</h2>" not in text
    assert "Markers</h2>" not in text


def test_the_report_of_a_run_says_where_the_page_of_a_cohort_comes_from(study, tmp_path):
    with pytest.raises(InputError, match="vesiflux cohort ward --report"):
        report.write([study.patients.run], tmp_path / "report")


def test_a_file_is_no_folder(study, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="is a file"):
        write(study, tmp_path / "taken")
