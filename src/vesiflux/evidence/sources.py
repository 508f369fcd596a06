"""Who says so: publications behind claims, each with one vote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vesiflux.evidence.rows import Claim, Reference, Review

__all__ = ["Source", "sources_of"]


@dataclass(frozen=True)
class Source:
    """One publication: a reference of a review, or the review itself where it cites nothing.

    ``text`` is the citation as far as the tables know it; ``verdict`` says whether the reference carries what
    it is cited for (empty where nobody looked).
    """

    review: str
    ref: str
    text: str
    doi: str
    claims: tuple[str, ...]
    verdict: str

    @property
    def vote(self) -> str:
        """Key of the vote, e.g. ``tme:18``; ``tme`` for the review itself."""
        return f"{self.review}:{self.ref}" if self.ref else self.review


def sources_of(
    claims: Iterable[Claim], references: Mapping[tuple[str, str], Reference], reviews: Mapping[str, Review]
) -> list[Source]:
    """Publications behind ``claims``, in the order in which they are first named."""
    backed: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        for vote in claim.votes:
            backed.setdefault(vote, []).append(claim)
    found = []
    for (review, ref), behind in backed.items():
        own = reviews.get(review)
        reference = references.get((review, ref))
        doi = own.doi if own is not None and not ref else _doi(behind, ref)
        if reference is not None:
            text = f"{reference.first_author} {reference.year}. {reference.title}. {reference.printed}"
        elif ref:
            author = _cited(behind, ref)
            text = f"{author + ', ' if author else ''}reference {ref} of {_title(review, own)}"
        else:
            text = _title(review, own)
        verdict = reference.fit_to_use if reference is not None else ""
        found.append(Source(review, ref, text, doi, tuple(dict.fromkeys(c.id for c in behind)), verdict))
    return found


def _title(review: str, own: Review | None) -> str:
    if own is None:
        return f"the review '{review}'"
    who = f"{own.authors.partition(',')[0]} et al. " if own.authors else ""
    year = f"{own.year}. " if own.year else ""
    return f"{who}{year}{own.title} (review '{review}')"


def _by_position(cells: str, claim: Claim, ref: str) -> str:
    """Part of a joined cell that belongs to ``ref``; the parts stand in the order of the references."""
    parts = [part.strip() for part in cells.split(";") if part.strip()]
    return parts[claim.refs.index(ref)] if len(parts) == len(claim.refs) else ""


def _cited(claims: Iterable[Claim], ref: str) -> str:
    return next((name for c in claims if (name := _by_position(c.cited, c, ref))), "")


def _doi(claims: Iterable[Claim], ref: str) -> str:
    return next((doi for c in claims if ref and (doi := _by_position(c.doi, c, ref))), "")
