"""What verification found, from the result that is kept: `docs/_results/verify-REVIEW.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from _generate.text import code, table
from vesiflux.evidence import Evidence

__all__ = ["PARTS", "RESULTS", "kept", "reviews", "verification"]

RESULTS = Path(__file__).parents[1] / "_results"


@cache
def _found(review: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"verify-{review}.json").read_text(encoding="utf-8"))
    return found


def kept() -> list[str]:
    """Reviews of which a result is kept."""
    named = (path.stem.removeprefix("verify-") for path in sorted(RESULTS.glob("verify-*.json")))
    return [name for name in named if name != "between"]


def verification(review: str, part: str) -> str:
    """One piece of the result of one review; ``part`` is a key of `PARTS`, or "all" for a whole page."""
    if review not in kept():
        return f"No result is kept of the review {review}."
    if part == "all":
        made = ((title, verification(review, name)) for title, name in _SECTIONS)
        return "\n\n".join(f"## {title}\n\n{text}" if title else text for title, text in made)
    return PARTS[part](_found(review))


def reviews(part: str) -> str:
    """All reviews side by side ("counts"), or where they contradict each other ("between")."""
    return _side_by_side() if part == "counts" else _between()


def _side_by_side() -> str:
    head = (
        "review", "say what to look at", "tested", "reproduced", "predicted", "encoded", "physiological",
        "only above", "never", "no dose in it", "controls right", "shuffled signs right",
    )  # fmt: skip
    rows = []
    for review in kept():
        found = _found(review)
        dose, controls = found.get("dose", {}), found["controls"]
        rows.append(
            (
                f"[{review}]({review}-verification.md)",
                found["checkable"],
                _of(found["expressible"], found["checkable"]),
                _of(found["reproduced"], found["expressible"]),
                found["predicted"],
                found["encoded"],
                *(dose.get(name, "") for name in ("physiological", "above", "never", "none")),
                _of(controls["right"], controls["counted"]),
                "" if found["shuffled_share"] is None else f"{found['shuffled_share']:.0%}",
            )
        )
    return table(head, rows)


def _between() -> str:
    path = RESULTS / "verify-between.json"
    if not path.is_file():
        return "No result is kept."
    pairs = json.loads(path.read_text(encoding="utf-8"))["contradictions_between_reviews"]
    rows = [
        (
            pair["about"],
            *(
                f"{claim}: {'no whole model' if verdict is None else verdict.replace('_', ' ')}"
                for claim, verdict in zip(pair["claims"], pair["verdicts"], strict=True)
            ),
            pair["note"],
        )
        for pair in pairs
    ]
    return table(("about", "one", "the other", "what stands against what"), rows)


def _counts(found: dict[str, Any]) -> str:
    isolated = found["isolated"]
    answered = len(found["details"])
    of_all = "say what to look at"
    if answered != found["claims"]:
        about = "by the rule" if _topic(found) else "about the machinery"
        of_all = f"{about}, and say what to look at"
    rows = [
        ("claims of the topic's list" if _topic(found) else "claims of the review", found["claims"]),
        (of_all, found["checkable"]),
        ("put to the test", _of(found["expressible"], found["checkable"])),
        ("reproduced", _of(found["reproduced"], found["expressible"])),
        ("– predicted", found["predicted"]),
        ("– – mechanistic", found["mechanistic"]),
        ("– – corroborated", found["corroborated"]),
        ("– – assumed", found.get("assumed")),
        ("– calibrated", found["calibrated"]),
        ("– encoded", found["encoded"]),
        ("not reproduced", found["not_reproduced"]),
        ("contradicted", found["contradicted"]),
        ("inexpressible", found["inexpressible"]),
        ("isolated: other claims, as chains of their own arrows", isolated["checkable"]),
        ("– that make a chain", isolated["expressible"]),
        ("– whose chain holds, as it does by construction", isolated["reproduced"]),
    ]
    return table(("what", "how many"), rows)


def _topic(found: dict[str, Any]) -> bool:
    """Whether it is no review: claims of several, by a list of its own."""
    return found["review"] not in {c.review for c in Evidence.load().claims.values()}


def _of(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else str(part)


def _run(found: dict[str, Any]) -> str:
    structures = f"all {found['structures']} combinations of the machinery's competing structures, each"
    if not found["full"]:
        structures = f"{found['structures']} combinations of structures, drawn at random,"
    if not found["structures"] > 1:
        structures = "the model's one structure"
    whole = _topic(found) or len(found["details"]) == found["claims"]
    seconds = f", in {found['seconds']:.0f} s" if whole else ""
    command = f"vesiflux verify {found['review']}{' --full' if found['full'] else ''}"
    return (
        f"This is the result of `{command}`: {structures} with {found['draws']} draws of the priors "
        f"(seed {found['seed']}), {found['lanes']:,} runs of the model in all{seconds}."
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


def _kinds(found: dict[str, Any]) -> str:
    """Counts by the kind of claim."""
    claims = Evidence.load().claims
    head = ("kind", "say what to look at", "tested", "reproduced", "physiological", "only above", "never")
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for d in found["details"]:
        by_kind.setdefault(claims[d["claim"]].kind, []).append(d)
    rows = []
    for kind, details in sorted(by_kind.items()):
        tested = [d for d in details if d["verdict"] in _TESTED]
        doses = [sum(d["dose"] == name for d in tested) for name in ("physiological", "above", "never")]
        checkable = sum(bool(claims[d["claim"]].checkable) or d in tested for d in details)
        rows.append((kind, checkable, len(tested), sum(d["verdict"] == "reproduced" for d in tested), *doses))
    return table(head, rows)


def _doses(found: dict[str, Any]) -> str:
    """What only a higher dose shows, by the least factor."""
    above = [d for d in found["details"] if d["dose"] == "above"]
    by_factor: dict[float, list[str]] = {}
    for d in above:
        by_factor.setdefault(d["least_factor"], []).append(d["claim"])
    rows = [
        (f"{factor:,.0f}", len(claims), ", ".join(claims)) for factor, claims in sorted(by_factor.items())
    ]
    return table(("times the dose of the model", "claims that hold from there", "which"), rows)


def _place(found: dict[str, Any]) -> str:
    """Claims about place in the review's tissue."""
    place = found.get("place")
    if place is None:
        return "The review has no tissue that claims about place are put to."
    effects = _claims(found)
    rows = [
        (
            d["claim"],
            effects.get(d["claim"], ""),
            d["verdict"].replace("_", " "),
            d["experiment"],
            ", ".join("–" if f is None else f"{f:.3g}" for f in d["folds"]),
        )
        for d in place["details"]
    ]
    told = (
        f"In {place['seeds']} tissues [{place['model']}]({place['model']}.md) that differ by their seed, at "
        "typical values; a claim holds where it does in at least nine of ten."
    )
    head = ("claim", "what it says", "verdict", "seen", "folds, one per tissue")
    return f"{told}\n\n{table(head, rows)}"


