"""All reviews that have a whole model, one after the other, and where they contradict each other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vesiflux.verify.experiments import Progress
from vesiflux.verify.opposites import Between, between_reviews
from vesiflux.verify.result import Verdict, Verification
from vesiflux.verify.run import SHUFFLES, verify
from vesiflux.verify.wholes import wholes

__all__ = ["Verifications", "verify_all"]


@dataclass(frozen=True)
class Verifications:
    """`Verification` of every review by its name; ``seconds``: of all together."""

    models: dict[str, Verification]
    seconds: float

    def verdict(self, claim: str) -> Verdict | None:
        """Verdict of the whole model on a claim; `None` where none answers for it."""
        found = (v for model in self.models.values() for v in model.details if v.claim == claim)
        return next(found, None)

    @property
    def between(self) -> list[tuple[Between, Verdict | None, Verdict | None]]:
        """Contradictions between reviews with what became of both sides."""
        return [(pair, self.verdict(pair.one), self.verdict(pair.other)) for pair in between_reviews()]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain data for JSON."""
        return {
            "models": {review: model.to_dict() for review, model in self.models.items()},
            "contradictions_between_reviews": [
                {
                    "about": pair.about,
                    "claims": [pair.one, pair.other],
                    "verdicts": [_word(one), _word(other)],
                    "how": pair.how,
                    "note": pair.note,
                }
                for pair, one, other in self.between
            ],
            "seconds": round(self.seconds, 1),
        }


def _word(verdict: Verdict | None) -> str | None:
    return None if verdict is None else verdict.verdict


def verify_all(
    *,
    full: bool = False,
    draws: int | None = None,
    shuffles: int = SHUFFLES,
    seed: int = 1,
    threads: int | None = None,
    tables: Sequence[str | Path] = (),
    place: bool = True,
    progress: Progress | None = None,
) -> Verifications:
    """`verify` of every review with a whole model; parameters as there."""
    began = time.perf_counter()
    told = progress or (lambda stage, done, total: None)
    found = {}
    for review in wholes():

        def of_review(stage: str, done: int, total: int, review: str = review) -> None:
            told(f"{review}: {stage}", done, total)

        found[review] = verify(
            review, full=full, draws=draws, shuffles=shuffles, seed=seed, threads=threads, tables=tables,
            place=place, progress=of_review,
        )  # fmt: skip
    return Verifications(found, time.perf_counter() - began)
