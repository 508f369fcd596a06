"""Where everything stands: the path of a value in a model -> file, line and column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vesiflux.errors import Problem

__all__ = ["Finding", "Path", "Place", "Positions"]

#: Keys and list indices from the root, as written in the file.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """One value: where its key and its text begin (lines and columns from 1).

    ``inline``: a scalar on one line whose text is as written, so that a column within the text is a
    column of the file.
    """

    file: str
    line: int
    column: int
    key_line: int
    key_column: int
    inline: bool = False


@dataclass(frozen=True)
class Finding:
    """Something wrong at a path. ``column``: within the scalar's text, from 1. ``key``: the key is meant."""

    path: Path
    message: str
    column: int | None = None
    key: bool = False


@dataclass
class Positions:
    """Places by path. A path without a place of its own has that of the nearest one above it."""

    file: str
    places: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path) -> Place:
        """The place of ``path`` or of the nearest thing around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return Place(self.file, 1, 1, 1, 1)

    def problem(self, finding: Finding) -> Problem:
        """A finding as ``file:line:column: message``."""
        path = tuple(finding.path)
        place = self.place(path)
        if finding.key or path not in self.places:
            return Problem(place.file, place.key_line, place.key_column, finding.message)
        column = place.column
        if finding.column is not None and place.inline:
            column += finding.column - 1
        return Problem(place.file, place.line, column, finding.message)

    def problems(self, findings: Iterable[Finding]) -> list[Problem]:
        """All findings, each once, in the order of the files."""
        return sorted({self.problem(finding) for finding in findings})

    def graft(self, prefix: Path, other: Positions) -> None:
        """Let ``other``'s places stand below ``prefix`` (a module's file inside its model)."""
        self.places.update({prefix + path: place for path, place in other.places.items()})

    def put(self, places: Mapping[Path, Place]) -> None:
        """Add places, as for what a table expands to."""
        self.places.update(places)
