"""What the three small grammars share: one cached LALR parser each, and errors with a column."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from vesiflux.errors import VesifluxError

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "GrammarError", "parse_tree"]

MAX_LENGTH = 4000
MAX_DEPTH = 100


class GrammarError(VesifluxError):
    """A text that its grammar does not know. ``column`` counts from 1 in the text."""

    exit_code = 2

    def __init__(self, message: str, column: int) -> None:
        self.message = message
        self.column = column
        super().__init__(f"{message} (column {column})")


@cache
def _parser(grammar: str) -> Lark:
    from lark import Lark

    return Lark(
        grammar, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False
    )


def parse_tree(grammar: str, text: str, error: type[GrammarError], whole: str, operand: str) -> Tree[Token]:
    """Parse ``text``; failures become ``error`` with a sentence about what was expected where.

    ``whole`` names the thing being read ("expression"), ``operand`` what it is made of ("a number,
    a name or '('").
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    if not text.strip():
        raise error(f"the {whole} is empty", 1)
    if len(text) > MAX_LENGTH:
        raise error(f"the {whole} is longer than {MAX_LENGTH} characters; split it", MAX_LENGTH + 1)
    try:
        return _parser(grammar).parse(text)
    except UnexpectedCharacters as problem:
        at = problem.pos_in_stream or 0
        raise error(f"{text[at]!r} has no meaning in {_a(whole)}", at + 1) from None
    except UnexpectedToken as problem:
        token = problem.token  # of the grammar's own kinds, or "$END"
        wants_operand = bool({"NAME", "FUNCTION"} & set(problem.expected or ()))
        if token.type == "$END":
            what = (
                f"the {whole} ends where {operand} was expected" if wants_operand else _open_end(text, whole)
            )
            raise error(what, len(text.rstrip()) + 1) from None
        if wants_operand:
            raise error(f"{operand} was expected before {str(token)!r}", (token.start_pos or 0) + 1) from None
        raise error(_unexpected(text, str(token), whole), (token.start_pos or 0) + 1) from None


def _open_end(text: str, whole: str) -> str:
    if text.count("(") > text.count(")"):
        return "a '(' is never closed"
    return f"the {whole} is not complete"


def _unexpected(text: str, token: str, whole: str) -> str:
    if text.count("(") > text.count(")"):
        return "a '(' is never closed"
    if token.lower() in ("and", "or", "not") and token != token.lower():
        return f"write {token.lower()!r} in small letters"
    if token in ")]":
        return f"{token!r} closes nothing"
    return f"{token!r} does not belong here; an operator or the end of the {whole} was expected"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
