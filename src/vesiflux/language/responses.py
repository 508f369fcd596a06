"""Responses of a cell: signed logic, ``TCR and not PDCD1_signal -> ACT``.

``->`` raises its target, ``-|`` lowers it. Conditions are names joined with ``and``, ``or``, ``not``
and parentheses. A cargo may say where it acts: ``PD-L1 @surface``, ``miR-10b-5p @cytosol``,
``CCR7 @transferred``. ``exosome @held`` are the vesicles of a class on and in the cell, ``exosome.nk @held``
those of one sender, ``macrophage @contact`` the cells of a type within touch, ``IFNG @medium`` a factor where
the cell has a node of that name, ``educated @state`` that the cell is in a state of its own, ``tumour.ACT``
the node of another cell type (in a dish). Claim ids may follow in brackets: ``[tme-072, tme-074]``, then the
structure that it is part of: ``if GROUP.OPTION``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from vesiflux.language.grammar import MAX_DEPTH, GrammarError, parse_tree

__all__ = [
    "PLACES",
    "WAYS",
    "And",
    "Condition",
    "Not",
    "Or",
    "Ref",
    "Response",
    "ResponseError",
    "parse_response",
    "refs",
]

Place = Literal["surface", "cytosol", "transferred", "held", "contact", "medium", "state"]
#: Where copies of a cargo act.
PLACES: tuple[Place, ...] = ("surface", "cytosol", "transferred")
#: All that can follow an ``@``.
WAYS: tuple[Place, ...] = (*PLACES, "held", "contact", "medium", "state")

_GRAMMAR = r"""
start: _or ARROW NAME claims? structure?
_or: or | _and
or: _and ("or" _and)+
_and: and | _not
and: _not ("and" _not)+
_not: not | _atom
not: "not" _not
_atom: ref | "(" _or ")"
ref: NAME PLACE?
claims: "[" NAME ("," NAME)* "]"
structure: "if" NAME
ARROW: "->" | "-|"
PLACE: /@\s*\w+/
NAME: /(?:[\w.+\/]|-(?![>|]))+/
%ignore /[ \t\r\n]+/
"""


class ResponseError(GrammarError):
    """A response that cannot be read."""


@dataclass(frozen=True)
class Ref:
    """A response node, a factor, a cargo, a vesicle class or a cell type; ``where`` says how it acts."""

    name: str
    where: Place | None = None
    column: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Not:
    """The operand is absent: 1 - a."""

    operand: Condition
    column: int = field(default=1, compare=False)


@dataclass(frozen=True)
class And:
    """All of them: the product."""

    operands: tuple[Condition, ...]
    column: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Or:
    """Any of them: a + b - a b."""

    operands: tuple[Condition, ...]
    column: int = field(default=1, compare=False)


Condition = Ref | Not | And | Or


@dataclass(frozen=True)
class Response:
    """``condition -> target`` (sign ``+``) or ``condition -| target`` (sign ``-``), with its claims.

    ``structure``: the option ``GROUP.OPTION`` it belongs to; blank for most. ``columns``: where "target",
    "structure" and each claim id stand in the text, from 1.
    """

    condition: Condition
    sign: Literal["+", "-"]
    target: str
    claims: tuple[str, ...] = ()
    structure: str = ""
    columns: dict[str, int] = field(default_factory=dict, compare=False, hash=False)


def parse_response(text: str) -> Response:
    """Read one response; `ResponseError` says what is wrong and at which column (from 1)."""
    for sign, word in (("!", "not"), ("~", "not"), ("&", "and")):
        if sign in text:
            raise ResponseError(f"write {word!r} instead of {sign!r}", text.index(sign) + 1)
    at = text.replace("-|", "  ").find("|")
    if at >= 0:
        raise ResponseError("write 'or' instead of '|' (an inhibition is '-|')", at + 1)
    if text.strip() and "->" not in text and "-|" not in text:
        raise ResponseError(
            "a response needs an arrow: 'A and not B -> C' or 'A -| C'", len(text.rstrip()) + 1
        )
    tree = parse_tree(_GRAMMAR, text, ResponseError, "response", "a name, 'not' or '('")
    condition, arrow, target, *rest = cast("list[Any]", tree.children)
    claims = [name for part in rest if part.data == "claims" for name in part.children]
    option = [name for part in rest if part.data == "structure" for name in part.children]
    return Response(
        condition=_build(condition, 0),
        sign="+" if arrow == "->" else "-",
        target=str(target),
        claims=tuple(str(claim) for claim in claims),
        structure=str(option[0]) if option else "",
        columns={"target": target.start_pos + 1}
        | ({"structure": option[0].start_pos + 1} if option else {})
        | {str(claim): claim.start_pos + 1 for claim in claims},
    )


def refs(condition: Condition) -> Iterator[Ref]:
    """The names a condition uses, from left to right."""
    if isinstance(condition, Ref):
        yield condition
    elif isinstance(condition, Not):
        yield from refs(condition.operand)
    else:
        for operand in condition.operands:
            yield from refs(operand)


def _build(node: Any, depth: int) -> Condition:
    column = node.meta.start_pos + 1
    if depth > MAX_DEPTH:
        raise ResponseError("the condition is nested too deeply; name its parts as nodes", column)
    if node.data == "ref":
        return Ref(str(node.children[0]), _place(node.children[1:]), column)
    operands = tuple(_build(child, depth + 1) for child in node.children)
    if node.data == "not":
        return Not(operands[0], column)
    return And(operands, column) if node.data == "and" else Or(operands, column)


def _place(tokens: list[Any]) -> Place | None:
    if not tokens:
        return None
    name = str(tokens[0]).lstrip("@ ")
    if name not in WAYS:
        ways = ", ".join(f"@{place}" for place in WAYS)
        raise ResponseError(f"no place is called '@{name}'; there are {ways}", tokens[0].start_pos + 1)
    return name
