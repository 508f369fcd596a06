"""Which claims are put to a model, by which experiments, and why the others are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.verify.checks import read_checks
from vesiflux.verify.choose import Choice
from vesiflux.verify.claims import is_whole, named_in, read_machinery
from vesiflux.verify.limbs import Experiment
from vesiflux.verify.result import Verdict
from vesiflux.verify.rule import experiment_of

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim

__all__ = ["Asked", "Progress", "experiments_for"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Asked:
    """What is asked of a model: ``wanted`` of the review's ``claims``, and how thoroughly."""

    evidence: Evidence
    claims: Mapping[str, Claim]
    wanted: frozenset[str]
    draws: int
    full: bool
    shuffles: int
    seed: int
    threads: int
    progress: Progress


def experiments_for(asked: Asked, choice: Choice) -> tuple[dict[str, Experiment], dict[str, Verdict]]:
    """Experiments by claim, and for every claim of this model the verdict before any is run.

    Claims are the model's that its list names; all of them, where it is the whole model of its review; else
    those it names or tests by hand.

    Raises
    ------
    InputError
        A table beside the model is wrong.
    """
    subject = choice.subject
    beside = None if subject.model.origin is None else subject.model.origin.parent
    checks = {} if beside is None else read_checks(beside / "checks.yaml", subject, set(asked.claims))
    machinery = read_machinery(subject.model, dict(asked.claims))
    if machinery is not None:
        chosen = machinery.claims
    else:
        whole = is_whole(subject.model)
        chosen = frozenset(asked.claims) if whole else named_in(subject) | set(checks)
    experiments: dict[str, Experiment] = {}
    verdicts: dict[str, Verdict] = {}
    for claim in asked.claims.values():
        if claim.id not in chosen or claim.id not in asked.wanted:
            continue
        experiment = checks.get(claim.id) or experiment_of(claim, subject, asked.evidence, choice)
        if isinstance(experiment, Experiment):
            experiments[claim.id] = experiment
        verdicts[claim.id] = _untested(claim, experiment, by_hand=claim.id in checks)
    return experiments, verdicts


def _untested(claim: Claim, why: Experiment | str, by_hand: bool) -> Verdict:
    """Verdict of a claim that cannot be tested, or before it is."""
    text = why if isinstance(why, str) else ""
    stateless = claim.direction == "descriptive" and not by_hand
    verdict = "not_judged" if stateless else "inexpressible"
    how = "hand" if by_hand else "rule"
    return Verdict(claim.id, verdict, "", "none", how, text, checkable=bool(claim.checkable) or by_hand)