def _misses(found: dict[str, Any]) -> str:
    missed = [d for d in found["details"] if d["verdict"] in ("not_reproduced", "contradicted")]
    return table(_HEAD, _rows(missed, _claims(found)))


def _untold(found: dict[str, Any]) -> str:
    missing = [d for d in found["details"] if d["verdict"] == "inexpressible"]
    return table(
        ("claim", "what it says", "why it cannot be tested"),
        [(d["claim"], _claims(found).get(d["claim"], ""), d["reason"]) for d in missing],
    )


_TESTED = ("reproduced", "contradicted", "not_reproduced")
_SECTIONS = (
    ("", "run"),
    ("", "counts"),
    ("By kind of claim", "kinds"),
    ("Only above the physiological dose", "doses"),
    ("Not reproduced", "misses"),
    ("Inexpressible", "untold"),
    ("About place", "place"),
    ("Shuffled signs", "shuffles"),
    ("No-change controls", "controls"),
    ("Claim by claim", "details"),
    ("Isolated", "isolated"),
)
_HEAD = ("claim", "what it says", "verdict", "basis", "dose", "how", "holds in", "why")


def _claims(found: dict[str, Any]) -> dict[str, str]:
    claims = Evidence.load().claims
    asked = (d["claim"] for d in (*found["details"], *found["isolated"]["details"]))
    return {claim: claims[claim].effect for claim in asked if claim in claims}


def _rows(details: Iterable[dict[str, Any]], effects: dict[str, str]) -> Iterable[tuple[Any, ...]]:
    for d in details:
        share = "" if d["share"] is None else f"{d['share']:.0%}"
        basis = f"{d['basis']}, {d['support']}" if d.get("support") else d["basis"]
        least = d.get("least_factor")
        dose = d["dose"] if least is None else f"{d['dose']}, from {least:,.0f} times"
        words = (d["verdict"].replace("_", " "), basis, dose, d["how"])
        yield d["claim"], effects.get(d["claim"], ""), *words, share, d["reason"]


PARTS = {
    "counts": _counts,
    "run": _run,
    "shuffles": _shuffles,
    "controls": _controls,
    "details": _details,
    "doses": _doses,
    "kinds": _kinds,
    "misses": _misses,
    "place": _place,
    "untold": _untold,
    "isolated": _isolated,
}
