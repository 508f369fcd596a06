"""An audit in words: one claim in full, several as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from vesiflux.audit import Audit, AuditVerdict, Findings

__all__ = ["print_audit"]

_STYLES = {"plausible": "green", "uncertain": "yellow", "implausible": "red", "not_judged": "dim"}
_ROUTES = {
    "delivery": "delivery of the cargo",
    "contact": "contact with the surface",
    "transfer": "transfer into the membrane",
    "factor": "a free factor of the donor",
    "none": "no way that is not implausible itself",
}
_WIDE = 100
"""Columns of a terminal from which on donor, cargo and recipient stand beside a verdict."""
_MUCH = 100.0
"""Times the vesicles of the plasma from which a dose is warned about, as `vesiflux dose` does."""


def print_audit(found: Audit) -> None:
    """Print on stdout."""
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    shown = found.details or found.without_cargo
    if len(shown) == 1:
        _one(console, shown[0])
    elif shown:
        _table(console, shown)
    for line in _summary(found):
        console.print(line, soft_wrap=True)


def _one(console: Console, detail: AuditVerdict) -> None:
    from rich.table import Table

    from vesiflux.audit.tables import words

    cargo = detail.cargo or "an unnamed surface ligand"
    console.print(f"{detail.claim}: {cargo} from {detail.donor} to {detail.recipient}", style="bold")
    found = detail.findings
    if found is None:
        console.print(f"not judged: {detail.reason}")
        return
    verdict = detail.verdict.replace("_", " ")
    console.print(
        f"{verdict}: works in {found.probability:.1%} of the draws "
        f"({', '.join(f'{name} {share:.1%}' for name, share in found.by_setting.items())})",
        style=_STYLES[detail.verdict],
    )
    what = "engaged at a time" if found.best == "contact" else "delivered"
    console.print(
        f"{what} over needed: {found.median:.2g} (95 %: {found.low:.2g} to {found.high:.2g}); "
        f"{found.vesicles:.2g} vesicles and {found.copies:.2g} copies per recipient (medians)"
    )
    steps = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("step", "factor", "what it is"):
        steps.add_column(column, justify="right" if column == "factor" else "left")
    for name, value in found.steps.items():
        mark = " <- limits" if name == found.limiting_step else ""
        steps.add_row(name.replace("_", " "), f"{10**value:.2g}", words("steps", "step", name) + mark)
    console.print(steps)
    for line in (*_pool(found), _least(found), _others(found), _variance(found)):
        console.print(line, soft_wrap=True)
    for name, arms in detail.caught_by.items():
        told = ", ".join(f"{arm} (stated)" if arm in detail.stated else arm for arm in arms)
        told = told or "none of the usual control arms"
        console.print(
            f"instead: {words('alternatives', 'alternative', name)}; caught by {told}", soft_wrap=True
        )


def _pool(found: Findings) -> tuple[str, ...]:
    """How large a dose into a vein is beside what the blood holds; a warning where no animal got as much."""
    if found.pool is None:
        return ()
    warning = "warning: " if found.pool >= _MUCH else ""
    return (
        f"{warning}the dose into a vein is {found.pool:.2g} times the vesicles that the plasma holds anyhow",
    )


def _least(found: Findings) -> str:
    if found.least_dose is None:
        return "no dose up to 1e12 times as large suffices in half of the draws: uptake saturates"
    text = f"suffices in half of the draws with {found.least_dose:.2g} times what is released or given"
    if found.least_dose_80 is not None:
        text += f" (in 80 %: {found.least_dose_80:.2g} times)"
    if found.donors is not None:
        text += f"; that is {found.donors:.2g} donors per recipient"
    if found.particles is not None:
        text += f"; that is {found.particles:.2g} particles into a vein"
    return text


def _others(found: Findings) -> str:
    shares = ", ".join(f"{name} {share:.1%}" for name, share in found.by_route.items())
    return f"could be explained by {_ROUTES[found.route]} ({shares})"


def _variance(found: Findings) -> str:
    top = list(found.variance.items())[:5]
    return "what the answer depends on: " + ", ".join(f"{name} {share:.0%}" for name, share in top)


def _table(console: Console, details: tuple[AuditVerdict, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    rows = Table(box=None, header_style="bold", pad_edge=False)
    # where the terminal is too narrow names give way before words are cut
    names = console.width >= _WIDE
    for column in ("claim", "verdict", "works", "over needed", "limits", "dose x", "route", *["who"] * names):
        rows.add_column(column, no_wrap=column not in ("claim", "who"), overflow="fold")
    for d in details:
        verdict = Text(d.verdict.replace("_", " "), style=_STYLES[d.verdict])
        found = d.findings
        if found is None:
            rows.add_row(d.claim, verdict, *[""] * 5, *[d.reason] * names)
            continue
        least = "-" if found.least_dose is None else f"{found.least_dose:.1g}"
        who = f"{d.donor} > {d.cargo or '?'} > {d.recipient}"
        between = f"{found.low:.0e} to {found.high:.0e}"
        limits = found.limiting_step.replace("_", " ")
        cells = (d.claim, verdict, f"{found.probability:.1%}", between, limits, least, found.route)
        rows.add_row(*cells, *[who] * names)
    console.print(rows)
    for d in details:
        if d.findings is None and not names:
            console.print(f"{d.claim}: not judged: {d.reason}", soft_wrap=True)
    console.print()


def _summary(found: Audit) -> list[str]:
    """What it comes to, in sentences."""
    counts = found.verdicts
    lines = []
    if len(found.details) > 1:
        judged = sum(d.findings is not None for d in found.details)
        lines.append(
            f"{found.claims} looked at, {len(found.details)} name source, vesicle, cargo and recipient, "
            f"{judged} audited: plausible {counts['plausible']}, uncertain {counts['uncertain']}, "
            f"implausible {counts['implausible']}, not judged {counts['not_judged']} ({found.draws} draws, "
            f"{found.seconds:.0f} s)"
        )
    if found.without_cargo and found.details:
        lines.append(
            f"{len(found.without_cargo)} more name no cargo; they are judged apart (--json), by contact with "
            "whatever is on the surface"
        )
    if not found.details and not found.without_cargo:
        lines.append(f"{found.claims} looked at, none names a vesicle, its source and its recipient")
    given = [f"{name} {value}" for name, value in found.given.items()]
    chosen = [f"{name} {choice}" for name, choice in found.switches.items()]
    lines.append(
        "; ".join(filter(None, ("with " + ", ".join(chosen), "given: " * bool(given) + ", ".join(given))))
    )
    return lines
