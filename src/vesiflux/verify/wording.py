"""What a claim's `checkable` text asks to be done to its agent: `words.tsv` says it in data."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

__all__ = ["FACTORS", "Wording", "wording"]

#: What the agent is multiplied by.
FACTORS = {"loss": 0.1, "gain": 3.0}


class Wording(NamedTuple):
    """``sense`` of a perturbation and the word it was read from, blank where none was found."""

    sense: Literal["loss", "gain"]
    word: str

    @property
    def factor(self) -> float:
        """What the agent is multiplied by."""
        return FACTORS[self.sense]


def wording(checkable: str) -> Wording:
    """Sense of the first telling word before the first arrow; a text without any is a gain."""
    text = checkable.partition("->")[0].casefold()
    found = [(match.start(), -len(word), word, sense) for word, sense, match in _matches(text)]
    if not found:
        return Wording("gain", "")
    _, _, word, sense = min(found)
    return Wording("loss" if sense == "loss" else "gain", word)


def _matches(text: str) -> list[tuple[str, str, re.Match[str]]]:
    hits = [(word, sense, re.search(rf"(?<![\w-]){re.escape(word)}", text)) for word, sense in _words()]
    return [(word, sense, match) for word, sense, match in hits if match is not None]


@cache
def _words() -> tuple[tuple[str, str], ...]:
    text = resources.files("vesiflux.verify").joinpath("words.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return tuple((row[0], row[1]) for row in rows[1:])
