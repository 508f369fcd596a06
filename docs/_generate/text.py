"""Markdown in small pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["cell", "code", "table"]


def cell(value: object) -> str:
    """A value as the content of a table's cell; a bar inside type does not end it."""
    parts = " ".join(str("" if value is None else value).split()).split("`")
    return "`".join(part if i % 2 else part.replace("|", "\\|") for i, part in enumerate(parts))


def code(value: object) -> str:
    """A value in type, or nothing."""
    return f"`{value}`" if value not in (None, "") else ""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; columns that are empty in every row are left out."""
    lines = [[cell(value) for value in row] for row in rows]
    keep = [i for i in range(len(head)) if any(line[i] for line in lines)]

    def joined(values: Sequence[str]) -> str:
        return "| " + " | ".join(values[i] for i in keep) + " |"

    return "\n".join([joined(head), "|" + "---|" * len(keep), *map(joined, lines)])
