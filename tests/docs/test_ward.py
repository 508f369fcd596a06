"""Tables of the ward's doses: least factors by interpolation, and no treatment left out."""

from __future__ import annotations

from _generate import ward

from vesiflux.language import load


def rows(*pairs: tuple[float, float]) -> list[dict[str, str]]:
    return [{"factor": str(factor), "gain": str(gain)} for factor, gain in pairs]


def least(*pairs: tuple[float, float]) -> str:
    return ward._least(rows(*pairs), "gain", lambda x: x >= 0.5, 0.5)


def test_least_factor_lies_between_the_doses_that_were_run() -> None:
    assert least((1, 0.0), (10, 0.25), (100, 0.75)) == "32 times"
    assert least((100, 0.0), (1000, 1.0)) == "320 times"
    assert least((1, 0.6), (10, 0.9)) == "the usual dose"
    assert least((1, 0.0), (10, 0.1)) == "no dose"


def test_every_treatment_with_vesicles_is_in_the_tables() -> None:
    """But marrow and cord, which are as fat (tests of the ward say so), and fat at a hundredfold dose."""
    spec = load("sepsis-therapy").spec
    doses = {arm for item in spec.schedule if item.dose for arm in item.arms}
    page = ward.ward("doses")
    assert doses - {"marrow", "cord", "fat_hundred"} <= {
        line.split("`")[1] for line in page.splitlines() if line.startswith("| `")
    }
    assert ward.ward("starts").count("\n") == 9
    assert "held out" in ward.ward("fit")
    assert "hepatocyte" in ward.ward("arrival")


def test_every_prediction_is_shown_beside_what_was_read_of_it() -> None:
    page = ward.ward("score")
    rows = [line.split(" | ") for line in page.splitlines() if " | " in line]
    halves = {line[0].removeprefix("| ") for line in rows[1:]}
    assert {"fit", "held out", "met on the way"} <= halves
    kept = {(r["key"], r["quantity"]) for r in ward._read("survival-ward-foretold.tsv")}
    readings = ward._read("survival-ward-read.tsv")
    assert {(r["key"], r["quantity"]) for r in readings} <= kept
    shown = ward._read("survival-ward-score.tsv")
    assert len([r for r in shown if r["read"]]) == len(readings)
    assert {r["quantity"] for r in shown} == {quantity for _, quantity in kept}
