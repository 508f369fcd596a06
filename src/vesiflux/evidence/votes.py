"""Who stands behind a statement: one publication, one vote, counted apart by what was studied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vesiflux.evidence.rows import Claim

__all__ = ["SYSTEMS", "Publication", "Votes", "publications_of", "votes_of"]

#: A publication: (review, reference number in it), or (review, "") where the review cites nobody.
Publication = tuple[str, str]

#: Classes of what was studied, nearest to patients first.
SYSTEMS: Final = ("clinical", "human", "animal", "in_vitro", "review", "unknown")

_CLASS: Final = {
    "clinical_trial": "clinical",
    "human": "human",
    "mouse": "animal",
    "rat": "animal",
    "zebrafish": "animal",
    "worm": "animal",
    "in_vitro": "in_vitro",
    "review": "review",
}


@dataclass(frozen=True)
class Votes:
    """Publications by what was studied, each once: where its claims differ, under the class first listed.

    A statement of a review without a reference is a vote of the review, whatever it was about.
    """

    clinical: frozenset[Publication] = frozenset()
    human: frozenset[Publication] = frozenset()
    animal: frozenset[Publication] = frozenset()
    in_vitro: frozenset[Publication] = frozenset()
    review: frozenset[Publication] = frozenset()
    unknown: frozenset[Publication] = frozenset()

    @property
    def publications(self) -> frozenset[Publication]:
        """All of them."""
        return frozenset().union(*(getattr(self, system) for system in SYSTEMS))

    @property
    def counts(self) -> dict[str, int]:
        """Number of votes by class; classes without a vote are left out."""
        return {s: len(getattr(self, s)) for s in SYSTEMS if getattr(self, s)}

    def __len__(self) -> int:
        return len(self.publications)

    def __str__(self) -> str:
        return ", ".join(f"{n} {system.replace('_', ' ')}" for system, n in self.counts.items()) or "none"


def publications_of(claim: Claim) -> frozenset[Publication]:
    """Publications behind one claim; the review itself where it cites nobody."""
    return frozenset(claim.votes)


def votes_of(claims: Iterable[Claim]) -> Votes:
    """Votes behind claims, each publication once."""
    found: dict[Publication, str] = {}
    for claim in claims:
        system = _CLASS.get(claim.system, "unknown") if claim.refs else "review"
        for publication in claim.votes:
            found[publication] = min(found.get(publication, system), system, key=SYSTEMS.index)
    return Votes(**{s: frozenset(p for p, own in found.items() if own == s) for s in SYSTEMS})
