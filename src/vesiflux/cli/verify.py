"""`vesiflux verify`: put every claim of a review to the test, and say what each verdict rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vesiflux.cli._io import Json, cores, print_json, write_table

if TYPE_CHECKING:
    from rich.console import Console

    from vesiflux.cli._progress import ProgressBars
    from vesiflux.verify import Verdict, Verification

__all__ = ["verify"]


def verify(
    name: Annotated[
        str, typer.Argument(help="A review's short name, a library model, or a model file with 'review:'.")
    ],
    kind: Annotated[str | None, typer.Option(help="Only claims of this kind, e.g. secretion.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="All structures with their own draws, not one random one per draw.")
    ] = False,
    draws: Annotated[
        int | None, typer.Option(min=2, help="Draws of the priors. Default: 256; with --full 64 each.")
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
    held_out: Annotated[
        bool,
        typer.Option("--held-out", help="Answer the held-out questions instead: folds with 80 % intervals."),
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the table of verdicts or answers there, tab-separated."),
    ] = None,
    json: Json = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress and no table, the summary only.")
    ] = False,
) -> None:
    """Test every claim of a review in the whole model; say what is predicted and what only encoded."""
    from vesiflux.cli._progress import ProgressBars
    from vesiflux.engines.compartments import is_warm, warm_up
    from vesiflux.verify import verify as run_verify

    if held_out:
        from vesiflux.cli._held_out import print_held_out
        from vesiflux.errors import InputError

        if kind is not None or full or table:
            raise InputError("--held-out asks its own questions; leave out --kind, --full and --table")

        with ProgressBars(quiet=quiet) as progress:
            warm_up(None if is_warm() else lambda what, share: _compiling(progress, what, share))
            print_held_out(name, draws, seed, threads or cores(), progress, save, json, quiet)
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
            progress=progress,
        )
    if save is not None:
        write_table(save, found.table())
    if json:
        print_json(found.to_dict())
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    if not quiet:
        _print_table(console, found)
    for line in _summary(found):
        console.print(line, soft_wrap=True)


def _compiling(progress: ProgressBars, what: str, share: float) -> None:
    progress(f"compiling kernels, once: {what}", round(share * 100), 100)


_STYLES = {
    "reproduced": "green",
    "contradicted": "red",
    "not_reproduced": "yellow",
    "inexpressible": "dim",
    "not_judged": "dim",
}


def _print_table(console: Console, found: Verification) -> None:
    from rich.table import Table
    from rich.text import Text

    rows = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("claim", "verdict", "basis", "how", "share", "why"):
        rows.add_column(column, no_wrap=column != "why", overflow="fold")
    for v in found.details:
        verdict = Text(v.verdict.replace("_", " "), style=_STYLES[v.verdict])
        rows.add_row(v.claim, verdict, v.support or v.basis, v.how, _share(v), v.reason)
    console.print(rows)
    console.print()


def _share(verdict: Verdict) -> str:
    return "" if verdict.share != verdict.share else f"{verdict.share:.0%}"


def _summary(found: Verification) -> list[str]:
    """What it comes to, in sentences."""
    facts = found.to_dict()
    sampling = f"of each of {found.structures} structures" if found.full else "each with random structures"
    lines = [
        f"{found.review}: {facts['claims']} claims; {facts['checkable']} of those the model answers for say "
        f"what to look at, {facts['expressible']} were tested ({found.draws} draws {sampling}; "
        f"{found.lanes} lanes in {found.seconds:.0f} s)",
        f"reproduced {facts['reproduced']}, of which predicted {facts['predicted']}, calibrated "
        f"{facts['calibrated']}, encoded {facts['encoded']}; not reproduced {facts['not_reproduced']}, "
        f"contradicted {facts['contradicted']}, inexpressible {facts['inexpressible']}, not judged "
        f"{facts['not_judged']}",
        f"of the predicted, {facts['mechanistic']} follow from the mechanism alone, {facts['corroborated']} "
        "only because another publication says the same",
    ]
    shuffled = found.shuffled
    if shuffled is not None:
        lines.append(
            f"shuffled signs: right in {shuffled.share:.0%} of the claims that still move (5 to 95 % of "
            f"{shuffled.shuffles} shuffles: {shuffled.low:.0%} to {shuffled.high:.0%}; expected 35 to 65 %)"
            + (f"; {shuffled.why}" if shuffled.why else "")
        )
    if found.controls:
        controls = facts["controls"]
        lines.append(
            f"no-change controls: {controls['right']} of {controls['counted']} right; "
            f"{len(controls['without_path'])} more have no path in the model and do not count"
        )
    isolated = facts["isolated"]
    if isolated["checkable"]:
        lines.append(
            f"isolated: {isolated['expressible']} of {isolated['checkable']} other claims run as chains of "
            f"their own arrows, {isolated['reproduced']} hold; such a chain says what its claim says, by "
            "construction"
        )
    return lines
