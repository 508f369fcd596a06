from __future__ import annotations

import contextlib
import math
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vesiflux import units
from vesiflux.errors import InputError
from vesiflux.units import UnitError

UNITS = [
    "nm", "um^2", "um3", "uL", "mL/cell/h", "EV/cell/min", "copies/EV", "uM", "um2/s", "1/min", "ug", "g/mL",
    "mmHg", "mPa*s", "ILV/MVB", "%", "fold", "mA/cm2", "W/cm2", "mN/cm2", "wk", "kDa", "degC", "h^-1",
    "mL/(cell h)",     "pmol/cell", "aL", "vesicle/um^2/h", "mV", "IU/mL", "cm/s",
]  # fmt: skip


def test_importing_units_does_not_import_pint() -> None:
    code = "import sys, vesiflux.units; sys.exit('pint' in sys.modules or 'numpy' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], check=False, env={"PYTHONPATH": ":".join(sys.path)}
        ).returncode
        == 0
    )


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2 mL", "mL", 2.0),
        ("2mL", "uL", 2000.0),
        ("90 nm", "um", 0.09),
        ("1e-8 mL/cell/h", "mL/cell/h", 1e-8),
        ("6.6 um2/s", "um^2/h", 23760.0),
        ("1 µM", "copy/mL", 6.02214076e14),
        ("1 nmol", "copies", 6.02214076e14),
        ("37 degC", "K", 310.15),
        ("37 °C", "K", 310.15),
        ("310.15 K", "degC", 37.0),
        ("0.05 /h", "1/h", 0.05),
        ("0.05 h⁻¹", "1/h", 0.05),
        ("30 %", "1", 0.3),
        ("69 fold", "1", 69.0),
        ("25 ILV/MVB", "ILV/MVB", 25.0),
        ("60 EV/cell/h", "vesicle/cell/h", 60.0),
        ("2 events/cell/h", "fusion/cell/h", 2.0),
        ("1 um^3", "mL", 1e-12),
        ("1e9 particles/mL", "vesicle/mL", 1e9),
        ("1 d", "h", 24.0),
        (3, "1", 3.0),
        ("1e-3", "1", 1e-3),
        (".5", "fraction", 0.5),
    ],
)
def test_parse(text: str | float, unit: str, value: float) -> None:
    assert units.parse(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("2", "mL", ["needs a unit", "a volume", "'2 mL'"]),
        (2, "h", ["needs a unit", "'24 h'"]),
        ("2 h", "mL", ["a time", "a volume is expected", "'2 mL'"]),
        ("1e9/mL", "vesicle/mL", ["a vesicle concentration"]),
        ("2 ml", "mL", []),
        ("2 ML", "mL", []),
        ("3 vesicels", "vesicle", ["unknown unit 'vesicels'", "did you mean 'vesicle"]),
        ("3 uk", "um", ["unknown unit 'uk'"]),
        ("3 mL//h", "mL/h", ["not a unit"]),
        ("3 mL/", "mL", ["not a unit"]),
        ("3 (mL", "mL", ["not a unit"]),
        ("3 mL)", "mL", ["not a unit"]),
        ("3 mL 2", "mL", ["not a unit"]),
        ("3 m^99", "um", ["not a unit"]),
        ("two mL", "mL", ["does not start with a number"]),
        ("nan", "1", ["does not start with a number"]),
        ("1e999 h", "h", ["too large"]),
        (float("inf"), "1", ["not a finite number"]),
        (True, "1", ["true is not a quantity"]),
        ("1 copy", "vesicle", ["a number of copies", "a number of vesicles"]),
        ("1 ILV", "vesicle", ["a number of vesicles is expected"]),
        ("3 degC/h", "K/h", ["write K"]),
    ],
)
def test_bad_quantities_say_what_is_expected(text: str | float, unit: str, words: list[str]) -> None:
    if text in ("2 ml", "2 ML"):  # both are real units: millilitre, and (by case) no mega-litre trap
        assert units.parse(text, unit) == {"2 ml": 2.0, "2 ML": 2e9}[str(text)]
        return
    with pytest.raises(UnitError) as error:
        units.parse(text, unit)
    message = str(error.value)
    assert "\n" not in message
    assert all(word in message for word in words), message
    assert isinstance(error.value, InputError)


