"""Arrows that claims tell with opposite signs: competing structures, never an average."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vesiflux.language.schema import Structure, StructureOption

if TYPE_CHECKING:
    from vesiflux.evidence import Evidence
    from vesiflux.language.schema import ModelSpec

__all__ = ["Wiring", "group_name", "opposite"]

_OPTIONS = {"+": "raises", "-": "lowers"}


@dataclass(frozen=True)
class Wiring:
    """A structure of a model: whether one thing raises or lowers another in a cell."""

    name: str
    structure: Structure

    @classmethod
    def of(
        cls,
        spec: ModelSpec,
        evidence: Evidence,
        cell: str,
        start: str,
        end: str,
        sides: Mapping[str, Sequence[str]],
    ) -> Wiring:
        """``sides``: sign -> claims that tell so. More publications make the default, raising where even."""
        votes = {
            sign: len({p for claim in claims for p in evidence.publications(claim)})
            for sign, claims in sides.items()
        }
        options = {
            _OPTIONS[sign]: StructureOption(
                title=f"{start} {_OPTIONS[sign]} {end}",
                source=f"{votes[sign]} publication{'s' if votes[sign] != 1 else ''}",
                claims=tuple(dict.fromkeys(claims)),
                mark="read",
            )
            for sign, claims in sides.items()
        }
        structure = Structure(
            title=f"what {start} does to {end} in {spec.cells[cell].title or cell}",
            default="lowers" if votes["-"] > votes["+"] else "raises",
            options=options,
            concerns=tuple(spec.interventions),
        )
        return cls(group_name(cell, start, end), structure)


def group_name(cell: str, start: str, end: str) -> str:
    """Name of the structure; one that responses can hold."""
    return "-".join(re.sub(r"[^\w+-]+", "_", part) for part in (cell, start, end))


def opposite(arrows: Iterable[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """(Start, end) of arrows (start, sign, end) that are told with both signs."""
    signs: dict[tuple[str, str], set[str]] = {}
    for start, sign, end in arrows:
        signs.setdefault((start, end), set()).add(sign)
    return [key for key, found in signs.items() if len(found) > 1]
