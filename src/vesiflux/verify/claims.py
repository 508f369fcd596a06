"""Which models answer for a review or a topic, and which of its claims are put to the whole model.

A topic is no review: its claims, of any reviews, stand in the list beside its whole model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.evidence.tables import suggestion
from vesiflux.language.tsv import read_table
from vesiflux.verify.wholes import wholes

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim
    from vesiflux.language import Model
    from vesiflux.verify.subject import Subject

__all__ = [
    "LISTS",
    "Machinery",
    "claims_of",
    "is_dish",
    "is_whole",
    "models_for",
    "named_in",
    "read_machinery",
]

#: Lists beside a model, and the column in which they say yes or no.
LISTS = {"machinery-claims.tsv": "machinery", "targeting-claims.tsv": "targeting"}


@dataclass(frozen=True)
class Machinery:
    """Claims that a model's list puts to it, and why the others of the list are not."""

    claims: frozenset[str]
    left_out: dict[str, str]


def models_for(name: str | Path, evidence: Evidence) -> tuple[str, list[Model]]:
    """Review and models that a name stands for: a review, a topic, a library model, or a model file.

    A review is answered for by its whole model alone; where it has none, by all its models that are not
    tissues.

    Raises
    ------
    InputError
        No such review, model or file; a model file that names no review; a model of a tissue.
    """
    from vesiflux.language import load
    from vesiflux.language.modules import library_models

    reviews = {c.review for c in evidence.claims.values()} | set(wholes())
    text = str(name)
    if text in reviews and not Path(text).is_file():
        whole = wholes().get(text)
        if whole is not None:
            return text, [load(whole)]
        models = [load(model) for model in library_models()]
        return text, [m for m in models if m.spec.review == text and m.spec.space.kind != "tissue"]
    looks_like_file = Path(text).exists() or len(Path(text).parts) > 1 or text.endswith((".yaml", ".yml"))
    if not looks_like_file and text not in library_models():
        known = sorted(reviews | set(library_models()))
        hint = suggestion(text, known) or ""
        raise InputError(
            f"no review or model is called '{text}'{hint}; there are {', '.join(known)}, or name a model file"
        )
    model = load(name)
    review = model.spec.review
    if model.spec.space.kind == "tissue":
        cure = f"; its review is judged in the model {wholes()[review]}" if review in wholes() else ""
        raise InputError(f"{model.name} happens in a tissue; claims are put to a dish{cure}")
    if not review:
        raise InputError(
            f"{model.origin or text}: the model names no review whose claims it could be held against; "
            f"add 'review: {sorted(reviews)[0]}' or another of {', '.join(sorted(reviews))}"
        )
    if review not in reviews:
        raise InputError(
            f"{model.origin or text}: no claims of the review '{review}'{suggestion(review, reviews) or ''}; "
            "give the folder of its tables with --table"
        )
    return review, [model]


def claims_of(review: str, models: Sequence[Model], evidence: Evidence) -> dict[str, Claim]:
    """Claims of a review; of a topic those of the lists beside its models, whichever review they are of.

    Raises
    ------
    InputError
        A list cannot be read.
    """
    claims = evidence.claims
    found = {i: c for i, c in claims.items() if c.review == review}
    if found:
        return found
    lists = [made for model in models if (made := read_machinery(model, dict(claims))) is not None]
    listed = {claim for made in lists for claim in (*made.claims, *made.left_out)}
    return {i: c for i, c in claims.items() if i in listed}


def read_machinery(model: Model, claims: dict[str, Claim]) -> Machinery | None:
    """The list beside a model; `None` without one. Raises `InputError` with every wrong cell."""
    beside = None if model.origin is None else model.origin.parent
    there = [name for name in LISTS if beside is not None and (beside / name).is_file()]
    if beside is None or not there:
        return None
    column = LISTS[there[0]]
    table = read_table(beside / there[0], ("claim", "kind", column, "reason"), ())
    chosen, left_out = set(), {}
    for row in table.rows:
        claim = row.text("claim")
        if claim not in claims:
            row.problem("claim", f"no claim of the review has the id {claim!r}")
        if row.text(column) not in ("yes", "no"):
            row.problem(column, f"{column!r} is yes or no, not {row.text(column)!r}")
        if row.text(column) == "yes":
            chosen.add(claim)
        else:
            left_out[claim] = row.text("reason")
    if problems := table.all_problems():
        raise InputError(problems)
    return Machinery(frozenset(chosen), left_out)


def is_whole(model: Model) -> bool:
    """Whether it is the model that answers for all claims of its review."""
    return wholes().get(model.spec.review) == model.name


def is_dish(subject: Subject) -> bool:
    """Whether it is a dish of cells with responses, rather than a machinery by itself."""
    return any(e.kind == "arrow" for e in subject.elements)


def named_in(subject: Subject) -> frozenset[str]:
    """Claims a model itself names: its evidence, its arms' reports, its interventions and its wires."""
    spec = subject.model.spec
    named = set(spec.evidence)
    for arm in spec.arms.values():
        named |= {part.strip() for r in arm.reported for part in r.claim.split(";") if part.strip()}
    for intervention in spec.interventions.values():
        named |= set(intervention.claims)
    for element in subject.elements:
        named |= element.claims
    return frozenset(named)
