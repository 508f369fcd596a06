"""The names in use, as they are: as what kinds, how often, and in which cluster."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vesiflux.evidence.rows import Claim, Edge

__all__ = ["Name", "names_of"]

_IN_CLUSTER = re.compile(r"(\S.*?)\(\d+\)")


@dataclass(frozen=True)
class Name:
    """A name used as one kind of thing, ``count`` times; ``cluster`` names what it may have to merge with."""

    name: str
    kind: str
    count: int
    cluster: str


def names_of(
    claims: Iterable[Claim], edges: Iterable[Edge], clusters: Mapping[str, str]
) -> dict[tuple[str, str], Name]:
    """All names by (name, kind). An outcome that is no end of an edge is a phenotype of its own."""
    counts: Counter[tuple[str, str]] = Counter()
    for edge in edges:
        counts[edge.start, edge.from_kind] += 1
        counts[edge.end, edge.to_kind] += 1
    nodes = {name for name, _ in counts}
    for claim in claims:
        if claim.outcome not in nodes:
            counts[claim.outcome, "phenotype"] += 1
    member = {name: cluster for cluster, names in clusters.items() for name in _IN_CLUSTER.findall(names)}
    return {
        (name, kind): Name(name, kind, count, member.get(name, "")) for (name, kind), count in counts.items()
    }
