from __future__ import annotations

import pytest

from vesiflux.language.checks.dimensions import Dimension, DimensionError, dimension_of, of_unit, unit_text
from vesiflux.language.expressions import Name, parse_expression

UNITS = {
    "k": "1/h",
    "M": "MVB/cell",
    "I": "ILV/cell",
    "d": "um",
    "n": "1",
    "t": "min",
    "v": "mL",
    "per": "vesicle/ILV",
}


def measure(text: str) -> Dimension:
    def resolve(name: Name) -> Dimension:
        return of_unit(UNITS[name.id])

    return dimension_of(parse_expression(text), resolve)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("k * M", "MVB/cell/h"),
        ("k * I * per", "vesicle/cell/h"),
        ("I / M", "ILV/MVB"),
        ("3.14 * d ^ 2", "um^2"),
        ("d ^ 3 + v", "mL"),
        ("sqrt(d * d)", "nm"),
        ("max(I, 0)", "copy/cell*ILV/copy"),
        ("where(M > 0, I, 0)", "ILV/cell"),
        ("hill(M, 2 * M, n)", "1"),
        ("exp(k * t) ^ n", "1"),
        ("d ^ -1", "1/um"),
        ("I * (1 - n)", "ILV/cell"),
        ("M < 2 * M", "1"),
        ("min(k, 1 / t)", "1/h"),
    ],
)
def test_dimensions(text: str, unit: str):
    assert measure(text) == of_unit(unit)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("k + M", 3, "'+': 1/h on one side, MVB/cell on the other"),
        ("I - M", 3, "ILV/cell on one side"),
        ("exp(k)", 5, "exp needs a plain number"),
        ("2 ^ k", 3, "an exponent is a plain number"),
        ("d ^ n", 3, "can only be raised to a number"),
        ("hill(M, k, 2)", 9, "x and half"),
        ("where(n, M, I)", 13, "a and b"),
        ("max(M, I)", 8, "max: "),
        ("M < I", 3, "'<'"),
        ("log(d) + 1", 5, "log needs a plain number"),
    ],
)
def test_what_does_not_fit(text: str, column: int, message: str):
    with pytest.raises(DimensionError) as caught:
        measure(text)
    assert message in caught.value.message
    assert caught.value.column == column


def test_zero_fits_everywhere():
    assert measure("0") is None
    assert measure("0 + M") == of_unit("MVB/cell")


def test_units_are_shown_as_people_write_them():
    assert unit_text(of_unit("ILV/h/cell")) == "ILV/cell/h"
    assert unit_text(of_unit("1")) == "a plain number"
