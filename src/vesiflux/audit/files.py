"""Cases of one's own from a tab-separated file: one line a case, any of the columns below.

A column may also be called as any number of the audit (`data/numbers.tsv`): it holds of that line alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vesiflux.audit.options import READOUTS, lasting
from vesiflux.audit.tables import number_rows
from vesiflux.errors import InputError, Problem
from vesiflux.evidence.priors import Prior
from vesiflux.evidence.tables import suggestion

__all__ = ["FILE_COLUMNS", "read_cases", "values_of"]

FILE_COLUMNS = (
    "claim", "donor", "vesicle", "cargo", "cargo_kind", "recipient", "setting", "copies", "escape", "dose",
    "asks", "prep", "readout",
)  # fmt: skip
_ASKS = ("", "effect", "arrival")


def values_of(row: Mapping[str, str]) -> dict[str, float | str | Prior]:
    """Numbers that a line gives, by parameter."""
    numbers = {parameter for parameter, _ in number_rows()} - {"dose"}
    found: dict[str, float | str | Prior] = {n: text for n, text in row.items() if n in numbers and text}
    return lasting(row.get("readout", "")) | found


def read_cases(path: Path) -> list[dict[str, str]]:
    """Lines of a file of cases by column; ``claim`` is a name for the line and may be missing.

    Raises
    ------
    InputError
        The file cannot be read, or lines that are wrong, each with its number.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text; save the table as UTF-8") from None
    lines = text.splitlines()
    header = [name.strip() for name in lines[0].split("\t")] if lines else []
    numbers = {parameter for parameter, _ in number_rows()}
    unknown = [name for name in header if name not in FILE_COLUMNS and name not in numbers]
    if unknown or not {"donor", "recipient"} <= set(header):
        what = "needs the columns donor and recipient"
        if unknown:
            what = f"unknown column '{unknown[0]}'{suggestion(unknown[0], {*FILE_COLUMNS, *numbers})}"
        known = " ".join(FILE_COLUMNS)
        message = f"{what}; tab-separated, any of: {known}; or a number of the audit, e.g. threshold"
        raise InputError([Problem(str(path), 1, 1, message)])
    found, problems = [], []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) > len(header):
            problems.append(
                Problem(str(path), number, 1, f"{len(cells)} cells where the header has {len(header)}")
            )
            continue
        row = dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))
        row["claim"] = row.get("claim") or f"line {number}"
        problems += [
            Problem(str(path), number, 1, f"{name} is empty")
            for name in ("donor", "recipient")
            if not row[name]
        ]
        if row.get("readout", "") not in ("", *READOUTS):
            problems.append(
                Problem(str(path), number, 1, f"readout is {' or '.join(READOUTS)}, not '{row['readout']}'")
            )
        if row.get("asks", "") not in _ASKS:
            problems.append(Problem(str(path), number, 1, f"asks is effect or arrival, not '{row['asks']}'"))
        found.append(row)
    if problems:
        raise InputError(problems)
    if not found:
        raise InputError(f"{path}: has no cases under its header")
    return found
