"""Organs in series: what leaves one passes the next; flows that can be, blood enough for their vessels."""

from __future__ import annotations

from collections.abc import Iterator

from vesiflux.language.checks.context import Context, typical
from vesiflux.language.checks.structure import unknown
from vesiflux.language.positions import Finding, Path
from vesiflux.language.schema import Body

__all__ = ["check_flows"]

#: Rounding of flows that a table gives to four digits.
ROUNDING = 1.001


def check_flows(context: Context) -> Iterator[Finding]:
    """Veins lead to organs that are there and never round; an organ's flow is at least what it is passed."""
    space = context.spec.space
    if not isinstance(space, Body):
        return
    findings = list(_targets(context, space))
    yield from findings
    if not findings:  # else said already
        yield from _amounts(space)


def _targets(context: Context, space: Body) -> Iterator[Finding]:
    for name, organ in space.organs.items():
        at: Path = ("space", "organs", name, "flows_into")
        if not organ.flows_into:
            if organ.onward is not None:
                where: Path = ("space", "organs", name, "onward")
                yield Finding(where, "'onward' goes with 'flows_into': onward to which organ?", key=True)
            continue
        known = {*space.organs, *context.names("space", "organs")}  # those that are wrong themselves as well
        wrong = list(unknown(at, "organ", organ.flows_into, known))
        yield from wrong
        if not wrong and name in _onward(space, organ.flows_into):
            yield Finding(at, f"what leaves {name} would come back to it; veins lead on to the heart")
    for name, depot in space.depots.items():
        places = {"blood", "lymph", *space.organs, *context.names("space", "organs")}
        yield from unknown(("space", "depots", name, "by"), "place", depot.by, places)


def _onward(space: Body, name: str) -> list[str]:
    """An organ and those that its blood passes afterwards, each once."""
    passed: list[str] = []
    while name in space.organs and name not in passed:
        passed.append(name)
        name = space.organs[name].flows_into
    return passed


def _amounts(space: Body) -> Iterator[Finding]:
    """Amounts of flow and plasma, at typical values."""
    fed: dict[str, list[tuple[str, float]]] = {}
    for name, organ in space.organs.items():
        flow = typical(organ.flow, "mL/h")
        onward = flow if organ.onward is None else typical(organ.onward, "mL/h")
        if flow is None or onward is None:
            return  # said where quantities are checked
        if onward > flow * ROUNDING:
            message = f"{name} passes on {onward:g} mL/h of a flow of {flow:g} mL/h; at most all of it"
            yield Finding(("space", "organs", name, "onward"), message)
        if organ.flows_into in space.organs:  # else it is wrong itself, and said where its shape is checked
            fed.setdefault(organ.flows_into, []).append((name, onward))
    for name, feeders in fed.items():
        flow = typical(space.organs[name].flow, "mL/h") or 0.0
        passed = sum(onward for _, onward in feeders)
        if passed > flow * ROUNDING:
            message = (
                f"{name} has a flow of {flow:g} mL/h and gets {passed:g} mL/h from"
                f" {' and '.join(feeder for feeder, _ in feeders)}; its flow is all that passes it"
            )
            yield Finding(("space", "organs", name, "flow"), message)
    in_series = {*fed, *(feeder for feeders in fed.values() for feeder, _ in feeders)}
    held = sum(typical(space.organs[name].plasma, "mL") or 0.0 for name in in_series)
    blood = typical(space.blood, "mL")
    if in_series and blood is not None and held >= blood:
        message = (
            f"vessels of {', '.join(sorted(in_series))} hold {held:g} mL of plasma, the body {blood:g} mL"
        )
        yield Finding(("space", "blood"), message)
