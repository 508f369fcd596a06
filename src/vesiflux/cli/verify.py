"""`vesiflux verify`: put every claim of a review to the test, and say what each verdict rests on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vesiflux.cli._io import Json, cores, print_json, write_table

if TYPE_CHECKING:
    from vesiflux.cli._progress import ProgressBars
    from vesiflux.verify.every import Verifications
    from vesiflux.verify.result import Verification

__all__ = ["verify"]


def verify(
    name: Annotated[
        str,
        typer.Argument(
            help="A review's short name, a library model, or a model file with 'review:'. "
            "Default: every review that has a whole model."
        ),
    ] = "",
    kind: Annotated[str | None, typer.Option(help="Only claims of this kind, e.g. secretion.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="All structures with their own draws, not one random one per draw.")
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(
            min=2, help="Draws of the priors. Default: 256, in a dish of cells 64; with --full 64 each."
        ),
    ] = None,
    shuffles: Annotated[
        int, typer.Option(min=0, help="Networks with shuffled signs beside it; 0 leaves them out.")
    ] = 64,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all draws.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads. Default: every core of this machine.")
    ] = None,
    table: Annotated[
        list[Path] | None,
        typer.Option("--table", metavar="FOLDER", help="Also read your own evidence tables; repeatable."),
    ] = None,
    place: Annotated[
        bool,
        typer.Option("--place/--no-place", help="Put claims about place to the review's tissue, five times."),
    ] = True,
    held_out: Annotated[
        bool,
        typer.Option("--held-out", help="Answer the held-out questions instead: folds with 80 % intervals."),
    ] = False,
    inexpressible: Annotated[
        bool,
        typer.Option(
            "--inexpressible", help="Show the claims that cannot be tested, and why; nothing is run."
        ),
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Write the table of verdicts or answers there, tab-separated; of all reviews, a folder with "
            "verify-REVIEW.json each.",
        ),
    ] = None,
    json: Json = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress and no table, the summary only.")
    ] = False,
) -> None:
    """Test every claim of a review in its whole model; say what is predicted and what only encoded."""
    from vesiflux.cli._progress import ProgressBars
    from vesiflux.engines.compartments import is_warm, warm_up
    from vesiflux.errors import InputError
    from vesiflux.verify import verify as run_verify

    if held_out:
        if not name:
            raise InputError("--held-out asks the questions beside one model; name it")
        from vesiflux.cli._held_out import print_held_out

        if kind is not None or full or table:
            raise InputError("--held-out asks its own questions; leave out --kind, --full and --table")

        with ProgressBars(quiet=quiet) as progress:
            warm_up(None if is_warm() else lambda what, share: _compiling(progress, what, share))
            print_held_out(name, draws, seed, threads or cores(), progress, save, json, quiet)
        return
    if inexpressible:
        _print_inexpressible(name, table or (), json)
        return
    if not name:
        _every(kind, full, draws, shuffles, seed, threads, table or (), place, save, json, quiet)
        return
    with ProgressBars(quiet=quiet) as progress:
        warm_up(None if is_warm() else lambda what, share: _compiling(progress, what, share))
        found = run_verify(
            name,
            kind,
            full=full,
            draws=draws,
            shuffles=shuffles,
            seed=seed,
            threads=threads or cores(),
            tables=table or (),
            place=place,
            progress=progress,
        )
    if save is not None:
        write_table(save, found.table())
    if json:
        print_json(found.to_dict())
        return
    _print(found, quiet)


def _print_inexpressible(name: str, tables: Sequence[Path], json: bool) -> None:
    """What cannot be tested in one model, or in the whole model of every review."""
    from rich.console import Console

    from vesiflux.cli._verify_text import print_table
    from vesiflux.verify.run import inexpressible
    from vesiflux.verify.wholes import wholes

    found = {one: inexpressible(one, tables=tables) for one in ([name] if name else wholes())}
    if json:
        print_json(
            {
                one: {"expressible": tested, "checkable": checkable, "details": [v.to_dict() for v in untold]}
                for one, (untold, tested, checkable) in found.items()
            }
        )
        return
    console = Console(highlight=False, markup=False)
    for one, (untold, tested, checkable) in found.items():
        print_table(console, untold)
        console.print(f"{one}: {tested} of {checkable} claims that say what to look at can be tested")


def _every(
    kind: str | None,
    full: bool,
    draws: int | None,
    shuffles: int,
    seed: int,
    threads: int | None,
    tables: Sequence[Path],
    place: bool,
    save: Path | None,
    json: bool,
    quiet: bool,
) -> None:
    """All reviews that have a whole model."""
    from vesiflux.cli._progress import ProgressBars
    from vesiflux.cli._verify_text import print_between
    from vesiflux.engines.compartments import is_warm, warm_up
    from vesiflux.errors import InputError
    from vesiflux.verify.every import verify_all

    if kind is not None:
        raise InputError("--kind picks claims of one review; name the review")
    with ProgressBars(quiet=quiet) as progress:
        warm_up(None if is_warm() else lambda what, share: _compiling(progress, what, share))
        found = verify_all(
            full=full, draws=draws, shuffles=shuffles, seed=seed, threads=threads or cores(), tables=tables,
            place=place, progress=progress,
        )  # fmt: skip
    if save is not None:
        _keep(save, found)
    if json:
        print_json(found.to_dict())
        return
    for model in found.models.values():
        _print(model, quiet)
    from rich.console import Console

    print_between(Console(highlight=False, markup=False), found)


def _keep(folder: Path, found: Verifications) -> None:
    """Write verify-REVIEW.json of every review; what --full gave stays where this was not --full."""
    import json

    for review, model in found.models.items():
        path = folder / f"verify-{review}.json"
        if not model.full and path.is_file() and json.loads(path.read_text(encoding="utf-8")).get("full"):
            continue
        write_table(path, json.dumps(model.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    whole = found.to_dict()
    between = {key: whole[key] for key in ("contradictions_between_reviews", "seconds")}
    write_table(folder / "verify-between.json", json.dumps(between, indent=2, ensure_ascii=False) + "\n")


def _print(found: Verification, quiet: bool) -> None:
    from rich.console import Console

    from vesiflux.cli._verify_text import print_table, summary

    console = Console(highlight=False, markup=False)
    if not quiet:
        print_table(console, found.details)
    for line in summary(found):
        console.print(line, soft_wrap=True)


def _compiling(progress: ProgressBars, what: str, share: float) -> None:
    progress(f"compiling kernels, once: {what}", round(share * 100), 100)
