"""Words looked up in claims: names, their synonyms and printed forms, effects, notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vesiflux.evidence.rows import Claim, Edge
from vesiflux.evidence.spelling import squeeze

__all__ = ["Index"]


class Index:
    """Squeezed text of claims, made once.

    Parameters
    ----------
    synonyms
        Other names of canonical ones.
    """

    def __init__(
        self, claims: Iterable[Claim], edges: Iterable[Edge], synonyms: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._synonyms = synonyms
        self._claims = tuple(claims)
        ends: dict[str, dict[str, None]] = {}
        for edge in edges:
            ends.setdefault(edge.claim_id, {}).update(dict.fromkeys((edge.start, edge.end, edge.cell)))
        self._named = {claim.id: self._names(claim) for claim in self._claims}
        self._texts = {claim.id: self._text(claim, ends.get(claim.id, ())) for claim in self._claims}

    def find(
        self,
        text: str,
        review: str | None,
        kind: str | None,
        parts: tuple[str | None, str | None, str | None],
        limit: int | None,
    ) -> list[Claim]:
        """Claims with every word of ``text``, best first; ``parts`` of names of agent, outcome and cells."""
        words = [squeezed for word in text.split() if (squeezed := squeeze(word))]
        wanted = [(number, squeeze(part)) for number, part in enumerate(parts) if part]
        found = []
        for position, claim in enumerate(self._claims):
            if (review and claim.review != review) or (kind and claim.kind != kind):
                continue
            if not all(part in self._named[claim.id][number] for number, part in wanted):
                continue
            main, rest = self._texts[claim.id]
            if not all(word in main or word in rest for word in words):
                continue
            found.append((-sum(word in main for word in words), position, claim))
        found.sort(key=lambda item: item[:2])
        return [claim for _, _, claim in found[:limit]]

    def _names(self, claim: Claim) -> tuple[str, str, str]:
        """Names of agent, outcome and cells: canonical, printed and synonyms."""
        return (
            self._called(claim.agent, claim.printed_agent),
            self._called(claim.outcome, claim.printed_outcome),
            self._called(*claim.sources, *claim.recipients, claim.printed_source, claim.printed_recipient),
        )

    def _text(self, claim: Claim, ends: Iterable[str]) -> tuple[str, str]:
        """What counts more, and the rest."""
        agent, outcome, cells = self._named[claim.id]
        main = squeeze("|".join((claim.id, claim.cargo, claim.effect)))
        words = (claim.context, claim.cited, claim.checkable, claim.note, claim.kind)
        rest = squeeze("|".join(words))
        return f"{main}|{agent}|{outcome}", f"{rest}|{cells}|{self._called(*ends)}"

    def _called(self, *names: str) -> str:
        every = dict.fromkeys(n for name in names if name for n in (name, *self._synonyms.get(name, ())))
        return squeeze("|".join(every))
