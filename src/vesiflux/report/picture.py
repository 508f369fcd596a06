"""One picture of a run: reported folds, what the machinery predicts, and the ceiling it cannot pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vesiflux.report import collect
from vesiflux.report.figures import folds
from vesiflux.report.reader import Reader
from vesiflux.report.style import drawing, to_svg

if TYPE_CHECKING:
    from vesiflux.store.run import Run

__all__ = ["write_picture"]


def write_picture(run: Run, path: str | Path) -> Path:
    """Write the exosome folds of the arms with a reported number to an SVG; return its path.

    Under several structures the default and the one furthest from it are drawn. Arms without a reported
    number are left out, but for the one that falls most.

    Raises
    ------
    InputError
        When no arm of the run has a reported number.
    """
    from vesiflux.errors import InputError

    reader = Reader(run)
    forest = collect.folds(reader)[0] if reader.compared else None
    lowest = reader.ordered(reader.compared, reader.vesicles[0])[0] if reader.compared else ""
    rows = [] if forest is None else [r for r in forest.rows if any(x.numbers for x in r.reported)]
    if forest is None or not rows:
        raise InputError("no arm of this run has a reported number; run the arms that have one")
    rows = [r for r in forest.rows if r.arm == lowest and r not in rows] + rows
    data = replace(forest, rows=tuple(_extremes(r) for r in rows))
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with drawing():
        svg = to_svg(folds.draw(data), "Exosome release: predicted folds, reported folds and the ceiling 1/f")
    target.write_text(svg, encoding="utf-8", newline="\n")
    return target


def _extremes(row: folds.FoldRow) -> folds.FoldRow:
    first, *others = row.folds
    far = max(others, key=lambda f: abs(f.value.median - first.value.median), default=None)
    if far is None or abs(far.value.median / first.value.median - 1) < 0.25:
        return replace(row, folds=(first,))
    return replace(row, folds=(first, far))
