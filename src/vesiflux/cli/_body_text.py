"""What a run says in a terminal of bodies and diseases: the dose by organ and beside the pool, levels by
sender, and what modules show at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["SUM", "beside_the_pool", "end_tables", "level_tables", "organ_tables"]

#: What is said below the organs.
SUM = "organs are told with the blood in them, and the blood as all of it: the columns sum to more than 100 %"
#: Organs with less than this at all times are not listed, per cent.
_LEAST = 0.05
#: Readouts of modules that are listed.
_LISTED = 24
#: Dose over pool up to which it is called a small part of it, about as much, and several times as much.
_PART, _ALIKE, _SEVERAL = 0.1, 10.0, 100.0


def organ_tables(arms: Mapping[str, Mapping[str, Any]]) -> Iterator[Table]:
    """One table for each arm that doses a body: organs by what they hold, most first."""
    from rich.table import Table

    for arm, row in arms.items():
        shares = {o: x["percent_injected_dose"] for o, x in row.get("organs", {}).items()}
        if not shares:
            continue
        times = list(next(iter(shares.values())))
        table = Table(f"{arm}, % of the dose", *times, box=None, header_style="bold")
        for column in table.columns[1:]:
            column.justify = "right"
        ranked = sorted(shares, key=lambda organ: -max(shares[organ].values()))
        listed = [organ for organ in ranked if max(shares[organ].values()) >= _LEAST]
        for organ in listed:
            name = "blood (all of it)" if organ == "blood" else organ
            table.add_row(name, *(f"{shares[organ][t]:.2g}" for t in times))
        if rest := len(ranked) - len(listed):
            table.add_row(f"{rest} more", *(f"< {_LEAST:g}" for _ in times))
        yield table


def level_tables(arms: Mapping[str, Mapping[str, Any]]) -> Iterator[Table]:
    """One table for each class that several cell types send: vesicles of each per mL of blood, by arm."""
    from rich.table import Table

    classes = {c: senders for row in arms.values() for c, senders in row.get("blood_per_mL", {}).items()}
    for vesicle, senders in classes.items():
        table = Table(f"{vesicle} per mL of blood, at the end", *senders, box=None, header_style="bold")
        for column in table.columns[1:]:
            column.justify = "right"
        for arm, row in arms.items():
            found = row.get("blood_per_mL", {}).get(vesicle, {})
            table.add_row(arm, *(f"{found[s]:.2g}" if s in found else "" for s in senders))
        yield table


def end_tables(arms: Mapping[str, Mapping[str, Any]]) -> Iterator[Table]:
    """A table of what modules show at the end, medians by arm: what differs between arms comes first."""
    from rich.table import Table

    shown = {arm: row["readouts"] for arm, row in arms.items() if "readouts" in row}
    rows = {
        output: [f"{found[output]['median']:.3g}" if output in found else "" for found in shown.values()]
        for output in dict.fromkeys(o for found in shown.values() for o in found)
    }
    if not rows:
        return
    table = Table("at the end, median", *shown, box=None, header_style="bold")
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    modules = [output.rsplit(".", 1)[0] for output in rows]
    turn = {
        output: modules[:i].count(modules[i]) for i, output in enumerate(rows)
    }  # each module's first, ...
    listed = sorted(rows, key=lambda output: (len(set(rows[output])) == 1, turn[output]))[:_LISTED]
    for output in (o for o in rows if o in listed):
        table.add_row(output, *rows[output])
    if more := len(rows) - len(listed):
        table.add_row(f"{more} more: --json")
    yield table


def beside_the_pool(arms: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """All doses over the body's own vesicles in the blood; arms with the same are named together."""
    told: dict[str, list[str]] = {}
    for arm, row in arms.items():
        ratio = row.get("dose_over_endogenous_pool")
        if ratio is not None and ratio == ratio:
            told.setdefault(_words(ratio), []).append(arm)
    for words, named in told.items():
        yield f"{', '.join(named)}: {words}"


def _times(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio >= 1e5 else f"{float(f'{ratio:.2g}'):,.0f}"


def _words(ratio: float) -> str:
    if ratio < _PART:
        much = f"{100 * ratio:.2g} % of the vesicles that the blood has of its own: a small part"
    elif ratio <= _ALIKE:
        much = f"{100 * ratio:.0f} % of the vesicles that the blood has of its own: as many as is usual"
    elif ratio <= _SEVERAL:
        much = f"{ratio:.0f} times the vesicles that the blood has of its own: a large dose"
    else:
        much = f"{_times(ratio)} times the vesicles that the blood has of its own: more than anybody gives"
    return f"the dose is {much}"
