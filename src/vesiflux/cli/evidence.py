"""`vesiflux evidence`: search the claims, show one with all that hangs on it, list conflicts, count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vesiflux.cli import evidence_graph, evidence_new
from vesiflux.cli._evidence_io import Folders, load, plain_console
from vesiflux.cli._evidence_text import conflict_text, direction, print_claim, shown_json
from vesiflux.cli._io import Json, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from vesiflux.evidence import Evidence

__all__ = ["app"]

app = typer.Typer(help="Claims of the literature: search, show, connect, draw, count.", no_args_is_help=True)


@app.command()
def search(
    text: Annotated[
        str, typer.Argument(help="Words that must all occur; hyphens and case do not matter.")
    ] = "",
    review: Annotated[str | None, typer.Option(help="Only this review, e.g. tme.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind of claim, e.g. secretion.")] = None,
    agent: Annotated[str | None, typer.Option(help="Part of the name of what is raised.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Part of the name of what answers.")] = None,
    cell: Annotated[str | None, typer.Option(help="Part of the name of the source or recipient.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many claims.")] = 50,
    table: Folders = None,
    json: Json = False,
) -> None:
    """Find claims, best match first."""
    found = load(table).search(text, review, kind, agent, outcome, cell, None)
    claims = found[:limit]
    if json:
        keep = (
            "id", "kind", "agent", "outcome", "direction", "source", "recipient", "context", "effect", "ref",
        )  # fmt: skip
        print_json([{key: value for key, value in asdict(c).items() if key in keep} for c in claims])
        return
    console = plain_console()
    wide = max((len(claim.id) for claim in claims), default=0)
    for claim in claims:
        said = f"{claim.agent} {direction(claim.direction)} {claim.outcome}".strip()
        console.print(f"{claim.id:<{wide}}  {said}", style="bold", soft_wrap=True)
        console.print(f"{'':<{wide}}  {claim.effect}", soft_wrap=True)
    more = f"; --limit {len(found)} shows all" if len(found) > limit else ""
    console.print(f"{len(claims)} of {len(found)} claims{more}", style="dim")


@app.command()
def show(
    claim: Annotated[str, typer.Argument(help="Id of a claim, e.g. secretion-041.")],
    table: Folders = None,
    json: Json = False,
) -> None:
    """Show one claim: its chain, numbers, doubts, sources, what contradicts it, which models use it."""
    from vesiflux.cli._library_uses import uses

    evidence = load(table)
    shown = evidence.show(claim)
    used = uses(claim)
    if json:
        print_json(shown_json(evidence, shown, used))
        return
    print_claim(plain_console(), evidence, shown, used)


@app.command()
def conflicts(
    text: Annotated[str, typer.Argument(help="Part of the name of the agent, the outcome or the cell.")] = "",
    review: Annotated[str | None, typer.Option(help="Only where this review is on either side.")] = None,
    table: Folders = None,
    json: Json = False,
) -> None:
    """List where the literature contradicts itself: opposite claims, markers and arrows."""
    from vesiflux.evidence.spelling import squeeze

    evidence = load(table)
    evidence.search(review=review, limit=1)  # an unknown review is told with what there is
    found = [
        conflict
        for conflict in evidence.conflicts()
        if squeeze(text) in squeeze("|".join((conflict.agent, conflict.outcome, conflict.cell)))
        and (review is None or any(evidence.claims[c].review == review for p in conflict.pairs for c in p))
    ]
    if json:
        print_json([asdict(conflict) for conflict in found])
        return
    console = plain_console()
    for conflict in found:
        console.print(f"{conflict.kind}: {conflict_text(conflict)}", style="bold", soft_wrap=True)
        for sign, ids in (("+", conflict.raises), ("-", conflict.lowers)):
            for claim_id in ids:
                console.print(f"  {sign} {claim_id}  {evidence.claims[claim_id].effect}", soft_wrap=True)
    console.print(f"{len(found)} of {len(evidence.conflicts())} conflicts", style="dim")


@app.command()
def stats(table: Folders = None, json: Json = False) -> None:
    """Count claims, edges, names, votes and conflicts by review and kind; list what was left out."""
    evidence = load(table)
    counts = evidence.stats()
    if json:
        print_json(counts)
        return
    _print_stats(plain_console(), evidence, counts)


def _print_stats(console: Console, evidence: Evidence, counts: Mapping[str, Any]) -> None:
    from rich.table import Table

    rows = Table("what", box=None, header_style="bold", pad_edge=False)
    rows.add_column("count", justify="right")
    for name, value in counts.items():
        if not isinstance(value, dict):
            rows.add_row(name.replace("_", " "), str(len(value) if isinstance(value, list) else value))
    for name, value in counts["names"].items():
        rows.add_row(f"names of nodes, {name}", str(value))
    rows.add_row("share of arrows on one publication", _share(counts))
    console.print(rows)
    columns = ("review", "claims", "edges", "references")
    by_review = Table(columns[0], box=None, header_style="bold", pad_edge=False)
    for column in columns[1:]:
        by_review.add_column(column, justify="right")
    for review, row in counts["reviews"].items():
        by_review.add_row(review, *(str(row[column]) for column in columns[1:]))
    console.print(by_review)
    kinds = ", ".join(f"{kind} {count}" for kind, count in counts["kinds"].items())
    console.print(f"kinds of claims: {kinds}", soft_wrap=True)
    votes = ", ".join(f"{count} on {n}" for n, count in counts["arrows_by_publications"].items())
    console.print(f"arrows by publications behind them: {votes}", soft_wrap=True)
    for conflict in evidence.conflicts():
        console.print(f"conflict: {conflict_text(conflict)}", soft_wrap=True)
    for loop in counts["self_loops"]:
        names = f"{loop['printed_start']} and {loop['printed_end']}"
        told = f"self-loop: {loop['claim_id']} step {loop['step']} ({names} are both {loop['name']})"
        console.print(told, soft_wrap=True)
    for dropped in counts["dropped"]:
        console.print(f"dropped: {dropped['id']} ({dropped['reason']})", soft_wrap=True)


def _share(counts: Mapping[str, Any]) -> str:
    return f"{counts['arrows_on_one_publication'] / max(counts['arrows'], 1):.0%}"


app.command("paths")(evidence_graph.paths)
app.command("picture")(evidence_graph.picture)
app.command("new")(evidence_new.new)
