"""Tab-separated tables: read cell by cell, every mistake with its file, line and column."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from vesiflux.errors import Problem

__all__ = ["Cells", "Reader", "suggestion"]


def suggestion(wrong: str, known: Collection[str], limit: int = 3) -> str:
    """Return ``"; did you mean a, b?"``, or nothing when no name is close."""
    close = difflib.get_close_matches(wrong, list(known), n=limit, cutoff=0.6)
    return f"; did you mean {', '.join(close)}?" if close else ""


@dataclass(frozen=True)
class Cells:
    """One row: its cells by column, where it stands, and the list its problems go to."""

    values: dict[str, str]
    file: str
    line: int
    starts: dict[str, int]
    problems: list[Problem]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def wrong(self, column: str, message: str) -> None:
        """Note that the cell of ``column`` is wrong."""
        self.problems.append(Problem(self.file, self.line, self.starts[column], f"{column}: {message}"))

    def needed(self, column: str) -> str:
        """Text of a cell that must not be empty."""
        if not self[column]:
            self.wrong(column, "is empty; this column must be filled")
        return self[column]

    def one_of(self, column: str, allowed: Sequence[str], *, empty: bool = False) -> str:
        """Text of a cell that must be one of a few words."""
        text = self[column]
        if text not in allowed and not (empty and not text):
            hint = suggestion(text, allowed, 1) or f"; use one of {', '.join(allowed)}"
            self.wrong(
                column, f"'{text}' is not known{hint}" if text else f"is empty; use {', '.join(allowed)}"
            )
        return text

    def number(self, column: str) -> float | None:
        """Value of a cell that is a number or empty."""
        text = self[column]
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.wrong(column, f"'{text}' is not a number; write one such as 0.5 or 1e9, or leave it empty")
            return None
        return value

    def whole(self, column: str) -> int:
        """Value of a cell that is a whole number from 1."""
        text = self[column]
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            self.wrong(column, f"'{text}' is not a whole number from 1")
            return 0
        return int(text)


@dataclass
class Reader:
    """Reads tables and gathers what is wrong with them."""

    problems: list[Problem]

    def rows(self, path: Traversable | Path, name: str, columns: Sequence[str]) -> Iterator[Cells]:
        """Rows of one table; ``name`` is how messages call the file. Nothing when its header is wrong."""
        text = self._text(path, name)
        if text is None:
            return
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        header = lines[0].split("\t")
        if header != list(columns):
            self.problems.append(Problem(name, 1, 1, _header_message(header, columns)))
            return
        for number, line in enumerate(lines[1:], start=2):
            if not line.strip():
                continue
            cells = line.split("\t")
            if len(cells) != len(columns):
                what = "too few" if len(cells) < len(columns) else "too many"
                message = f"{what} cells: {len(cells)} where the header has {len(columns)}; separate by tabs"
                self.problems.append(Problem(name, number, 1, message))
                continue
            starts, at = {}, 1
            for column, cell in zip(columns, cells, strict=True):
                starts[column] = at
                at += len(cell) + 1
            values = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
            yield Cells(values, name, number, starts, self.problems)

    def _text(self, path: Traversable | Path, name: str) -> str | None:
        try:
            raw = path.read_bytes()
        except OSError as error:
            self.problems.append(Problem(name, 1, 1, f"cannot be read ({error.strerror})"))
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            column = error.start - raw.rfind(b"\n", 0, error.start)
            self.problems.append(Problem(name, line, column, "not UTF-8 text; save the table as UTF-8"))
            return None


def _header_message(header: Sequence[str], columns: Sequence[str]) -> str:
    if len(header) == 1 and len(columns) > 1 and (comma := next((c for c in ",;" if c in header[0]), "")):
        return f"the header is separated by '{comma}'; save the table as text separated by tabs"
    missing = [c for c in columns if c not in header]
    unknown = [c for c in header if c not in columns]
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"has unknown {', '.join(repr(u) for u in unknown)}"] if unknown else []
        return f"the header {' and '.join(parts)}; it must be, tab-separated: {' '.join(columns)}"
    return f"the header's columns are in another order; they must be: {' '.join(columns)}"
