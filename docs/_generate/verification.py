"""What verification found, from the result that is kept: `docs/_results/verify-REVIEW.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from _generate.text import code, table
from vesiflux.evidence import Evidence

__all__ = ["PARTS", "RESULTS", "verification"]

RESULTS = Path(__file__).parents[1] / "_results"


@cache
def _found(review: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"verify-{review}.json").read_text(encoding="utf-8"))
    return found


def verification(review: str, part: str) -> str:
    """One piece of the result of one review; ``part`` is a key of `PARTS`."""
    return PARTS[part](_found(review))


def _counts(found: dict[str, Any]) -> str:
    isolated = found["isolated"]
    rows = [
        ("claims of the review", found["claims"]),
        ("about the machinery, and say what to look at", found["checkable"]),
        ("put to the test", _of(found["expressible"], found["checkable"])),
        ("reproduced", _of(found["reproduced"], found["expressible"])),
        ("– predicted", found["predicted"]),
        ("– – mechanistic", found["mechanistic"]),
        ("– – corroborated", found["corroborated"]),
        ("– calibrated", found["calibrated"]),
        ("– encoded", found["encoded"]),
        ("not reproduced", found["not_reproduced"]),
        ("contradicted", found["contradicted"]),
        ("isolated: other claims, as chains of their own arrows", isolated["checkable"]),
        ("– that make a chain", isolated["expressible"]),
        ("– whose chain holds, as it does by construction", isolated["reproduced"]),
    ]
    return table(("what", "how many"), rows)


def _of(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else str(part)


def _run(found: dict[str, Any]) -> str:
    structures = f"all {found['structures']} combinations of the machinery's competing structures, each"
    if not found["full"]:
        structures = f"{found['structures']} combinations of structures, drawn at random,"
    command = f"vesiflux verify {found['review']}{' --full' if found['full'] else ''}"
    return (
        f"This is the result of `{command}`: {structures} with {found['draws']} draws of the priors "
        f"(seed {found['seed']}), {found['lanes']:,} runs of the model in all."
    )


def _shuffles(found: dict[str, Any]) -> str:
    shuffled = found["shuffled"]
    if shuffled is None:
        return "No signs were shuffled."
    told = (
        f"In {shuffled['shuffles']} networks with the signs of {shuffled['switches']} wires and stimulus "
        f"rows turned at random, {shuffled['moving']:.0f} of {shuffled['claims']} claims with a sign still "
        f"moved on average, **{found['shuffled_share']:.0%}** of them as claimed (5 to 95 % of the "
        f"networks: {shuffled['low']:.0%} to {shuffled['high']:.0%}). Signs without meaning would give 35 to "
        "65 %."
    )
    return told + (f" Why not here: {shuffled['why']}." if shuffled["why"] else "")


def _controls(found: dict[str, Any]) -> str:
    controls = found["controls"]
    told = (
        f"**{controls['right']} of {controls['counted']}** controls that could fail are right: less than "
        f"a tenth of a doubling in 90 % of the runs. {len(controls['without_path'])} others have no path in "
        "the model from agent to outcome; nothing can happen there, and they do not count."
    )
    rows = [
        (code(c["id"]), c["agent"], c["outcome"], c["fold"], f"{c['share']:.0%}") for c in controls["wrong"]
    ]
    wrong = table(("control", "agent", "outcome", "median fold", "unchanged in"), rows)
    return told + (f" These are not right:\n\n{wrong}" if rows else "")


def _details(found: dict[str, Any]) -> str:
    return table(_HEAD, _rows(found["details"], _claims(found)))


def _isolated(found: dict[str, Any]) -> str:
    return table(_HEAD, _rows(found["isolated"]["details"], _claims(found)))


_HEAD = ("claim", "what it says", "verdict", "basis", "dose", "how", "holds in", "why")


def _claims(found: dict[str, Any]) -> dict[str, str]:
    claims = Evidence.load().claims.values()
    return {c.id: c.effect for c in claims if c.review == found["review"]}


def _rows(details: Iterable[dict[str, Any]], effects: dict[str, str]) -> Iterable[tuple[Any, ...]]:
    for d in details:
        share = "" if d["share"] is None else f"{d['share']:.0%}"
        basis = f"{d['basis']}, {d['support']}" if d.get("support") else d["basis"]
        words = (d["verdict"].replace("_", " "), basis, d["dose"], d["how"])
        yield d["claim"], effects.get(d["claim"], ""), *words, share, d["reason"]


PARTS = {
    "counts": _counts,
    "run": _run,
    "shuffles": _shuffles,
    "controls": _controls,
    "details": _details,
    "isolated": _isolated,
}
