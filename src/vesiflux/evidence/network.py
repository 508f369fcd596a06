"""Questions to the claims as one graph: paths between names, what is around a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from vesiflux.errors import InputError
from vesiflux.evidence.graph import Arrow, arrows, build
from vesiflux.evidence.paths import Path, find_paths
from vesiflux.evidence.places import Node
from vesiflux.evidence.spelling import squeeze
from vesiflux.evidence.subgraph import around, of_claims, of_paths
from vesiflux.evidence.tables import suggestion

if TYPE_CHECKING:
    import networkx as nx

    from vesiflux.evidence.base import Evidence

__all__ = ["Network"]


class Network:
    """The arrows of some claims with a look-up of their nodes; made once per choice of claims.

    Parameters
    ----------
    evidence, review, doubtful, bridges
        As of `vesiflux.evidence.graph.build`.
    """

    def __init__(
        self, evidence: Evidence, review: str | None = None, doubtful: bool = False, bridges: bool = True
    ) -> None:
        self.net: nx.MultiDiGraph = build(evidence, review, doubtful, bridges)
        self.arrows: tuple[Arrow, ...] = tuple(arrows(evidence, self.net))
        self._evidence = evidence
        self._named: dict[str, list[Node]] = {}
        for node in self.net:
            self._named.setdefault(node.name, []).append(node)
        self._spelt: dict[str, list[str]] = {}
        synonyms = evidence.synonyms
        for canonical in self._named:
            for spelt in dict.fromkeys(squeeze(other) for other in (canonical, *synonyms.get(canonical, ()))):
                self._spelt.setdefault(spelt, []).append(canonical)
        self._cells = {node.cell for node in self.net if node.cell and not node.cell.startswith("?")}

    def nodes(self, name: str, cell: str | None = None) -> list[Node]:
        """Nodes of a name as printed or canonical; of ``name@cell``, or with ``cell``, those in that cell.

        Names outside of cells (drugs, cells themselves, vesicles that say where they come from, cargo on its
        way) belong to every cell.

        Raises
        ------
        InputError
            No such name or cell, with ones that look like it.
        """
        name, _, own = name.partition("@")
        place = self.cell(own or cell)
        found = next((n for n in self._spellings(name) if n in self._named), None)
        if found is None:
            hint = suggestion(name, self._named) or "; see vesiflux evidence search for names"
            raise InputError(f"no arrow of the evidence begins or ends at '{name}'{hint}")
        nodes = self._named[found]
        if not place:
            return nodes
        here = [n for n in nodes if n.cell in ("", place) or n.carrier]
        if not here:
            cells = sorted({n.cell for n in nodes if not n.cell.startswith("?")})
            raise InputError(f"'{found}' is in no arrow in {place}; it is in {', '.join(cells)}")
        return here

    def cell(self, cell: str | None) -> str:
        """Canonical name of a cell in which arrows act; "" for none."""
        if not cell:
            return ""
        name = self._evidence.canonical(cell, "cell")
        if name not in self._cells:
            raise InputError(f"no arrow acts in a cell called '{cell}'{suggestion(cell, self._cells)}")
        return name

    def paths(self, start: str, end: str, cell: str | None, longest: int, limit: int | None) -> list[Path]:
        """See `Evidence.paths`."""
        if longest < 1:
            raise InputError(f"a path has at least one arrow; longest is {longest}")
        place = self.cell(cell)
        starts = [node for node in self.nodes(start, cell) if not node.taken_up]
        ends = self.nodes(end, cell)
        if set(starts) == set(ends):
            raise InputError(f"a path leads from one name to another; '{start}' and '{end}' are one")
        return find_paths(self.arrows, starts, ends, place, longest, limit)

    def around(self, name: str, cell: str | None, steps: int, most: int) -> tuple[list[Arrow], int]:
        """See `vesiflux.evidence.subgraph.around`."""
        place = self.cell(cell)
        near = [a for a in self.arrows if not place or (_at(a.start, place) and _at(a.end, place))]
        return around(near, self.nodes(name, cell), steps, most)

    def between(
        self, start: str, end: str, cell: str | None, longest: int, most: int
    ) -> tuple[list[Arrow], int]:
        """Arrows of the paths from one name to another, best paths first while at most ``most`` nodes result.

        Also how many further nodes lie on paths that were left out.
        """
        paths = self.paths(start, end, cell, longest, None)
        kept: set[Node] = set()
        chosen: list[Path] = []
        for path in paths:
            if not chosen or len(kept.union(path.nodes)) <= most:
                kept.update(path.nodes)
                chosen.append(path)
        every = {node for path in paths for node in path.nodes}
        return of_paths(chosen), len(every - kept)

    def of_claims(self, claims: Collection[str]) -> list[Arrow]:
        """See `vesiflux.evidence.subgraph.of_claims`."""
        return of_claims(self.arrows, claims)

    def _spellings(self, name: str) -> Sequence[str]:
        """Canonical names that a word may mean, by its kinds in the vocabulary; itself first."""
        kinds = [kind for known, kind in self._evidence.vocabulary if known == name]
        exact = [name, self._evidence.canonical(name), *(self._evidence.canonical(name, k) for k in kinds)]
        return [*exact, *self._spelt.get(squeeze(name), ())]


def _at(node: Node, cell: str) -> bool:
    return bool(node.carrier) or node.cell in ("", cell)
