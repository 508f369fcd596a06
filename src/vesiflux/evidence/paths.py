"""Signed paths from one name to another: what the claims, put end to end, say that raising it does."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from vesiflux.evidence.graph import Arrow
from vesiflux.evidence.places import Node

__all__ = ["LONGEST", "Path", "find_paths"]

LONGEST = 6


@dataclass(frozen=True)
class Path:
    """Arrows end to end, no node twice.

    Attributes
    ----------
    arrows
        In order; see `vesiflux.evidence.graph.Arrow`.
    contested
        Positions of arrows, from 0, that others deny: an arrow of opposite sign joins the same two nodes.
    """

    arrows: tuple[Arrow, ...]
    contested: tuple[int, ...] = ()

    @property
    def sign(self) -> int:
        """Product of the signs: 1 when raising the start raises the end, else -1."""
        return 1 if sum(arrow.sign < 0 for arrow in self.arrows) % 2 == 0 else -1

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Nodes passed, one more than arrows."""
        return (self.arrows[0].start, *(arrow.end for arrow in self.arrows))

    @property
    def cells(self) -> tuple[str, ...]:
        """Cells passed, each as often as the path comes into it."""
        passed: list[str] = []
        for node in self.nodes:
            cell = "" if node.carrier else node.name if node.taken_up else node.cell
            if cell and (not passed or passed[-1] != cell):
                passed.append(cell)
        return tuple(passed)

    @property
    def crossings(self) -> tuple[tuple[int, str], ...]:
        """Where the effect goes from cell to cell, and what carries it: (position of the arrow, what)."""
        return tuple((i, arrow.crosses) for i, arrow in enumerate(self.arrows) if arrow.crosses)

    @cached_property
    def weakest(self) -> int:
        """Position of the arrow with the fewest votes; the first of them. Joins of claims do not vote."""
        stated = [i for i, arrow in enumerate(self.arrows) if not arrow.bridge]
        return min(stated or range(len(self.arrows)), key=lambda i: self.arrows[i].votes)

    @property
    def votes(self) -> int:
        """Publications behind the weakest arrow."""
        return self.arrows[self.weakest].votes

    @property
    def claims(self) -> tuple[str, ...]:
        """Claims behind the arrows, in order, each once."""
        return tuple(dict.fromkeys(claim for arrow in self.arrows for claim in arrow.claims))

    @property
    def publications(self) -> frozenset[tuple[str, str]]:
        """Publications behind all arrows together."""
        return frozenset[tuple[str, str]]().union(*(arrow.publications for arrow in self.arrows))

    @property
    def assumed(self) -> int:
        """Arrows that nobody states: factors that are not said to arrive, transfers."""
        return sum(arrow.bridge in ("factor", "transfer") for arrow in self.arrows)

    @property
    def doubtful(self) -> bool:
        """Whether an arrow rests on doubtful rows only."""
        return any(arrow.doubtful for arrow in self.arrows)

    def __len__(self) -> int:
        return len(self.arrows)

    def __str__(self) -> str:
        text = str(self.nodes[0])
        for arrow in self.arrows:
            text += f" {'->' if arrow.sign > 0 else '-|'} {arrow.end}"
        return text


def find_paths(
    arrows: Sequence[Arrow],
    starts: Collection[Node],
    ends: Collection[Node],
    cell: str = "",
    longest: int = LONGEST,
    limit: int | None = None,
) -> list[Path]:
    """Simple paths from any of ``starts`` to any of ``ends``, short ones first, then those with most votes.

    Parameters
    ----------
    cell
        Responses in this cell only: inside cells a path stays in it, from where a vesicle, a factor or a
        contact brings it there.
    longest
        At most so many arrows.
    limit
        Stop after the length at which so many paths are found; all when None.
    """
    leaving: dict[Node, list[Arrow]] = defaultdict(list)
    entering: dict[Node, list[Node]] = defaultdict(list)
    signs: dict[tuple[Node, Node], set[int]] = defaultdict(set)
    for arrow in arrows:
        if cell and not (_in(arrow.start, cell) and _in(arrow.end, cell)):
            continue
        leaving[arrow.start].append(arrow)
        entering[arrow.end].append(arrow.start)
        signs[arrow.start, arrow.end].add(arrow.sign)
    left = _distances(entering, ends)
    found: list[Path] = []
    for length in range(1, longest + 1):
        for start in starts:
            for chain in _walks(leaving, left, start, length):
                contested = [i for i, a in enumerate(chain) if len(signs[a.start, a.end]) > 1]
                found.append(Path(chain, tuple(contested)))
        if limit is not None and len(found) >= limit:
            break
    found.sort(key=lambda path: (len(path), path.assumed, -path.votes))
    return found


def _in(node: Node, cell: str) -> bool:
    return bool(node.carrier) or node.cell in ("", cell)


def _distances(entering: Mapping[Node, Iterable[Node]], ends: Iterable[Node]) -> dict[Node, int]:
    """Fewest arrows from each node to one of ``ends``."""
    left = dict.fromkeys(ends, 0)
    queue = deque(left)
    while queue:
        node = queue.popleft()
        for before in entering.get(node, ()):
            if before not in left:
                left[before] = left[node] + 1
                queue.append(before)
    return left


def _walks(
    leaving: Mapping[Node, Sequence[Arrow]], left: Mapping[Node, int], start: Node, length: int
) -> Iterator[tuple[Arrow, ...]]:
    """Paths of exactly ``length`` arrows; never a step from which the end is out of reach."""
    if left.get(start, length + 1) > length:
        return
    chain: list[Arrow] = []
    seen = {start}
    stack = [iter(leaving.get(start, ()))]
    while stack:
        arrow = next(stack[-1], None)
        if arrow is None:
            stack.pop()
            if chain:
                seen.discard(chain.pop().end)
            continue
        rest = length - len(chain) - 1
        if arrow.end in seen or left.get(arrow.end, length) > rest:
            continue
        if rest == 0:
            yield (*chain, arrow)
        elif left[arrow.end] > 0:  # a path ends where it first reaches the end
            chain.append(arrow)
            seen.add(arrow.end)
            stack.append(iter(leaving.get(arrow.end, ())))
