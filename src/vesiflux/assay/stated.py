"""Numbers that a user states: one, or low, typical and high."""

from __future__ import annotations

import math

from vesiflux.errors import InputError
from vesiflux.evidence.priors import Prior

__all__ = ["Stated", "stated"]

Stated = str | float | tuple[float, float, float]
"""One number; low, typical and high (5, 50 and 95 % points); or either as text, with commas between."""


def stated(value: Stated, unit: str, what: str, example: str = "0.001,0.01,0.1") -> Prior:
    """Prior of what was stated: fixed for one number, else log-normal.

    Raises
    ------
    InputError
        Not one or three numbers above 0.
    """
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, tuple) else (value,)
    cure = f"{what}: one number or low,typical,high above 0, e.g. {example}; got {value!r}"
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        raise InputError(cure) from None
    if len(numbers) not in (1, 3) or not all(math.isfinite(x) and x > 0.0 for x in numbers):
        raise InputError(cure)
    if len(numbers) == 1:
        return Prior("fixed", None, numbers[0], None, unit, source="as given")
    low, typical, high = numbers
    return Prior.from_range(low, typical, high, unit, source="as given")
