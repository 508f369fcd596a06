"""Tab-separated tables beside a model, with the place of every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from vesiflux.errors import Problem
from vesiflux.language.positions import Place
from vesiflux.language.words import meant
from vesiflux.language.yaml import read_text

__all__ = ["Row", "Table", "own_rows", "read_table"]


@dataclass
class Row:
    """One line: texts by column, blank where nothing stands."""

    file: str
    line: int
    cells: dict[str, str]
    columns: dict[str, int]
    problems: list[Problem] = field(default_factory=list)

    def text(self, column: str) -> str:
        """Text of a cell; blank where the table lacks the column."""
        return self.cells.get(column, "")

    def number(self, column: str) -> float | None:
        """Number in a cell; a cell that holds none is a problem."""
        text = self.text(column)
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            self.problem(column, f"'{column}' is a number, not {text!r}")
            return None

    def place(self, column: str = "") -> Place:
        """Where a cell stands, or the line."""
        at = self.columns.get(column, 1)
        return Place(self.file, self.line, at, self.line, at, inline=True)

    def problem(self, column: str, message: str) -> None:
        """Note something wrong in a cell."""
        self.problems.append(Problem(self.file, self.line, self.columns.get(column, 1), message))


@dataclass
class Table:
    """A table and what is wrong with its form."""

    path: FilePath
    rows: list[Row]
    problems: list[Problem]

    def all_problems(self) -> list[Problem]:
        """Of the form and of the rows."""
        return [*self.problems, *(p for row in self.rows for p in row.problems)]


def own_rows(path: FilePath) -> list[dict[str, str]]:
    """Rows of a table that comes with the package, column -> text; none of it is checked."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    keys = header.split("\t")
    return [dict(zip(keys, line.split("\t"), strict=True)) for line in lines if line]


def read_table(path: FilePath, required: Sequence[str], optional: Sequence[str]) -> Table:
    """Read a table with a header line. Blank lines and lines that begin with ``#`` are left out.

    Short lines are filled with blanks. Raises `InputError` where there is no such file or no text in it.
    """
    file = str(path)
    problems: list[Problem] = []
    header: list[str] | None = None
    rows: list[Row] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        starts, cells = [1], [cell.strip() for cell in line.split("\t")]
        for cell in line.split("\t"):
            starts.append(starts[-1] + len(cell) + 1)
        if header is None:
            header = cells
            problems += _header_problems(file, number, cells, starts, required, optional)
            continue
        if len(cells) > len(header):
            message = f"this line has {len(cells)} cells, the header {len(header)}"
            problems.append(Problem(file, number, starts[len(header)], message))
        texts = dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=False))
        columns = {h: starts[i] if i < len(cells) else starts[len(cells)] - 1 for i, h in enumerate(header)}
        rows.append(Row(file, number, texts, columns))
    if header is None:
        problems.append(Problem(file, 1, 1, f"the table is empty; its columns are {', '.join(required)}"))
    return Table(path, rows, problems)


def _header_problems(
    file: str,
    line: int,
    cells: list[str],
    starts: list[int],
    required: Sequence[str],
    optional: Sequence[str],
) -> list[Problem]:
    known = [*required, *optional]
    if len(cells) == 1 and ("," in cells[0] or ";" in cells[0]):
        return [
            Problem(
                file, line, 1, "the columns are not separated by tabs; save the table as tab-separated text"
            )
        ]
    problems = []
    for i, name in enumerate(cells):
        if name not in known:
            message = f"unknown column {name!r}; {meant(name, known, 'columns')}"
            problems.append(Problem(file, line, starts[i], message))
        elif name in cells[:i]:
            problems.append(Problem(file, line, starts[i], f"the column {name!r} stands here a second time"))
    missing = [name for name in required if name not in cells]
    if missing:
        more = "; is it separated by tabs?" if len(cells) == 1 else ""
        problems.append(Problem(file, line, 1, f"the table lacks the column {', '.join(missing)}{more}"))
    return problems