def test_bare_number_takes_the_declared_unit_only_when_asked() -> None:
    assert units.parse("24", "h", bare=True) == 24.0
    assert units.parse("1 d", "h", bare=True) == 24.0


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("EV/cell/min", "vesicle/cell/h"),
        ("nL/min", "mL/h"),
        ("mm^2/s", "um^2/h"),
        ("nm", "um"),
        ("cm3", "mL"),
        ("1/L", "1/mL"),
        ("mL/cell/h", "mL/cell/h"),
        ("pM", "copy/mL"),
        ("ug", "ng"),
        ("ug/L", "g/mL"),
        ("degC", "K"),
        ("kPa", "Pa"),
        ("cP", "mPa*s"),
        ("%", "1"),
        ("nM/h", "copy/mL/h"),
        ("vesicle/nm^2", "vesicle/um^2"),
        ("L/copy/s", "mL/copy/h"),
        ("mW/cm2", "W/cm^2"),
        ("IU/L", "IU/mL"),
        ("1/min", "1/h"),
    ],
)
def test_canonical(unit: str, name: str) -> None:
    assert units.canonical(unit) == name
    assert units.canonical(name) == name


def test_inside() -> None:
    assert units.inside("90 nm") == units.inside("0.09 um") == (0.09, "um")
    assert units.inside(3, "uL") == (0.003, "mL")
    assert units.inside("3 uL", "mL") == (0.003, "mL")
    assert units.inside("2e5") == (2e5, "1")
    with pytest.raises(UnitError, match="a volume is expected"):
        units.inside("3 h", "mL")


def test_inside_units_are_not_coherent_and_the_factor_says_so() -> None:
    assert units.scale_to_inside("(um^2)*(um)") == 1e-12
    assert units.scale_to_inside("(vesicle/mL)*(mL/cell/h)") == 1.0
    assert units.canonical("(um^2/h)*(um)*(vesicle/mL)") == "vesicle/h"
    # 4 pi D R c for D in um^2/h, R in um, c in vesicle/mL needs 1e-12 to be vesicles an hour
    assert units.scale_to_inside("(um^2/h)*(um)*(vesicle/mL)") == 1e-12


def test_dimension() -> None:
    assert units.dimension("mL/cell/h") == {"length": Fraction(3), "cell": Fraction(-1), "time": Fraction(-1)}
    assert units.dimension("fold") == {}
    assert units.dimension("kg^0.75") == {"mass": Fraction(3, 4)}
    assert units.same_dimension("uM", "molecule/mL")
    assert not units.same_dimension("vesicle", "copy")


@pytest.mark.parametrize("unit", UNITS)
@given(value=st.floats(1e-12, 1e12))
def test_round_trip_through_the_inside_unit(unit: str, value: float) -> None:
    there, name = units.inside(value, unit)
    assert units.convert(there, name, unit) == pytest.approx(
        value, rel=1e-14 if unit != "degC" else 1e-9, abs=1e-12 if unit == "degC" else 0
    )


@given(digits=st.integers(1, 10**6), shift=st.integers(-6, 6))
def test_decimal_text_means_the_same_bits_in_any_prefix(digits: int, shift: int) -> None:
    assert units.inside(f"{digits}e{shift} nm") == units.inside(f"{digits}e{shift - 3} um")
    assert units.inside(f"{digits}e{shift} h")[0] == units.inside(f"{digits * 60}e{shift} min")[0]


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    with contextlib.suppress(UnitError):
        assert math.isfinite(units.parse("1 " + text, "mL"))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1450.3, "vesicle/cell/h", "1450 vesicle/cell/h"),
        (0.00825, "copy/vesicle", "0.00825 copy/vesicle"),
        (1e9, "vesicle/mL", "1e+09 vesicle/mL"),
        (0.3, "1", "0.3"),
        (0, "h", "0 h"),
        (30, "%", "30 %"),
        (-12.345, "mV", "-12.3 mV"),
        (123456, "cell", "123000 cell"),
    ],
)
def test_format_quantity(value: float, unit: str, text: str) -> None:
    assert units.format_quantity(value, unit) == text
    assert units.parse(text, unit) == pytest.approx(value, rel=5e-3)
