"""Where the two ends of an arrow stand: in a cell, in a vesicle on its way, or outside of both.

A name alone is no node. PTEN in a macrophage and PTEN in a tumour cell are two things, and a microRNA that
travels in a vesicle is a third. An arrow's ends are placed by what the row and its claim say, never by what
other claims say of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from vesiflux.evidence.rows import Claim, Edge

__all__ = ["FACTOR_KINDS", "OUTSIDE_KINDS", "Node", "crossing", "place"]

OUTSIDE_KINDS = ("cell", "drug", "stimulus", "organ")  # not inside any cell
FACTOR_KINDS = ("cargo", "metabolite", "protein")  # what can leave one cell and reach another by itself
_SECRETED = ("secretes", "secretes_cytokine")
_NOBODY = ("", "none", "source")


class Node(NamedTuple):
    """A name in its place.

    Attributes
    ----------
    name
        Canonical name.
    cell
        Cell it is in; of a vesicle whose name does not say so, the cell it comes from; "" outside of cells.
        ``?CLAIM`` where the claim names no cell at all: such a node is that claim's own.
    carrier
        Vesicle it travels in, or "".
    taken_up
        Of a cell: the vesicle it takes up. Such a node is not the cell at large: what follows from taking up
        a vesicle is only what the claims about that vesicle say.
    """

    name: str
    cell: str = ""
    carrier: str = ""
    taken_up: str = ""

    @property
    def where(self) -> str:
        """The place in words, "" outside; e.g. ``macrophage`` or ``in tumour_exosome``."""
        cell = f"cell not stated ({self.cell[1:]})" if self.cell.startswith("?") else self.cell
        if not self.carrier and not self.taken_up:
            return cell
        way = f"in {self.carrier}" if self.carrier else f"takes up {self.taken_up}"
        return f"{way}{f' of {cell}' if cell else ''}"

    def __str__(self) -> str:
        return f"{self.name} [{self.where}]" if self.where else self.name


def place(
    claim: Claim,
    chain: Sequence[Edge],
    canonical: Callable[[str, str], str],
    telling: Collection[str],
    homes: Mapping[tuple[str, str], str],
) -> list[tuple[Edge, Node, Node]]:
    """Both ends of every arrow of one claim; an arrow of a claim about several cells comes once for each.

    Parameters
    ----------
    chain
        The claim's edges.
    canonical
        Canonical name of a printed name of a kind.
    telling
        Vesicles whose name tells where they come from (``tumour_exosome``, not ``exosome``): they are one
        thing wherever they turn up.
    homes
        What a plain vesicle of a cell is called, by (vesicle, cell), where that is known.
    """
    sources = _cells(claim.source)
    vesicle = canonical(claim.vesicle, "vesicle") if claim.vesicle not in _NOBODY else ""
    cargoes = {canonical(name, "cargo") for name in claim.cargoes} if vesicle else set()
    found: list[tuple[Edge, Node, Node]] = []
    several = [sources, _cells(claim.recipient), *(_cells(edge.cell) for edge in chain)]
    for number in range(max(1, *map(len, several))):
        context = _Context(claim, vesicle, cargoes, telling, homes, _nth(sources, number), number)
        ends = [(edge, context.end(edge)) for edge in chain]
        for edge, end in ends:
            made = [
                node
                for other, node in ends
                if other.end == edge.start and (not node.taken_up or other.step < edge.step)
            ]
            row = (edge, context.start(edge, made), end)
            if row not in found:
                found.append(row)
    return found


class _Context:
    """What a claim says about places."""

    def __init__(
        self,
        claim: Claim,
        vesicle: str,
        cargoes: set[str],
        telling: Collection[str],
        homes: Mapping[tuple[str, str], str],
        source: str,
        number: int,
    ) -> None:
        self.claim, self.vesicle, self.cargoes, self.telling = claim, vesicle, cargoes, telling
        self.homes = homes
        self.source = source
        self.number = number
        self.recipient = _nth(_cells(claim.recipient), number)
        self.fallback = self.recipient or source or f"?{claim.id}"

    def end(self, edge: Edge) -> Node:
        start_is_vesicle = edge.from_kind == "vesicle"
        if edge.relation == "carries" and start_is_vesicle:
            vesicle = self._vesicle(edge.start)
            return Node(edge.end, vesicle.cell, vesicle.name)
        if edge.relation == "taken_up_by" and edge.to_kind == "cell":
            vesicle = self._vesicle(edge.start if start_is_vesicle else self.vesicle or edge.start)
            return Node(edge.end, vesicle.cell, taken_up=vesicle.name)
        if edge.relation in _SECRETED and edge.to_kind in FACTOR_KINDS:
            return Node(edge.end)
        if edge.to_kind == "vesicle":
            return self._vesicle(edge.end, _nth(_cells(edge.cell), self.number))
        return Node(edge.end) if edge.to_kind in OUTSIDE_KINDS else Node(edge.end, self._cell(edge))

    def start(self, edge: Edge, made: Iterable[Node]) -> Node:
        """Where the claim itself made the name, else where its kind and the arrow's cell put it."""
        here = self._cell(edge)
        places = list(made)
        if places:
            return next((node for node in places if node == Node(edge.start, here)), places[0])
        if edge.from_kind == "vesicle":
            return self._vesicle(edge.start)
        if edge.from_kind in OUTSIDE_KINDS:
            return Node(edge.start)
        if edge.start in self.cargoes and (here != self.source or self.recipient == self.source):
            vesicle = self._vesicle(self.vesicle)
            return Node(edge.start, vesicle.cell, vesicle.name)
        return Node(edge.start, here)

    def _vesicle(self, name: str, cell: str = "") -> Node:
        if name in self.telling:
            return Node(name)
        made_by = cell if cell and cell != self.recipient else self.source
        if own := self.homes.get((name, made_by)):
            return Node(own)
        return Node(name, made_by or cell or f"?{self.claim.id}")

    def _cell(self, edge: Edge) -> str:
        return _nth(_cells(edge.cell), self.number) or self.fallback


def crossing(edge: Edge, start: Node, end: Node) -> str:
    """What carries an effect from one cell to another along an arrow; "" when it stays where it is.

    ``vesicle``, ``factor``, ``contact``; ``not named`` when the claim tells of an effect in another cell and
    not of what brings it there.
    """
    if edge.relation == "carries":
        return ""
    if start.taken_up:
        return ""
    if start.carrier or edge.from_kind == "vesicle":
        if start.cell and start.cell == end.cell and not end.taken_up:
            return ""  # an organelle of its cell, or a vesicle that acts on what made it
        return "vesicle"
    if edge.from_kind == "cell":
        if not end.cell or end.cell == start.name:
            return "contact" if edge.relation in ("kills", "binds") and end.name != start.name else ""
        return "contact" if edge.relation in ("kills", "binds") else "not named"
    if edge.from_kind in OUTSIDE_KINDS or start.cell == end.cell or not end.cell:
        return ""
    if not start.cell:
        return "factor"
    if edge.from_kind in FACTOR_KINDS:
        return "factor"
    return "contact" if edge.relation in ("kills", "binds") else "not named"


def _cells(text: str) -> tuple[str, ...]:
    return tuple(p for part in text.split(";") if (p := part.strip()) not in _NOBODY)


def _nth(cells: Sequence[str], number: int) -> str:
    return cells[min(number, len(cells) - 1)] if cells else ""
