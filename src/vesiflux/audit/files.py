"""Cases of one's own from a tab-separated file: one line a case, any of the columns below."""

from __future__ import annotations

from pathlib import Path

from vesiflux.errors import InputError, Problem

__all__ = ["FILE_COLUMNS", "read_cases"]

FILE_COLUMNS = (
    "claim", "donor", "vesicle", "cargo", "cargo_kind", "recipient", "setting", "copies", "escape", "dose",
)  # fmt: skip


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
    unknown = [name for name in header if name not in FILE_COLUMNS]
    if unknown or not {"donor", "recipient"} <= set(header):
        what = f"unknown column '{unknown[0]}'" if unknown else "needs the columns donor and recipient"
        known = " ".join(FILE_COLUMNS)
        raise InputError([Problem(str(path), 1, 1, f"{what}; tab-separated, any of: {known}")])
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
        found.append(row)
    if problems:
        raise InputError(problems)
    if not found:
        raise InputError(f"{path}: has no cases under its header")
    return found
