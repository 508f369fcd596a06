"""Errors meant for users: one line each that says where, what is wrong and what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["InputError", "Problem", "RunError", "VesifluxError"]


class VesifluxError(Exception):
    """Base of every error a user may cause or meet; the command line prints it without a traceback."""

    exit_code = 1


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in an input: ``file:line:column: message; cure``. Lines and columns start at 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class InputError(VesifluxError):
    """The input or the call is wrong. Carries all problems found, not only the first."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems: tuple[Problem, ...] = () if isinstance(problems, str) else tuple(sorted(problems))
        super().__init__(problems if isinstance(problems, str) else "\n".join(map(str, self.problems)))


class RunError(VesifluxError):
    """A run could not be finished: solver failure, full disk, damaged store."""
