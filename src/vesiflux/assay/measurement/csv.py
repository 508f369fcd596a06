"""Measured data as CSV: ``# key: value`` lines, a header, numbers; every error with its line and column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vesiflux.errors import InputError, Problem
from vesiflux.language.words import listed, meant
from vesiflux.language.yaml import read_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Data", "read_csv"]


@dataclass(frozen=True)
class Data:
    """Columns by name, shape (rows,), and the numbers of the ``#`` lines."""

    file: str
    columns: Mapping[str, NDArray[np.float64]]
    settings: Mapping[str, float]


def read_csv(
    path: Path,
    forms: Sequence[Sequence[str]],
    optional: Sequence[str],
    settings: Mapping[str, float],
) -> Data:
    """Read a table whose columns are one of ``forms`` (and any of ``optional``).

    ``settings`` are the keys that ``#`` lines may set, with their defaults; all numbers must be finite and
    not negative.

    Raises
    ------
    InputError
        With every problem: no such file, unknown keys or columns, cells that hold no number, no rows.
    """
    import numpy as np

    file, problems = str(path), []
    chosen = dict(settings)
    header: list[str] | None = None
    values: list[list[float]] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        if line.startswith("#"):
            problems += _setting(file, number, line, chosen, settings)
            continue
        cells = [cell.strip() for cell in line.split(",")]
        if header is None:
            header = cells
            problems += _header(file, number, cells, forms, optional)
            if problems:
                break
            continue
        if len(cells) != len(header):
            problems.append(
                Problem(file, number, 1, f"this line has {len(cells)} cells, the header {len(header)}")
            )
            continue
        row, at = [], 1
        for name, cell in zip(header, cells, strict=True):
            row.append(_number(file, number, at, name, cell, problems))
            at += len(cell) + 1
        values.append(row)
    if header is None:
        first = "; or ".join(",".join(form) for form in forms)
        problems.append(Problem(file, 1, 1, f"there is no table; its header is {first}"))
    elif not values and not problems:
        problems.append(Problem(file, 1, 1, "the table has no rows"))
    if problems or header is None:
        raise InputError(problems)
    table = np.array(values, dtype=np.float64)
    return Data(file, {name: table[:, i] for i, name in enumerate(header)}, chosen)


def _setting(
    file: str, number: int, line: str, chosen: dict[str, float], known: Mapping[str, float]
) -> list[Problem]:
    key, colon, text = line[1:].partition(":")
    key = key.strip()
    if not colon:
        return []  # a comment
    if key not in known:
        if " " in key:
            return []
        return [Problem(file, number, 1, f"unknown key {key!r}; {meant(key, known, 'keys')}")]
    problems: list[Problem] = []
    value = _number(file, number, line.index(":") + 2, key, text.strip(), problems)
    if not problems:
        chosen[key] = value
    return problems


def _header(
    file: str, number: int, cells: list[str], forms: Sequence[Sequence[str]], optional: Sequence[str]
) -> list[Problem]:
    known = list(dict.fromkeys([name for form in forms for name in form] + list(optional)))
    if len(cells) == 1 and any(mark in cells[0] for mark in "\t;"):
        return [Problem(file, number, 1, "the columns are not separated by commas")]
    problems = [
        Problem(file, number, 1, f"unknown column {name!r}; {meant(name, known, 'columns')}")
        for name in cells
        if name not in known
    ]
    problems += [
        Problem(file, number, 1, f"the column {name!r} stands here twice")
        for name in sorted({n for n in cells if cells.count(n) > 1})
    ]
    if not any(set(form) <= set(cells) for form in forms):
        ways = " or ".join(listed(form) for form in forms)
        problems.append(Problem(file, number, 1, f"the columns must be {ways}"))
    return problems


def _number(file: str, line: int, column: int, name: str, text: str, problems: list[Problem]) -> float:
    try:
        value = float(text)
    except ValueError:
        problems.append(Problem(file, line, column, f"'{name}' is a number, not {text!r}"))
        return 0.0
    if not math.isfinite(value):
        problems.append(Problem(file, line, column, f"'{name}' must be a finite number, not {text}"))
        return 0.0
    if value < 0.0:
        problems.append(Problem(file, line, column, f"'{name}' is {text}; it cannot be negative"))
    return value
