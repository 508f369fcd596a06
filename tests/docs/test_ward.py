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
    assert least((1, 0.6), (10, 0.9)) == "the usual dose"
    assert least((1, 0.0), (10, 0.1)) == "no dose"


def test_every_treatment_with_vesicles_is_in_the_tables() -> None:
    """But marrow and cord, which are as fat (tests of the ward say so)."""
    spec = load("sepsis-therapy").spec
    doses = {arm for item in spec.schedule if item.dose for arm in item.arms}
    page = ward.ward("doses")
    assert doses - {"marrow", "cord"} <= {
        line.split("`")[1] for line in page.splitlines() if line.startswith("| `")
    }
    assert ward.ward("starts").count("\n") == 9
    assert "held out" in ward.ward("fit")
    assert "hepatocyte" in ward.ward("arrival")
