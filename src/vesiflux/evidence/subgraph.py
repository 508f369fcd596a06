"""Parts of the evidence worth a picture: some claims, what is around a name, all paths between two names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from vesiflux.evidence.graph import Arrow
from vesiflux.evidence.paths import Path
from vesiflux.evidence.places import Node

__all__ = ["MOST", "around", "of_claims", "of_paths"]

MOST = 30  # nodes that a picture shows well


def of_claims(arrows: Iterable[Arrow], claims: Collection[str]) -> list[Arrow]:
    """Arrows that the claims state, and the joins between these."""
    wanted = set(claims)
    stated = [arrow for arrow in arrows if not arrow.bridge and wanted.intersection(arrow.claims)]
    return _joined(arrows, stated)


def of_paths(paths: Iterable[Path]) -> list[Arrow]:
    """Arrows of the paths, each once."""
    return list(dict.fromkeys(arrow for path in paths for arrow in path.arrows))


def around(
    arrows: Sequence[Arrow], centre: Sequence[Node], steps: int = 1, most: int = MOST
) -> tuple[list[Arrow], int]:
    """Arrows within ``steps`` of the nodes ``centre``, and how many nodes there are in all.

    Of more than ``most`` nodes those next to the centre come first, and of equally near ones those whose
    arrows have most votes.
    """
    near: dict[Node, list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        near[arrow.start].append(arrow)
        near[arrow.end].append(arrow)
    steps_to = dict.fromkeys(centre, 0)
    weight = dict.fromkeys(centre, 0)
    edge = list(centre)
    for step in range(1, steps + 1):
        following: list[Node] = []
        for node in edge:
            for arrow in near[node]:
                other = arrow.end if arrow.start == node else arrow.start
                if other not in steps_to:
                    steps_to[other] = step
                    following.append(other)
                if steps_to[other] == step:
                    weight[other] = weight.get(other, 0) + arrow.votes
        edge = following
    ordered = sorted(steps_to, key=lambda node: (steps_to[node], -weight[node]))
    kept = set(ordered[: max(most, len(centre))])
    inner = {node for node in kept if steps_to[node] < steps}
    found = [
        arrow for arrow in arrows
        if arrow.start in kept and arrow.end in kept and (arrow.start in inner or arrow.end in inner)
    ]  # fmt: skip
    return found, len(steps_to)


def _joined(arrows: Iterable[Arrow], stated: Sequence[Arrow]) -> list[Arrow]:
    nodes = {node for arrow in stated for node in (arrow.start, arrow.end)}
    return [*stated, *(a for a in arrows if a.bridge and a.start in nodes and a.end in nodes)]
