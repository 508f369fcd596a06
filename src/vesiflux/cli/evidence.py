"""`vesiflux evidence`: search the claims, show one with all that hangs on it, count."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vesiflux.cli._io import Json, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from vesiflux.evidence import Conflict, Edge, Evidence, Quantity, Shown

__all__ = ["app"]

app = typer.Typer(help="Claims of the literature: search, show, count.", no_args_is_help=True)

Folders = Annotated[
    list[Path] | None,
    typer.Option("--table", metavar="FOLDER", help="Also read your own tables from this folder; repeatable."),
]


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
    evidence = _load(table)
    found = evidence.search(text, review, kind, agent, outcome, cell, None)
    claims = found[:limit]
    if json:
        keep = (
            "id",
            "kind",
            "agent",
            "outcome",
            "direction",
            "source",
            "recipient",
            "context",
            "effect",
            "ref",
        )
        print_json([{key: value for key, value in asdict(c).items() if key in keep} for c in claims])
        return
    from rich.table import Table

    rows = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("id", "agent", "", "outcome", "what happens"):
        rows.add_column(name, no_wrap=name in ("id", ""), overflow="fold")
    for claim in claims:
        rows.add_row(claim.id, claim.agent, _arrow(claim.direction), claim.outcome, claim.effect)
    console = _console()
    console.print(rows)
    more = f"; --limit {len(found)} shows all" if len(found) > limit else ""
    console.print(f"{len(claims)} of {len(found)} claims{more}", style="dim")


@app.command()
def show(
    claim: Annotated[str, typer.Argument(help="Id of a claim, e.g. secretion-041.")],
    table: Folders = None,
    json: Json = False,
) -> None:
    """Show one claim: its chain, numbers, doubts, sources and what contradicts it."""
    shown = _load(table).show(claim)
    if json:
        print_json(_as_json(shown))
        return
    _print_claim(_console(), shown)


@app.command()
def stats(table: Folders = None, json: Json = False) -> None:
    """Count claims, edges, numbers, parameters, names and conflicts; list what was left out."""
    evidence = _load(table)
    counts = evidence.stats()
    if json:
        print_json(counts)
        return
    from rich.table import Table

    rows = Table("what", box=None, header_style="bold", pad_edge=False)
    rows.add_column("count", justify="right")
    for name, value in counts.items():
        rows.add_row(name, str(len(value) if isinstance(value, list) else value))
    console = _console()
    console.print(rows)
    for conflict in evidence.conflicts():
        console.print(f"conflict: {_conflict(conflict)}", soft_wrap=True)
    for dropped in counts["dropped"]:
        console.print(f"dropped: {dropped['id']} ({dropped['reason']})", soft_wrap=True)


def _load(folders: list[Path] | None) -> Evidence:
    from vesiflux.evidence import Evidence

    return Evidence.load(*(folders or []))


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False)


def _arrow(direction: str) -> str:
    return {"+": "raises", "-": "lowers", "0": "no effect", "biphasic": "both ways"}.get(direction, direction)


def _edge_json(edge: Edge) -> dict[str, Any]:
    """Columns as in the table."""
    rename = {"start": "from", "end": "to"}
    return {rename.get(key, key): value for key, value in asdict(edge).items() if key != "claim_id"}


def _as_json(shown: Shown) -> dict[str, Any]:
    claim = {key: value for key, value in asdict(shown.claim).items() if key not in ("file", "line")}
    return {
        "claim": claim,
        "chain": [_edge_json(edge) for edge in shown.chain],
        "quantities": [asdict(q) for q in shown.quantities],
        "doubts": list(shown.doubts),
        "sources": [asdict(s) | {"vote": s.vote} for s in shown.sources],
        "conflicts": [asdict(c) for c in shown.conflicts],
        "continues": shown.continues,
    }


def _conflict(conflict: Conflict) -> str:
    place = ", ".join(filter(None, (conflict.cell, conflict.context)))
    where = f" ({place})" if place else ""
    return (
        f"{conflict.agent} on {conflict.outcome}{where}: raised by {', '.join(conflict.raises)}; "
        f"lowered by {', '.join(conflict.lowers)}"
    )


def _print_claim(console: Console, shown: Shown) -> None:
    claim = shown.claim
    console.print(f"{claim.id}  {claim.effect}", style="bold")
    facts = {
        "review": f"{claim.review}, section {claim.section}" if claim.section else claim.review,
        "kind": claim.kind,
        "agent and outcome": f"{claim.agent or '-'} {_arrow(claim.direction)} {claim.outcome}",
        "source": claim.source,
        "vesicle and cargo": ": ".join(filter(None, (claim.vesicle, claim.cargo))),
        "recipient": claim.recipient,
        "context and system": ", ".join(filter(None, (claim.context, claim.system))),
        "to check": claim.checkable,
        "continues": shown.continues,
    }
    for name, fact in facts.items():
        if fact:
            console.print(f"  {name}: {fact}", soft_wrap=True)
    sections = {
        "chain": [_edge_line(edge) for edge in shown.chain],
        "numbers": [_number_line(quantity) for quantity in shown.quantities],
        "doubts": list(shown.doubts),
        "sources": [
            f"[{source.vote}] {source.text}{f', doi {source.doi}' if source.doi else ''}"
            for source in shown.sources
        ],
        "conflicts": [_conflict(conflict) for conflict in shown.conflicts],
    }
    for name, lines in sections.items():
        if lines:
            console.print(name, style="bold")
            for line in lines:
                console.print(f"  {line}", soft_wrap=True)


def _edge_line(edge: Edge) -> str:
    arrow = "->" if edge.sign == "+" else "-|"
    where = f" in {edge.cell}" if edge.cell else ""
    return f"{edge.step}. {edge.start} {arrow} {edge.end}  ({edge.relation}{where})"


def _number_line(quantity: Quantity) -> str:
    unit = f" {quantity.unit}" if quantity.unit not in ("", "1") else ""
    against = f", against {quantity.comparator}" if quantity.comparator else ""
    condition = f" ({quantity.condition})" if quantity.condition else ""
    return f"{quantity.quantity}: {_range(quantity.low, quantity.high)}{unit}{against}{condition}"


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None or low == high:
        value = low if low is not None else high
        return "-" if value is None else f"{value:g}"
    return f"{low:g} to {high:g}"
