"""`vesiflux dose`: a dose in another unit, with what is uncertain about it."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from vesiflux.cli._io import Json, print_json

if TYPE_CHECKING:
    from vesiflux.assay.dose import DoseEstimate, Interval, WellEstimate

__all__ = ["DoseCommand", "dose"]

_NEGATIVE = re.compile(r"-\.?\d.*")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_UNIT = re.compile(r"[A-Za-zµμ/]+")


class DoseCommand(TyperCommand):
    """Takes ``-50 ug`` for a dose, not for options -5 and -0, and ``--volume 2 mL`` without quotes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put a unit to its number, and a dose that begins with a minus sign behind a ``--``."""
        joined: list[str] = []
        for arg in args:
            number = len(joined) > 1 and joined[-2][:2] == "--" and _NUMBER.fullmatch(joined[-1])
            if number and "--" not in joined and _UNIT.fullmatch(arg):
                joined[-1] += f" {arg}"
            else:
                joined.append(arg)
        before = ["", *joined]
        doses = [a for a, b in zip(joined, before, strict=False) if _NEGATIVE.match(a) and b[:2] != "--"]
        if doses and "--" not in joined:
            after = joined.index(doses[0])
            words = [a for a in joined[after + 1 :] if a not in doses]
            options = next((i for i, word in enumerate(words) if word[:1] == "-"), len(words))
            joined = [*joined[:after], *words[options:], "--", doses[0], *words[:options]]
        return super().parse_args(ctx, joined)


class Mixing(enum.StrEnum):
    """Whether the medium over the cells moves."""

    still = "still"
    stirred = "stirred"


def dose(
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="DOSE",
            help="E.g. '50 ug', '1e9 particles/mL in 2 mL', '1000 EV/cell with 2e5 cells', '1e7 cell "
            "equivalents over 24 h', '5 %ID/g of 1e10 particles in 0.3 g', '10 pmol of miR-10b'.",
        ),
    ],
    to: Annotated[
        str, typer.Option(help="Unit: particles, ug, EV/cell, cell equivalents, %ID, pmol, copies, ...")
    ] = "particles",
    prep: Annotated[
        str | None,
        typer.Option(help="Preparation: uc, gradient, sec, tff, precipitation, crude, ... Default: any."),
    ] = None,
    species: Annotated[str | None, typer.Option(help="Animal that gets it: mouse, human, ...")] = None,
    vessel: Annotated[str | None, typer.Option(help="Culture vessel: 6-well, 96-well, T-75, ...")] = None,
    volume: Annotated[str | None, typer.Option(help="Medium, mL. Default: the vessel's usual one.")] = None,
    hours: Annotated[str | None, typer.Option(help="Exposure in the vessel, h. Default: 24.")] = None,
    cells: Annotated[str | None, typer.Option(help="Recipient cells.")] = None,
    mixing: Annotated[
        Mixing, typer.Option(help="Whether the medium is still or moved (stirred, rocked).")
    ] = Mixing.still,
    clearance: Annotated[
        str | None, typer.Option(help="Of one recipient cell, mL/cell/h. Default: the range k_up.")
    ] = None,
    diameter: Annotated[
        str | None, typer.Option(help="Of the vesicles, nm. Default: the range d_sEV_trps.")
    ] = None,
    cargo: Annotated[str | None, typer.Option(help="Which cargo copies and pmol are of.")] = None,
    copies: Annotated[
        str | None, typer.Option(help="Copies of it per particle: one number, or LOW,TYPICAL,HIGH.")
    ] = None,
    donor: Annotated[
        str | None, typer.Option(help="Donor cell of cell equivalents: tumour, MSC, macrophage, NK, ...")
    ] = None,
    collected: Annotated[
        str | None, typer.Option(help="Collection of cell equivalents, h. Default: 24.")
    ] = None,
    of: Annotated[str | None, typer.Option(help="The injected dose that a %ID is of.")] = None,
    tissue: Annotated[str | None, typer.Option(help="Tissue of a %ID/g, g.")] = None,
    into: Annotated[
        str | None,
        typer.Option(
            help="Another animal that the dose is wanted for; the first by --species or 'in a mouse'."
        ),
    ] = None,
    scaling: Annotated[
        str, typer.Option(help="With --into: by clearance, surface or weight of the bodies.")
    ] = "clearance",
    draws: Annotated[int, typer.Option(min=100, help="Draws of the uncertain factors.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 1,
    json: Json = False,
) -> None:
    """Convert a dose into another unit; median and 95 % interval, and what it compares with."""
    from vesiflux.assay.dose import dose as convert

    written = " ".join(text)
    estimate = convert(
        written,
        to,
        prep,
        species=species,
        vessel=vessel,
        volume=volume,
        hours=hours,
        cells=cells,
        mixing=mixing.value,
        clearance=clearance,
        diameter=diameter,
        cargo=cargo,
        copies=copies,
        donor=donor,
        collected=collected,
        of=of,
        tissue=tissue,
        into=into,
        scaling=scaling,
        draws=draws,
        seed=seed,
    )
    if json:
        print_json(estimate.to_dict())
        return
    typer.echo(_told(written, estimate, into))


def _told(text: str, estimate: DoseEstimate, into: str | None = None) -> str:
    """A conversion in words, one line per thing."""
    where = f" in a {into}" if into else ""
    lines = []
    for warning in estimate.warnings:
        lines.append(f"warning: {warning}")
    lines.append(f"{text} = {estimate.median:.3g} {estimate.unit}{where} (95 %: {_range(estimate)})")
    if estimate.drivers:
        lines.append("uncertain:")
    for driver in estimate.drivers:
        prior = driver.prior
        shown = [f"{x:.3g}" for x in (prior.low, prior.typical, prior.high) if x is not None]
        lines.append(f"  {driver.share:4.0%}  {driver.name}: {' / '.join(shown)} [{prior.mark}]")
    if estimate.well is not None:
        lines += _told_well(estimate.well)
    if estimate.compared:
        lines.append("compared with:")
    for one in estimate.compared:
        lines.append(
            f"  x {one.ratio.median:.2g} ({_range(one.ratio)}), {one.place}: {one.with_what} [{one.mark}]"
        )
    lines += [f"note: {note}" for note in estimate.notes]
    return "\n".join(lines)


def _told_well(well: WellEstimate) -> list[str]:
    """What reaches and enters the cells."""
    lines = [f"in the vessel, {well.depth_mm:.2g} mm deep:"]
    lines.append(f"  {well.reach.median:.0%} reaches the cells at most ({_range(well.reach, '.0%')})")
    if well.taken is not None:
        lines.append(f"  {well.taken.median:.2%} is taken up ({_range(well.taken, '.2%')})")
    for name, share in (
        ("nominal", well.nominal_per_cell),
        ("reaching", well.reach_per_cell),
        ("taken", well.taken_per_cell),
    ):
        if share is not None:
            lines.append(f"  {share.median:.3g} particles per cell, {name} ({_range(share)})")
    return lines


def _range(interval: Interval | DoseEstimate, form: str = ".3g") -> str:
    return f"{interval.low:{form}} to {interval.high:{form}}"
