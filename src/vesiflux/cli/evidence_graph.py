"""`vesiflux evidence paths` and `picture`: what the claims say together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vesiflux.cli._evidence_io import Folders, load, plain_console
from vesiflux.cli._evidence_text import path_json, path_lines, votes_text
from vesiflux.cli._io import Json, print_json
from vesiflux.errors import InputError

if TYPE_CHECKING:
    from vesiflux.evidence.graph import Arrow
    from vesiflux.evidence.network import Network

__all__ = ["paths", "picture"]

Cell = Annotated[str | None, typer.Option(help="Inside cells, only arrows in this one.")]
Longest = Annotated[int, typer.Option(min=1, max=12, help="At most so many arrows.")]
Review = Annotated[str | None, typer.Option(help="Only claims of this review.")]
Doubtful = Annotated[bool, typer.Option("--doubtful", help="Also arrows whose status is doubtful.")]
Stated = Annotated[bool, typer.Option("--stated", help="Only what claims state: no joins between claims.")]


def paths(
    start: Annotated[str, typer.Argument(metavar="FROM", help="What is raised: NAME, or NAME@CELL.")],
    end: Annotated[str, typer.Argument(metavar="TO", help="What answers: NAME, or NAME@CELL.")],
    cell: Cell = None,
    longest: Longest = 6,
    review: Review = None,
    doubtful: Doubtful = False,
    stated: Stated = False,
    limit: Annotated[int, typer.Option(min=1, help="Print at most so many paths.")] = 20,
    table: Folders = None,
    json: Json = False,
) -> None:
    """Signed paths between two names, with the claims and publications behind every arrow.

    A name in two cells is two things. A path goes from cell to cell only by a vesicle, a factor or a contact,
    or where one claim tells of both cells.
    """
    evidence = load(table)
    network = evidence.network(review, doubtful, not stated)
    found = network.paths(start, end, cell, longest, None)
    if json:
        print_json([path_json(path) for path in found[:limit]])
        return
    console = plain_console()
    for number, path in enumerate(found[:limit], start=1):
        sign = "raises" if path.sign > 0 else "lowers"
        facts = [f"{len(path)} arrow{'s' if len(path) > 1 else ''}", f"weakest: {votes_text(path.votes)}"]
        if len(path.cells) > 1:
            facts.append(f"cells: {', then '.join(path.cells)}")
        said = f"{path.nodes[0].name} {sign} {path.nodes[-1].name}"
        console.print(f"{number}. {said} ({'; '.join(facts)})", style="bold", soft_wrap=True)
        for line in path_lines(path):
            console.print(f"   {line}", soft_wrap=True)
    shown = [arrow for path in found[:limit] for arrow in path.arrows]
    claims = dict.fromkeys(claim for arrow in shown for claim in arrow.claims)
    if claims:
        console.print("sources", style="bold")
    for source in evidence.sources(claims):
        console.print(f"  [{source.vote}] {source.text}", soft_wrap=True)
    console.print(_summary([path.sign for path in found], limit, longest, doubtful), style="dim")


def picture(
    claim: Annotated[list[str] | None, typer.Argument(help="Ids of claims to draw.")] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to: .svg, .png or .pdf.")
    ] = Path("claims.svg"),
    about: Annotated[str | None, typer.Option(help="Draw what is around a name.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Draw all paths from this name ...")] = None,
    end: Annotated[str | None, typer.Option("--to", help="... to this one.")] = None,
    cell: Cell = None,
    steps: Annotated[int, typer.Option(min=1, max=4, help="With --about: so many arrows away.")] = 1,
    most: Annotated[int, typer.Option(min=2, help="At most so many nodes.")] = 30,
    longest: Longest = 6,
    review: Review = None,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="Also doubtful arrows; claims named by id always show theirs.")
    ] = False,
    stated: Stated = False,
    title: Annotated[str | None, typer.Option(help="Title of the picture.")] = None,
    table: Folders = None,
    json: Json = False,
) -> None:
    """Draw claims, what is around a name, or all paths between two names, with the sources underneath."""
    ways = [bool(claim), about is not None, start is not None or end is not None]
    if sum(ways) != 1 or (start is None) != (end is None):
        raise InputError(
            "picture: give ids of claims, or --about NAME, or --from NAME --to NAME; one of these"
        )
    evidence = load(table)
    network = evidence.network(review, doubtful or bool(claim), not stated)
    arrows: list[Arrow]
    left_out = 0
    if claim:
        for claim_id in claim:
            evidence.show(claim_id)  # an unknown one is told with what is like it
        arrows, marked, words = network.of_claims(claim), [], f"Claims {', '.join(claim)}"
    elif about is not None:
        arrows, nodes = network.around(about, cell, steps, most)
        left_out = max(nodes - most, 0)
        marked, words = _names(network, about), f"Around {about}{f' in {cell}' if cell else ''}"
    else:
        start, end = str(start), str(end)
        arrows, left_out = network.between(start, end, cell, longest, most)
        marked = _names(network, start) + _names(network, end)
        words = f"From {start} to {end}{f' in {cell}' if cell else ''}"
    if not arrows:
        raise InputError(f"nothing to draw: no arrow is found ({words[0].lower()}{words[1:]})")
    from vesiflux.report.claims import write_claims_picture

    path = write_claims_picture(evidence, arrows, out, title or words, marked)
    shown = len({node for arrow in arrows for node in (arrow.start, arrow.end)})
    if json:
        print_json({"picture": str(path), "nodes": shown, "arrows": len(arrows), "left_out": left_out})
        return
    typer.echo(f"{path}: {shown} nodes, {len(arrows)} arrows")
    if left_out:
        typer.echo(f"{left_out} nodes left out; --most {shown + left_out} draws all")


def _names(network: Network, text: str) -> list[str]:
    return [network.nodes(text)[0].name]


def _summary(signs: list[int], limit: int, longest: int, doubtful: bool) -> str:
    if not signs:
        more = "--longest allows more" + ("" if doubtful else ", --doubtful too")
        return f"no path of at most {longest} arrows; {more}"
    up = sum(sign > 0 for sign in signs)
    shown = f"{min(len(signs), limit)} of {len(signs)} paths"
    more = f"; --limit {len(signs)} shows all" if len(signs) > limit else ""
    return f"{shown} of at most {longest} arrows: {up} raise, {len(signs) - up} lower{more}"
