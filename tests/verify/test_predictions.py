"""Held-out questions: how they are written, what a toy with known answers says, the answers that are kept."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from vesiflux.errors import InputError
from vesiflux.evidence import Evidence
from vesiflux.evidence.priors import Prior
from vesiflux.language import Model
from vesiflux.store.keys import digest
from vesiflux.verify.foretold import COLUMNS, WIDE, Prediction, read_predictions
from vesiflux.verify.perturbation import Perturbation, parse
from vesiflux.verify.predictions import Question, predict, read_questions
from vesiflux.verify.published import Published, compare, read_published, score
from vesiflux.verify.subject import Subject
from vesiflux.verify.switches import subject_of

BESIDE = Path(__file__).parents[2] / "src" / "vesiflux" / "library" / "secretion"
PAGE = Path(__file__).parents[2] / "docs" / "models" / "secretion-held-out.md"
HALF = {"more_a": Prior("fixed", None, 1.0, None, unit="uM")}
DRAWS = 512


# ---------------------------------------------------------------- how questions are written


def test_a_perturbation_has_parts() -> None:
    made = parse("HGS=0.1..0.25; SMPD3=0 ;arm:more_a+drug; more_a@500 nM", HALF)
    (low, none), (dose,) = made.levels, made.doses
    assert (low.node, low.factor.kind, low.factor.low, low.factor.high) == ("HGS", "logitnormal", 0.1, 0.25)
    assert (none.node, none.factor.typical) == ("SMPD3", 0.0)
    assert (made.arm, dose.drug, dose.dose) == ("more_a+drug", "more_a", 0.5)
    assert made.singles()[0] == Perturbation(arm="more_a+drug")
    assert len(made.singles()) == 4
    assert parse("A=2..4", {}).levels[0].factor.kind == "lognormal"
    assert parse("A=0.5", {}).singles() == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("HGS", "'HGS' is no perturbation; write NODE=0.5"),
        ("", "'' is no perturbation"),
        ("=0.5", "'=0.5' names nothing"),
        ("arm:", "'arm:' names nothing"),
        ("HGS=half", "'HGS=half': 'half' is no number"),
        ("HGS=-1", "a factor is a number of 0 or more"),
        ("HGS=nan", "a factor is a number of 0 or more"),
        ("HGS=0.5..0.1", "a range rises and begins above 0, e.g. HGS=0.1..0.25"),
        ("HGS=0..0.5", "a range rises and begins above 0"),
        ("HGS=0.1..", "'' is no number"),
        ("HGS=0.1;HGS=0.2", "HGS stands there twice"),
        ("arm:a;arm:b", "one arm at most; arms are combined as arm:A+B"),
        ("aspirin@1 uM", "no half dose is known for 'aspirin'; there is one for: more_a"),
        ("more_a@1", "needs a unit"),
        ("more_a@1 h", "more_a@1 h"),
        ("more_a@-1 uM", "a dose is not negative"),
    ],
)
def test_what_is_wrong_with_a_perturbation_is_told(text: str, told: str) -> None:
    if text == "more_a@1 h":
        told = "1 h"  # the units say it
    with pytest.raises(InputError) as error:
        parse(text, HALF)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_wrong_rows_are_told_with_their_place(tmp_path: Path) -> None:
    head = "id\tkind\ttitle\tperturbation\toutcome\tcompare\tnote\n"
    (tmp_path / "held-out.tsv").write_text(head + "h-1\tx\ty\tA=1..0.5\tlevel\t\t\nh-2\tx\ty\tA=1\t\t\t\n")
    with pytest.raises(InputError) as error:
        read_questions(tmp_path, Evidence.load())
    text = str(error.value)
    for told in ("held-out.tsv:2:9", "a range rises", "held-out.tsv:3", "'outcome' is blank"):
        assert told in text
    (tmp_path / "held-out-names.tsv").write_text("name\tkind\tmeans\tnote\nlevel\tword\tx\t\n")
    with pytest.raises(InputError, match="'kind' is readout or dose, not 'word'"):
        read_questions(tmp_path, Evidence.load())


# ---------------------------------------------------------------- a toy with known answers


def question(number: str, perturbation: str, outcome: str = "level") -> Question:
    made = parse(perturbation, HALF)
    return Question(number, "toy", number, perturbation, made, outcome, outcome, "", "")


def answers(subject: Subject, *texts: str, read: str = "level", seed: int = 1) -> list[Prediction]:
    asked = [question(str(i), text, read) for i, text in enumerate(texts)]
    return list(predict(subject, asked, draws=DRAWS, seed=seed).predictions)


def test_a_toy_answers_what_is_known(subject: Subject) -> None:
    half, same, more, arm, drug = answers(subject, "A=0.5", "IDLE=0.1", "A=3", "arm:more_a", "more_a@1 uM")
    assert (half.median, half.low, half.high) == pytest.approx((0.5, 0.5, 0.5), rel=1e-4)
    assert (half.up_share, half.down_share, half.sign, half.lanes) == (0.0, 1.0, "-", DRAWS)
    assert half.width == pytest.approx(1.0, rel=1e-4)
    assert (same.median, same.up_share, same.down_share) == (pytest.approx(1.0), 0.0, 0.0)
    assert same.sign == "0"
    assert (more.median, more.sign) == (pytest.approx(3.0, rel=1e-4), "+")
    assert arm.median == pytest.approx(4.0, rel=1e-3)  # the arm's factor, at the end of a day
    assert drug.median == pytest.approx(0.5, rel=1e-4)  # at its half dose, on the node it acts on


def test_a_range_gives_an_interval_and_pairs_their_synergy(subject: Subject) -> None:
    one, two, both = answers(subject, "A=0.1..0.25", "B=2", "A=0.1..0.25;B=2")
    assert 0.1 < one.low < one.median < one.high < 0.25
    assert one.median == pytest.approx(0.16, abs=0.02)
    # the level is A x (0.3 + 0.7/B): the two multiply, so that there is no synergy
    assert two.median == pytest.approx(0.65, rel=1e-4)
    assert both.median == pytest.approx(one.median * 0.65, rel=1e-4)
    assert (both.synergy, both.synergy_low, both.synergy_high) == pytest.approx((1.0, 1.0, 1.0), rel=1e-3)
    assert math.isnan(one.synergy)
    (again,) = answers(subject, "A=0.1..0.25")
    assert again == one  # the same lanes whatever else is asked


def test_structures_are_sampled_and_nothing_left_is_nothing(subject: Subject) -> None:
    (either,) = answers(subject, "A=3", read="either")  # only one of two structures reads A
    assert either.up_share == pytest.approx(0.5, abs=0.1)
    assert either.low == pytest.approx(1.0, rel=1e-6)
    assert either.high == pytest.approx(3.0, rel=1e-6)
    (gone,) = answers(subject, "A=1e-9")
    assert (gone.median, gone.low, gone.sign) == (0.0, 0.0, "-")
    assert replace(gone, high=0.5).width == math.inf > WIDE


def test_what_cannot_be_asked_says_why(subject: Subject) -> None:
    node, readout, arm = predict(
        subject,
        [question("0", "NOPE=0.5"), question("1", "A=0.5", "nowhere"), question("2", "arm:x")],
        draws=4,
    ).predictions
    assert [p.asked for p in (node, readout, arm)] == [False] * 3
    assert node.note == "the model has no node NOPE"
    assert readout.note == "the model has no readout nowhere"
    assert arm.note == "the model has no arm x"
    assert node.to_dict()["median"] is None


# ---------------------------------------------------------------- the answers that are kept


def test_every_question_has_an_answer_or_a_reason() -> None:
    asked = [q.id for q in read_questions(BESIDE, Evidence.load())]
    model, kept = read_predictions(BESIDE / "predictions.tsv")
    assert len(asked) == 111
    assert [p.id for p in kept] == asked
    assert re.fullmatch("[0-9a-f]{16}", model)
    for p in kept:
        assert p.asked or p.note, p.id
        if p.asked:
            assert p.lanes >= 512
            assert p.low <= p.median <= p.high
            assert 0.0 <= p.up_share + p.down_share <= 1.0
    pairs = [p for p in kept if not math.isnan(p.synergy)]
    assert len(pairs) >= 24  # every double knock-down


def test_the_kept_answers_are_those_of_the_model_they_name_or_it_is_told() -> None:
    """A later model may answer otherwise; the kept answers stay, and the page names the questions."""
    model, evidence = Model.load("secretion"), Evidence.load()
    name, kept = read_predictions(BESIDE / "predictions.tsv")
    some = {"held-001", "held-011", "held-016", "held-037", "held-056", "held-087", "held-091", "held-106"}
    asked = [q for q in read_questions(BESIDE, evidence) if q.id in some]
    now = predict(subject_of(model, evidence), asked, draws=256, seed=2).predictions
    before = {p.id: p for p in kept}
    moved = {p.id for p in now if not _agree(p, before[p.id])}
    if digest(model.to_dict(whole=True)).startswith(name):
        assert not moved
    (told,) = re.findall(
        r"^Later models answer otherwise: (.*)\.$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert moved <= set(re.findall(r"held-\d{3}", told))


def _agree(now: Prediction, kept: Prediction) -> bool:
    """Within four Monte Carlo errors, those of a median from the spread of the interval (2.56 deviations)."""
    shares = abs(now.down_share - kept.down_share) < 4 * math.sqrt(0.25 / now.lanes)
    if kept.low <= 0:
        return shares
    error = 1.25 * math.log2(kept.width) / 2.56 * math.sqrt(1 / now.lanes + 1 / kept.lanes)
    return shares and abs(math.log2(now.median / kept.median)) < 4 * error + 0.001


# ---------------------------------------------------------------- what was published


def published(number: str, sign: str, low: float = math.nan, high: float = math.nan) -> Published:
    return Published(number, "toy", "", "", "", low, high, sign, "same", "read", "toy", "", "")


def test_published_signs_and_sizes_are_held_against_predictions() -> None:
    down = Prediction("a", "", "", "", 0.5, 0.4, 0.6, 0.0, 0.9, lanes=10)
    torn = replace(down, id="b", up_share=0.4, down_share=0.4)
    found = compare(
        [
            published("a", "-", 0.4, 0.6),
            published("a", "+", 0.1, 0.2),
            published("a", "?"),
            published("b", "-"),
        ],
        [down, torn],
    )
    assert [(c.sign, c.value) for c in found] == [
        ("right", "inside"),
        ("miss", "outside"),
        ("", ""),
        ("undecided", ""),
    ]
    assert found[2].told == "not resolved"
    assert score(found).to_dict() == {"signs": 3, "right": 1, "values": 2, "inside": 1}


def test_kept_measurements_answer_questions_and_say_where_they_stand() -> None:
    asked = {q.id for q in read_questions(BESIDE, Evidence.load())}
    kept = read_published(BESIDE / "published-screens.tsv", asked)
    assert kept
    assert all(p.where and p.study and p.measured for p in kept)
    # what was not read gives no size, and what was known before is never counted as new
    assert not [p.id for p in kept if p.mark == "recalled" and not math.isnan(p.value)]


def test_wrong_measurements_are_told(tmp_path: Path) -> None:
    table = tmp_path / "published-screens.tsv"
    head = "id study doi system measured low high sign match mark where known note".replace(" ", "\t")
    table.write_text(f"{head}\nx\ts\t\t\t\t2\t1\tup\tsame\tseen\t\t\t\n")
    with pytest.raises(InputError) as error:
        read_published(table, {"a"})
    for told in ("no held-out question is called 'x'", "'sign' is one of +, -, 0, ?, not 'up'",
                 "'mark' is one of read, recalled", "'low' and 'high' are given together"):  # fmt: skip
        assert told in str(error.value)


def test_the_kept_table_has_its_columns(subject: Subject) -> None:
    table = predict(subject, [question("0", "A=0.5"), question("1", "NOPE=1")], draws=4).table()
    head, *rows = [line for line in table.splitlines() if not line.startswith("#")]
    assert tuple(head.split("\t")) == COLUMNS
    assert rows[0].split("\t")[:5] == ["0", "0.5", "0.5", "0.5", "1"]
    assert rows[1].endswith("the model has no node NOPE")


def test_nothing_done_is_nothing() -> None:
    assert Perturbation().singles() == ()
