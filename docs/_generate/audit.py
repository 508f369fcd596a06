"""The audit of all six reviews, from the result that is kept: `docs/_results/audit.json`; and its numbers."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from _generate import published
from _generate.text import code, table
from vesiflux.audit.alternatives import telling
from vesiflux.audit.tables import number_rows, prior_of, rows
from vesiflux.evidence import Evidence

__all__ = ["PARTS", "audit", "found"]

VERDICTS = ("plausible", "uncertain", "implausible", "not_judged")
_RESULT = Path(__file__).parents[1] / "_results" / "audit.json"


@cache
def found() -> dict[str, Any]:
    """The kept result, as `vesiflux audit --all --json` printed it."""
    result: dict[str, Any] = json.loads(_RESULT.read_text(encoding="utf-8"))
    return result


def audit(part: str) -> str:
    """One piece; ``part`` is a key of `PARTS`."""
    return PARTS[part]()


def _run() -> str:
    result = found()
    chosen = ", ".join(f"{name} *{choice}*" for name, choice in result["switches"].items())
    border = sum(d.get("near_border", False) for d in result["details"])
    return (
        f"This is the result of `vesiflux audit --all` with {result['draws']:,} draws "
        f"(seed {result['seed']}): "
        f"of {result['claims']} claims {result['vesicle_claims']} name source, vesicle, cargo and recipient, "
        f"and {result['audited']} of these were audited. Switches: {chosen}. {border} lie within 0.01 of a "
        "border between verdicts, where other draws may say otherwise."
    )


def _table_by(name: str, key: Any) -> str:
    counted: dict[str, Counter[str]] = {}
    for d in found()["details"]:
        counted.setdefault(key(d), Counter())[d["verdict"]] += 1
    made = [(k, sum(c.values()), *(c[v] for v in VERDICTS)) for k, c in counted.items()]
    total = Counter(d["verdict"] for d in found()["details"])
    made.append(("all", sum(total.values()), *(total[v] for v in VERDICTS)))
    return table((name, "claims", *(v.replace("_", " ") for v in VERDICTS)), made)


def _by_review() -> str:
    return _table_by("review", lambda d: d["claim"].split("-")[0])


def _by_cargo() -> str:
    words = {row["class"]: row["words"] for row in rows("classes")}

    def name(d: dict[str, Any]) -> str:
        if d["asks"] == "arrival":
            return "asks only whether vesicles come"
        return words.get(d["cargo_class"], "not judged")

    return _table_by("cargo", name)


def _limits() -> str:
    words = {row["step"]: row["words"] for row in rows("steps")}
    counted = Counter(d["limiting_step"] for d in found()["details"] if d["limiting_step"])
    return table(
        ("step", "what it is", "claims that it limits most"),
        [(code(step), words[step], n) for step, n in counted.most_common()],
    )


def _reasons() -> str:
    counted = Counter(d["reason"] for d in found()["details"] if d["reason"])
    return table(("why it is not judged", "claims"), counted.most_common())


def _without() -> str:
    apart = found()["without_cargo"]
    told = ", ".join(f"{v.replace('_', ' ')} {apart['verdicts'][v]}" for v in VERDICTS)
    return f"**{apart['claims']}** claims name no cargo: {told}."


def _details() -> str:
    claims = Evidence.load().claims
    lines = []
    for d in found()["details"]:
        judged = d["probability"] is not None
        lines.append(
            (
                d["claim"],
                claims[d["claim"]].effect,
                d["verdict"].replace("_", " "),
                f"{d['probability']:.3f}" if judged else "",
                f"{d['low']:.1g} to {d['high']:.1g}" if judged else "",
                (d["limiting_step"] or "").replace("_", " "),
                f"{d['least_dose']:.1g}" if d["least_dose"] else ("none" if judged else ""),
                d["route"] if judged else "",
                d["reason"],
            )
        )
    head = (
        "claim", "what it says", "verdict", "p", "over needed, 95 %", "limits", "least dose, x", "route",
        "why not",
    )  # fmt: skip
    return table(head, lines)


def _hangs_on() -> str:
    kept = json.loads((_RESULT.parent / "audit-sensitivity.json").read_text(encoding="utf-8"))
    rows_of = kept["sensitivity"]
    lines = [
        (
            code(one["number"]),
            f"{one['low']:.2g} to {one['high']:.2g} {one['unit']}",
            one["claims"],
            one["moved"],
            len(one["at_low"]),
            len(one["at_high"]),
            f"{one['shift']:.2f}",
        )
        for one in rows_of
        if one["moved"]
    ]
    head = (
        "number",
        "5 to 95 %",
        "claims that use it",
        "verdicts moved",
        "at low",
        "at high",
        "largest shift of p",
    )
    still = sum(not one["moved"] for one in rows_of)
    return (
        f"{len(rows_of)} assumed numbers are used; {len(lines)} move a verdict, {still} move none.\n\n"
        + table(head, lines)
    )


def _numbers() -> str:
    evidence = Evidence.load()
    lines = []
    for row in {id(r): r for r in number_rows().values()}.values():
        prior = prior_of(row, evidence)
        low, typical, high = ("" if x is None else f"{x:.3g}" for x in (prior.low, prior.typical, prior.high))
        source = f"{row['source']} ({prior.source})" if row["symbol"] else row["source"]
        of = row["of"].replace(";", ", ").replace("_", " ")
        lines.append((code(row["parameter"]), of, low, typical, high, row["unit"], prior.mark, source))
    return table(("number", "of", "low", "typical", "high", "unit", "mark", "source"), lines)


def _switches() -> str:
    evidence = Evidence.load()
    lines = []
    for row in rows("switches"):
        prior = prior_of(row, evidence)
        low, typical, high = ("" if x is None else f"{x:.3g}" for x in (prior.low, prior.typical, prior.high))
        name = code(row["choice"]) + (" (default)" if row["default"] else "")
        lines.append(
            (code(f"--{row['switch']}"), name, code(row["parameter"]), low, typical, high, row["source"])
        )
    return table(("switch", "choice", "number", "low", "typical", "high", "what it stands for"), lines)


def _where() -> str:
    words = {row["setting"]: row["words"] for row in rows("settings")}
    lines = [
        (row["column"], code(row["value"]), code(row["kind"]), code(row["setting"]), words[row["setting"]])
        for row in rows("where")
    ]
    return table(("column", "says", "of kind", "setting", "which is"), lines)


def _controls() -> str:
    words = {row["alternative"]: row["words"] for row in rows("alternatives")}
    lines = []
    for way in ("delivery", "contact"):
        for alternative in words:
            arms = [
                arm for arm in telling(way, (alternative,)) if (way, alternative) != ("contact", "contact")
            ]
            told = "; ".join(f"{arm.control} ({arm.own:.2g} against {arm.other:.2g})" for arm in arms)
            lines.append((way, words[alternative], told or "none of these"))
    return table(
        ("stated way", "instead", "told apart by (what is left of the one, and of the other)"), lines
    )


def _caught() -> str:
    words = {row["alternative"]: row["words"] for row in rows("alternatives")}
    judged = [d for d in found()["details"] if d["probability"] is not None]
    lines = []
    for alternative, said in words.items():
        claims = [d for d in judged if alternative in d["caught_by"]]
        arms = Counter(arm for d in claims for arm in d["caught_by"][alternative])
        lines.append((said, len(claims), ", ".join(f"{arm} {n}" for arm, n in arms.most_common())))
    return table(("could explain instead", "claims", "control arms that would have caught it, claims"), lines)


PARTS = {
    "by-cargo": _by_cargo,
    "by-review": _by_review,
    "caught": _caught,
    "controls": _controls,
    "details": _details,
    "hangs-on": _hangs_on,
    "limits": _limits,
    "numbers": _numbers,
    "reasons": _reasons,
    "run": _run,
    "switches": _switches,
    "where": _where,
    "without": _without,
    **published.PARTS,
}
