"""`vesiflux audit`: whether what a claim says of vesicles can be, and what it would take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vesiflux.cli._io import Json, print_json, write_table

__all__ = ["audit"]


def audit(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="CLAIM|REVIEW|FILE", help="A claim's id, a review's short name, or a table of cases."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every claim that names a vesicle.")] = False,
    donor: Annotated[str | None, typer.Option(help="Cell that makes the vesicles, e.g. tumour.")] = None,
    recipient: Annotated[str | None, typer.Option(help="Cell that takes them up, e.g. fibroblast.")] = None,
    cargo: Annotated[str, typer.Option(help="What they carry, e.g. miR-10b.")] = "",
    cargo_kind: Annotated[
        str, typer.Option(help="Kind of a cargo that the table does not know, e.g. protein.")
    ] = "",
    vesicle: Annotated[
        str, typer.Option(help="exosome, engineered_exosome, microvesicle or omv.")
    ] = "exosome",
    setting: Annotated[
        str | None,
        typer.Option(
            help="dish, neighbours, iv, patient or blood. Default: what the claim says, else three."
        ),
    ] = None,
    copies: Annotated[str | None, typer.Option(help="Copies per vesicle.")] = None,
    escape: Annotated[
        str | None, typer.Option(help="Share that escapes, or native, low, high, fusogen.")
    ] = None,
    dose: Annotated[
        str | None,
        typer.Option(help='Given instead of donors: "1e10 particles", "1e9 particles/mL", "50 ug".'),
    ] = None,
    prep: Annotated[
        str | None,
        typer.Option(help="Preparation behind a dose in protein: uc, sec, gradient, precipitation, ..."),
    ] = None,
    readout: Annotated[
        str, typer.Option(help="level (copies there in the end) or switch (a change for good).")
    ] = "level",
    put: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NUMBER=VALUE", help="Any other number of the audit; repeatable."),
    ] = None,
    occupancy: Annotated[str | None, typer.Option(help="either, poisson or rare-high.")] = None,
    uptake: Annotated[str | None, typer.Option(help="recipient or match.")] = None,
    circulation: Annotated[str | None, typer.Option(help="either, short or long.")] = None,
    hangs_on: Annotated[
        bool,
        typer.Option("--sensitivity", help="Fix every assumed number at its low and high end: what moves?"),
    ] = False,
    draws: Annotated[int, typer.Option(min=100, help="Draws of the priors.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all draws.")] = 1,
    table: Annotated[
        list[Path] | None,
        typer.Option("--table", metavar="FOLDER", help="Also read your own evidence tables; repeatable."),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the verdicts there, tab-separated.")
    ] = None,
    json: Json = False,
) -> None:
    """Say whether a claim about vesicles can be, what limits it, and what dose it would take."""
    from vesiflux.audit import audit as run_audit
    from vesiflux.errors import InputError

    if every and what:
        raise InputError(f"--all audits every claim; leave out '{what}', or --all")
    if (every or what) and (donor or recipient or cargo):
        raise InputError(
            "--donor, --recipient and --cargo make a case of your own; leave out the claim or --all"
        )
    if hangs_on:
        _sensitivity("all" if every else what, table or (), seed, json)
        return
    found = run_audit(
        "all" if every else what,
        donor=donor,
        recipient=recipient,
        cargo=cargo,
        cargo_kind=cargo_kind,
        vesicle=vesicle,
        setting=setting,
        copies=copies,
        escape=escape,
        dose=dose,
        prep=prep,
        readout=readout,
        values=dict(_pair(text) for text in put or ()),
        occupancy=occupancy,
        uptake=uptake,
        circulation=circulation,
        draws=draws,
        seed=seed,
        tables=table or (),
    )
    if save is not None:
        write_table(save, found.table())
    if json:
        print_json(found.to_dict())
        return
    from vesiflux.cli._audit_text import print_audit

    print_audit(found)


def _sensitivity(what: str | None, tables: list[Path] | tuple[()], seed: int, json: bool) -> None:
    from vesiflux.audit.case import names_all
    from vesiflux.audit.run import claims_of
    from vesiflux.audit.sensitivity import sensitivity
    from vesiflux.errors import InputError
    from vesiflux.evidence import Evidence

    if what is None:
        raise InputError("--sensitivity needs claims: --all, a review or a claim")
    evidence = Evidence.load(*tables)
    claims = [claim for claim in claims_of(what, evidence) if names_all(claim)]
    found = sensitivity(claims, evidence, seed=seed)
    if json:
        print_json({"claims": len(claims), "sensitivity": [one.to_dict() for one in found]})
        return
    typer.echo(
        f"{len(found)} assumed numbers, each fixed at its 5 and at its 95 % point; {len(claims)} claims"
    )
    for one in found:
        if one.moved:
            ends = f"{len(one.at_low)} at {one.low:.2g}, {len(one.at_high)} at {one.high:.2g} {one.unit}"
            typer.echo(f"  {one.number}: moves {one.moved} of {one.claims} verdicts ({ends})")
    typer.echo(f"{sum(not one.moved for one in found)} move none")


def _pair(text: str) -> tuple[str, str]:
    from vesiflux.errors import InputError

    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise InputError(f"--set {text}: write NUMBER=VALUE, e.g. threshold=500 or 'distance=20 um'")
    return name.strip(), value.strip()
