"""Small phrases that errors share: suggestions and lists of names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["listed", "meant", "shown"]


def meant(name: str, known: Iterable[str], what: str = "") -> str:
    """The cure for an unknown name: ``did you mean 'volume'?`` or the names there are."""
    names = list(dict.fromkeys(known))
    lower = {n.lower(): n for n in reversed(names)}
    if name.lower() in lower:
        near = [lower[name.lower()]]
    else:
        near = difflib.get_close_matches(name, names, 3, 0.6)
        near = near or [n for n in names if n.rsplit(".", 1)[-1] == name][:3]
    if near:
        return f"did you mean {' or '.join(repr(n) for n in near)}?"
    if not names:
        return f"there are no {what}" if what else "there are none"
    return f"{what or 'known'}: {listed(names)}"


def listed(names: Iterable[str], most: int = 12) -> str:
    """``a, b, c ...``"""
    every = list(names)
    return ", ".join(every[:most]) + (f" ... ({len(every)} in all)" if len(every) > most else "")


def shown(value: object) -> str:
    """A value of the input as a user would call it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
