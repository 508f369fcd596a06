"""Whatever is done to a model file, it loads or says in words what is wrong."""

from __future__ import annotations

import random
import re

import pytest

from vesiflux.errors import InputError, Problem
from vesiflux.language import Model, starter

_TOKENS = [
    "[]",
    "{}",
    "null",
    "true",
    "-1",
    "0",
    "1e400",
    ".nan",
    "''",
    "[1,2]",
    "{a:1}",
    "h",
    "2mL",
    "a.b",
    "->",
]
_TOKENS += [
    "!",
    "&a",
    "*a",
    "\t",
    "{evidence:k_up}",
    "[[]]",
    "before",
    "-|",
    "@surface",
    "not",
    "(",
    "\x85",
    ":",
    "#",
]


def _spoilt(rng: random.Random) -> str:
    lines = starter("fuzz").split("\n")
    for _ in range(rng.randint(1, 2)):
        k, how = rng.randrange(len(lines)), rng.randrange(5)
        if how == 0:
            del lines[k]
        elif how == 1:
            lines.insert(k, lines[k])
        elif how == 2:
            lines[k] = " " * rng.randint(1, 3) + lines[k]
        elif how == 3:
            parts = re.split(r"(\s+|[{},:\[\]])", lines[k])
            parts[rng.randrange(len(parts))] = rng.choice(_TOKENS)
            lines[k] = "".join(parts)
        else:
            cut = rng.randrange(len(lines[k]) + 1)
            lines[k] = lines[k][:cut]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(8))
def test_spoilt_models(seed: int):
    rng = random.Random(seed)
    refused = 0
    for _ in range(20):
        text = _spoilt(rng)
        problems = _problems(text)
        refused += bool(problems)
        for problem in problems:
            assert problem.line >= 1
            assert problem.column >= 1
            assert "\n" not in problem.message
            assert len(problem.message) < 300
    assert refused


def _problems(text: str) -> tuple[Problem, ...]:
    try:
        Model.from_text(text)
    except InputError as error:
        return error.problems or (Problem("", 0, 0, "an error without a place"),)
    return ()
