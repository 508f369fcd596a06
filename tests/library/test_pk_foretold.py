"""What pk foretold before anybody looked: frozen; the score; the model since."""

from __future__ import annotations

import csv
import hashlib
import math
from pathlib import Path

import pytest

from vesiflux.library import pk_asked
from vesiflux.library.pk_foretold import (
    Measured,
    afterwards,
    answers,
    now,
    pairs,
    predictions,
    score,
)
from vesiflux.library.pk_studies import studies

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "src" / "vesiflux" / "library" / "pk"
#: Of predictions.tsv as it was committed before the first search.
FROZEN = "4a8240a8998d0409101740e7f1cd8376810e959d96ec5be0201a6aca821090c4"


def later() -> list[dict[str, str]]:
    with (ROOT / "docs" / "assets" / "pk-foretold.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_what_was_foretold_is_as_it_was_committed():
    assert hashlib.sha256((KEPT / "predictions.tsv").read_bytes()).hexdigest() == FROZEN


def test_every_question_is_asked_once_of_one_model():
    names = [p.id for p in (*predictions(), *afterwards())]
    assert len(set(names)) == len(names)
    assert {p.committed for p in (*predictions(), *afterwards())} == {"8cb8b49"}
    for p in predictions():
        assert p.low <= p.predicted <= p.high, p.id


def test_the_grid_is_that_of_the_conditions():
    asked = {p.id for p in predictions() if p.model == "pk"}
    for condition in pk_asked.conditions():
        assert any(name.startswith(f"{condition.name}-") for name in asked), condition.name
    assert {p.measure for p in predictions() if p.model == "pk"} <= set(pk_asked.measures())


def test_answers_say_where_they_were_read_and_what_they_answer():
    known = {p.id for p in (*predictions(), *afterwards())}
    for a in answers():
        assert a.mark in ("read", "second hand", "not found")
        assert (a.mark == "not found") == (a.id == "") == math.isnan(a.value), a.study
        assert a.address
        if a.id:
            assert a.id in known
            assert a.told in ("blind", "near", "asked afterwards")
    assert {a.id for a in answers() if a.told == "asked afterwards"} == {p.id for p in afterwards()}


def test_no_answer_is_of_a_study_that_the_model_had():
    had = {row["address"].split()[0].rstrip(",;") for row in studies() if row["mark"] == "read"}
    assert not {a.address.split()[0].rstrip(",;") for a in answers() if a.id} & had


#: Mark and kind -> studies, numbers, geometric mean fold error, inside the 80 % interval: as found.
SCORES = {
    ("read", "blind"): (0, 0, math.nan, 0),
    ("read", "near"): (1, 1, 1.11, 1),
    ("read", "asked afterwards"): (1, 2, 1.17, 2),
    ("second hand", "blind"): (3, 16, 2.31, 8),
}


@pytest.mark.parametrize("kind", SCORES, ids=" ".join)
def test_score(kind: tuple[str, str]):
    found = score(pairs(*kind))
    *counts, inside = SCORES[kind]
    assert (found.studies, found.numbers, found.inside) == (counts[0], counts[1], inside)
    assert found.fold == pytest.approx(counts[2], abs=0.006, nan_ok=True)


def test_the_page_says_the_score_it_has():
    page = " ".join((ROOT / "docs" / "models" / "pk-foretold.md").read_text(encoding="utf-8").split())
    read = [*pairs("read", "near"), *pairs("read", "asked afterwards")]
    assert len(read) == 3
    assert score(read).inside == 3
    assert "all three lie inside" in page
    assert score(pairs("second hand", "blind")).inside * 2 == score(pairs("second hand", "blind")).numbers
    assert "Half of the second-hand numbers" in page
    assert "**No number could be read in its source that falls into a cell**" in page
    assert not pairs("read", "blind")
    blood = {
        m.condition: m.fold(p.predicted) for m, p in pairs("second hand", "blind") if "blood" in m.condition
    }
    early = [fold for condition, fold in blood.items() if condition.endswith((" 2 h", " 6 h"))]
    assert [round(1 / fold) for fold in early] == [5, 7]
    liver = {
        m.condition: m.fold(p.predicted) for m, p in pairs("second hand", "blind") if "liver" in m.condition
    }
    assert round(next(fold for condition, fold in liver.items() if "0.25 h" in condition)) == 5


def test_the_table_of_the_model_since_is_of_these_questions():
    frozen = {p.id: p for p in (*predictions(), *afterwards()) if p.model == "pk"}
    rows = later()
    assert {row["id"] for row in rows} == set(frozen)
    for row in rows:
        p = frozen[row["id"]]
        assert [float(row[c]) for c in ("predicted", "low", "high")] == [p.predicted, p.low, p.high]


def test_the_table_is_what_the_model_says_now():
    rows = {row["id"]: row for row in later()}
    wanted = {p.id for kind in SCORES for _, p in pairs(*kind)}
    said = now(wanted)
    assert said.keys() == wanted
    for name, numbers in said.items():
        written = [float(rows[name][column]) for column in ("now", "now_low", "now_high")]
        assert written == pytest.approx(numbers, rel=0.02), name


def measured(bound: str) -> Measured:
    return Measured("x", "s", "c", 10.0, math.nan, math.nan, bound, "read", "same", "a", "blind", "")


def test_a_bound_is_met_by_what_it_allows():
    assert measured("<").fold(4.0) == 1.0
    assert measured("<").fold(20.0) == 2.0
    assert measured(">").fold(20.0) == 1.0
    assert measured("<").inside(5.0, 50.0)
    assert not measured("<").inside(11.0, 50.0)
    assert not measured(">").inside(1.0, 9.0)


def test_inside_an_interval():
    assert measured("").inside(5.0, 10.0)
    assert not measured("").inside(11.0, 12.0)


def test_another_model_is_scored_by_the_same_answers():
    compared = pairs("second hand", "blind")
    perfect = {p.id: (m.value, m.value, m.value) for m, p in compared}
    assert score(compared, perfect).fold < score(compared).fold
