"""Numbers and states of the compartments engine, as they stand in its source."""

from __future__ import annotations

from _generate.text import table
from vesiflux.engines.compartments import Status, engine

__all__ = ["number", "statuses"]


def number(name: str) -> str:
    """A constant of the engine, or a default of its settings."""
    value = getattr(engine, name) if hasattr(engine, name) else getattr(engine.Settings(), name)
    if 1 <= value < 1e6 and value == int(value):
        return f"{value:,.0f}"
    return f"{value:g}".replace("e+0", "e").replace("e-0", "e-")


def statuses() -> str:
    """How a lane can end."""
    return table(("status", "meaning"), [(int(s), s.sentence) for s in Status])
