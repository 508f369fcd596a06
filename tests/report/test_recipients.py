"""What the recipients get: delivered copies told from the cell's own, means over states, words, the page."""

from __future__ import annotations

import csv
import re
from types import SimpleNamespace

import numpy as np
import pytest

from vesiflux import report
from vesiflux.report import uptake
from vesiflux.report.figures.common import Interval
from vesiflux.report.recipients import Recipients
from vesiflux.report.words import difference, percent
from vesiflux.study.run import run

DRAWS = 20
SIGNAL = "t_cell.signals.miR-1 @cytosol"
# output -> (unit, value in "control", value in "dosed")
OUTPUTS = {
    "t_cell.count": ("cell", 100.0, 100.0),
    "t_cell.calm.count": ("cell", 75.0, 50.0),
    "t_cell.calm.copies.miR-1.cytosol": ("copy/cell", 100.0, 104.0),
    "t_cell.calm.node.ALARM": ("1", 0.2, 0.2),
    "t_cell.tired.count": ("cell", 25.0, 50.0),
    "t_cell.tired.copies.miR-1.cytosol": ("copy/cell", 100.0, 120.0),
    "t_cell.tired.node.ALARM": ("1", 0.2, 0.6),
    "t_cell.calm.copies.CD9.surface": ("copy/cell", 1.0, 2.0),
    "t_cell.tired.copies.CD9.surface": ("copy/cell", 1.0, 2.0),
    "medium.exosome": ("vesicle/mL", 1e8, 1e9),
    "medium.exosome.CD9": ("copy/mL", 1e8, 1e9),
    "medium.TNF": ("molecule/mL", 5.0, 5.0),
}
PARAMETERS = {f"{SIGNAL}.half": 1000.0, f"{SIGNAL}.endogenous": 100.0}


class StubReader:
    """The parts of `Reader` that recipients are read with; the same in every draw."""

    def __init__(self, outputs=OUTPUTS, parameters=PARAMETERS):
        self._values, self._parameters = outputs, parameters
        self.facts = {"cells": {"t_cell": {"title": "T cells"}}}
        self.outputs = self.series_outputs = {n: v[0] for n, v in outputs.items()}
        self.compiled = SimpleNamespace(parameters=[SimpleNamespace(name=n) for n in parameters])
        self.arms, self.references, self.compared = ("control", "dosed"), ("control",), ("dosed",)
        self.times = np.array([0.0, 1.0, 2.0])

    def title(self, arm):
        return arm

    def reference(self, arm):
        return "control" if arm == "dosed" else ""

    def reference_structure(self, arm):
        return ""

    def vesicle_title(self, vesicle):
        return vesicle + "s"

    def final(self, output, arm, structure=None):
        return np.full(DRAWS, self._values[output][1 + (arm == "dosed")])

    def series(self, output, arm, structure=None):
        return np.tile(self.final(output, arm)[:, None], (1, 3))

    def parameter(self, name, arm):
        return np.full(DRAWS, self._parameters[name])


@pytest.fixture
def found():
    return Recipients(StubReader())


def test_quantities_are_found_by_their_names(found):
    assert [q.title for q in found.copies] == ["miR-1 in the cytosol of T cells", "CD9 bound to T cells"]
    assert [q.sensed for q in found.copies] == [True, False]
    assert [q.title for q in found.shares] == ["T cells that are tired"]
    assert [q.title for q in found.nodes] == ["ALARM of T cells"]
    assert [q.title for q in found.medium] == ["exosomes in the medium", "TNF in the medium"]
    assert found
    assert not Recipients(StubReader({"t_cell.count": ("cell", 1.0, 1.0)}))


def test_delivered_copies_are_those_beyond_the_cells_own_in_the_mean_over_states(found):
    (mir, _), (node,), (share,) = found.copies, found.nodes, found.shares
    assert found.final(mir, "control") == pytest.approx(0.0)
    assert found.final(mir, "dosed") == pytest.approx(12.0)  # (50 * 4 + 50 * 20) / 100
    assert found.series(mir, "dosed").shape == (DRAWS, 3)
    assert found.series(mir, "dosed") == pytest.approx(12.0)
    assert found.share_of_half(mir, "dosed") == pytest.approx(0.012)
    assert found.final(node, "dosed") == pytest.approx(0.4)
    assert found.change(node, "dosed") == pytest.approx(0.2)
    assert found.change(share, "dosed") == pytest.approx(0.25)
    assert found.change(found.medium[0], "dosed") == pytest.approx(10.0)
    assert found.most_changed(node) == "dosed"


