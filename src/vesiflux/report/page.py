"""The page: figures drawn and written, one HTML file that needs nothing from outside."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from vesiflux.errors import InputError
from vesiflux.report import body, captions, cells, collect, comparison, quantities, uptake
from vesiflux.report.figures import body as body_figure
from vesiflux.report.figures import (
    constraints,
    curves,
    drivers,
    folds,
    machinery,
    plane,
    received,
    responses,
    single_cells,
    steps,
)
from vesiflux.report.figures import quantities as quantities_figure
from vesiflux.report.figures.common import Row
from vesiflux.report.headline import headline
from vesiflux.report.knowledge import knowledge, linked
from vesiflux.report.reader import Reader
from vesiflux.report.recipients import Recipients
from vesiflux.report.style import drawing, inlined, to_svg

if TYPE_CHECKING:
    from jinja2 import Environment

    from vesiflux.store.run import Run
    from vesiflux.store.tissue import TissueRun

__all__ = ["Sheet", "Shown", "environment", "folder_of", "write"]

SECTIONS = (
    "body", "quantities", "recipients", "folds", "curves", "cells", "plane", "machinery", "constraints",
    "drivers",
)  # fmt: skip
TISSUE_SECTIONS = ("counts", "sent", "spread", "nearby")


@dataclass(frozen=True)
class Shown:
    """A figure on the page and its two files (``figures/NAME.svg``, ``figures/NAME.csv``)."""

    name: str
    title: str
    caption: str
    svg: str
    folded: bool = False  # shown closed, behind its title


def write(runs: Sequence[Run | TissueRun], folder: str | Path) -> Path:
    """Write a report of `runs` to `folder` and return the path of its page.

    ``folder/index.html`` opens from disk and asks nothing of the network; ``folder/figures`` has every
    figure as SVG and the numbers it shows as CSV. The same runs give the same bytes.

    Raises
    ------
    InputError
        Without any run, or when the folder's name belongs to a file.
    RunError
        A run that is not finished; nothing is written.
    """
    if not runs:
        raise InputError("a report needs at least one run")
    _require_finished(runs)
    target = folder_of(folder)
    sections = []
    with drawing():
        for position, run in enumerate(runs):
            prefix = f"run{position + 1}-" if len(runs) > 1 else ""
            sections.append(_part(run, prefix, target))
    page = target / "index.html"
    page.write_text(_render(sections), encoding="utf-8", newline="\n")
    return page


def _require_finished(runs: Sequence[Run | TissueRun]) -> None:
    """Raise `RunError` where a run cannot be told; what is there of a tissue can."""
    from vesiflux.store.run import Run

    for run in runs:
        if isinstance(run, Run):
            run.require_finished()


def folder_of(folder: str | Path) -> Path:
    """The folder of a report, made with room for its figures. Raises `InputError` where it cannot be."""
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise InputError(f"{target}: is a file; name a folder for the report")
    try:
        (target / "figures").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror}") from None
    return target


def _part(run: Run | TissueRun, prefix: str, target: Path) -> Any:
    from vesiflux.store.tissue import TissueRun

    if isinstance(run, TissueRun):
        from vesiflux.report.tissue import part, stored

        return part(stored.arms(run), Sheet(prefix, target))
    if run.record["call"].get("cohort"):
        raise InputError(
            f"{run.path}: is of a cohort and holds what its study looks at; its page is written by "
            f"vesiflux cohort {run.model_name} --report FOLDER"
        )
    return _section(Reader(run), prefix, target)


def _section(reader: Reader, prefix: str, target: Path) -> dict[str, Any]:
    sheet = Sheet(prefix, target)
    dosed = body.where(reader)
    if dosed is not None and collect.nothing_sent_moves(reader):
        reader = Reader(reader.run, release=False)  # what cells send is no question of this run
    if dosed is not None:
        title = "Blood and organs"
        sheet.add("body", body_figure, dosed, "body", title, body.CAPTION)
    seen = quantities.watched(reader)
    if seen is not None:
        told = quantities.caption(seen)
        sheet.add("quantities", quantities_figure, seen, "quantities", "Quantities over time", told)
    found = Recipients(reader)
    if found:
        _recipients(found, sheet)
    for forest in collect.folds(reader):
        name = f"folds-{forest.readout.replace('.', '-')}"
        caption = captions.FOLDS + (captions.CEILING if forest.ceiling is not None else "")
        vesicle = next((v for v in reader.vesicles if reader.rate_name(v) == forest.readout), "")
        if vesicle:
            caption += _named(reader, captions.UNMOVED, collect.unmoved(reader, vesicle))
        sheet.add("folds", folds, forest, name, f"Folds of {forest.title}", caption)
    for vesicle in reader.vesicles:
        caption = captions.CURVES + _named(reader, captions.UNCHANGED, collect.unchanged(reader, vesicle))
        for (slug, title), lines in collect.curves(reader, vesicle):
            name, title = f"curves-{vesicle}-{slug}", f"{lines.vesicle_title.capitalize()}: {title}"
            sheet.add("curves", curves, lines, name, title, caption, bool(sheet.shown["curves"]))
    cloud = collect.plane(reader)
    if cloud is not None:
        title = f"{cloud.x_title.capitalize()} against {cloud.y_title}"
        caption = captions.PLANE + _named(reader, captions.UNMOVED, collect.aside(reader))
        sheet.add("plane", plane, cloud, "plane", title, caption)
    if cells.is_of_cells(reader):
        for vesicle, data in cells.single_cells(reader):
            title = f"Single cells: {data.vesicle} cell by cell"
            sheet.add("cells", single_cells, data, f"cells-{vesicle}", title, cells.CAPTION)
    else:
        _machinery(reader, sheet)
    limits = collect.constraints(reader)
    if limits is not None:
        title = "What a cell can hold and spend"
        sheet.add("constraints", constraints, limits, "constraints", title, captions.CONSTRAINTS)
    causes = collect.drivers(reader, [*body.drives(reader, dosed), *uptake.answers(found)])
    if causes is not None:
        sheet.add("drivers", drivers, causes, "drivers", "What drives the spread", captions.DRIVERS)
    said = [*body.answers(dosed), *quantities.answers(reader, seen), *uptake.sentences(found)]
    return {
        "prefix": prefix,
        "number": prefix.removeprefix("run").removesuffix("-"),
        "title": reader.facts.get("title") or reader.compiled.title or reader.compiled.name,
        "summary": reader.facts.get("summary", ""),
        "headline": headline(reader, limits, said),
        "doses": body.table(reader, dosed),
        "ends": quantities.ends(reader, seen),
        "recipients": {
            "title": "What the recipients get" if found.copies else "What the cells do",
            "tables": uptake.tables(found) if found else (),
        },
        "folds_told": comparison.folds_told(reader),
        "pairs": comparison.pairs(reader),
        "figures": sheet.shown,
        "knowledge": knowledge(reader),
    }


def _recipients(found: Recipients, sheet: Sheet) -> None:
    arrived = uptake.received(found)
    if arrived is not None:
        title = "Copies per recipient cell against the level that acts"
        sheet.add("recipients", received, arrived, "received", title, captions.RECEIVED)
    titles: set[str] = set()
    for slug, title, lines, still in uptake.responses(found):
        caption = captions.RESPONSES + (f" {captions.STILL} {', '.join(still)}." if still else "")
        sheet.add("recipients", responses, lines, f"recipients-{slug}", title, caption, title in titles)
        titles.add(title)


def _named(reader: Reader, words: str, arms: Sequence[str]) -> str:
    return f" {words} {', '.join(map(reader.title, arms))}." if arms else ""


def _machinery(reader: Reader, sheet: Sheet) -> None:
    base = reader.references[0] if reader.references else reader.arms[0]
    top = collect.showcase(reader)
    low = reader.ordered(reader.compared, reader.vesicles[0])[0] if top else ""
    for path in reader.modules:
        slug = path.replace(".", "-")
        for arm in (a for a in dict.fromkeys((base, top, low)) if a):
            chart = collect.machinery(reader, path, arm)
            if chart is not None:
                caption = captions.MACHINERY + (captions.MACHINERY_FOLDS if chart.compared_with else "")
                name, title = f"machinery-{slug}-{arm}", f"Fluxes: {chart.title}"
                sheet.add("machinery", machinery, chart, name, title, caption, arm == low != top)
        chain = collect.steps(reader, path, tuple(a for a in dict.fromkeys((base, top)) if a))
        if chain is not None:
            title = "What every step can still give"
            sheet.add("machinery", steps, chain, f"steps-{slug}", title, captions.STEPS)


class Sheet:
    """Draws figures, writes their two files and keeps them for the page, by section."""

    def __init__(self, prefix: str, target: Path) -> None:
        self.prefix, self.folder = prefix, target / "figures"
        self.shown: dict[str, list[Shown]] = {s: [] for s in (*SECTIONS, *TISSUE_SECTIONS)}

    def add(
        self,
        section: str,
        module: ModuleType,
        data: Any,
        name: str,
        title: str,
        caption: str,
        folded: bool = False,
    ) -> None:
        """Draw `data` with the figure `module`."""
        name = f"{self.prefix}{name}".replace("/", "-")  # arms may have a slash, files not
        figure = module.draw(data)
        svg = to_svg(figure, title)
        (self.folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="\n")
        (self.folder / f"{name}.csv").write_text(_csv(module.rows(data)), encoding="utf-8", newline="\n")
        self.shown.setdefault(section, []).append(Shown(name, title, caption, inlined(svg, name), folded))


def _csv(rows: Iterable[Row]) -> str:
    """CSV text; floats with the digits that give them back exactly, empty cells for what is not known."""
    listed = list(rows)
    buffer = io.StringIO()
    if listed:
        writer = csv.DictWriter(buffer, list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: "" if v is None or (isinstance(v, float) and v != v) else v for k, v in row.items()}
            for row in listed
        )
    return buffer.getvalue()


def environment() -> Environment:
    """Templates of reports."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("vesiflux.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["linked"] = linked
    return made


def _render(sections: list[Any]) -> str:
    from vesiflux._version import __version__
    from vesiflux.report.tissue import Program, Section, render

    templates = environment()
    tissues = [s for s in sections if isinstance(s, Section)]
    return templates.get_template("page.html.j2").render(
        runs=sections,
        tissues={s.prefix: render(s, templates) for s in tissues},
        program=Program.load() if tissues else None,
        version=__version__,
    )
