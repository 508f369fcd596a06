"""What is measured in a patient: arithmetic of the model's outputs at a time, and what counts as an outcome.

A measure is written ``EXPRESSION @ TIME`` and may be compared with another time: ``over`` gives the ratio,
``less`` the difference::

    pos.count / (pos.count + neg.count) @ 5 d less 0 h
    tumour.count @ 20 d over 0 h

Names that hold other signs than letters, digits, dots and underscores stand in backticks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from vesiflux.errors import InputError
from vesiflux.language.expressions import Expr, ExpressionError, Name, parse_expression, walk

__all__ = ["By", "Event", "Formula", "Measure"]

_MEASURE = re.compile(r"(?P<text>[^@]+)@(?P<at>.+?)(?:\s(?P<how>over|less)\s(?P<base>.+))?", re.DOTALL)
_QUOTED = re.compile(r"`([^`]+)`")
_EVENT = re.compile(r"\s*(below|above)\s+(\S+)\s*")
_BY = re.compile(r"\s*death\s+by\s+(.+?)\s*")


@dataclass(frozen=True)
class Formula:
    """Arithmetic of outputs."""

    text: str

    @cached_property
    def _read(self) -> tuple[Expr, Mapping[str, str]]:
        quoted: dict[str, str] = {}

        def put(match: re.Match[str]) -> str:
            # as long as what it stands for, so that columns stay what they are
            name = f"q{len(quoted)}".ljust(len(match[0]), "_")
            quoted[name] = match[1]
            return name

        try:
            return parse_expression(_QUOTED.sub(put, self.text)), quoted
        except ExpressionError as error:
            raise InputError(f"{self.text!r}: {error}") from None

    @property
    def tree(self) -> Expr:
        """The arithmetic. Raises `InputError` where it cannot be read."""
        return self._read[0]

    def called(self, name: str) -> str:
        """The output that a name of the tree stands for."""
        return self._read[1].get(name, name)

    @property
    def outputs(self) -> dict[str, int]:
        """Outputs that it names, with the column of the first mention (from 1)."""
        found: dict[str, int] = {}
        for node in walk(self.tree):
            if isinstance(node, Name):
                found.setdefault(self.called(node.id), node.column)
        return found

    @property
    def only(self) -> str | None:
        """The one output that it is, without any arithmetic; else `None`."""
        return self.called(self.tree.id) if isinstance(self.tree, Name) else None


@dataclass(frozen=True)
class Measure:
    """Arithmetic of outputs at a time (h), alone, ``over`` or ``less`` the same at time ``base`` (h)."""

    text: str
    time: float
    how: str = ""
    base: float = 0.0

    @classmethod
    def read(cls, text: str) -> Measure:
        """From ``EXPRESSION @ TIME [over|less TIME]``; `InputError` says what is wrong."""
        match = _MEASURE.fullmatch(text.strip())
        if match is None:
            raise InputError(
                f"{text!r}: a measure reads EXPRESSION @ TIME, e.g. 'tumour.count @ 20 d over 0 h'"
            )
        base = hours(match["base"], text) if match["how"] else 0.0
        return cls(match["text"].strip(), hours(match["at"], text), match["how"] or "", base)

    @property
    def formula(self) -> Formula:
        """Its arithmetic."""
        return Formula(self.text)

    @property
    def times(self) -> tuple[float, ...]:
        """Every time it looks at, h."""
        return (self.time, self.base) if self.how else (self.time,)


@dataclass(frozen=True)
class Event:
    """What counts as the outcome: a value ``below`` or ``above`` a bound."""

    side: str
    bound: float

    @classmethod
    def read(cls, text: str) -> Event:
        """From ``below 0.7`` or ``above 0.5``."""
        match = _EVENT.fullmatch(text)
        try:
            if match is not None:
                return cls(match[1], float(match[2]))
        except ValueError:
            pass
        raise InputError(f"{text!r}: an outcome is 'below NUMBER' or 'above NUMBER'")

    def __str__(self) -> str:
        return f"{self.side} {self.bound:g}"


@dataclass(frozen=True)
class By:
    """Death by a time (h)."""

    time: float

    @classmethod
    def read(cls, text: str) -> By:
        """From ``death by 14 d``."""
        match = _BY.fullmatch(text)
        if match is None:
            raise InputError(f"{text!r}: an event reads 'death by TIME', e.g. 'death by 14 d'")
        return cls(hours(match[1], text))


def hours(text: str, whole: str) -> float:
    """A time in h; ``whole``: what it stands in, for the error."""
    from vesiflux import units

    try:
        return float(units.parse(text.strip(), "h"))
    except InputError as error:
        raise InputError(f"{whole!r}: {error}") from None
