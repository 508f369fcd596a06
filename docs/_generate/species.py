"""Tables of a body: organs by species, and kinds of endothelium."""

from __future__ import annotations

from _generate.text import table
from vesiflux.language.species import endothelia, injections, organs, species

__all__ = ["endothelium_table", "injection_table", "species_table"]


def species_table() -> str:
    """One row per species and organ; sources below, once each."""
    head = ("species", "organ", "volume, mL", "plasma, mL", "interstitium, mL", "plasma flow, mL/h")
    head = (*head, "flows into", "mark")
    keys = ("volume_mL", "plasma_mL", "interstitium_mL", "plasma_flow_mL_h")
    rows = []
    for (name, organ), row in organs().items():
        shown = [row[key] for key in keys]
        if organ == "body":
            shown[0] = f"{row['volume_mL']} g"
        rows.append((name, f"`{organ}`", *shown, row["flows_into"], row["mark"]))
    sources = []
    for name in species():
        texts = dict.fromkeys(
            row["source"].split("; ")[0] for (other, _), row in organs().items() if other == name
        )
        sources.append(f"- {name}: {'; '.join(texts)}")
    return table(head, rows) + "\n\n" + "\n".join(sources)


def endothelium_table() -> str:
    """One row per kind of endothelium: 5 %, typical and 95 %."""
    head = ("endothelium", "usual in", "pore, um", "exchange, /h", "transcytosis, /h", "mark", "source")
    rows = []
    for name, row in endothelia().items():
        ranges = [
            f"{row[f'{key}_low']} / {row[key]} / {row[f'{key}_high']}"
            for key in ("pore_um", "exchange_per_h", "transcytosis_per_h")
        ]
        rows.append((f"`{name}`", row["organs"].replace(";", ", "), *ranges, row["mark"], row["source"]))
    return table(head, rows)


def injection_table() -> str:
    """One row per species and place: the largest volumes that can be given at once and slowly."""
    rows = [
        (
            row["species"],
            f"`{row['place']}`",
            row["most_mL"],
            row["slowly_mL"] or row["most_mL"],
            row["mark"],
            row["source"],
        )
        for row in injections()
    ]
    return table(("species", "place", "at once, mL", "over 5 min and more, mL", "mark", "source"), rows)
