"""`vesiflux run`: run a model's arms over draws and replicates, and store what comes out."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vesiflux.cli._io import Json, cores, load_model, print_json
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from vesiflux.cli._progress import ProgressBars

__all__ = ["run"]

#: Characters that the arm's name and a column of figures take in a terminal.
_ARM, _COLUMN = 14, 15


class Structures(enum.StrEnum):
    """Which of the model's competing structures to run."""

    default = "default"
    all = "all"


def run(
    model: Annotated[str, typer.Argument(help="A library model's name (see `list`) or a model file.")],
    arm: Annotated[
        list[str] | None,
        typer.Option("--arm", help="Arm to run; repeat for more. Default: the model's `run.arms`, or all."),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            min=1, help="Parameter sets drawn from the priors. Default: the model's `run.draws`, or 64."
        ),
    ] = None,
    replicates: Annotated[int, typer.Option(min=1, help="Repeats of every draw.")] = 1,
    single_cells: Annotated[
        int | None,
        typer.Option(
            "--single-cells",
            min=1,
            metavar="N",
            help="Simulate N single cells, every MVB an individual. Typical parameters, or N cells per draw.",
        ),
    ] = None,
    cell: Annotated[
        str | None, typer.Option(help="With --single-cells: their type, where several could be meant.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Fix a parameter in all draws, pick an option of a choice (species=human), or say when "
            "something is given (dose.at=24h); repeat for more. A bare number takes the declared unit.",
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads. Default: every core of this machine.")
    ] = None,
    structures: Annotated[
        Structures, typer.Option(help="Competing structures: the default one or all.")
    ] = Structures.default,
    push: Annotated[
        bool,
        typer.Option(
            "--push",
            help="Also try stronger effects where a reported fold is not reached, to find the limit.",
        ),
    ] = False,
    out: Annotated[Path, typer.Option(help="Store to write to.")] = Path("vesiflux-runs"),
    resume: Annotated[Path | None, typer.Option(metavar="RUN", help="Unfinished run to complete.")] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Also write a report there. Default: no report.")
    ] = None,
    json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress; print only where the run is.")] = False,
) -> None:
    """Run a model and store the result."""
    fixed = _assignments(settings or [])
    if push and single_cells is not None:
        raise InputError("--push looks for limits of the mean; leave it out with --single-cells")
    from vesiflux.cli._progress import ProgressBars

    loaded = load_model(model)
    from vesiflux.study.run import run as run_study

    tissue = loaded.spec.space.kind == "tissue"
    if push and tissue:
        raise InputError("--push: only for a model of a dish")
    with ProgressBars(quiet=quiet) as progress:
        if not tissue:
            _warm_up(progress)
        finished = run_study(
            loaded,
            arms=arm or None,
            draws=draws,
            replicates=replicates,
            seed=seed,
            set=fixed,
            threads=threads or cores(),
            store=out,
            resume=resume,
            structures=structures.value,
            progress=progress,
            single_cells=single_cells,
            cell=cell,
        )
        if push:
            from vesiflux.store.run import Run
            from vesiflux.study.reach import reach

            assert isinstance(finished, Run)
            finished = reach(finished, threads=threads or cores(), progress=progress)
        summary = finished.summary()
        page = None
        if report is not None:
            from vesiflux.report import write

            progress("writing the report", 0, 1)
            page = write([finished], report)
            progress("writing the report", 1, 1)
            summary["report"] = str(page)
    if json:
        print_json(summary)
        return
    if not quiet:
        (_print_tissue if tissue else _print_table)(summary)
    typer.echo(summary["run"] if quiet else f"run: {summary['run']}")
    if page is not None:
        typer.echo(page if quiet else f"report: {page}")


def _warm_up(progress: ProgressBars) -> None:
    """Compile a dish's kernels; loading them from the cache is quick and not worth a line."""
    from vesiflux.engines.compartments import is_warm, warm_up

    warm_up(None if is_warm() else lambda what, share: _compiling(progress, what, share))


def _compiling(progress: ProgressBars, what: str, share: float) -> None:
    progress(f"compiling kernels, once: {what}", round(share * 100), 100)


def _assignments(texts: list[str]) -> dict[str, Any]:
    """Split ``NAME=VALUE`` texts; the value's unit is read where the parameter is known."""
    fixed: dict[str, Any] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(f"--set {text}: not a name and a value; write --set NAME=VALUE")
        if name in fixed:
            raise InputError(f"--set {text}: {name} is set twice; keep one of {fixed[name]} and {value}")
        fixed[name] = value
    return fixed


