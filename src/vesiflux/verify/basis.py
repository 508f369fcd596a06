"""What a reproduced claim rests on: is it encoded, calibrated or predicted?

A switch rests only on a claim's publications when the publications of all claims behind it are among
those of the claim and no other source stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.verify.limbs import Experiment
from vesiflux.verify.subject import Element, Subject

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim

__all__ = ["Removal", "fitted_to", "removal_for"]


@dataclass(frozen=True)
class Removal:
    """What is taken out of the model for one claim.

    ``elements``: switches turned off. ``options``: structures that are no longer drawn, by group.
    """

    elements: tuple[Element, ...]
    options: dict[str, tuple[str, ...]]

    def __bool__(self) -> bool:
        return bool(self.elements or self.options)

    def __str__(self) -> str:
        names = [e.name for e in self.elements]
        names += [f"{group}.{option}" for group, options in self.options.items() for option in options]
        shown = ", ".join(names[:4])
        return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def removal_for(claim: Claim, subject: Subject, evidence: Evidence) -> Removal:
    """Everything in the model that rests on nothing but the claim's publications.

    What an intervention does to the claim's own agent is the experiment itself and stays.
    """
    own = evidence.publications(claim.id)
    agent = evidence.canonical(claim.agent) if claim.agent else ""

    def only_these(claims: Iterable[str]) -> bool:
        found = list(claims)
        known = [c for c in found if c in evidence.claims]
        return (
            bool(known) and len(known) == len(found) and all(evidence.publications(c) <= own for c in known)
        )

    elements = [
        e
        for e in (*subject.elements, *subject.reactions)
        if not e.foreign and only_these(e.claims) and not (agent and agent in e.acts_on)
    ]
    options = {}
    for name, group in subject.groups.items():
        out = tuple(o for o in group.options if only_these(group.claims.get(o, ())))
        if out and len(out) < len(group.options):
            options[name] = out
    return Removal(tuple(elements), options)


def fitted_to(claim: Claim, subject: Subject, experiment: Experiment) -> tuple[str, ...]:
    """Numbers of the model that were chosen to meet the claim and play a part in its experiment."""
    used = {i for a in experiment.arms for i in subject.compiled.arms[a].interventions}
    rows = [
        e.name
        for e in subject.elements
        if e.fitted and claim.id in e.claims and (e.kind == "wire" or e.owner in used)
    ]
    return (*rows, *(name for name, claims in subject.fitted if claim.id in claims))
