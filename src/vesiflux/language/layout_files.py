"""Files that say where cells lie: CSV with columns x, y (and z) in um and type. AnnData is read elsewhere."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from vesiflux.errors import InputError, Problem
from vesiflux.language.checks.context import typical
from vesiflux.language.checks.places import Box
from vesiflux.language.positions import Finding, Path, Positions
from vesiflux.language.schema import Cell, ModelSpec, Tissue
from vesiflux.language.words import listed, meant
from vesiflux.language.yaml import read_text

__all__ = ["LayoutFiles", "read_layouts"]

#: Wrong lines of one file that are named one by one.
_MOST_SAID = 10

Spot = tuple[int, tuple[float, ...]]  # line, x y (z)


@dataclass
class LayoutFiles:
    """Texts of the files by name, places by cell type (um), and what is wrong with them."""

    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_layouts(spec: ModelSpec, positions: Positions, beside: FilePath | None) -> LayoutFiles:
    """Read and check what ``layout: {kind: file}`` of a tissue's cells names."""
    found = LayoutFiles()
    if not isinstance(spec.space, Tissue):
        return found
    box = Box.of(spec.space)
    for name, cell in spec.cells.items():
        if cell.layout.kind != "file" or not cell.layout.file:
            continue
        path: Path = ("cells", name, "layout", "file")
        try:
            _read_one(name, cell, box, beside, found)
        except InputError as error:
            cause = error.problems[0].message if error.problems else str(error)
            found.problems.append(positions.problem(Finding(path, f"{cell.layout.file}: {cause}")))
        count, places = typical(cell.count, "cell"), found.places.get(name)
        if places and count is not None and round(count) != len(places):
            message = f"{cell.layout.file} has {len(places)} cells of {name}, count says {count:g}"
            found.problems.append(positions.problem(Finding(("cells", name, "count"), message)))
    return found


def _read_one(name: str, cell: Cell, box: Box | None, beside: FilePath | None, found: LayoutFiles) -> None:
    file, kind = cell.layout.file, cell.layout.type or name
    if beside is None and not FilePath(file).is_absolute():
        raise InputError("it lies beside the model, but this model has no file")
    where = FilePath(file) if beside is None else beside / file
    if where.suffix == ".h5ad":
        if not where.is_file():
            raise InputError("no such file")
        return
    if file not in found.texts:
        found.texts[file] = read_text(where)
    problems: list[Problem] = []
    spots = list(_spots(found.texts[file], str(where), kind, problems))
    if box is not None and not problems:
        problems += _outside(spots, str(where), box)
    found.problems += problems[:_MOST_SAID]
    if len(problems) > _MOST_SAID:
        left = problems[_MOST_SAID]
        more = f"and {len(problems) - _MOST_SAID} more lines like these"
        found.problems.append(Problem(left.file, left.line, left.column, more))
    if not problems:
        found.places[name] = [spot for _, spot in spots]


def _spots(text: str, file: str, kind: str, problems: list[Problem]) -> Iterator[Spot]:
    """Line and place of each cell of a type."""
    reader = csv.reader(io.StringIO(text))
    header = [cell.strip() for cell in next(reader, [])]
    lacking = [n for n in ("x", "y", "type") if n not in header]
    if lacking:
        message = f"no column {', '.join(lacking)}; the columns are x, y, (z,) type, separated by commas"
        problems.append(Problem(file, 1, 1, message))
        return
    axes = [header.index(n) for n in ("x", "y", "z") if n in header]
    types: dict[str, None] = {}
    at = header.index("type")
    for row in reader:
        if not row:
            continue
        label = row[at].strip() if at < len(row) else ""
        types[label] = None
        if label != kind:
            continue
        try:
            spot = tuple(float(row[i]) for i in axes)
        except (ValueError, IndexError):
            spot = (math.nan,)
        if all(map(math.isfinite, spot)):
            yield reader.line_num, spot
        else:
            problems.append(Problem(file, reader.line_num, 1, "x, y and z are plain numbers, in um"))
    if kind not in types:
        cure = meant(kind, types, "types")
        raise InputError(f"no cell has the type {kind!r}; {cure if types else listed(header)}")


def _outside(spots: list[Spot], file: str, box: Box) -> Iterator[Problem]:
    edges = len(box.edges)
    for line, spot in spots:
        if len(spot) < edges:
            yield Problem(file, 1, 1, "no column z; the box is a block and its places have three numbers")
            return
        if not box.inside(spot[:edges]):
            shown = ", ".join(f"{s:g}" for s in spot[:edges])
            yield Problem(file, line, 1, f"the cell ({shown} um) lies outside the box of {box.text}")
