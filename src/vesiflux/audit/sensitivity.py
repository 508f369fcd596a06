"""Which assumed numbers the verdicts hang on: each put at its low and at its high end, one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vesiflux.audit.case import Case, Question, cases_of, names_all, settings_of, why_not
from vesiflux.audit.chain import Reader, act, arrive
from vesiflux.audit.judge import verdict_of
from vesiflux.audit.numbers import Numbers
from vesiflux.audit.tables import number_rows, prior_of, routes
from vesiflux.evidence import Claim, Evidence
from vesiflux.evidence.priors import Prior

__all__ = ["Moved", "sensitivity"]

_DRAWS = 2000


@dataclass(frozen=True)
class Moved:
    """What one number moves.

    Attributes
    ----------
    number
        Name of the number, with what it holds of.
    low, high
        Its 5 and 95 % points, in ``unit``.
    claims
        Claims whose arithmetic uses it.
    at_low, at_high
        Claims with another verdict when it is fixed at the low or the high end.
    shift
        Largest change of a claim's probability at either end.
    """

    number: str
    low: float
    high: float
    unit: str
    mark: str
    claims: int
    at_low: tuple[str, ...]
    at_high: tuple[str, ...]
    shift: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "number": self.number,
            "low": float(f"{self.low:.4g}"),
            "high": float(f"{self.high:.4g}"),
            "unit": self.unit,
            "mark": self.mark,
            "claims": self.claims,
            "moved": self.moved,
            "at_low": list(self.at_low),
            "at_high": list(self.at_high),
            "shift": round(self.shift, 4),
        }

    @property
    def moved(self) -> int:
        """Claims with another verdict at either end."""
        return len({*self.at_low, *self.at_high})


def sensitivity(
    claims: Iterable[Claim] | None = None,
    evidence: Evidence | None = None,
    draws: int = _DRAWS,
    seed: int = 1,
) -> tuple[Moved, ...]:
    """Every assumed number of the audit fixed at its low and at its high end, one at a time.

    Parameters
    ----------
    claims
        By default every vesicle claim of the reviews.

    Returns
    -------
    tuple of Moved
        The number that moves most verdicts first. Claims are judged by the combination of names that fares
        best in the audit as it is; free factors and unnamed ligands, which do not change a verdict, are left
        out.
    """
    evidence = evidence or Evidence.load()
    chosen = list(claims) if claims is not None else [c for c in evidence.claims.values() if names_all(c)]
    judge = _Judge(evidence, draws, seed)
    asked = {c.id: _questions(c, evidence) for c in chosen if not why_not(c)}
    best = {name: max(questions, key=judge.of) for name, questions in asked.items() if questions}
    base = {name: judge.of(question) for name, question in best.items()}
    used = {name: judge.used(question) for name, question in best.items()}
    found = []
    for (parameter, of), row in number_rows().items():
        prior = prior_of(row, evidence)
        key = f"{parameter} of {of}" if of else parameter
        touched = [name for name, keys in used.items() if key in keys]
        if prior.mark != "assumed" or prior.kind == "fixed" or not touched:
            continue
        low, high = (float(end) for end in prior.quantile([0.05, 0.95]))
        ends = []
        for end in (low, high):
            fixed = Prior.from_range(typical=end, unit=prior.unit, distribution="fixed")
            other = _Judge(evidence, draws, seed, {key: fixed})
            ends.append({name: other.of(best[name]) for name in touched})
        at_low, at_high = (
            tuple(n for n, p in end.items() if verdict_of(p) != verdict_of(base[n])) for end in ends
        )
        shift = max(abs(end[name] - base[name]) for end in ends for name in touched)
        found.append(Moved(key, low, high, row["unit"], prior.mark, len(touched), at_low, at_high, shift))
    return tuple(sorted(found, key=lambda one: (-one.moved, -one.shift)))


def _questions(claim: Claim, evidence: Evidence) -> tuple[Question, ...]:
    return cases_of(claim, evidence, settings_of(claim))


class _Judge:
    """Probabilities alone, with some numbers fixed by name."""

    def __init__(
        self, evidence: Evidence, draws: int, seed: int, fixed: Mapping[str, Prior] | None = None
    ) -> None:
        self.numbers = Numbers(evidence, draws, seed, fixed=fixed)
        self._known: dict[Case, tuple[float, frozenset[str]]] = {}

    def of(self, question: Question) -> float:
        """Probability of a question, over its settings."""
        return sum(self._case(case)[0] for case in question.cases) / len(question.cases)

    def used(self, question: Question) -> frozenset[str]:
        """Numbers that it uses."""
        return frozenset().union(*(self._case(case)[1] for case in question.cases))

    def _case(self, case: Case) -> tuple[float, frozenset[str]]:
        if case not in self._known:
            read = Reader(self.numbers)
            arrived = arrive(case, read, None, 1.0)
            ways = ("delivery",) if case.asks == "arrival" else routes()[case.cargo]
            margin = np.max([act(case, way, arrived, read).margin for way in ways], axis=0)
            self._known[case] = (float(np.mean(margin >= 1.0)), frozenset(read.used))
        return self._known[case]
