"""`vesiflux verify NAME --held-out`: what the model answers to the questions that were held out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vesiflux.cli._io import print_json, write_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from vesiflux.verify.foretold import Foretold, Prediction

__all__ = ["print_held_out"]


def print_held_out(
    name: str,
    draws: int | None,
    seed: int,
    threads: int,
    progress: Callable[[str, int, int], None],
    save: Path | None,
    json: bool,
    quiet: bool,
) -> None:
    """Run the questions and print the answers, as a table or as JSON."""
    from rich.console import Console

    from vesiflux.verify.predictions import DRAWS, held_out

    found = held_out(name, draws=draws or DRAWS, seed=seed, threads=threads, progress=progress)
    if save is not None:
        write_table(save, found.table())
    if json:
        print_json(found.to_dict())
        return
    console = Console(highlight=False, markup=False)
    if not quiet:
        _print_table(console, found)
    facts = found.to_dict()
    console.print(
        f"{found.model}: {facts['asked']} of {facts['questions']} questions asked, in {found.draws} lanes "
        f"each (draws of all priors with {found.structures} combinations of structures); "
        f"{facts['wide']} intervals wider than ten-fold; model {found.hash[:16]}",
        soft_wrap=True,
    )


def _print_table(console: Console, found: Foretold) -> None:
    from rich.table import Table

    rows = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("question", "what", "read", "fold", "80 %", "up", "down", "remark"):
        rows.add_column(column, no_wrap=column not in ("what", "remark"), overflow="fold")
    for p in found.predictions:
        remark = "; ".join(filter(None, (p.limit, p.note)))
        if p.asked:
            interval = f"{p.low:.2g} to {p.high:.2g}"
            rows.add_row(p.id, p.title, p.outcome, f"{p.median:.3g}", interval, *_shares(p), remark)
        else:
            rows.add_row(p.id, p.title, p.outcome, "", "", "", "", remark)
    console.print(rows)
    console.print()


def _shares(p: Prediction) -> tuple[str, str]:
    return f"{p.up_share:.0%}", f"{p.down_share:.0%}"
