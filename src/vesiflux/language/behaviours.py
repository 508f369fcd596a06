"""Behaviours of a cell: one sentence each, as users of PhysiCell know them, with units.

``SIGNAL increases|decreases BEHAVIOUR from BASE to MAX, half H, hill N``, for example
``PDCD1_signal increases transition active->suppressed from 0 /h to 0.05 /h, half 0.5, hill 4``.
What follows the comma may be left out: half 0.5 and hill 4 hold then for signals between 0 and 1.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import Literal

from vesiflux.language.grammar import MAX_LENGTH, GrammarError
from vesiflux.language.responses import PLACES

__all__ = [
    "ACTIONS",
    "SIGNALS",
    "Action",
    "Behaviour",
    "BehaviourError",
    "Phrase",
    "SignalTerm",
    "parse_behaviour",
]

_NAME = r"(?:[\w.+/]|-(?!>))+"


@dataclass(frozen=True)
class Phrase:
    """One way to name a signal or a behaviour.

    ``pattern``: what the whole phrase looks like, its groups are the arguments; ``shown``: the form
    shown to users; ``unit``: of its size ("" depends on the argument); ``space``: the space it needs.
    """

    kind: str
    pattern: str
    shown: str
    unit: str
    space: Literal["any", "tissue"] = "any"


#: What a cell can do. Units are those of BASE and MAX.
ACTIONS: tuple[Phrase, ...] = (
    Phrase("proliferation", "proliferation", "proliferation", "1/h"),
    Phrase("apoptosis", "apoptosis", "apoptosis", "1/h"),
    Phrase("necrosis", "necrosis", "necrosis", "1/h"),
    Phrase("killing", rf"killing of ({_NAME})", "killing of CELL", "1/h"),
    Phrase("phagocytosis", rf"phagocytosis of ({_NAME})", "phagocytosis of CELL", "1/h"),
    Phrase("secretion", rf"secretion of ({_NAME})", "secretion of VESICLE_OR_FACTOR", ""),
    Phrase("uptake", rf"uptake of ({_NAME})", "uptake of VESICLE", "mL/cell/h"),
    Phrase("activity", rf"activity of ({_NAME})", "activity of MODULE.NODE", "1"),
    Phrase("transition", rf"transition ({_NAME})\s*->\s*({_NAME})", "transition STATE->STATE", "1/h"),
    Phrase("transformation", rf"transformation into ({_NAME})", "transformation into CELL", "1/h"),
    Phrase("recruitment", "recruitment", "recruitment", "cell/h"),
    Phrase("migration_speed", "migration speed", "migration speed", "um/h", "tissue"),
    Phrase("migration_bias", "migration bias", "migration bias", "1", "tissue"),
    Phrase("chemotaxis", rf"chemotaxis to ({_NAME})", "chemotaxis to FACTOR", "1", "tissue"),
    Phrase("adhesion", rf"adhesion to ({_NAME})", "adhesion to CELL", "1", "tissue"),
)

#: What a cell can answer to. Units are those of ``half``. A plain name comes last: it may be anything.
SIGNALS: tuple[Phrase, ...] = (
    Phrase("cargo", rf"({_NAME})\s*@\s*(\w+)", "CARGO @surface", "molecule/cell"),
    Phrase("contact", rf"contact with ({_NAME})", "contact with CELL", "1"),
    Phrase("pressure", "pressure", "pressure", "1", "tissue"),
    Phrase("gradient", rf"gradient of ({_NAME})", "gradient of FACTOR", "molecule/mL/um", "tissue"),
    Phrase("state", rf"state ({_NAME})", "state NAME", "1"),
    Phrase("time", "time", "time", "h"),
    Phrase("name", rf"({_NAME})", "NODE, FACTOR or MODULE.READOUT", ""),
)

_FORM = "SIGNAL increases|decreases BEHAVIOUR from BASE to MAX, half H, hill N"


class BehaviourError(GrammarError):
    """A behaviour that cannot be read."""


@dataclass(frozen=True)
class SignalTerm:
    """A signal: its kind (`SIGNALS`) and arguments, e.g. ``("cargo", ("PD-L1", "surface"))``."""

    kind: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True)
class Action:
    """A behaviour: its kind (`ACTIONS`) and arguments, e.g. ``("transition", ("active", "suppressed"))``."""

    kind: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True)
class Behaviour:
    """One sentence. ``base``, ``maximum`` and ``half`` are quantities as written, ``hill`` a number.

    ``columns``: where signal, behaviour, base, maximum, half and hill begin in the text, from 1.
    """

    signal: SignalTerm
    direction: Literal["increases", "decreases"]
    behaviour: Action
    base: str
    maximum: str
    half: str = "0.5"
    hill: float = 4.0
    columns: dict[str, int] = field(default_factory=dict, compare=False, hash=False)

    @property
    def unit(self) -> str:
        """Unit of base and maximum; empty where it depends on what is secreted."""
        return next(phrase.unit for phrase in ACTIONS if phrase.kind == self.behaviour.kind)


def parse_behaviour(text: str, space: Literal["dish", "tissue"] = "tissue") -> Behaviour:
    """Read one sentence; `BehaviourError` says what is wrong and at which column (from 1).

    In a ``dish`` signals and behaviours that need places apart are refused.
    """
    if not text.strip():
        raise BehaviourError(f"the behaviour is empty; the form is: {_FORM}", 1)
    if len(text) > MAX_LENGTH:
        raise BehaviourError(f"the behaviour is longer than {MAX_LENGTH} characters", MAX_LENGTH + 1)
    verb = re.search(r"\s(increases|decreases)(?=\s|$)", text)
    if verb is None:
        raise BehaviourError(f"'increases' or 'decreases' is missing; the form is: {_FORM}", 1)
    rest, end = text[verb.end() :], len(text.rstrip()) + 1
    columns = {"signal": len(text) - len(text.lstrip()) + 1, "behaviour": _start(rest, verb.end())}
    spoken = re.match(r"\s*(.*?)\s+from(?=\s|$)\s*(.*?)\s+to\s+([^,]*)(.*)", rest, re.DOTALL)
    if spoken is None:
        word = "from BASE" if not re.search(r"\sfrom\s", rest) else "to MAX"
        raise BehaviourError(f"'{word}' is missing after the behaviour; the form is: {_FORM}", end)
    for name, group in (("base", 2), ("maximum", 3)):
        columns[name] = verb.end() + spoken.start(group) + 1
        if not spoken[group].strip():
            word = "from" if name == "base" else "to"
            raise BehaviourError(f"a quantity is missing after '{word}'", columns[name])
    signal = _phrase(text[: verb.start()], SIGNALS, "signal", columns["signal"], space)
    action = _phrase(spoken[1], ACTIONS, "behaviour", columns["behaviour"], space)
    if signal[0] == "cargo" and signal[1][1] not in (*PLACES, "held"):
        ways = ", ".join(f"@{place}" for place in (*PLACES, "held"))
        raise BehaviourError(f"no place is called '@{signal[1][1]}'; there are {ways}", columns["signal"])
    half, hill = _options(spoken[4], verb.end() + spoken.start(4), columns)
    if signal[0] == "cargo" and signal[1][1] != "held":  # what a cell senses of a cargo is copies per cell
        half = re.sub(r"^\s*(\S+)\s*(?:copy|copies|molecules?)\s*$", r"\1 copy/cell", half)
    return Behaviour(
        SignalTerm(*signal),
        "increases" if verb[1] == "increases" else "decreases",
        Action(*action),
        spoken[2].strip(),
        spoken[3].strip(),
        half,
        hill,
        columns,
    )


def _options(text: str, offset: int, columns: dict[str, int]) -> tuple[str, float]:
    half, hill = "0.5", 4.0
    seen: set[str] = set()
    for part in re.finditer(r",([^,]*)", text):
        column = offset + part.start(1) + 1 + len(part[1]) - len(part[1].lstrip())
        option = re.fullmatch(r"\s*(half|hill)\s+(\S.*?)\s*", part[1])
        if option is None or option[1] in seen:
            raise BehaviourError("after the comma comes 'half H' or 'hill N', each once", column)
        seen.add(option[1])
        columns[option[1]] = offset + part.start(1) + option.start(2) + 1
        if option[1] == "half":
            half = option[2]
            continue
        try:
            hill = float(option[2])
        except ValueError:
            raise BehaviourError(f"hill is a plain number, not {option[2]!r}", columns["hill"]) from None
        if not 0 < hill <= 20:
            raise BehaviourError(f"hill lies above 0 and at most 20, not {option[2]}", columns["hill"])
    return half, hill


def _phrase(
    text: str, phrases: tuple[Phrase, ...], what: str, column: int, space: Literal["dish", "tissue"]
) -> tuple[str, tuple[str, ...]]:
    words = " ".join(text.split())
    for phrase in phrases:
        match = re.fullmatch(phrase.pattern, words)
        if match is None:
            continue
        if phrase.space == "tissue" and space == "dish":
            raise BehaviourError(
                f"{phrase.shown!r} needs `space: tissue`; a dish has no places apart", column
            )
        return phrase.kind, match.groups()
    shown = [phrase.shown for phrase in phrases if space == "tissue" or phrase.space == "any"]
    near = difflib.get_close_matches(words, shown, 1, 0.5)
    cure = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(shown)}"
    raise BehaviourError(f"no {what} reads {words!r}; {cure}", column)


def _start(text: str, offset: int) -> int:
    return offset + len(text) - len(text.lstrip()) + 1
