"""What a claim's own arrows show of its outcome, and which way they say it goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from vesiflux.evidence.rows import Claim, Edge, Readout

__all__ = ["chain_readout", "chain_signs"]

#: Arrows that tell of cells that meet something: what is bound or taken up makes no more cells.
_ARRIVALS = ("taken_up_by", "binds")


def chain_readout(
    claim: Claim, chain: Iterable[Edge], own: Mapping[str, Readout], general: Readout | None
) -> Readout | str:
    """Node of a claim's arrows that shows its outcome, or why none does.

    What a row about this claim says comes first, then the outcome itself where it is a node of the arrows,
    then what the outcome is read by elsewhere.

    Parameters
    ----------
    own
        Rows about single claims, by id.
    general
        The row about the outcome wherever it occurs.
    """
    row = own.get(claim.id)
    if row is not None:
        return row if row.attribute != "none" else row.note or "nothing in its arrows shows it"
    nodes = {name for edge in chain for name in (edge.start, edge.end)}
    if not nodes:
        return "has no arrows"
    if general is not None and general.node in nodes and general.node == claim.outcome:
        return general
    if claim.outcome in nodes:
        return Readout(claim.outcome, claim.outcome, "level", "+", "assumed", "")
    if general is not None and general.attribute == "none":
        return general.note or f"{claim.outcome} cannot be read"
    if general is not None and general.node in nodes:
        return general
    return f"its arrows do not show {claim.outcome}"


def _leading(chain: Iterable[Edge], readout: Readout) -> list[Edge]:
    """The arrows that can change what is read: where cells are counted, what they take up adds none."""
    if readout.attribute != "count":
        return list(chain)
    return [edge for edge in chain if edge.end != readout.node or edge.relation not in _ARRIVALS]


def chain_signs(chain: Iterable[Edge], start: str, readout: Readout) -> frozenset[int]:
    """Signs (+1, -1) of all ways along the arrows from a name to what is read; empty where there is none."""
    follow: dict[str, list[Edge]] = defaultdict(list)
    for edge in _leading(chain, readout):
        follow[edge.start].append(edge)
    found: set[int] = set()

    def go(name: str, seen: frozenset[str], sign: int) -> None:
        if name == readout.node:
            found.add(sign)
            return
        for edge in follow[name]:
            if edge.end not in seen:
                go(edge.end, seen | {edge.end}, sign * (-1 if edge.sign == "-" else 1))

    go(start, frozenset({start}), -1 if readout.sign == "-" else 1)
    return frozenset(found)
