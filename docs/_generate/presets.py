"""The library's presets, one table per kind."""

from __future__ import annotations

from typing import Any

from _generate.text import code, table
from vesiflux.language.presets import KINDS, presets

__all__ = ["preset_tables"]


def preset_tables() -> str:
    """Every preset by kind: its name, title and what it says."""
    return "\n\n".join(_kind(kind) for kind in KINDS if presets(kind))


def _kind(kind: str) -> str:
    where = ", ".join(code(".".join(str(step) for step in path)) for path in KINDS[kind])
    rows = [
        (f"`{name}`", said.get("title", ""), "<br>".join(_lines(said)))
        for name, said in presets(kind).items()
    ]
    return f"**{kind}** (at {where})\n\n" + table(("preset", "title", "what it says"), rows)


def _lines(said: dict[str, Any]) -> list[str]:
    return [code(f"{key}: {_short(value)}") for key, value in said.items() if key != "title"]


def _short(value: Any) -> str:
    """A value without its source, which the file holds."""
    if isinstance(value, dict) and "typical" in value:
        spread = f" ({value['low']} to {value['high']})" if "low" in value and "high" in value else ""
        return f"{value['typical']}{spread}"
    if isinstance(value, dict):
        if set(value) == {"evidence"}:
            return f"row {value['evidence']}"
        return "{" + ", ".join(f"{k}: {_short(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_short, value)) + "]"
    return str(value)
