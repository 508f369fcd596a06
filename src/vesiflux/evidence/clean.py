"""Cleaning applied at load: canonical names, judged and placed edges, numbers in units that can be read.

The printed words stay beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vesiflux.evidence.rows import Claim, Edge, EdgeCell, EdgeStatus, Quantity, SelfLoop
from vesiflux.evidence.vocabulary import Names

if TYPE_CHECKING:
    from vesiflux.evidence.raw import Tables, WrittenUnit

__all__ = ["Cleaned", "clean"]

_ACCEPTED = EdgeStatus("accepted", "", "or", "")


@dataclass(frozen=True)
class Cleaned:
    """Claims and edges on canonical names, edges that merging turned into loops, numbers in real units."""

    names: Names
    claims: dict[str, Claim]
    edges: list[Edge]
    self_loops: list[SelfLoop]
    quantities: list[Quantity]


def clean(tables: Tables) -> Cleaned:
    """Names made canonical, signs corrected, cells placed; nothing is lost without being listed."""
    names = Names(tables.vocabulary, tables.contexts)
    kinds = _kinds(tables.edges)
    claims = {
        key: _claim(claim, names, kinds, tables.directions.get(key)) for key, claim in tables.claims.items()
    }
    edges, loops = [], []
    for printed in tables.edges:
        edge = _edge(printed, names, tables.edge_status.get(printed.key), tables.edge_cells.get(printed.key))
        if edge.start == edge.end and printed.start != printed.end:
            loops.append(
                SelfLoop(
                    edge.claim_id,
                    edge.step,
                    printed.start,
                    printed.sign,
                    printed.end,
                    edge.relation,
                    edge.start,
                )
            )
        else:
            edges.append(edge)
    quantities = [_quantity(row, tables.written_units) for row in tables.quantities]
    return Cleaned(names, claims, edges, loops, quantities)


def _kinds(edges: Iterable[Edge]) -> dict[tuple[str, str], str]:
    """Kind in which a claim's edges use a printed name, by (claim, name); the first use counts."""
    kinds: dict[tuple[str, str], str] = {}
    for edge in edges:
        kinds.setdefault((edge.claim_id, edge.start), edge.from_kind)
        kinds.setdefault((edge.claim_id, edge.end), edge.to_kind)
    return kinds


def _claim(
    claim: Claim,
    names: Names,
    kinds: Mapping[tuple[str, str], str],
    correction: tuple[str, str] | None,
) -> Claim:
    direction, reason = correction or (claim.direction, "")
    return replace(
        claim,
        agent=names.canonical(claim.agent, kinds.get((claim.id, claim.agent))),
        outcome=names.canonical(claim.outcome, kinds.get((claim.id, claim.outcome), "phenotype")),
        source=names.cells(claim.source),
        recipient=names.cells(claim.recipient),
        direction=direction,
        printed_agent=claim.agent,
        printed_outcome=claim.outcome,
        printed_source=claim.source,
        printed_recipient=claim.recipient,
        printed_direction=claim.direction,
        status="corrected" if correction else "accepted",
        reason=reason,
    )


def _edge(edge: Edge, names: Names, judged: EdgeStatus | None, placed: EdgeCell | None) -> Edge:
    start, from_kind = names.resolve(edge.start, edge.from_kind)
    end, to_kind = names.resolve(edge.end, edge.to_kind)
    judged = judged or _ACCEPTED
    return replace(
        edge,
        start=start,
        end=end,
        sign=judged.sign or edge.sign,
        from_kind=from_kind,
        to_kind=to_kind,
        cell=names.cells(placed.cell if placed else edge.cell),
        status=judged.status,
        reason=judged.reason,
        logic=judged.logic,
        printed_start=edge.start,
        printed_end=edge.end,
        printed_sign=edge.sign,
        printed_cell=edge.cell,
    )


def _quantity(row: Quantity, written: Mapping[str, WrittenUnit]) -> Quantity:
    read_as = written.get(row.unit)
    if read_as is None:
        return replace(row, unit=row.unit or "1", printed_unit=row.unit)
    low, high = (None if x is None else x * read_as.factor for x in (row.low, row.high))
    return replace(row, low=low, high=high, unit=read_as.unit, printed_unit=row.unit)
