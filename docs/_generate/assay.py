"""Tables of the pages on isolation and measurement, from the tables and steps the code reads."""

from __future__ import annotations

from collections.abc import Mapping

from _generate.text import code, table
from vesiflux.assay.isolation.chain import isolate
from vesiflux.assay.isolation.steps import STEPS
from vesiflux.assay.measurement.backward import INVERTIBLE
from vesiflux.assay.measurement.forward import readings
from vesiflux.assay.protocol import Protocol, library, load
from vesiflux.assay.reporting import checklist
from vesiflux.assay.sample import recipe
from vesiflux.assay.tables import rows
from vesiflux.evidence.controls import controls

__all__ = ["assay_table"]


def assay_table(name: str) -> str:
    """One table: steps, protocols, instruments, controls, or the rows of a table by its path."""
    made = {
        "steps": _steps,
        "protocols": _protocols,
        "instruments": _instruments,
        "controls": _controls,
        "checklist": _checklist,
        "checklists": _checklists,
        "plasma-readings": _plasma_readings,
        "species": _species,
    }
    return made[name]() if name in made else _rows(f"{name}.tsv")


def _steps() -> str:
    lines = []
    for step in STEPS.values():
        for i, (key, field) in enumerate(step.fields.items()):
            said = "needed" if field.needed else "" if field.default is None else f"{field.default:.5g}" if (
                isinstance(field.default, float)
            ) else str(field.default)  # fmt: skip
            unit = field.unit if field.unit not in ("text", "1") else ""
            choices = ", ".join(field.choices)
            what = f"{field.help}: {choices}" if choices else field.help
            lines.append((code(step.name) if i == 0 else "", code(key), what, unit, said))
    return table(("step", "key", "what", "unit", "default"), lines)


def _protocols() -> str:
    found = [load(name) for name in library()]
    return table(("protocol", "what it does"), [(code(one.name), one.about) for one in found])


def _instruments() -> str:
    lines = [
        (code(row["instrument"]), row["what"], row["shows"], "yes" if row["instrument"] in INVERTIBLE else "")
        for row in rows("instruments.tsv")
    ]
    return table(("instrument", "what", "shows", "backwards"), lines)


def _controls() -> str:
    lines = []
    for arm in controls().values():
        for i, (target, left) in enumerate(arm.left.items()):
            first = i == 0
            three = f"{left.low:g}, {left.typical:g}, {left.high:g}"
            lines.append((arm.name if first else "", arm.shows if first else "", target, three, left.source))
    return table(("arm", "what remains means", "target", "share left: least, typical, most", "source"), lines)


def _checklist() -> str:
    lines = []
    for row in rows("reporting/items.tsv"):
        unknown = row["unknown_symbol"] or ", ".join(
            row[f"unknown_{end}"] for end in ("low", "typical", "high") if row[f"unknown_{end}"]
        )
        known = ", ".join(row[f"known_{end}"] for end in ("low", "typical", "high") if row[f"known_{end}"])
        where = f"[{row['mark']}](https://{row['address']})" if row["address"] else row["mark"]
        lines.append((row["asks"], row["guideline"], where, unknown, known, row["source"]))
    head = ("asks", "asked for in", "mark", "not reported", "reported", "source of the two")
    return table(head, lines)


def _checklists() -> str:
    lines = []
    for name in (*library(), "melanoma-cd8"):
        found = checklist(name)
        dear = ", ".join(f"{i.name} ({i.cost.fold:.2g})" for i in found.gaps[:3] if i.cost)
        lines.append(
            (
                code(name),
                found.of,
                f"{found.filled} of {len(found.items)}",
                f"{found.now.median:.1g} ({found.now.low:.1g} to {found.now.high:.1g})",
                f"{found.complete.median:.1g} ({found.complete.low:.1g} to {found.complete.high:.1g})",
                f"{found.fold:.2g}; {found.fold_of_product:.2g}",
                dear,
            )
        )
    head = (
        "what",
        "is a",
        "filled",
        "final number",
        "all reported",
        "gaps together; multiplied",
        "dearest, fold",
    )
    return table(head, lines)


def _rows(path: str) -> str:
    """A table as the code reads it, narrower: three points of a range and source and note share a cell."""
    found = rows(path)
    ranged = {"low", "typical", "high"} <= set(found[0])
    noted = {"source", "note"} <= set(found[0])
    left_out = {"upper"} | ({"typical", "high"} if ranged else set()) | ({"note"} if noted else set())
    shown = [key for key in found[0] if key not in left_out]

    def cell(row: Mapping[str, str], key: str) -> str:
        if ranged and key == "low":
            return ", ".join(_number(row[end]) for end in ("low", "typical", "high"))
        if noted and key == "source":
            return "; ".join(text for text in (row["note"], row["source"]) if text)
        return _text(row, key)

    renamed = {"low": "5, 50, 95 %"} if ranged else {}
    renamed |= {"source": "note; source"} if noted else {}
    head = tuple(renamed.get(key, key) for key in shown)
    return table(head, [tuple(cell(row, key) for key in shown) for row in found])


def _species() -> str:
    lines = [
        (
            f"{code(row['species'])}, {row['group']}",
            f"{row['median_nm']}, {row['sigma']}",
            f"{row['density']} ± {row['density_sd']}",
            row["index"],
            f"{float(row['protein_kDa']):.3g}",
            "" if row["group"] != "vesicle" else f"{row['CD9']}, {row['CD63']}, {row['CD81']}",
            "; ".join(text for text in (row["note"], row["source"]) if text) + f" ({row['mark']})",
        )
        for row in rows("species.tsv")
    ]
    head = (
        "kind",
        "median, nm; σ of ln",
        "density, g/mL",
        "index",
        "protein, kDa",
        "CD9, CD63, CD81",
        "note; source",
    )
    return table(head, lines)


def _number(text: str) -> str:
    """As written, unless it has more zeros than anybody reads."""
    return f"{float(text):.3g}" if len(text) > 6 and "e" not in text else text


def _text(row: Mapping[str, str], key: str) -> str:
    return (
        code(row[key]) if key in ("symbol", "rotor", "column", "culture", "species", "sample") else row[key]
    )


def _plasma_readings() -> str:
    """What instruments show of plasma that nothing was done to, beside what was read of it."""
    read = rows("measurement/published.tsv")
    raw = Protocol("plasma", "", recipe("plasma", 1.0), (), tuple(row["instrument"] for row in read))
    shown = readings(isolate(raw, 1000))
    lines = []
    for row in read:
        of = {r["quantity"]: r for r in shown if r["instrument"] == row["instrument"]}
        count, pure = of["concentration"], of["vesicles among what is counted"]
        now = f"{count['typical']:.1g} ({count['low']:.1g} to {count['high']:.1g})"
        lines.append(
            (
                code(row["instrument"]),
                f"{row['low']} to {row['high']}",
                row["before"],
                now,
                f"{1.0 - pure['typical']:.1%}",
                f"{row['source']}; {row['note']}",
            )
        )
    head = ("instrument", "read, per mL", "earlier tables", "these tables (95 %)", "not vesicles", "source")
    return table(head, lines)
