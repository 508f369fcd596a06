"""What `vesiflux verify` prints: verdicts as a table, and what they come to in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from vesiflux.verify.every import Verifications
    from vesiflux.verify.result import Verdict, Verification

__all__ = ["print_between", "print_table", "summary"]

_STYLES = {
    "reproduced": "green",
    "contradicted": "red",
    "not_reproduced": "yellow",
    "inexpressible": "dim",
    "not_judged": "dim",
}


def print_table(console: Console, verdicts: Sequence[Verdict]) -> None:
    """One line per claim."""
    from rich.table import Table
    from rich.text import Text

    rows = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("claim", "verdict", "basis", "dose", "how", "share", "why"):
        rows.add_column(column, no_wrap=column != "why", overflow="fold")
    for v in verdicts:
        verdict = Text(v.verdict.replace("_", " "), style=_STYLES[v.verdict])
        rows.add_row(v.claim, verdict, v.support or v.basis, v.dose, v.how, _share(v), v.reason)
    console.print(rows)
    console.print()


def _share(verdict: Verdict) -> str:
    return "" if verdict.share != verdict.share else f"{verdict.share:.0%}"


def summary(found: Verification) -> list[str]:
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
        f"only because another publication says the same, {facts['assumed']} only through arrows that no "
        "claim stands behind",
    ]
    dose = facts["dose"]
    if facts["expressible"] > dose["none"]:
        lines.append(
            f"dose of vesicles: {dose['physiological']} hold at the physiological one, {dose['above']} only "
            f"above it, {dose['never']} at none; {dose['none']} do not depend on it"
        )
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
    if found.place is not None:
        held = [s.claim for s in found.place.seen if s.verdict == "reproduced"]
        missed = [s.claim for s in found.place.seen if s.claim not in held]
        lines.append(
            f"about place, in {found.place.seeds} tissues {found.place.model}: {len(held)} of "
            f"{len(found.place.seen)} hold ({', '.join(held) or 'none'})"
            + (f"; not {', '.join(missed)}" if missed else "")
        )
    isolated = facts["isolated"]
    if isolated["checkable"]:
        lines.append(
            f"isolated: {isolated['expressible']} of {isolated['checkable']} other claims run as chains of "
            f"their own arrows, {isolated['reproduced']} hold; such a chain says what its claim says, by "
            "construction"
        )
    return lines


def print_between(console: Console, found: Verifications) -> None:
    """Contradictions between reviews, each with what became of both sides."""
    console.print("between reviews:")
    for pair, one, other in found.between:
        words = [
            f"{claim} {'has no whole model' if v is None else v.verdict.replace('_', ' ')}"
            for claim, v in ((pair.one, one), (pair.other, other))
        ]
        console.print(f"  {pair.about}: {' against '.join(words)} ({pair.note})", soft_wrap=True)
