"""What stands in a picture of claims: nodes with their words, boxes, arrows, and the notes beneath."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from vesiflux.evidence.places import Node
from vesiflux.report.claims.layout import Layout, arrange
from vesiflux.report.claims.shapes import Look, look_of

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.evidence.graph import Arrow

__all__ = ["NODE_SIZE", "Line", "Scene", "Spot", "compose", "text_width"]

NODE_SIZE = 7.5  # points
LABEL_SIZE = 7.5
_LINE = 9.2
_WRAP = 20


@dataclass(frozen=True)
class Spot:
    """A node of the picture: its words line by line, its look, whether it was asked for."""

    words: tuple[str, ...]
    look: Look
    marked: bool


@dataclass(frozen=True)
class Line:
    """An arrow of the picture; ``notes`` are the numbers of its claims in the list beneath."""

    start: int
    end: int
    sign: int
    votes: int
    doubtful: bool
    stated: bool
    contested: bool
    notes: tuple[int, ...]


@dataclass(frozen=True)
class Scene:
    """Everything a picture shows and where it stands.

    Attributes
    ----------
    lanes
        Names of the boxes ("" for what has none) and whether each is a vesicle.
    notes
        One line per claim, numbered from 1: id, what it says, its publications.
    reviews
        What the short names of reviews stand for.
    """

    title: str
    spots: tuple[Spot, ...]
    lines: tuple[Line, ...]
    lanes: tuple[tuple[str, bool], ...]
    layout: Layout
    notes: tuple[str, ...]
    reviews: tuple[str, ...]


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text in points."""
    if not text:
        return 0.0
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    # measured as laid out, not as inked: a trailing space counts
    properties = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, properties, ismath=False)
    return float(width)


def compose(evidence: Evidence, arrows: Sequence[Arrow], title: str, marked: Collection[str]) -> Scene:
    """Find words, boxes and places for everything."""
    arrows = list(dict.fromkeys(arrows))  # paths share arrows
    nodes = list(dict.fromkeys(node for arrow in arrows for node in (arrow.start, arrow.end)))
    at = {node: number for number, node in enumerate(nodes)}
    kinds = {a.start: a.start_kind for a in arrows} | {a.end: a.end_kind for a in arrows}
    spots = [Spot(_words(node.name), look_of(kinds[node]), node.name in marked) for node in nodes]
    lane, lanes = _lanes(nodes)
    shown = {claim for arrow in arrows for claim in arrow.claims}
    opposite = [conflict for conflict in evidence.conflicts() if conflict.kind != "elsewhere"]
    pairs = [pair for conflict in opposite for pair in conflict.pairs if shown.issuperset(pair)]
    opposed = {claim for pair in pairs for claim in pair}
    signs: dict[tuple[Node, Node], set[int]] = {}
    for arrow in arrows:
        signs.setdefault((arrow.start, arrow.end), set()).add(arrow.sign)
    numbers: dict[str, int] = {}
    lines = []
    for arrow in arrows:
        notes = tuple(numbers.setdefault(claim, len(numbers) + 1) for claim in arrow.claims)
        both = len(signs[arrow.start, arrow.end]) > 1
        lines.append(
            Line(
                at[arrow.start], at[arrow.end], arrow.sign, arrow.votes, arrow.doubtful, not arrow.bridge,
                both or (bool(arrow.claims) and opposed.issuperset(arrow.claims)), notes,
            )
        )  # fmt: skip
    sizes = [_size(spot) for spot in spots]
    labels = [text_width(_label(name), LABEL_SIZE, "bold") for name, _ in lanes]
    layout = arrange(sizes, lane, labels, [(line.start, line.end) for line in lines])
    reviews = dict.fromkeys(evidence.claims[claim].review for claim in numbers)
    return Scene(
        title, tuple(spots), tuple(lines), tuple((_label(name), vesicle) for name, vesicle in lanes), layout,
        tuple(_note(evidence, claim) for claim in numbers),
        tuple(_review(evidence, review) for review in reviews),
    )  # fmt: skip


def _words(name: str) -> tuple[str, ...]:
    text = name.replace("_", " ")
    return tuple(textwrap.wrap(text, _WRAP, break_long_words=len(text) > 2 * _WRAP)) or ("",)


def _size(spot: Spot) -> tuple[float, float]:
    weight = "bold" if spot.marked else "normal"
    width = max(text_width(line, NODE_SIZE, weight) for line in spot.words)
    return width + 2 * spot.look.side, _LINE * len(spot.words) + 7.0


def _label(name: str) -> str:
    if name.startswith("?"):
        return "cell not stated"
    return name.replace("_", " ")


def _lanes(nodes: Sequence[Node]) -> tuple[list[int], list[tuple[str, bool]]]:
    """Box of every node: its cell, or the vesicle it travels in; alone and without a box where neither is.

    A vesicle stands in a box with its cargo, a cell that takes up a vesicle among what then happens in it.
    """
    carriers = {(node.carrier, node.cell) for node in nodes if node.carrier}
    inside = {node.cell for node in nodes if node.cell and not node.carrier and not node.taken_up}
    boxes: dict[tuple[str, str, bool], int] = {}
    lane: list[int] = []
    lanes: list[tuple[str, bool]] = []
    for node in nodes:
        key: tuple[str, str, bool] | None = None
        if node.carrier or (node.name, node.cell) in carriers:
            name = node.carrier or node.name
            key = (f"{name} of {node.cell}" if node.cell else name, "", True)
        elif node.taken_up:
            key = (node.name, "", False) if node.name in inside else None
        elif node.cell:
            key = (node.cell, "", False)
        if key is None:
            lane.append(len(lanes))
            lanes.append(("", False))
            continue
        if key not in boxes:
            boxes[key] = len(lanes)
            lanes.append((key[0], key[2]))
        lane.append(boxes[key])
    return lane, lanes


def _note(evidence: Evidence, claim_id: str) -> str:
    claim = evidence.claims[claim_id]
    votes = []
    for source in evidence.sources([claim_id]):
        who = re.split(r", reference |\. |^reference |^the review ", f"{source.text} ")[0].strip()
        doi = f" doi {source.doi}" if source.doi and not source.doi.endswith("?") else ""
        votes.append(f"[{source.vote}]{' ' + who if source.ref and who else ''}{doi}")
    return f"{claim_id}  {claim.effect}  {'; '.join(votes)}"


def _review(evidence: Evidence, review: str) -> str:
    known = evidence.reviews.get(review)
    if known is None:
        return f"{review}: own tables"
    who = f"{known.authors.partition(',')[0]} et al." if known.authors else ""
    said = " ".join(part for part in (who, f"{known.year}." if known.year else "", known.title) if part)
    return f"{review}: {said}"
