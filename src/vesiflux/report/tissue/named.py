"""The sources that a model's own text names, and how its numbers are marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["marks", "sources"]

_MARKS = ("read", "derived", "assumed", "calibrated")  # of numbers; arms have marks of their own
_KEYS = ("source", "sources", "claim", "claims", "evidence")


def sources(text: Mapping[str, Any] | None) -> tuple[Mapping[str, str], ...]:
    """One row per source of a model, in the order of its text: what it says, who is cited, for what.

    ``cited``: publications behind a claim of the evidence tables, else blank.
    """
    used: dict[str, dict[str, None]] = {}
    for path, found in _walk(text or {}):
        used.setdefault(found, {})[path or "model"] = None
    return tuple(
        {"text": found, "cited": _cited(found), "used_for": _short(list(paths))}
        for found, paths in used.items()
    )


def marks(text: Mapping[str, Any] | None) -> dict[str, int]:
    """Mark (read, derived, assumed, calibrated) -> how many numbers of the model carry it."""
    return dict(sorted(Counter(_marks(text or {})).items()))


def _walk(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in _KEYS:
                for found in item if isinstance(item, list) else [item]:
                    if isinstance(found, str) and found.strip():
                        yield path, found.strip()
            else:
                yield from _walk(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, path)


def _marks(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if value.get("mark") in _MARKS:
            yield value["mark"]
        for item in value.values():
            yield from _marks(item)
    elif isinstance(value, list):
        for item in value:
            yield from _marks(item)


def _cited(text: str) -> str:
    from vesiflux.evidence import Evidence

    evidence = Evidence.load()
    if text not in evidence.claims:
        return ""
    return "; ".join(f"{s.text} {s.doi}".strip() for s in evidence.sources([text]))


def _short(paths: list[str], most: int = 6) -> str:
    more = len(paths) - most
    return ", ".join(paths[:most]) + (f" and {more} more" if more > 0 else "")