def test_copies_far_below_what_acts_change_nothing(found):
    mir = found.copies[0]
    assert found.changes_nothing(mir, "control")
    assert not found.changes_nothing(mir, "dosed")  # 12 of 1,100
    weak = Recipients(StubReader(parameters=PARAMETERS | {f"{SIGNAL}.half": 5000.0}))
    assert weak.changes_nothing(weak.copies[0], "dosed")
    assert "changes nothing in any arm" in uptake.sentences(weak)[0]


def test_sentences_say_copies_shares_and_nodes(found):
    said = uptake.sentences(found)
    assert said == [
        "miR-1 in the cytosol of T cells: 0 delivered copies per cell in “control”, beside 100 of the cell's "
        "own, 0 % of the level at half effect, none of the draws above it; the most is 12, 1.2 % of that "
        "level, in “dosed”.",
        "T cells that are tired: 25 % of them after 2 h in “control”. Changed most by “dosed”: +25 points "
        "against “control”.",
        "Largest change of a response node of T cells: ALARM in “dosed”, +0.20 to 0.40 on its "
        "scale from 0 to 1.",
    ]
    still = {n: (u, a, a) for n, (u, a, _) in OUTPUTS.items()}
    said = uptake.sentences(Recipients(StubReader(still)))
    assert said[1].endswith("no arm changes that by more than a point.")
    assert said[2] == "No response node of T cells changes by more than 0.01 in any arm."


def test_tables_pair_values_with_their_change(found):
    copies, cells, medium = uptake.tables(found)
    assert copies.columns[0] == ("miR-1 in the cytosol of T cells", "half effect at 1,000; own copies 100")
    assert copies.columns[1][1] == "nothing senses it"
    assert copies.rows[1][2][1] == ("2.0", "×2.0")
    assert cells.rows[1][2] == (("50 %", "+25 points"), ("0.40", "+0.20"))
    assert medium.rows[1][2] == (("1e9", "×10"), ("5.0", "×1.0"))


def test_curves_leave_out_what_never_moves(found):
    (slug, _, arrives, still), (_, _, responds, _) = uptake.responses(found)
    assert slug == "arrives"
    assert [r.title for r in arrives.rows] == ["miR-1 in the cytosol of T cells", "exosomes in the medium"]
    assert still == ["TNF in the medium"]
    assert responds.rows[1].curves[1].change.median == pytest.approx(0.2)
    assert responds.rows[1].curves[0].change is None


def test_words_of_shares_and_differences():
    assert percent([0.5] * 3) == "50 %"
    assert percent([1e-9] * 3) == "0 %"
    assert difference(Interval(-0.3, -0.5, 1e-9, 3), points=True) == "−30 points (−50 to ±0)"
    assert difference(Interval.of([np.nan])) == "–"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("melanoma")
    finished = run("melanoma-cd8", arms=["no_exosomes"], draws=8, store=folder / "store")
    return report.write([finished], folder / "report")


def test_the_page_leads_with_the_recipients(page):
    text = page.read_text(encoding="utf-8")
    findings = re.findall(r"<li>(.*?)</li>", text[text.index('class="findings"') :])
    assert findings[0].startswith("PD-L1 bound to CD8 T cells: ")
    assert findings[1].startswith("miR-10b in the cytosol of CD8 T cells: ")
    assert findings[1].endswith("changes nothing in any arm.")
    assert text.index("What the recipients get") < text.index("Release against the reference arm")
    assert "reported fold" not in text


def test_the_numbers_of_the_page_are_in_its_files(page):
    with (page.parent / "figures" / "received.csv").open(encoding="utf-8") as handle:
        rows = {(r["quantity"], r["arm"]): r for r in csv.DictReader(handle)}
    bound = rows["cd8.copies.PD-L1.surface", "no_exosomes"]
    assert 0.05 < float(bound["fold_of_reference_median"]) < 0.3  # a tenth of the release
    assert rows["cd8.copies.miR-10b.cytosol", "control"]["own_copies_per_cell_median"]
    with (page.parent / "figures" / "recipients-responds.csv").open(encoding="utf-8") as handle:
        kinds = {r["change"] for r in csv.DictReader(handle)}
    assert kinds == {"", "difference"}


def test_a_model_that_only_doses_has_a_page(tmp_path):
    from vesiflux.language import Model

    model = Model.load("melanoma-cd8").to_dict()
    del model["cells"]["melanoma"], model["interventions"]["fresh_exosome_block"]
    model["arms"] = {n: model["arms"][n] for n in ("control", "dosed", "dosed_anti_pd1", "medium_change")}
    finished = run(Model.from_dict(model), arms=["dosed"], draws=8, store=tmp_path / "store")
    text = report.write([finished], tmp_path / "report").read_text(encoding="utf-8")
    assert "none of the draws above it" in text
    assert "released per cell and hour" not in text
    assert "one cell releases" not in text
