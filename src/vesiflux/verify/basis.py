"""What a reproduced claim rests on: is it encoded, calibrated or predicted?

Something rests only on a claim's publications when the publications of all claims behind it are among those
of the claim and no other source stands beside them. What survives without it is predicted; but if another
publication says the same, the model was told it all the same: such a prediction is *corroborated*. It is
*mechanistic* if it survives without everything that was written with any of these claims in mind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.verify.choose import Choice
from vesiflux.verify.limbs import Condition, Experiment, Limb
from vesiflux.verify.paths import Paths
from vesiflux.verify.subject import OF_ALL, Element, Readable, Subject

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim

__all__ = ["Removal", "alike", "fitted_to", "in_dish", "leads", "outputs_of", "put_in", "removal_for"]


@dataclass(frozen=True)
class Removal:
    """What is taken out of the model for one claim.

    ``elements``: switches turned off. ``options``: structures that are no longer drawn, by group.
    ``flows``: steps of the flow of mass, which cannot be taken out without stopping the flow.
    """

    elements: tuple[Element, ...]
    options: dict[str, tuple[str, ...]]
    flows: tuple[str, ...] = ()

    @property
    def can_run(self) -> bool:
        """Whether a run without it differs from the model."""
        return bool(self.elements or self.options)

    def __str__(self) -> str:
        names = [e.name for e in self.elements]
        names += [f"{group}.{option}" for group, options in self.options.items() for option in options]
        return shortened(names)


def shortened(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(names[:4])
    return shown + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def alike(claim: Claim, experiment: Experiment, choice: Choice) -> frozenset[str]:
    """The claim and all others that say what its experiment shows: the same done, the same read.

    The same agent and outcome by name, or an agent that stands for what the experiment acts upon with an
    outcome that shows what it reads.
    """
    subject, evidence = choice.subject, choice.evidence
    touched = {n for c in experiment.conditions for limb in _limbs(c) for n in _touched(limb, subject)}
    reads = {c.read for c in experiment.conditions}
    shown = {symbol for read in reads for symbol in subject.readable(read).symbols}
    agent, outcome = evidence.canonical(claim.agent), evidence.canonical(claim.outcome)
    found = {claim.id}
    for other in evidence.claims.values():
        if not other.agent or not other.outcome:
            continue
        if (evidence.canonical(other.agent), evidence.canonical(other.outcome)) == (agent, outcome):
            found.add(other.id)
            continue
        handles = choice.agents(other)
        if isinstance(handles, str) or not any(h.name in touched for h in handles):
            continue
        seen = choice.shown(other)
        if not isinstance(seen, str) and any(_same(r, reads, shown) for r in seen[0]):
            found.add(other.id)
    return frozenset(found)


def _same(read: Readable, reads: set[str], shown: set[str]) -> bool:
    """Whether a reading is one of these, or of a machinery that shows the same in other words."""
    if read.name in reads or f"{read.name}{OF_ALL}" in reads:
        return True
    return read.kind == "readout" and bool(shown & set(read.symbols))


def removal_for(
    claim: Claim, subject: Subject, evidence: Evidence, told: frozenset[str] = frozenset()
) -> Removal:
    """Everything in the model that rests on nothing but the claim's publications.

    What an intervention does to the claim's own agent is the experiment itself and stays. ``told``: claims
    of which nothing may be left, even where other publications or claims stand beside them.
    """
    own = evidence.publications(claim.id)
    agent = evidence.canonical(claim.agent) if claim.agent else ""

    def only_these(claims: Iterable[str]) -> bool:
        found = list(claims)
        return bool(found) and all(c in evidence.claims and evidence.publications(c) <= own for c in found)

    def goes(claims: frozenset[str], foreign: bool = False) -> bool:
        return bool(told & claims) or (not foreign and only_these(claims))

    elements = [
        e for e in subject.elements if goes(e.claims, e.foreign) and not (agent and agent in e.acts_on)
    ]
    options = {}
    for name, group in subject.groups.items():
        out = tuple(o for o in group.options if goes(group.claims.get(o, frozenset())))
        if out and len(out) < len(group.options):
            options[name] = out
    flows = tuple(name for name, claims in subject.flows if goes(claims))
    return Removal(tuple(elements), options, flows)


def put_in(
    experiment: Experiment,
    subject: Subject,
    paths: Paths,
    removal: Removal,
    whose: str = "rest on it alone",
) -> str:
    """Why an experiment shows no more than what was written down, whatever is switched off; blank if not.

    A reading of the untreated cell is set by the parameters that describe it. No change where no path leads
    is no finding. Responses and behaviours have no switches, so that what they were written from stays in;
    nor have readouts that were made to show what the claim says. And without the steps of the flow that
    rest on the claim alone there may be no way left from what is done to what is read. ``whose``: why the
    steps in ``removal`` are taken out, as the reason words it.
    """
    if not subject.base and all(_untreated(c) for c in experiment.conditions):
        return "the untreated cell is what its parameters say"
    if all(c.expect == "0" and not _path(c, subject, paths) for c in experiment.conditions):
        return "nothing leads from what is done to what is read"
    if experiment.claim in subject.sentences:
        return "responses or behaviours of the model were written from it"
    made = sorted({c.read for c in experiment.conditions} & subject.readouts_made_for(experiment.claim))
    if made:
        return f"{', '.join(made)} was made to show what it says"
    if removal.flows:
        cut = [c for c in experiment.conditions if c.expect in ("+", "-", "differs") or c.fold]
        if any(_path(c, subject, paths) and not _path(c, subject, paths, removal.flows) for c in cut):
            return f"it needs steps that {whose}: {shortened(list(removal.flows))}"
    return ""


def _untreated(condition: Condition) -> bool:
    """Whether it is about the untreated cell by itself: no fold, no correlation."""
    return condition.expect is None and not (condition.fold or condition.scan or condition.order)


def _path(condition: Condition, subject: Subject, paths: Paths, without: Iterable[str] = ()) -> bool:
    if in_dish(condition, subject):
        return leads(condition, subject)
    starts = {name for limb in _limbs(condition) for name in _touched(limb, subject)}
    read = condition.read
    module_reads = [read] if read in subject.readables and subject.readables[read].at_rest else []
    if not module_reads:  # a mean rate is the mean of the readouts that show the same
        symbols = set(subject.readable(read).symbols)
        module_reads = [n for n, r in subject.readables.items() if r.at_rest and symbols & set(r.symbols)]
    return any(paths.between(starts, end, tuple(without)) for end in module_reads)


def in_dish(condition: Condition, subject: Subject) -> bool:
    """Whether what is done or read is an amount of the dish, so that it is followed through the program."""
    factors = [subject.handle(name) for limb in _limbs(condition) for name, _ in limb.factors]
    return subject.readable(condition.read).kind != "readout" or any(h.kind != "level" for h in factors)


def outputs_of(condition: Condition, subject: Subject) -> set[int]:
    """Outputs of the program that a condition is judged by; none where it reads a parameter."""
    named = filter(None, (condition.read, condition.along))
    return {i for name in named for i in _outputs_of(subject.readable(name))}


def _outputs_of(readable: Readable) -> set[int]:
    if readable.quotient is not None:
        return {i for part in readable.quotient for i in _outputs_of(part)}
    if readable.parameter is not None:
        return set()
    found = {readable.output, *(i for pair in readable.shares for i in pair)}
    return found if readable.over is None else {*found, readable.over}


def leads(condition: Condition, subject: Subject) -> bool:
    """Whether what is done in a condition can reach what is read, by any operations of the program."""
    outputs = outputs_of(condition, subject)
    compiled = subject.compiled
    starts: set[int] = set()
    usual = {id(e) for e in subject.events((subject.base,) if subject.base else ())}
    for limb in _limbs(condition):
        starts |= {subject.handle(name).index for name, _ in limb.factors}
        names = subject.arms_of(limb.arm) if limb.arm else ()
        # what is added or changed at a time is no operation of the program
        if names and usual != {id(e) for e in subject.events(names)}:
            return True
        for arm in (compiled.arms[name] for name in names):
            starts |= {*arm.overrides, *(len(compiled.parameters) + i for i in arm.inputs)}
    return subject.reach.between(starts, outputs)


def _limbs(condition: Condition) -> list[Limb]:
    return [
        condition.pair.limb, condition.pair.against or Limb(), *condition.singles, *condition.scan,
        *condition.order,
    ]  # fmt: skip


def _touched(limb: Limb, subject: Subject) -> set[str]:
    """Nodes and species a limb acts upon."""
    names = {name for name, _ in limb.factors}
    for arm in subject.arms_of(limb.arm) if limb.arm else ():
        for name in subject.compiled.arms[arm].interventions:
            intervention = subject.model.spec.interventions[name]
            targets = [e.target for e in intervention.effects]
            targets += [t for t in (intervention.inhibits, intervention.blocks, intervention.scales) if t]
            names |= {target.rsplit(".", 1)[-1] for target in targets}
    return names


def fitted_to(claim: Claim, subject: Subject, experiment: Experiment) -> tuple[str, ...]:
    """Numbers of the model that were chosen to meet the claim and play a part in its experiment."""
    used = {i for a in experiment.arms for i in subject.compiled.arms[a].interventions}
    rows = [
        e.name
        for e in subject.elements
        if e.fitted and claim.id in e.claims and (e.kind == "wire" or e.owner in used)
    ]
    return (*rows, *(name for name, claims in subject.fitted if claim.id in claims))
