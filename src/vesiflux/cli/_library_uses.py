"""Where the library's models name a claim."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Use", "uses"]

# a claim, or a run of them: secretion-041..061
_CLAIMS = re.compile(r"\b([a-z0-9]+-)(\d{3})(?:\.\.(\d{3}))?\b")
# lists of what is asked of a model, not of what it is made from
_QUESTIONS = ("machinery-claims.tsv", "controls.tsv", "checks.yaml", "README.md")


@dataclass(frozen=True)
class Use:
    """One line of a model or module that names the claim; ``what`` is what the line is about."""

    model: str
    file: str
    line: int
    what: str


def uses(claim_id: str) -> list[Use]:
    """Lines of the library's models and modules that name a claim, in the order of the files."""
    from vesiflux.language.modules import library_models, library_modules

    files = [(name, path) for name, path in library_modules().items()]
    for name, model in library_models().items():
        files += [(name, path) for path in sorted(model.parent.iterdir())]
    found = []
    for name, path in files:
        if path.suffix not in (".yaml", ".tsv") or path.name in _QUESTIONS:
            continue
        heading = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if key := re.match(r"\s*([\w-]+):", line):
                heading = key[1]
            if _names(line, claim_id):
                what = line.split("\t")[0] if path.suffix == ".tsv" else heading
                found.append(Use(name, f"{Path(path.parent.name) / path.name}", number, what.lstrip("# ")))
    return found


def _names(line: str, claim_id: str) -> bool:
    for before, first, last in _CLAIMS.findall(line):
        if claim_id.startswith(before) and claim_id.removeprefix(before).isdigit():
            number = int(claim_id.removeprefix(before))
            if int(first) <= number <= int(last or first):
                return True
    return False
