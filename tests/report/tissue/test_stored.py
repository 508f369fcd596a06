"""The report of a run as it is stored, by a simulation of nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[2] / "study"))

from tissue_fake import Fake, plan

from vesiflux import report
from vesiflux.errors import InputError
from vesiflux.report.tissue import picture
from vesiflux.report.tissue.stored import arms
from vesiflux.store.tissue import TissueRun
from vesiflux.study.tissue import execute_tissue


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> TissueRun:
    plans = {arm: plan(arm, 2.0) for arm in ("control", "drug")}
    store = tmp_path_factory.mktemp("store")
    return execute_tissue(plans, {"arms": None, "seed": 1, "set": {}}, store=store, engine=Fake)


def test_arms_read_what_the_run_has(run: TissueRun) -> None:
    first, second = arms(run)
    assert (first.arm, second.arm) == ("control", "drug")
    assert first.times.tolist() == [0, 1, 2]
    assert [k.name for k in first.kinds] == ["tumour", "macrophage"]
    assert (first.field("oxygen", 2) == run.field("oxygen", 2).values).all()
    assert set(first.cells(1)) >= {"id", "x", "radius", "node.KRAS"}
    taken = {(r.recipient, r.sender, r.quantity): r.amount for r in first.received()}
    assert taken["macrophage", "tumour", "vesicles"] > 0
    assert taken["macrophage", "tumour", "a/b"] > 0
    assert taken["macrophage", "", "Oxygen"] > 0
    assert all(np.isclose(e.balance, 1e-15) and np.isclose(e.error, 1e-4) for e in first.errors)
    assert sum(first.events.values()) == run.events("control").num_rows


def test_the_report_of_a_run_is_one_page(run: TissueRun, tmp_path: Path) -> None:
    page = report.write([run], tmp_path / "report")
    html = page.read_text(encoding="utf-8")
    assert html.count('class="tissue-view"') == 1
    assert "a/b in exosomes, copies" in html
    assert html == report.write([run], tmp_path / "again").read_text(encoding="utf-8")
    assert (tmp_path / "report" / "figures" / "sent-drug.csv").read_text(encoding="utf-8").count(
        "\n"
    ) == 1 + 2 + 2 + 2
    two = report.write([run, run], tmp_path / "two").read_text(encoding="utf-8")
    assert two.count('class="tissue-view"') == 2
    assert two.count("new View(root)") == 1


def test_a_run_that_goes_on_is_reported_as_far_as_it_went(
    run: TissueRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TissueRun, "frame_times", lambda self, arm=None: np.zeros(1))
    html = report.write([run], tmp_path / "part").read_text(encoding="utf-8")
    assert "drug: not finished, 1 of 3 frames are there." in html


def test_a_run_without_frames_has_no_report(
    run: TissueRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TissueRun, "frame_times", lambda self, arm=None: np.zeros(0))
    with pytest.raises(InputError, match="no frame yet"):
        report.write([run], tmp_path / "none")


def test_a_picture_of_a_stored_arm(run: TissueRun, tmp_path: Path) -> None:
    path = picture.draw(run, "drug", 1, tmp_path / "a.svg", field="exosome.tumour")
    assert "drug, 1.0 h" in path.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="control, drug"):
        picture.draw(run, "dose", path=tmp_path / "b.svg")
