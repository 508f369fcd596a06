"""From a claim to a virtual experiment, by rule: agent -> handle, outcome -> readout, sign -> what to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vesiflux.verify.limbs import Condition, Experiment, Limb, Mark, Pair
from vesiflux.verify.subject import Handle, Readable, Subject
from vesiflux.verify.wording import wording

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.rows import Claim

__all__ = ["SCAN", "experiment_of", "handle_of", "shown_by"]

#: Factors on the agent of a claim that says both ways.
SCAN = (0.1, 0.3, 3.0, 10.0)
_SIGNS = {"+": 1, "-": -1, "marker_up": 1, "marker_down": -1}


def experiment_of(claim: Claim, subject: Subject, evidence: Evidence) -> Experiment | str:
    """The experiment, or why the rule cannot make one.

    An arm whose report names the claim comes first, with the sign reported; then the node or species that
    goes by the agent's name, turned down or up as the claim's `checkable` words it.
    """
    arms = _by_arms(claim, subject, evidence)
    if isinstance(arms, Experiment):
        return arms
    if claim.direction == "descriptive":
        return "descriptive: it states no direction"
    shown = shown_by(claim.outcome, subject, evidence)
    if isinstance(shown, str):
        return shown
    read, sign = shown
    handle = handle_of(claim.agent, subject, evidence)
    if isinstance(handle, str):
        return handle
    if claim.direction == "biphasic":
        limbs = tuple(Limb(factors=((handle.name, factor),)) for factor in SCAN)
        return Experiment(claim.id, "rule", (Condition(read.name, Pair(limbs[0]), scan=limbs),))
    wanted = wording(claim.checkable)
    expect: Mark = "0"
    if claim.direction in _SIGNS:
        raised = _SIGNS[claim.direction] * sign
        expect = "+" if raised * (1 if wanted.sense == "gain" else -1) > 0 else "-"
    limb = Limb(factors=((handle.name, wanted.factor),))
    why = f"'{wanted.word}' in the text" if wanted.word else "no word of loss in the text"
    return Experiment(claim.id, "rule", (Condition(read.name, Pair(limb), expect),), why)


def _by_arms(claim: Claim, subject: Subject, evidence: Evidence) -> Experiment | None:
    """All arms that report the claim; where an arm reports several things, the claim's outcome."""
    conditions: list[Condition] = []
    arms: list[str] = []
    shown = shown_by(claim.outcome, subject, evidence)
    symbols = set(shown[0].symbols) if not isinstance(shown, str) else set()
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


def shown_by(outcome: str, subject: Subject, evidence: Evidence) -> tuple[Readable, int] | str:
    """What shows an outcome, and the sign between the two; or why nothing does."""
    readout = evidence.readout(outcome)
    if readout is not None and readout.attribute == "none":
        return f"{outcome} cannot be read: {readout.note or 'no state of a cell or medium'}"
    symbol, sign = (readout.node, -1 if readout.sign == "-" else 1) if readout else (outcome, 1)
    for name in _names(symbol, evidence):
        found = subject.readables_by_symbol.get(name)
        if found:
            return found[0], sign
    return f"no readout of the model shows {symbol}"


def handle_of(agent: str, subject: Subject, evidence: Evidence) -> Handle | str:
    """What stands for an agent, or why nothing does."""
    if not agent:
        return "the claim names no agent"
    for name in _names(agent, evidence):
        found = subject.handles_by_symbol.get(name)
        if found:
            return found[0]
    return f"nothing in the model stands for {agent}"


def _names(printed: str, evidence: Evidence) -> list[str]:
    """Canonical name, the printed one, and what they are taken for elsewhere (ortholog, other context)."""
    canonical = evidence.canonical(printed)
    names = [canonical, printed]
    for row in evidence.transfers:
        if row.name_from in names[:2]:
            names.append(row.name_to)
        if row.name_to in names[:2]:
            names.append(row.name_from)
    return list(dict.fromkeys(names))