def _print_table(summary: Mapping[str, Any]) -> None:
    """Print the arms' medians as a table, then how long it took and how well mass was conserved."""
    from rich.console import Console
    from rich.table import Table

    from vesiflux.cli._body_text import SUM, beside_the_pool, end_tables, level_tables, organ_tables
    from vesiflux.store.standing import PUSHED

    arms: Mapping[str, Mapping[str, Any]] = summary["arms"]
    columns = sorted({name for row in arms.values() for name, value in row.items() if _is_number(value)})
    rows = [
        (arm, *(f"{row[name]:.4g}" if _is_number(row.get(name)) else "" for name in columns))
        for arm, row in arms.items()
        if PUSHED not in arm
    ]
    head = ("arm", *(name.replace("_", " ") for name in columns))
    console = Console()
    across = (console.width - _ARM) // _COLUMN
    if len(columns) > max(across, len(rows)):  # read down what does not fit across
        head, *rows = zip(head, *rows, strict=True)
    table = Table(head[0], box=None, header_style="bold")
    for name in head[1:]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    organs = tuple(organ_tables(arms))
    tables = [_folds(arms), _together(arms), _cells(arms), *organs, *level_tables(arms), *end_tables(arms)]
    for more in tables:
        if more is not None:
            console.print()
            console.print(more)
    if organs:
        console.print(f"\n{SUM}")
    for line in beside_the_pool(arms):
        console.print(line)
    error = summary["balance_error"]
    console.print(f"{summary['seconds']:.1f} s" + ("" if error is None else f", balance error {error:.1e}"))


def _print_tissue(summary: Mapping[str, Any]) -> None:
    """Cells at the end, by type and state, and what went where."""
    from rich.console import Console
    from rich.table import Table

    cells = Table("arm", "cell type", "alive", "dead", "states", box=None, header_style="bold")
    moved = Table("arm", "class", "secreted", "taken up by", box=None, header_style="bold")
    for arm, row in summary["arms"].items():
        for kind, info in row["kinds"].items():
            states = ", ".join(f"{n} {name}" for name, n in info["states"].items() if n)
            cells.add_row(arm, kind, str(info["cells"]), str(info["dead"]), states)
        for vesicle, amount in row["secreted"].items():
            took = [(kind, into.get(vesicle, 0.0)) for kind, into in row["received"].items()]
            moved.add_row(
                arm, vesicle, f"{amount:.4g}", ", ".join(f"{kind} {n:.4g}" for kind, n in took if n)
            )
    console = Console()
    console.print(cells)
    if moved.row_count:
        console.print()
        console.print(moved)
    told = [f"{summary['seconds']:.1f} s"]
    for title, key in (("balance error", "balance_error"), ("field error", "field_error_estimate")):
        if summary[key] is not None:
            told.append(f"{title} {summary[key]:.1e}")
    console.print(", ".join(told))


def _folds(arms: Mapping[str, Mapping[str, Any]]) -> Table | None:
    """Folds that papers reported, the default structure's median and 80 % interval, and where they stand."""
    from rich.table import Table

    table = Table("arm", "reported", "here", "standing", "remark", box=None, header_style="bold")
    for arm, row in arms.items():
        for told in row.get("reported", ()):
            low, high = told["reported"]
            span = f"{low or high:g}" if low == high or None in (low, high) else f"{low:g}-{high:g}"
            span = (">= " if high is None else "<= " if low is None else "") + span
            remarks = [told["remark"]] if told["remark"] else []
            remarks += [f"in doubt: the {told['doubtful']}"] if told["doubtful"] else []
            table.add_row(arm, span, _spread(told["predicted"]), told["standing"], "; ".join(remarks))
    return table if table.row_count else None


def _together(arms: Mapping[str, Mapping[str, Any]]) -> Table | None:
    """Combined arms: their fold, the product of the folds alone, and the ratio of the two."""
    from rich.table import Table

    table = Table(
        "arms together", "of", "fold", "product alone", "synergy", "what is near", box=None,
        header_style="bold",
    )  # fmt: skip
    for arm, row in arms.items():
        for pair in row.get("synergy", ()):
            if all(abs((pair[k]["median"] or 0) - 1) < 0.02 for k in ("together", "synergy")):
                continue  # moved by neither
            name = pair["quantity"].removesuffix("_per_cell_per_hour").replace("_", " ")
            folds = (_spread(pair[k]) for k in ("together", "product", "synergy"))
            table.add_row(f"{arm} {pair['structure']}".strip(), name, *folds, pair["hindrance"])
    return table if table.row_count else None


def _spread(value: Mapping[str, float | None]) -> str:
    """``3.4 (2.4-5)``: median and 80 % interval."""
    if value["median"] is None:
        return "-"
    return f"{value['median']:.2g} ({value['low']:.2g}-{value['high']:.2g})"


def _cells(arms: Mapping[str, Mapping[str, Any]]) -> Table | None:
    """What differs from cell to cell, in runs of single cells."""
    from rich.table import Table

    columns = {
        "mean": "released per cell", "cv": "CV", "fano": "Fano", "bursts": "bursts per cell",
        "mean_burst": "mean burst", "burst_fano": "E[B²]/E[B]",
    }  # fmt: skip
    table = Table("arm", "vesicle", box=None, header_style="bold")
    for title in columns.values():
        table.add_column(title.replace("[", "\\["), justify="right")
    for arm, info in arms.items():
        for vesicle, row in info.get("single_cells", {}).items():
            table.add_row(arm, vesicle, *(f"{row[c]:.4g}" if c in row else "" for c in columns))
    return table if table.row_count else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
