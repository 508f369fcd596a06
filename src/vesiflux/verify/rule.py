"""From a claim to a virtual experiment, by rule: agent -> handle, outcome -> readout, sign -> what to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vesiflux.verify.choose import GIVEN, Choice
from vesiflux.verify.limbs import Condition, Experiment, Limb, Mark, Pair
from vesiflux.verify.subject import Handle, Readable, Subject
from vesiflux.verify.wording import Wording, wording

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim

__all__ = ["SCAN", "experiment_of"]

#: Factors on the agent of a claim that says both ways: on a level of the machinery, and on amounts of a dish.
SCAN = (0.1, 0.3, 3.0, 10.0)
WIDE_SCAN = (0.01, 0.1, 10.0, 100.0, 1000.0)
GIVEN_SCAN = (0.2, 0.4, 0.6, 0.8)
_SIGNS = {"+": 1, "-": -1, "marker_up": 1, "marker_down": -1}


def experiment_of(
    claim: Claim, subject: Subject, evidence: Evidence, choice: Choice | None = None
) -> Experiment | str:
    """The experiment, or why the rule cannot make one.

    An arm whose report names the claim comes first, with the sign reported; then what goes by the agent's
    name, turned down or up as the claim's `checkable` words it, or given where it comes from outside; then
    an arm that is called as the agent. A marker is no cause: what is measured is correlated with the state
    over the draws. ``choice``: the same for many claims of one model.
    """
    choice = choice or Choice(subject, evidence)
    shown = choice.shown(claim)
    arms = _by_arms(claim, subject, shown)
    if isinstance(arms, Experiment):
        return arms
    if claim.direction == "descriptive":
        return "descriptive: it states no direction"
    if isinstance(shown, str):
        return shown
    reads, sign = shown
    handles = choice.agents(claim)
    if claim.direction.startswith("marker") and reads[0].kind != "readout":
        marker = _marker(claim, choice, reads, sign, handles)
        if marker is not None:
            return marker
    if isinstance(handles, str):
        return _by_name(claim, subject, choice, reads, sign) or handles
    return _experiment(claim, choice, reads, sign, handles)


def _experiment(
    claim: Claim, choice: Choice, reads: Sequence[Readable], sign: int, handles: Sequence[Handle]
) -> Experiment:
    names = [choice.together(read, handles) for read in reads]
    outside = any(h.given for h in handles)
    if claim.direction == "biphasic":
        machinery = all(h.kind == "level" for h in handles)
        factors = GIVEN_SCAN if outside else SCAN if machinery else WIDE_SCAN
        limbs = tuple(Limb(factors=tuple((h.name, f) for h in handles)) for f in factors)
        return Experiment(
            claim.id, "rule", tuple(Condition(name, Pair(limbs[0]), scan=limbs) for name in names)
        )
    wanted = Wording("gain", "given") if outside else wording(claim.checkable)
    factor = GIVEN if outside else wanted.factor
    limb = Limb(factors=tuple((h.name, factor) for h in handles))
    why = f"'{wanted.word}' in the text" if wanted.word else "no word of loss in the text"
    if outside:
        why = "given against not given"
    mark = _mark(claim, sign, wanted.sense == "gain")
    return Experiment(claim.id, "rule", tuple(Condition(n, Pair(limb), mark) for n in names), why)


def _mark(claim: Claim, sign: int, gain: bool) -> Mark:
    """What must be seen when the agent is raised, or lowered."""
    if claim.direction not in _SIGNS:
        return "0"
    return "+" if _SIGNS[claim.direction] * sign * (1 if gain else -1) > 0 else "-"


def _marker(
    claim: Claim,
    choice: Choice,
    reads: Sequence[Readable],
    sign: int,
    handles: tuple[Handle, ...] | str,
) -> Experiment | None:
    """A correlation over the draws of the untreated model between agent and outcome; `None` without one.

    In a cohort of which some are given the agent, what differs is what it does: then there is none.
    """
    if not isinstance(handles, str) and any(h.given for h in handles):
        return None
    carried = [r for r in reads if r.kind == "per_vesicle"]
    if carried and not isinstance(handles, str) and any(h.kind == "secretion" for h in handles):
        held = [Condition(r.name, Pair(Limb()), above=0.0) for r in carried]
        return Experiment(claim.id, "rule", tuple(held), "what vesicles are told by is what they carry")
    measured = choice.measured(claim, reads)
    if measured is None:
        return None
    mark = _mark(claim, sign, gain=True)
    conditions = [Condition(r.name, Pair(Limb()), mark, along=measured.name) for r in reads]
    return Experiment(claim.id, "rule", tuple(conditions), "a marker: correlated over the draws")


def _by_name(
    claim: Claim, subject: Subject, choice: Choice, reads: Sequence[Readable], sign: int
) -> Experiment | None:
    """The arm that is called as the agent, or the first that uses an intervention called so."""
    names = set(choice.names(claim.agent))
    called = [a for a in subject.compiled.arms if names & set(choice.names(a))]
    using = [
        arm.name
        for arm in subject.compiled.arms.values()
        if len(arm.interventions) == 1 and names & set(choice.names(arm.interventions[0]))
    ]
    if not (called or using) or claim.direction == "biphasic":
        return None
    arm = (called or using)[0]
    conditions = [Condition(read.name, Pair(Limb(arm)), _mark(claim, sign, gain=True)) for read in reads]
    return Experiment(claim.id, "rule", tuple(conditions), f"the arm {arm} gives it", (arm,))


def _by_arms(
    claim: Claim, subject: Subject, shown: tuple[tuple[Readable, ...], int] | str
) -> Experiment | None:
    """All arms that report the claim; where an arm reports several things, the claim's outcome."""
    conditions: list[Condition] = []
    arms: list[str] = []
    symbols = set() if isinstance(shown, str) else {s for read in shown[0] for s in read.symbols}
    for name, arm in subject.compiled.arms.items():
        rows = [r for r in arm.reported if claim.id in _ids(r["claim"]) and r.get("sign")]
        fitting = [r for r in rows if symbols & set(subject.readable(_full(r, subject)).symbols)]
        for row in fitting or (rows if len(rows) == 1 and not symbols else []):
            pair = Pair(Limb(name), None, _window(row))
            conditions.append(Condition(_full(row, subject), pair, row["sign"]))
            arms.append(name)
    if not conditions:
        return None
    found = tuple(dict.fromkeys(conditions))
    return Experiment(claim.id, "rule", found, "arms that report the claim", tuple(dict.fromkeys(arms)))


def _ids(text: str) -> list[str]:
    return [part.strip() for part in text.split(";")]


def _full(row: Mapping[str, object], subject: Subject) -> str:
    """Name of the readable a report is about; reports may leave out the cell."""
    name = str(row["readout"])
    if name in subject.readables:
        return name
    hits = [r for r in subject.readables if r.endswith(f".{name}") or name.endswith(f".{r}")]
    return hits[0] if hits else name


def _window(row: Mapping[str, object]) -> float | None:
    from vesiflux import units

    window = row.get("window")
    if not isinstance(window, Mapping) or window.get("typical") is None:
        return None
    text = f"{window['typical']} {window.get('unit') or ''}".strip()
    return float(units.parse(text, "h", bare=True))
